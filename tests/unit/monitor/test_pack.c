/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "base/value.h"
#include "monitor/assemble.h"
#include "monitor/cgparse.h"
#include "monitor/detail_draft.h"
#include "monitor/pack.h"
#include "monitor/rate.h"

static struct pack_layout own;

/* 201 is below 20; what has no such group to be below is below the first. */
static int parent_of(const uint64_t *ids, size_t i)
{
    for (size_t j = 1; j < i; j++)
        if (ids[j] == ids[i] / 10)
            return (int)j;
    return i ? 0 : -1;
}

/* What was read besides of a group that was looked at. */
static const struct detail *make_detail(uint64_t n)
{
    struct detail_draft *draft = detail_draft_new();
    struct detail_device *device = detail_draft_add(&draft->devices, sizeof *device);
    *device =
        (struct detail_device){.major = 8, .name = "sda", .rbytes = n * 1000, .rbytes_per_s = (double)n / 3};
    draft->detail.parts = DETAIL_IO;
    draft->detail.time_ns = n * 1000000007;
    return detail_draft_finish(draft);
}

static void assert_same_detail(const struct detail *a, const struct detail *b)
{
    assert_int_equal(a != NULL, b != NULL);
    if (!a)
        return;
    assert_int_equal(a->parts, b->parts);
    assert_int_equal(a->time_ns, b->time_ns);
    assert_int_equal(a->device_count, b->device_count);
    assert_memory_equal(a->devices, b->devices, sizeof a->devices[0]);
}

/* A made-up tree: "/", and groups below it or below one another; `seed` makes the figures. */
static struct snapshot *make(const uint64_t *ids, size_t count, unsigned seed)
{
    struct snapshot *s = mem_alloc(sizeof *s + count * sizeof s->rows[0] + count * 64);
    char *text = (char *)&s->rows[count];
    *s = (struct snapshot){.serial = seed,
                           .sample_serial = seed,
                           .time_ns = 5000000000u + seed,
                           .wall_ns = seed,
                           .self_cpu_percent = 0.1 * seed,
                           .cgroupfs.mount = "/sys/fs/cgroup",
                           .host.hostname = "here",
                           .host.kernel = "6.1",
                           .count = count};
    for (size_t i = 0; i < count; i++) {
        struct sample *row = &s->rows[i];
        row->id = ids[i];
        row->parent = parent_of(ids, i);
        row->depth = i == 0 ? 0 : s->rows[row->parent].depth + 1;
        const char *above = i == 0 || row->parent == 0 ? "" : s->rows[row->parent].path;
        row->path = text;
        text += sprintf(text, i == 0 ? "/" : "%s/g%llu", above, (unsigned long long)ids[i]) + 1;
        row->name = i == 0 ? row->path : strrchr(row->path, '/') + 1;
        row->procs = i % 2 ? VALUE_ABSENT : i;
        cgparse_absent_all(&sample_own(row)->now);
        rate_unknown(&sample_own(row)->rate);
        sample_own(row)->now.time_ns = s->time_ns - i * 1000;
        sample_own(row)->now.usage_usec = seed * 1000 + i;
        sample_own(row)->now.memory_max = i % 4 ? VALUE_MAX : 1000 * i;
        sample_own(row)->now.memory_current = seed % 3 ? 0 : UINT64_C(1) << 40;
        sample_own(row)->rate.cpu_percent = seed / 7.0;
        sample_own(row)->rate.memory_bytes_per_s = -1.5 * (double)i;
    }
    for (size_t i = 0; i < s->count; i++)
        s->rows[i].detail = (ids[i] + seed) % 3 ? make_detail(seed) : NULL;
    assemble_inherit(s);
    return s;
}

static void assert_same(const struct snapshot *a, const struct snapshot *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->time_ns, b->time_ns);
    assert_int_equal(a->wall_ns, b->wall_ns);
    assert_memory_equal(&a->self_cpu_percent, &b->self_cpu_percent, sizeof(double));
    assert_string_equal(a->host.hostname, b->host.hostname);
    assert_string_equal(a->cgroupfs.mount, b->cgroupfs.mount);
    for (size_t i = 0; i < a->count; i++) {
        const struct sample *x = &a->rows[i], *y = &b->rows[i];
        assert_int_equal(x->id, y->id);
        assert_string_equal(x->path, y->path);
        assert_string_equal(x->name, y->name);
        assert_int_equal(x->parent, y->parent);
        assert_int_equal(x->depth, y->depth);
        assert_int_equal(x->procs, y->procs);
        assert_memory_equal(x->now, y->now, sizeof *x->now);
        assert_memory_equal(x->rate, y->rate, sizeof *x->rate);
        assert_int_equal(x->effective_memory_max, y->effective_memory_max);
        assert_int_equal(x->effective_memory_row, y->effective_memory_row);
        assert_same_detail(x->detail, y->detail);
        if (x->identity)
            assert_string_equal(x->identity->label, y->identity->label);
        else
            assert_null(y->identity);
    }
}

static struct snapshot *again(const struct snapshot *now, const struct snapshot *before,
                              const struct snapshot *old)
{
    struct str bytes = {0};
    struct snapshot *got = NULL;
    struct err err = {0};
    pack(now, before, PACK_CLOCKS, &bytes);
    if (unpack(bytes.text, bytes.len, &own, old, &got, &err) < 0)
        fail_msg("%s", err.text);
    str_free(&bytes);
    assert_same(now, got);
    return got;
}

static void test_key_frame(void **state)
{
    static const uint64_t ids[] = {1, 20, 201, 40, 50, 60, 601};
    struct snapshot *s = make(ids, COUNT_OF(ids), 3), *none = make(ids, 0, 1);
    (void)state;
    s->rows[3].identity = identity_new(&(struct identity){.manager = MANAGER_DOCKER,
                                                          .kind = KIND_CONTAINER,
                                                          .label = "web",
                                                          .image = "nginx",
                                                          .uid = (uid_t)-1});
    snapshot_free(again(s, NULL, NULL));
    snapshot_free(again(none, NULL, NULL));
    snapshot_free(none);
    snapshot_free(s);
}

/* A chain of frames in which groups come, go, are made again and change places. */
static void test_chain(void **state)
{
    static const uint64_t steps[][8] = {
        {1, 20, 201, 30}, {1, 20, 201, 30},      {1, 30, 40, 50}, {1, 20, 30, 40, 50}, {1},
        {2, 60},          {2, 60, 601, 602, 70}, {2, 60, 602, 70}};
    static const size_t counts[] = {4, 4, 4, 5, 1, 2, 5, 4};
    struct snapshot *before = NULL, *got = NULL;
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(steps); i++) {
        struct snapshot *now = make(steps[i], counts[i], i + 1), *old = got;
        if (i % 2)
            now->rows[0].identity = identity_new(&(struct identity){.label = "root"});
        got = again(now, before, old);
        snapshot_free(old);
        snapshot_free(before);
        before = now;
    }
    snapshot_free(before);
    snapshot_free(got);
}

static void test_small(void **state)
{
    static const uint64_t ids[] = {1, 20, 201, 40, 50, 60, 601};
    struct snapshot *one = make(ids, COUNT_OF(ids), 3), *other = make(ids, COUNT_OF(ids), 3);
    struct str bytes = {0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++) { /* those are looked at, and so read each time */
        detail_unref(take_ptr(&one->rows[i].detail));
        detail_unref(take_ptr(&other->rows[i].detail));
    }
    pack(other, one, PACK_CLOCKS, &bytes);
    assert_in_range(bytes.len, 1, 60 + 6 * COUNT_OF(ids)); /* nothing changed: some bytes a group */
    str_free(&bytes);
    snapshot_free(one);
    snapshot_free(other);
}

/* Frames that end early, and frames with any byte changed: an error or a snapshot, never more. */
static void test_hostile(void **state)
{
    static const uint64_t ids[] = {1, 20, 30, 40};
    struct snapshot *first = make(ids, 3, 2), *second = make(ids, COUNT_OF(ids), 3);
    struct str frames[2] = {0};
    (void)state;
    second->rows[2].identity = identity_new(&(struct identity){.label = "x", .unit = "y"});
    pack(second, NULL, PACK_CLOCKS, &frames[0]);
    pack(second, first, PACK_CLOCKS, &frames[1]);
    for (size_t f = 0; f < 2; f++)
        for (size_t i = 0; i < frames[f].len; i++) {
            struct snapshot *got;
            struct err err;
            assert_int_equal(unpack(frames[f].text, i, &own, first, &got, &err), -EBADMSG);
            for (unsigned flip = 1; flip < 256; flip = flip * 2 + 1) {
                frames[f].text[i] = (char)(frames[f].text[i] ^ flip);
                if (unpack(frames[f].text, frames[f].len, &own, first, &got, &err) == 0)
                    snapshot_free(got);
                frames[f].text[i] = (char)(frames[f].text[i] ^ flip);
            }
        }
    struct snapshot *got;
    struct err err;
    assert_int_equal(unpack(frames[1].text, frames[1].len, &own, NULL, &got, &err), -EBADMSG);
    str_free(&frames[0]);
    str_free(&frames[1]);
    snapshot_free(first);
    snapshot_free(second);
}

static void test_layout(void **state)
{
    struct pack_layout layout;
    struct err err;
    cleanup_free char *text = pack_layout_text();
    (void)state;
    assert_int_equal(pack_layout_parse(text, &layout, &err), 0);
    assert_int_equal(layout.counters, own.counters);
    assert_memory_equal(layout.counter, own.counter, own.counters * sizeof(short));
    assert_memory_equal(layout.rate, own.rate, own.rates * sizeof(short));
    assert_int_equal(pack_layout_parse("time_ns usage_usec of_tomorrow;cpu_percent", &layout, &err), 0);
    assert_int_equal(layout.counters, 3);
    assert_int_equal(layout.counter[2], -1);
    static const char *const wrong[] = {
        "", ";", "time_ns", "usage_usec;cpu_percent", "time_ns  usage_usec;", "x;y"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(pack_layout_parse(wrong[i], &layout, &err), -EINVAL);
}

/* What another version wrote: a field that we don't know, and fewer of those we do. */
static void test_other_version(void **state)
{
    static const uint64_t ids[] = {1, 20};
    struct snapshot *s = make(ids, 2, 5), *got;
    struct pack_layout layout;
    struct str bytes = {0};
    struct err err;
    char *text = pack_layout_text(), *unknown = strstr(text, "usage_usec");
    (void)state;
    memcpy(unknown, "usage_ytrq", strlen("usage_ytrq"));
    assert_int_equal(pack_layout_parse(text, &layout, &err), 0);
    pack(s, NULL, PACK_CLOCKS, &bytes);
    assert_int_equal(unpack(bytes.text, bytes.len, &layout, NULL, &got, &err), 0);
    assert_int_equal(got->rows[1].now->usage_usec, VALUE_ABSENT);
    assert_int_equal(got->rows[1].now->memory_current, s->rows[1].now->memory_current);
    snapshot_free(got);
    snapshot_free(s);
    str_free(&bytes);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_frame), cmocka_unit_test(test_chain),  cmocka_unit_test(test_small),
        cmocka_unit_test(test_hostile),   cmocka_unit_test(test_layout), cmocka_unit_test(test_other_version),
    };
    pack_layout_own(&own);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
