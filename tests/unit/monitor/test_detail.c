/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is read of groups that are looked at: the texts it is made of, and the sampler reading it.
 */
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/value.h"
#include "fake.h"
#include "monitor/detail_parse.h"
#include "monitor/sampler.h"

/* ---- texts ---- */

/* All figures as "file key=value ..." */
static void assert_figures(const char *file, const char *text, const char *expected)
{
    struct str got = {0};
    struct detail_draft *draft = detail_draft_new();
    detail_parse_figures(draft, file, text);
    const struct detail *detail = detail_draft_finish(draft);
    for (size_t i = 0; i < detail->figure_count; i++) {
        const struct detail_figure *f = &detail->figures[i];
        str_addf(&got, "%s%s=", i ? " " : "", f->key);
        if (f->text)
            str_addf(&got, "'%s'", f->text);
        else if (value_is_number(f->value))
            str_addf(&got, "%llu", (unsigned long long)f->value);
        else
            str_add(&got, f->value == VALUE_MAX ? "max" : "-");
        assert_string_equal(f->file, file);
    }
    detail_unref(detail);
    assert_string_equal(str_text(&got), expected);
    str_free(&got);
}

static void test_figures(void **state)
{
    (void)state;
    assert_figures("memory.swap.peak", "4096\n", "=4096");
    assert_figures("memory.zswap.max", "max\n", "=max");
    assert_figures("memory.stat", "anon 4096\nfile 0\npgfault 12\n", "anon=4096 file=0 pgfault=12");
    assert_figures("misc.max", "res_a max\nres_b 7\n", "res_a=max res_b=7");
    assert_figures("memory.numa_stat", "anon N0=4096 N1=0\nfile N0=1 N1=max\n",
                   "anon/N0=4096 anon/N1=0 file/N0=1 file/N1=max");
    assert_figures("cgroup.type", "domain threaded\n", "='domain threaded'");
    assert_figures("cgroup.controllers", "cpu memory\n", "='cpu memory'");
    assert_figures("cpuset.cpus.effective", "0\n", "='0'");
    assert_figures("io.latency", "8:0 target=75\n254:0 target=x\n", "8:0/target=75 254:0/target=-");
    assert_figures("hostile", "\033[31m\n\x01\n", "='\\x1b[31m;\\x01'");
    assert_figures("hostile", "a b c\n", "='a b c'");
    assert_figures("hostile", "a 99999999999999999999999\n", "='a 99999999999999999999999'");
    assert_figures("hostile", "=\n", "='='");
    assert_figures("hostile", " \n\n", "=' '");
    struct str flood = {0};
    for (int i = 0; i < 5000; i++)
        str_addf(&flood, "key%d %d\n", i, i);
    struct detail_draft *draft = detail_draft_new();
    detail_parse_figures(draft, "memory.stat", str_text(&flood));
    assert_in_range(draft->figures.count, 100, 3000);
    detail_unref(detail_draft_finish(draft));
    str_free(&flood);
}

static void test_counters_and_sizes(void **state)
{
    (void)state;
    assert_true(detail_is_counter("memory.stat", "pgfault"));
    assert_true(detail_is_counter("memory.stat", "workingset_refault_anon"));
    assert_true(detail_is_counter("memory.swap.events", "fail"));
    assert_true(detail_is_counter("cpu.stat.local", "throttled_usec"));
    assert_false(detail_is_counter("memory.stat", "anon"));
    assert_false(detail_is_counter("memory.stat", "pgtables"));
    assert_false(detail_is_counter("memory.stat", "workingset_nodes"));
    assert_false(detail_is_counter("memory.swap.peak", ""));
}

static void test_pressure(void **state)
{
    (void)state;
    struct detail_draft *draft = detail_draft_new();
    struct detail_pressure *p = &draft->detail.pressure[RESOURCE_IRQ];
    detail_parse_pressure("full avg10=1.50 avg60=0.07 avg300=100.00 total=42\n", p);
    assert_int_equal(p->full.avg10, 150);
    assert_int_equal(p->full.avg60, 7);
    assert_int_equal(p->full.avg300, 10000);
    assert_int_equal(p->full.total_usec, 42);
    assert_int_equal(p->some.total_usec, VALUE_ABSENT);
    detail_parse_pressure("some avg10=x avg60=1.5 avg300=-1.00 total=\nfull\nnonsense avg10=1.00\n", p);
    assert_int_equal(p->some.avg10, VALUE_ABSENT);
    assert_int_equal(p->some.avg60, VALUE_ABSENT);
    assert_int_equal(p->some.avg300, VALUE_ABSENT);
    assert_int_equal(p->some.total_usec, VALUE_ABSENT);
    detail_unref(detail_draft_finish(draft));
}

static void test_devices(void **state)
{
    (void)state;
    struct detail_draft *draft = detail_draft_new();
    detail_parse_io_stat(draft,
                         "254:0\n8:16 rbytes=4096 wbytes=1 rios=2 wios=3 dbytes=0 dios=0 cost.usage=7\n"
                         "8:x rbytes=1\n:\n9 rbytes=2\n8:16777216:3 rbytes=4\n7:0 rbytes=max wbytes=zz\n");
    detail_parse_io_max(draft, "8:16 rbps=max wbps=1048576 riops=max wiops=120\n9:9 rbps=1 wbps=max\n");
    const struct detail *d = detail_draft_finish(draft);
    assert_int_equal(d->device_count, 4);
    assert_int_equal(d->devices[0].major, 254);
    assert_int_equal(d->devices[0].rbytes, VALUE_ABSENT);
    assert_int_equal(d->devices[1].minor, 16);
    assert_int_equal(d->devices[1].rbytes, 4096);
    assert_int_equal(d->devices[1].wios, 3);
    assert_int_equal(d->devices[1].max_wbps, 1048576);
    assert_int_equal(d->devices[1].max_rbps, VALUE_MAX);
    assert_int_equal(d->devices[2].wbytes, VALUE_ABSENT);
    assert_int_equal(d->devices[3].max_rbps, 1);
    detail_unref(d);
    char name[32];
    static const char stats[] = "   8       0 sda 1 2 3\n   8      16 sdb\033 1 2 3\nx\n 8\n";
    assert_true(detail_parse_diskstats(stats, 8, 0, name, sizeof name));
    assert_string_equal(name, "sda");
    assert_true(detail_parse_diskstats(stats, 8, 16, name, sizeof name));
    assert_string_equal(name, "sdb\\x1b");
    assert_false(detail_parse_diskstats(stats, 9, 0, name, sizeof name));
}

static void assert_bound(const struct detail *d, size_t i, unsigned minor, const char *key, uint64_t value,
                         const char *by)
{
    assert_int_equal(d->bounds[i].minor, minor);
    assert_string_equal(d->bounds[i].key, key);
    assert_int_equal(d->bounds[i].value, value);
    assert_string_equal(d->bounds[i].by, by);
}

/* The smallest along the ancestors: this group's file comes first. */
static void test_bounds(void **state)
{
    (void)state;
    struct detail_draft *draft = detail_draft_new();
    detail_parse_bounds(draft, "8:16 rbps=5 wbps=max riops=9 wiops=max\n8:x rbps=1\n", "/a/b/c");
    detail_parse_bounds(draft, "8:16 rbps=7 wbps=max riops=9 wiops=max\n", "/a/b");
    detail_parse_bounds(draft, "8:16 rbps=6 wbps=max riops=max wiops=3\n8:32 rbps=1\n\n", "/a");
    const struct detail *d = detail_draft_finish(draft);
    assert_int_equal(d->bound_count, 4);
    assert_bound(d, 0, 16, "rbps", 5, "/a/b/c");
    assert_bound(d, 1, 16, "riops", 9, "/a/b"); /* both say so */
    assert_bound(d, 2, 16, "wiops", 3, "/a");
    assert_bound(d, 3, 32, "rbps", 1, "/a");
    assert_int_equal(d->device_count, 2);
    assert_int_equal(d->devices[0].max_rbps, VALUE_MAX); /* its own is not said here */
    detail_unref(d);
}

#define REST " 1 1 1 0 -1 4194560 100 0 0 0 25 17 0 0 20 0 4 0 12345 1000 200 18446744073709551615\n"

static void test_processes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *comm;
        char state;
    } good[] = {
        {"7 (sleep) S" REST, "sleep", 'S'},
        {"7 (a b) S 1) R" REST, "a b) S 1", 'R'},
        {"7 ()) ?" REST, ")", '?'},
        {"7 (a name that is longer than any that the kernel has) D" REST, "a name that is longer than any ",
         'D'},
    };
    static const char *const bad[] = {"",    "7",    "7 (sleep", "7 sleep) S", "7 (sleep) S 1 2 3\n",
                                      ") (", "7 () "};
    struct detail_process p;
    char comm[32];
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        p = (struct detail_process){0};
        assert_true(detail_parse_stat(good[i].text, &p, comm));
        assert_string_equal(comm, good[i].comm);
        assert_int_equal(p.state, good[i].state);
        assert_int_equal(p.cpu_ticks, 42);
        assert_int_equal(p.threads, 4);
        assert_int_equal(p.start_ticks, 12345);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(detail_parse_stat(bad[i], &p, comm));
    p = (struct detail_process){0};
    detail_parse_status("Name:\tx\nUid:\t100000\t0\t0\t0\nNSpid:\t4711\t12\t1\nVmRSS:\t    1540 kB\n", &p);
    assert_int_equal(p.uid, 100000);
    assert_int_equal(p.inside, 1);
    assert_int_equal(p.rss_bytes, 1540 * 1024);
    detail_parse_status("Uid:\nNSpid:\tx\nVmRSS:\t99999999999999999999 kB\nUid", &p);
    assert_int_equal(p.uid, (uid_t)-1);
    assert_int_equal(p.rss_bytes, VALUE_ABSENT);
}

static void test_maps(void **state)
{
    (void)state;
    struct detail_list map = {0};
    detail_parse_map(&map, "         0     100000      65536\n  65536 1 1\nx 1 2\n1 2\n1 2 99999999999\n");
    const struct detail_map *entries = map.items;
    assert_int_equal(map.count, 2);
    assert_int_equal(entries[0].outside, 100000);
    assert_int_equal(entries[0].count, 65536);
    assert_int_equal(entries[1].inside, 65536);
    free(map.items);
}

static void test_net_dev(void **state)
{
    (void)state;
    struct detail_draft *draft = detail_draft_new();
    detail_parse_net_dev(draft, "Inter-|   Receive                            |  Transmit\n"
                                " face |bytes packets errs drop fifo frame compressed multicast|bytes ...\n"
                                "    lo:     100 1 0 0 0 0 0 0   100 1 0 0 0 0 0 0\n"
                                "  eth0: 1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0\n"
                                "  a:b\033: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n"
                                "  eth1: 1000 10\n : 1 2 3 4 5 6 7 8 9 10 11 12\n:\n");
    const struct detail *d = detail_draft_finish(draft);
    assert_int_equal(d->link_count, 3);
    assert_true(d->links[0].loopback);
    assert_int_equal(d->links[1].rx.bytes, 1000);
    assert_int_equal(d->links[1].rx.dropped, 2);
    assert_int_equal(d->links[1].tx.bytes, 2000);
    assert_int_equal(d->links[1].tx.errors, 3);
    assert_string_equal(d->links[2].name, "a:b\\x1b");
    detail_unref(d);
}

/* ---- the sampler ---- */

struct world {
    struct fake fake;
    struct eventq events;
    struct sampler sampler;
};

static void start(struct world *w)
{
    fake_init(&w->fake);
    fake_group(&w->fake, "");
    fake_group(&w->fake, "/a");
    fake_group(&w->fake, "/a/b");
    eventq_init(&w->events, EVENTQ_CAP);
    sampler_init(&w->sampler, &w->fake.fs, "/", &w->events);
}

static void end(struct world *w)
{
    sampler_fini(&w->sampler);
    eventq_fini(&w->events);
    fake_fini(&w->fake);
}

static bool look(struct world *w, uint64_t id, unsigned parts)
{
    struct detail_look *list = mem_alloc(sizeof *list);
    *list = (struct detail_look){id, parts};
    return sampler_look(&w->sampler, list, 1);
}

static const struct detail *detail_of(const struct snapshot *s, const char *path)
{
    int row = snapshot_find_path(s, path);
    assert_true(row >= 0);
    return s->rows[row].detail;
}

static void test_look(void **state)
{
    (void)state;
    struct world w;
    char pid[32];
    start(&w);
    fake_write(&w.fake, "/a", "memory.stat", "anon 4096\npgfault 10\n");
    fake_write(&w.fake, "/a", "io.stat", "8:0 rbytes=100 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n");
    fake_write(&w.fake, "/a", "irq.pressure", "full avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");
    fake_write(&w.fake, "/a", "cpuset.cpus.effective", "0-1\n");
    fake_write(&w.fake, "/a", "cpuset.cpus", "\n");
    fake_write(&w.fake, "", "cpuset.cpus", "0-3\n");
    fake_write(&w.fake, "/a", "cgroup.events", "populated 1\nfrozen 0\n");
    fake_write(&w.fake, "/a/b", "cgroup.events", "populated 1\nfrozen 0\n");
    snprintf(pid, sizeof pid, "0\n%d\n", (int)getpid());
    fake_write(&w.fake, "/a/b", "cgroup.procs", pid);
    struct snapshot *s = sampler_tick(&w.sampler);
    assert_null(detail_of(s, "/a"));
    uint64_t id = s->rows[snapshot_find_path(s, "/a")].id;
    snapshot_free(s);

    assert_true(look(&w, id, DETAIL_ALL)); /* it is read at once */
    s = sampler_snapshot(&w.sampler);
    const struct detail *d = detail_of(s, "/a");
    assert_null(detail_of(s, "/a/b"));
    assert_int_equal(d->parts, DETAIL_ALL);
    assert_int_equal(detail_value(d, "memory.stat", "anon"), 4096);
    assert_int_equal(detail_value(d, "memory.current", ""), VALUE_ABSENT); /* the sample has it */
    assert_int_equal(detail_value(d, "no.file", ""), VALUE_ABSENT);
    assert_true(isnan(detail_figure(d, "memory.stat", "pgfault")->per_s));
    assert_int_equal(d->pressure[RESOURCE_IRQ].full.total_usec, 5);
    assert_string_equal(d->cpuset_cpus, "0-1");
    assert_string_equal(d->cpuset_by, "/");
    assert_int_equal(d->device_count, 1);
    assert_int_equal(d->process_total, 2);
    assert_int_equal(d->process_count, 1); /* the other one is in a namespace that can't be seen */
    assert_int_equal(d->processes[0].pid, getpid());
    assert_string_equal(d->processes[0].below, "b");
    assert_true(d->processes[0].rss_bytes > 4096);
    assert_non_null(strstr(d->processes[0].command, "test_detail"));
    assert_int_equal(d->processes[0].uid, getuid());
    assert_int_equal(d->namespaces_of, getpid());
    for (int i = 0; i < DETAIL_NAMESPACE_COUNT; i++)
        assert_true(d->namespaces[i].inode && d->namespaces[i].is_host);
    assert_false(d->net_own);
    assert_true(d->uid_map_count >= 1);
    snapshot_free(s);

    usleep(100000);
    fake_write(&w.fake, "/a", "memory.stat", "anon 1\npgfault 1010\n");
    fake_write(&w.fake, "/a", "io.stat", "8:0 rbytes=50 wbytes=4096 rios=1 wios=0 dbytes=0 dios=0\n");
    s = sampler_tick(&w.sampler);
    d = detail_of(s, "/a");
    double seconds = (double)(d->time_ns - d->before_ns) / 1e9;
    assert_true(fabs(detail_figure(d, "memory.stat", "pgfault")->per_s * seconds - 1000) < 0.01);
    assert_true(isnan(detail_figure(d, "memory.stat", "anon")->per_s)); /* a size is no counter */
    assert_true(isnan(d->devices[0].rbytes_per_s));                     /* it went back */
    assert_true(fabs(d->devices[0].wbytes_per_s * seconds - 4096) < 0.01);
    assert_false(isnan(d->processes[0].cpu_percent));

    assert_false(look(&w, id + 1000000, DETAIL_ALL)); /* nobody's */
    struct snapshot *without = sampler_snapshot(&w.sampler);
    assert_null(detail_of(without, "/a"));
    assert_string_equal(d->processes[0].below, "b"); /* who holds it has it still */
    snapshot_free(without);
    snapshot_free(s);
    end(&w);
}

/* Files of who is looked at are held until nobody does, and listed anew when controllers come. */
static void test_held_files(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    fake_write(&w.fake, "/a", "memory.stat", "anon 4096\n");
    struct snapshot *s = sampler_tick(&w.sampler);
    uint64_t id = s->rows[snapshot_find_path(s, "/a")].id;
    snapshot_free(s);
    const struct detail_files *files = &w.sampler.details.files;
    long left = w.sampler.tree.pool.left;
    look(&w, id, DETAIL_FIGURES);
    assert_int_equal(files->of, id);
    assert_true(files->count > 0);
    assert_int_equal(left - w.sampler.tree.pool.left, files->count);
    fake_write(&w.fake, "/a", "hugetlb.2MB.current", "7\n"); /* a controller's */
    snapshot_free(sampler_tick(&w.sampler));
    size_t count = files->count;
    w.sampler.look_again = true;
    s = sampler_tick(&w.sampler);
    assert_int_equal(files->count, count + 1);
    assert_int_equal(detail_value(detail_of(s, "/a"), "hugetlb.2MB.current", ""), 7);
    snapshot_free(s);
    look(&w, id + 1000000, DETAIL_FIGURES); /* nobody's */
    assert_int_equal(files->count, 0);
    assert_int_equal(left, w.sampler.tree.pool.left);
    end(&w);
}

/* How many of four samples find a network that is not ours any more. */
static int found_own(struct world *w)
{
    int found = 0;
    w->sampler.details.host[DETAIL_NS_NET]++;
    for (int i = 0; i < 4; i++) {
        struct snapshot *s = sampler_tick(&w->sampler);
        found += detail_of(s, "/a")->net_own;
        snapshot_free(s);
    }
    w->sampler.details.host[DETAIL_NS_NET]--;
    return found;
}

static void settle(struct world *w)
{
    for (int i = 0; i < 10; i++)
        snapshot_free(sampler_tick(&w->sampler));
}

/* Who is in our network for long is not asked each time. */
static void test_settled_net(void **state)
{
    (void)state;
    struct world w;
    char pid[32];
    start(&w);
    fake_write(&w.fake, "/a", "cgroup.events", "populated 1\nfrozen 0\n");
    snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    fake_write(&w.fake, "/a", "cgroup.procs", pid);
    struct snapshot *s = sampler_tick(&w.sampler);
    look(&w, s->rows[snapshot_find_path(s, "/a")].id, DETAIL_NET);
    snapshot_free(s);
    assert_int_equal(found_own(&w), 4);
    settle(&w);
    int first = found_own(&w); /* from the one that finds it on */
    settle(&w);
    int second = found_own(&w);
    assert_in_range(first, 1, 4);
    assert_in_range(second, 1, 4);
    assert_true(first + second < 8);
    for (int i = 0; i < 2; i++) {
        settle(&w);
        fake_write(&w.fake, "/a", "cgroup.events", "populated 1\nfrozen 0\n");
        struct pollfd heard = {.fd = sampler_fd(&w.sampler), .events = POLLIN};
        while (poll(&heard, 1, 0) == 1)
            sampler_notified(&w.sampler);
        assert_int_equal(found_own(&w), 4);
    }
    end(&w);
}

/* A group in mid-read: its directory goes while it is looked at. */
static void test_gone(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    struct snapshot *s = sampler_tick(&w.sampler);
    uint64_t id = s->rows[snapshot_find_path(s, "/a/b")].id;
    snapshot_free(s);
    look(&w, id, DETAIL_ALL);
    fake_remove(&w.fake, "/a/b");
    detail_files_forget(&w.sampler.details.files, NULL); /* cgroup v2's would say that it is gone */
    struct group *group = w.sampler.tree.root->child->child;
    detail_read(&w.sampler.details, w.sampler.tree.root, group, DETAIL_ALL);
    assert_int_equal(group->detail->figure_count, 0);
    assert_int_equal(group->detail->process_count, 0);
    sampler_notified(&w.sampler);
    s = sampler_tick(&w.sampler);
    assert_int_equal(snapshot_find_path(s, "/a/b"), -1);
    snapshot_free(s);
    end(&w);
}

/* A group that has read nothing is limited by the one above: the device is there, with zeros. */
static void test_limited_above(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    fake_write(&w.fake, "/a", "io.max", "8:0 rbps=1000 wbps=max riops=max wiops=max\n");
    fake_write(&w.fake, "/a/b", "io.max", "8:0 rbps=2000 wbps=70 riops=max wiops=max\n");
    fake_write(&w.fake, "/a/b", "io.stat", "");
    struct snapshot *s = sampler_tick(&w.sampler);
    uint64_t id = s->rows[snapshot_find_path(s, "/a/b")].id;
    snapshot_free(s);
    look(&w, id, DETAIL_IO);
    s = sampler_snapshot(&w.sampler);
    const struct detail *d = detail_of(s, "/a/b");
    assert_int_equal(d->bound_count, 2);
    assert_bound(d, 0, 0, "rbps", 1000, "/a");
    assert_bound(d, 1, 0, "wbps", 70, "/a/b");
    assert_int_equal(d->devices[0].max_rbps, 2000);
    assert_int_equal(d->devices[0].rbytes, 0);
    assert_int_equal(d->devices[0].dios, 0);
    snapshot_free(s);
    fake_unlink(&w.fake, "/a/b", "io.stat"); /* nobody counts */
    fake_unlink(&w.fake, "/a/b", "io.max");
    s = sampler_tick(&w.sampler);
    d = detail_of(s, "/a/b");
    assert_bound(d, 0, 0, "rbps", 1000, "/a");
    assert_int_equal(d->devices[0].max_rbps, VALUE_MAX);
    assert_int_equal(d->devices[0].rbytes, VALUE_ABSENT);
    snapshot_free(s);
    fake_write(&w.fake, "/a/b", "io.stat", "8:0 rbytes=7 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n");
    fake_write(&w.fake, "/a/b", "io.max", "8:0 rbps=3000 wbps=max riops=max wiops=max\n");
    fake_write(&w.fake, "/a", "cgroup.subtree_control", "+io\n"); /* the controller is back */
    s = sampler_tick(&w.sampler);
    d = detail_of(s, "/a/b");
    assert_int_equal(d->devices[0].max_rbps, 3000);
    assert_int_equal(d->devices[0].rbytes, 7);
    snapshot_free(s);
    end(&w);
}

/* A group that waits for io is told which device it waits for, though nobody looks. */
static void test_waiting(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    fake_write(&w.fake, "/a", "io.stat", "8:0 rbytes=100 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n");
    fake_write(&w.fake, "/a", "io.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
    snapshot_free(sampler_tick(&w.sampler));
    fake_write(&w.fake, "/a", "io.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=100000000\n");
    usleep(160000);
    struct snapshot *s = sampler_tick(&w.sampler);
    assert_int_equal(detail_of(s, "/a")->parts, DETAIL_IO);
    assert_null(detail_of(s, "/a/b"));
    snapshot_free(s);
    usleep(160000);
    s = sampler_tick(&w.sampler);
    assert_null(detail_of(s, "/a"));
    snapshot_free(s);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures),     cmocka_unit_test(test_counters_and_sizes),
        cmocka_unit_test(test_bounds),      cmocka_unit_test(test_pressure),
        cmocka_unit_test(test_devices),     cmocka_unit_test(test_processes),
        cmocka_unit_test(test_maps),        cmocka_unit_test(test_net_dev),
        cmocka_unit_test(test_settled_net), cmocka_unit_test(test_held_files),
        cmocka_unit_test(test_look),        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_waiting),     cmocka_unit_test(test_limited_above),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
