/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Details that were packed are what they were: devices, links, addresses, processes, figures, namespaces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "monitor/detail_draft.h"
#include "monitor/detail_read.h"
#include "monitor/packdetail.h"

#define SECOND UINT64_C(1000000000)
/* Of an interval that is no round number, as real ones are not. */
static double a_second(uint64_t before, uint64_t now)
{
    return (double)(now - before) / ((double)(SECOND + 12345) / 1e9);
}

static struct detail_link_counters traffic(uint64_t n, bool first)
{
    struct detail_link_counters c = {n * 1500, n * 3, VALUE_ABSENT, n > 5, NAN, NAN, NAN, NAN};
    if (!first) {
        c.bytes_per_s = a_second((n - 1) * 1500, n * 1500);
        c.packets_per_s = a_second((n - 1) * 3, n * 3);
        c.dropped_per_s = a_second((n - 1) > 5, n > 5);
    }
    return c;
}

static void add_figure(struct detail_draft *d, const char *file, const char *key, uint64_t value,
                       const char *text)
{
    struct detail_figure *figure = detail_draft_add(&d->figures, sizeof *figure);
    *figure = (struct detail_figure){detail_draft_text(d, file), detail_draft_text(d, key),
                                     text ? detail_draft_text(d, text) : NULL, value, NAN};
}

static void add_device(struct detail_draft *d, unsigned minor, uint64_t n, bool first)
{
    struct detail_device *device = detail_draft_add(&d->devices, sizeof *device);
    *device = (struct detail_device){.major = 253,
                                     .minor = minor,
                                     .name = "vda",
                                     .rbytes = n * 4096,
                                     .wbytes = 77,
                                     .dbytes = VALUE_ABSENT,
                                     .rbytes_per_s = first ? (double)NAN : a_second((n - 1) * 4096, n * 4096),
                                     .wbytes_per_s = first ? (double)NAN : 0,
                                     .rios_per_s = 1.0 / 3, /* not what follows from the counters */
                                     .wios_per_s = NAN,
                                     .max_rbps = VALUE_MAX,
                                     .max_wbps = 1 << 20};
}

static void add_bound(struct detail_draft *d, const char *key, uint64_t value, const char *by)
{
    struct detail_bound *bound = detail_draft_add(&d->bounds, sizeof *bound);
    *bound = (struct detail_bound){.major = 253, .minor = 16, .value = value, .by = detail_draft_text(d, by)};
    str_copy(bound->key, sizeof bound->key, key);
}

static void add_process(struct detail_draft *d, pid_t pid, uint64_t ticks, double percent, const char *below)
{
    struct detail_process *p = detail_draft_add(&d->processes, sizeof *p);
    *p = (struct detail_process){.pid = pid,
                                 .inside = pid - 100,
                                 .start_ticks = (uint64_t)pid * 7,
                                 .uid = (uid_t)-1,
                                 .user = "alice",
                                 .state = 'S',
                                 .command = "sleep 1000",
                                 .cpu_ticks = ticks,
                                 .rss_bytes = 4096 * ticks,
                                 .threads = 1,
                                 .oom_score_adj = -998,
                                 .cpu_percent = percent,
                                 .below = detail_draft_text(d, below)};
}

/* The n-th reading of a group; the first has no rates. */
static const struct detail *make(uint64_t n, bool first)
{
    struct detail_draft *d = detail_draft_new();
    struct detail *detail = &d->detail;
    *detail = (struct detail){.parts = DETAIL_ALL,
                              .time_ns = 5 * SECOND + n * (SECOND + 12345),
                              .before_ns = first ? 0 : 5 * SECOND + (n - 1) * (SECOND + 12345),
                              .cpuset_cpus = n > 2 ? detail_draft_text(d, "0-3") : NULL,
                              .net_own = true,
                              .net_inode = 4026531840u,
                              .net_rx = traffic(n, first),
                              .net_tx = traffic(n * 2, true),
                              .process_total = 3,
                              .namespaces_of = 4711};
    add_figure(d, "memory.stat", "anon", n * 4096, NULL);
    if (n % 2)
        add_figure(d, "memory.stat", "file", 12, NULL);
    add_figure(d, "cpuset.cpus", "", VALUE_ABSENT, n > 3 ? "0-1" : "0");
    add_device(d, 0, n, first);
    add_device(d, 16, n + 1, first);
    if (n != 3)
        add_bound(d, "rbps", n, "/box");
    add_bound(d, "wiops", 50, n < 5 ? "/" : "/box");
    struct detail_link *link = detail_draft_add(&d->links, sizeof *link);
    *link = (struct detail_link){.index = 1, .name = "lo", .mtu = 65536, .up = true, .loopback = true};
    link = detail_draft_add(&d->links, sizeof *link);
    *link = (struct detail_link){
        .index = 2, .name = "eth0", .mac = "02:00:00:00:00:01", .mtu = 1500, .up = n != 3};
    link->peer_index = 7;
    link->peer_namespace = 0;
    str_copy(link->peer, sizeof link->peer, "bx0ad50006");
    str_copy(link->bridge, sizeof link->bridge, n > 1 ? "boxtop0" : "");
    struct detail_route *route = detail_draft_add(&d->routes, sizeof *route);
    *route = (struct detail_route){.via = "10.213.0.1", .link = 2, .metric = (uint32_t)n, .number = 1};
    route = detail_draft_add(&d->routes, sizeof *route);
    *route = (struct detail_route){.six = true, .refused = true, .prefix = 64, .to = "fd00::/64"};
    link->rx = traffic(n, first);
    struct detail_address *address = detail_draft_add(&d->addresses, sizeof *address);
    *address = (struct detail_address){2, "10.213.0.5/16"};
    add_process(d, 1000, n, first ? (double)NAN : a_second(n - 1, n) / 100.0 * 100, "");
    if (n != 2)
        add_process(d, 1001, 9, 0, "inner");
    add_process(d, (pid_t)(2000 + n), 1, NAN, "inner/more");
    struct detail_pressure_line *line = &detail->pressure[RESOURCE_IO].some;
    *line =
        (struct detail_pressure_line){n, 2, 3, n * 500000, first ? (double)NAN : a_second(0, 500000) / 1e4};
    for (int i = 0; i < DETAIL_NAMESPACE_COUNT; i++)
        detail->namespaces[i] = (struct detail_namespace){.type = detail_namespace_types[i],
                                                          .inode = n + (uint64_t)i,
                                                          .owner_uid = (uid_t)-1,
                                                          .is_host = i == 1,
                                                          .shared_count = 2,
                                                          .shared = {detail_draft_text(d, "/a"), "/b"}};
    struct detail_map *map = detail_draft_add(&d->uid_map, sizeof *map);
    *map = (struct detail_map){0, 100000, UINT32_MAX};
    return detail_draft_finish(d);
}

/* ---- the same ---- */

static void same_double(double a, double b)
{
    if (isnan(a) != isnan(b) || (!isnan(a) && memcmp(&a, &b, sizeof a) != 0))
        fail_msg("%.17g is not %.17g", b, a);
}

static void same_text(const char *a, const char *b)
{
    if (!a || !b)
        assert_ptr_equal(a, b);
    else
        assert_string_equal(a, b);
}

static void same_traffic(const struct detail_link_counters *a, const struct detail_link_counters *b)
{
    assert_memory_equal(a, b, offsetof(struct detail_link_counters, bytes_per_s));
    same_double(a->bytes_per_s, b->bytes_per_s);
    same_double(a->packets_per_s, b->packets_per_s);
    same_double(a->errors_per_s, b->errors_per_s);
    same_double(a->dropped_per_s, b->dropped_per_s);
}

static void same_devices(const struct detail *a, const struct detail *b)
{
    assert_int_equal(a->device_count, b->device_count);
    for (size_t i = 0; i < a->device_count; i++) {
        const struct detail_device *x = &a->devices[i], *y = &b->devices[i];
        assert_int_equal(x->major, y->major);
        assert_int_equal(x->minor, y->minor);
        assert_string_equal(x->name, y->name);
        assert_memory_equal(&x->rbytes, &y->rbytes, 6 * sizeof x->rbytes);
        same_double(x->rbytes_per_s, y->rbytes_per_s);
        same_double(x->wbytes_per_s, y->wbytes_per_s);
        same_double(x->rios_per_s, y->rios_per_s);
        same_double(x->wios_per_s, y->wios_per_s);
        assert_memory_equal(&x->max_rbps, &y->max_rbps, 4 * sizeof x->max_rbps);
    }
    assert_int_equal(a->bound_count, b->bound_count);
    for (size_t i = 0; i < a->bound_count; i++) {
        assert_int_equal(a->bounds[i].major, b->bounds[i].major);
        assert_int_equal(a->bounds[i].minor, b->bounds[i].minor);
        assert_string_equal(a->bounds[i].key, b->bounds[i].key);
        assert_int_equal(a->bounds[i].value, b->bounds[i].value);
        assert_string_equal(a->bounds[i].by, b->bounds[i].by);
    }
}

static void same_links(const struct detail *a, const struct detail *b)
{
    assert_int_equal(a->link_count, b->link_count);
    for (size_t i = 0; i < a->link_count; i++) {
        const struct detail_link *x = &a->links[i], *y = &b->links[i];
        assert_int_equal(x->peer_index, y->peer_index);
        assert_int_equal(x->peer_namespace, y->peer_namespace);
        assert_string_equal(x->peer, y->peer);
        assert_string_equal(x->bridge, y->bridge);
        assert_int_equal(x->index, y->index);
        assert_string_equal(x->name, y->name);
        assert_string_equal(x->mac, y->mac);
        assert_int_equal(x->mtu, y->mtu);
        assert_int_equal(x->up, y->up);
        assert_int_equal(x->loopback, y->loopback);
        same_traffic(&x->rx, &y->rx);
        same_traffic(&x->tx, &y->tx);
    }
    assert_int_equal(a->route_count, b->route_count);
    for (size_t i = 0; i < a->route_count; i++) {
        const struct detail_route *x = &a->routes[i], *y = &b->routes[i];
        assert_string_equal(x->to, y->to);
        assert_string_equal(x->via, y->via);
        assert_int_equal(x->six, y->six);
        assert_int_equal(x->refused, y->refused);
        assert_int_equal(x->prefix, y->prefix);
        assert_int_equal(x->link, y->link);
        assert_int_equal(x->metric, y->metric);
        assert_int_equal(x->number, y->number);
    }
    assert_int_equal(a->address_count, b->address_count);
    for (size_t i = 0; i < a->address_count; i++) {
        assert_int_equal(a->addresses[i].link, b->addresses[i].link);
        assert_string_equal(a->addresses[i].text, b->addresses[i].text);
    }
}

static void same_processes(const struct detail *a, const struct detail *b)
{
    assert_int_equal(a->process_total, b->process_total);
    assert_int_equal(a->process_count, b->process_count);
    for (size_t i = 0; i < a->process_count; i++) {
        const struct detail_process *x = &a->processes[i], *y = &b->processes[i];
        assert_int_equal(x->pid, y->pid);
        assert_int_equal(x->inside, y->inside);
        assert_int_equal(x->start_ticks, y->start_ticks);
        assert_int_equal(x->uid, y->uid);
        assert_string_equal(x->user, y->user);
        assert_int_equal(x->state, y->state);
        assert_string_equal(x->command, y->command);
        assert_int_equal(x->cpu_ticks, y->cpu_ticks);
        assert_int_equal(x->rss_bytes, y->rss_bytes);
        assert_int_equal(x->threads, y->threads);
        assert_int_equal(x->oom_score_adj, y->oom_score_adj);
        same_double(x->cpu_percent, y->cpu_percent);
        same_text(x->below, y->below);
    }
}

static void same_figures(const struct detail *a, const struct detail *b)
{
    assert_int_equal(a->figure_count, b->figure_count);
    for (size_t i = 0; i < a->figure_count; i++) {
        assert_string_equal(a->figures[i].file, b->figures[i].file);
        assert_string_equal(a->figures[i].key, b->figures[i].key);
        same_text(a->figures[i].text, b->figures[i].text);
        assert_int_equal(a->figures[i].value, b->figures[i].value);
        same_double(a->figures[i].per_s, b->figures[i].per_s);
    }
    for (int i = 0; i < RESOURCE_COUNT; i++) {
        const struct detail_pressure_line *x = &a->pressure[i].some, *y = &b->pressure[i].some;
        assert_memory_equal(x, y, offsetof(struct detail_pressure_line, percent));
        same_double(x->percent, y->percent);
    }
    same_text(a->cpuset_cpus, b->cpuset_cpus);
    same_text(a->cpuset_by, b->cpuset_by);
}

static void same_namespaces(const struct detail *a, const struct detail *b)
{
    assert_int_equal(a->namespaces_of, b->namespaces_of);
    for (int i = 0; i < DETAIL_NAMESPACE_COUNT; i++) {
        const struct detail_namespace *x = &a->namespaces[i], *y = &b->namespaces[i];
        same_text(x->type, y->type);
        assert_int_equal(x->inode, y->inode);
        assert_int_equal(x->is_host, y->is_host);
        assert_int_equal(x->owner_inode, y->owner_inode);
        assert_int_equal(x->owner_uid, y->owner_uid);
        assert_int_equal(x->shared_count, y->shared_count);
        for (int j = 0; j < DETAIL_SHARED; j++)
            same_text(x->shared[j], y->shared[j]);
    }
    assert_int_equal(a->uid_map_count, b->uid_map_count);
    assert_int_equal(a->gid_map_count, b->gid_map_count);
    if (a->uid_map_count)
        assert_memory_equal(a->uid_map, b->uid_map, a->uid_map_count * sizeof a->uid_map[0]);
}

static void same(const struct detail *a, const struct detail *b)
{
    assert_int_equal(a->parts, b->parts);
    assert_int_equal(a->time_ns, b->time_ns);
    assert_int_equal(a->before_ns, b->before_ns);
    assert_int_equal(a->net_own, b->net_own);
    assert_int_equal(a->net_inode, b->net_inode);
    same_traffic(&a->net_rx, &b->net_rx);
    same_traffic(&a->net_tx, &b->net_tx);
    same_devices(a, b);
    same_links(a, b);
    same_processes(a, b);
    same_figures(a, b);
    same_namespaces(a, b);
}

/* ---- tests ---- */

/* Packed against `old`, unpacked against what that was unpacked to: it is the same, and how many bytes it
 * took. */
static const struct detail *again(const struct detail *now, const struct detail *old,
                                  const struct detail *old_got, size_t *ret_size)
{
    struct str bytes = {0};
    size_t room = 1000;
    pack_detail(now, old, &bytes);
    struct reader from = {(const unsigned char *)bytes.text, bytes.len, false};
    const struct detail *got = unpack_detail(&from, PACK_DETAIL_VERSION, old_got, &room);
    assert_non_null(got);
    assert_int_equal(from.left, 0);
    same(now, got);
    *ret_size = bytes.len;
    str_free(&bytes);
    return got;
}

static void test_chain(void **state)
{
    const struct detail *before = NULL, *got = NULL;
    size_t size = 0, first = 0;
    (void)state;
    for (uint64_t n = 1; n <= 6; n++) {
        const struct detail *now = make(n, n == 1), *old = got;
        got = again(now, before, old, &size);
        first = n == 1 ? size : first;
        detail_unref(old);
        detail_unref(before);
        before = now;
    }
    if (size * 3 > first)
        fail_msg("%zu bytes after %zu: what did not change is said again", size, first);
    size_t same_again;
    const struct detail *once_more = again(before, before, got, &same_again);
    assert_ptr_equal(once_more, got);
    assert_int_equal(same_again, 1);
    detail_unref(once_more);
    detail_unref(before);
    detail_unref(got);
}

/* What was written before it was said who limits a device: all the rest is there. */
static void test_older(void **state)
{
    const struct detail *now = make(2, true), *got;
    struct str bytes = {0};
    size_t room = 1000;
    (void)state;
    pack_detail(now, NULL, &bytes);
    struct reader from = {(const unsigned char *)bytes.text, bytes.len, false};
    got = unpack_detail(&from, 2, NULL, &room);
    assert_non_null(got);
    assert_true(from.left > 0); /* where that version ends */
    assert_int_equal(got->bound_count, 0);
    assert_int_equal(got->uid_map_count, 1);
    same_processes(now, got);
    assert_true(unpack_detail_knows(2) && unpack_detail_knows(PACK_DETAIL_VERSION));
    assert_false(unpack_detail_knows(1) || unpack_detail_knows(PACK_DETAIL_VERSION + 1));
    detail_unref(got);
    detail_unref(now);
    str_free(&bytes);
}

/* Some in between were left out, as where the ring gets coarser: rates are those that were. */
static void test_gap(void **state)
{
    const struct detail *one = make(1, true), *five = make(5, false), *got_one, *got_five;
    size_t size;
    (void)state;
    got_one = again(one, NULL, NULL, &size);
    got_five = again(five, one, got_one, &size);
    detail_unref(got_five);
    detail_unref(got_one);
    detail_unref(five);
    detail_unref(one);
}

static void test_parts(void **state)
{
    struct detail_draft *draft = detail_draft_new();
    const struct detail *all = make(2, false), *got_all, *got;
    size_t size;
    (void)state;
    draft->detail.parts = DETAIL_IO;
    draft->detail.time_ns = 9 * SECOND;
    add_device(draft, 0, 3, true);
    const struct detail *io = detail_draft_finish(draft);
    got = again(io, NULL, NULL, &size);
    assert_int_equal(got->pressure[0].some.avg10, VALUE_ABSENT);
    assert_in_range(size, 1, 100);
    got_all = again(all, io, got, &size); /* a pane was opened */
    detail_unref(got);
    got = again(io, all, got_all, &size); /* and closed */
    detail_unref(got);
    detail_unref(got_all);
    detail_unref(io);
    detail_unref(all);
}

static void test_kept(void **state)
{
    struct detail_draft *draft = detail_draft_new();
    (void)state;
    draft->detail.parts = DETAIL_PROCESSES;
    for (pid_t i = 0; i < 120; i++)
        add_process(draft, 1000 + i, (uint64_t)i, i == 7 ? 250 : i == 3 ? (double)NAN : i % 2 ? 1 : 0, "");
    draft->detail.process_total = 120;
    const struct detail *whole = detail_draft_finish(draft), *kept = detail_kept(whole);
    assert_int_equal(kept->process_count, DETAIL_PROCESSES_KEPT);
    assert_int_equal(kept->process_total, 120);
    assert_int_equal(kept->processes[0].pid, 1007); /* who uses most, in the old order */
    assert_int_equal(kept->processes[1].pid, 1023);
    assert_int_equal(kept->processes[DETAIL_PROCESSES_KEPT - 1].pid, 1119);
    detail_unref(whole); /* it is still held */
    assert_string_equal(kept->processes[0].below, "");
    const struct detail *same_one = detail_kept(kept);
    assert_ptr_equal(same_one, kept);
    detail_unref(same_one);
    detail_unref(kept);
    assert_null(detail_kept(NULL));
}

/* Bytes that end early, any of them changed, and lists without end: no detail or one, never more. */
static void test_hostile(void **state)
{
    const struct detail *old = make(1, true), *now = make(2, false);
    struct str bytes = {0};
    (void)state;
    pack_detail(now, old, &bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        size_t room = 1000;
        struct reader from = {(const unsigned char *)bytes.text, i, false};
        assert_null(unpack_detail(&from, PACK_DETAIL_VERSION, old, &room));
        assert_true(from.failed);
        for (unsigned flip = 1; flip < 256; flip++) {
            bytes.text[i] = (char)(bytes.text[i] ^ flip);
            from = (struct reader){(const unsigned char *)bytes.text, bytes.len, false};
            detail_unref(unpack_detail(&from, 2 + flip / 2 % 2, flip % 2 ? old : NULL, &room));
            bytes.text[i] = (char)(bytes.text[i] ^ flip);
        }
    }
    size_t room = 3; /* items: fewer than it has */
    struct reader from = {(const unsigned char *)bytes.text, bytes.len, false};
    assert_null(unpack_detail(&from, PACK_DETAIL_VERSION, old, &room));
    str_free(&bytes);
    detail_unref(old);
    detail_unref(now);
}

/* Texts of a file that somebody made are escaped. */
static void test_terminal(void **state)
{
    struct detail_draft *draft = detail_draft_new();
    struct str bytes = {0};
    size_t room = 10;
    (void)state;
    draft->detail.parts = DETAIL_PROCESSES;
    add_process(draft, 1, 1, 0, "");
    struct detail_process *p = draft->processes.items;
    str_copy(p->command, sizeof p->command, "\033[2Jx");
    p->state = '\n';
    p->below = "\007";
    const struct detail *made = detail_draft_finish(draft);
    pack_detail(made, NULL, &bytes);
    struct reader from = {(const unsigned char *)bytes.text, bytes.len, false};
    const struct detail *got = unpack_detail(&from, PACK_DETAIL_VERSION, NULL, &room);
    assert_string_equal(got->processes[0].command, "\\x1b[2Jx");
    assert_string_equal(got->processes[0].below, "\\x07");
    assert_int_equal(got->processes[0].state, '?');
    str_free(&bytes);
    detail_unref(got);
    detail_unref(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chain),    cmocka_unit_test(test_older), cmocka_unit_test(test_gap),
        cmocka_unit_test(test_parts),    cmocka_unit_test(test_kept),  cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
