/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "monitor/assemble.h"
#include "monitor/cgparse.h"
#include "monitor/detail_draft.h"
#include "monitor/rate.h"
#include "monitor/ring.h"

#define SECOND 1000000000u

/* The n-th sample of a machine with so many groups. */
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

static struct snapshot *make(uint64_t n, size_t groups)
{
    struct snapshot *s = mem_alloc(sizeof *s + groups * sizeof s->rows[0] + groups * 16);
    char *text = (char *)&s->rows[groups];
    *s = (struct snapshot){.serial = 2 * n,
                           .sample_serial = n,
                           .time_ns = n * SECOND,
                           .wall_ns = 1000 * (uint64_t)SECOND + n * SECOND,
                           .count = groups};
    for (size_t i = 0; i < groups; i++) {
        struct sample *row = &s->rows[i];
        row->id = i + 1;
        row->parent = i ? 0 : -1;
        row->depth = i > 0;
        row->path = text;
        text += sprintf(text, i ? "/g%zu" : "/", i) + 1;
        row->name = i ? row->path + 1 : row->path;
        cgparse_absent_all(&sample_own(row)->now);
        rate_unknown(&sample_own(row)->rate);
        sample_own(row)->now.time_ns = s->time_ns + i;
        sample_own(row)->now.usage_usec = i < 3 ? n * (i + 1) : i;
        sample_own(row)->rate.cpu_percent = i < 3 ? (double)(n * 7919 % 1000) / 3 : 0;
    }
    for (size_t i = 0; i < s->count; i++)
        s->rows[i].detail = i == 1 && n % 50 ? make_detail(n) : NULL;
    assemble_inherit(s);
    return s;
}

static void fill(struct ring *ring, uint64_t first, uint64_t last, size_t groups)
{
    for (uint64_t n = first; n <= last; n++) {
        struct snapshot *s = make(n, groups);
        ring_add(ring, s);
        ring_add(ring, s); /* a snapshot that an event hurried is of the same sample */
        snapshot_free(s);
    }
}

/* It says when it compressed: when a chunk is full, and seldom else. */
static void test_compressed(void **state)
{
    (void)state;
    struct ring *ring = ring_new(1 << 20);
    int times = 0;
    for (uint64_t n = 1; n <= RING_CHUNK + 1; n++) {
        struct snapshot *s = make(n, 10);
        bool compressed = ring_add(ring, s);
        assert_true(compressed || n <= RING_CHUNK);
        times += compressed;
        snapshot_free(s);
    }
    assert_in_range(times, 1, 3);
    ring_free(ring);
}

static void assert_is(struct ring *ring, size_t index, uint64_t n, size_t groups)
{
    struct snapshot *got = ring_get(ring, index), *expected = make(n, groups);
    assert_non_null(got);
    assert_int_equal(got->sample_serial, n);
    assert_int_equal(got->count, groups);
    for (size_t i = 0; i < groups; i++) {
        sample_own(&expected->rows[i])->now.time_ns = 0; /* not kept */
        assert_memory_equal(got->rows[i].now, expected->rows[i].now, sizeof *got->rows[i].now);
        assert_memory_equal(got->rows[i].rate, expected->rows[i].rate, sizeof *got->rows[i].rate);
        assert_string_equal(got->rows[i].path, expected->rows[i].path);
        assert_same_detail(got->rows[i].detail, expected->rows[i].detail);
    }
    snapshot_free(expected);
    snapshot_free(got);
}

static void test_all_of_it(void **state)
{
    struct ring *ring = ring_new(16 << 20);
    uint64_t first, last;
    (void)state;
    assert_false(ring_span(ring, &first, &last));
    assert_null(ring_get(ring, 0));
    fill(ring, 1, 200, 20);
    assert_int_equal(ring_count(ring), 200);
    assert_true(ring_span(ring, &first, &last));
    assert_int_equal(first, 1001 * (uint64_t)SECOND);
    assert_int_equal(last, 1200 * (uint64_t)SECOND);
    for (size_t i = 0; i < 200; i++) /* forwards */
        assert_is(ring, i, i + 1, 20);
    for (size_t i = 200; i-- > 150;) /* and backwards */
        assert_is(ring, i, i + 1, 20);
    fill(ring, 201, 201, 20); /* while somebody reads */
    assert_is(ring, 200, 201, 20);
    assert_null(ring_get(ring, 201));
    ring_free(ring);
}

/* What is read of goes on growing, by pieces that are compressed and into the next chunk: what was unpacked
 * stays, and what has come since is found. */
static void test_read_while_it_grows(void **state)
{
    struct ring *ring = ring_new(16 << 20);
    (void)state;
    fill(ring, 1, 30, 20);
    const struct snapshot *before = ring_peek(ring, 28);
    fill(ring, 31, 31, 20);
    assert_ptr_equal(ring_peek(ring, 28), before);
    for (uint64_t n = 32; n <= 140; n++) {
        fill(ring, n, n, 20);
        assert_is(ring, (size_t)n / 3, n / 3 + 1, 20);
        assert_is(ring, (size_t)n - 1, n, 20);
    }
    ring_free(ring);
}

static void test_find(void **state)
{
    struct ring *ring = ring_new(16 << 20);
    (void)state;
    assert_int_equal(ring_find(ring, 5), 0);
    fill(ring, 1, 100, 2);
    assert_int_equal(ring_find(ring, 0), 0);
    assert_int_equal(ring_find(ring, 1001 * (uint64_t)SECOND), 0);
    assert_int_equal(ring_find(ring, 1002 * (uint64_t)SECOND - 1), 0);
    assert_int_equal(ring_find(ring, 1070 * (uint64_t)SECOND), 69);
    assert_int_equal(ring_find(ring, UINT64_MAX), 99);
    ring_free(ring);
}

/* An hour of 1,000 groups of which three do something stays within a quarter of the default budget. */
static void test_size(void **state)
{
    struct ring *ring = ring_new(16 << 20);
    (void)state;
    fill(ring, 1, 300, 1000);
    assert_int_equal(ring_count(ring), 300);
    assert_in_range(ring_bytes(ring), 1, (16 << 20) / 4 / 12);
    ring_free(ring);
}

/* A chunk in the making is compressed in pieces, its key frame at once, and read across them. */
static void test_pieces(void **state)
{
    struct ring *ring = ring_new(16 << 20);
    (void)state;
    fill(ring, 1, 1, 4000);
    assert_in_range(ring_bytes(ring), 1, 64 << 10);
    fill(ring, 2, 20, 3000);
    for (uint64_t n = 21; n <= 40; n++) /* rows that come are as in a key frame */
        fill(ring, n, n, n % 2 ? 2000 : 3000);
    assert_in_range(ring_bytes(ring), 1, 256 << 10);
    for (size_t i = 40; i-- > 0; i -= i % 3)
        assert_is(ring, i, i + 1, i == 0 ? 4000 : i < 20 || i % 2 ? 3000 : 2000);
    fill(ring, 41, 70, 100);
    for (size_t i = 0; i < 70; i += 7)
        assert_is(ring, i, i + 1, i == 0 ? 4000 : i >= 40 ? 100 : i < 20 || i % 2 ? 3000 : 2000);
    ring_free(ring);
}

/* When the budget is used up the past gets coarser, and then shorter; the present never. */
static void test_budget(void **state)
{
    struct ring *ring = ring_new(150000);
    uint64_t first, last;
    (void)state;
    fill(ring, 1, 3000, 40);
    assert_in_range(ring_bytes(ring), 1, 150000 + 20000);
    assert_true(ring_span(ring, &first, &last));
    assert_int_equal(last, 4000 * (uint64_t)SECOND);
    assert_in_range(ring_count(ring), RING_CHUNK, 2999);
    size_t count = ring_count(ring);
    for (size_t i = 0; i < RING_CHUNK; i++)
        assert_is(ring, count - 1 - i, 3000 - i, 40);
    struct snapshot *one = ring_get(ring, 0), *next = ring_get(ring, 1);
    assert_int_equal(next->sample_serial - one->sample_serial, RING_COARSE);
    assert_is(ring, 1, next->sample_serial, 40);
    snapshot_free(one);
    snapshot_free(next);
    ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_of_it),  cmocka_unit_test(test_read_while_it_grows),
        cmocka_unit_test(test_find),       cmocka_unit_test(test_size),
        cmocka_unit_test(test_pieces),     cmocka_unit_test(test_budget),
        cmocka_unit_test(test_compressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
