/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A record of the kernel's iterator as figures: each one's place and unit, the parts of CPU time, pressure.
 * That the kernel says so is test_cgiter's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/value.h"
#include "monitor/cgiter.h"
#include "monitor/cgparse.h"

static const struct iterrecord record = {.usage_ns = 7000999,
                                         .user_ns = 4000000,
                                         .system_ns = 3000000,
                                         .nice_ns = 1001999,
                                         .nr_periods = 11,
                                         .nr_throttled = 12,
                                         .throttled_ns = 13999,
                                         .nr_bursts = 14,
                                         .burst_ns = 15999,
                                         .memory_pages = 16,
                                         .peak_pages = 17,
                                         .swap_pages = 18,
                                         .pids = 19};

static const struct {
    size_t offset;
    uint64_t value;
    bool pages;
} places[] = {
#define AT(member) offsetof(struct counters, member)
    {AT(usage_usec), 7000, false}, {AT(nice_usec), 1001, false},    {AT(nr_periods), 11, false},
    {AT(nr_throttled), 12, false}, {AT(throttled_usec), 13, false}, {AT(nr_bursts), 14, false},
    {AT(burst_usec), 15, false},   {AT(memory_current), 16, true},  {AT(memory_peak), 17, true},
    {AT(swap_current), 18, true},  {AT(pids_current), 19, false},
#undef AT
};

static void test_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct counters expected, got;
        cgparse_absent_all(&got);
        uint64_t *figure = (void *)((char *)&got + places[i].offset);
        *figure = 0; /* what the files have; all others are absent, and stay so */
        expected = got;
        *(uint64_t *)(void *)((char *)&expected + places[i].offset) =
            places[i].value * (places[i].pages ? (uint64_t)sysconf(_SC_PAGESIZE) : 1);
        cgiter_fill(&record, &got);
        if (memcmp(&got, &expected, sizeof got) != 0)
            fail_msg("place %zu: %llu", i, (unsigned long long)*figure);
    }
}

/* user and system as they were, the record's usage, and its ticks. */
static const struct {
    uint64_t user, system, usage_ns, user_ns, system_ns;
    uint64_t new_user, new_system;
} parts[] = {
    {0, 0, 9000000, 2, 1, 6000, 3000},
    {0, 0, 9000000, 0, 1, 0, 9000},
    {0, 0, 9000000, 1, 0, 9000, 0},
    {0, 0, 9000000, 0, 0, 9000, 0},          /* used, but by no tick */
    {6000, 4000, 9000000, 1, 2, 6000, 4000}, /* the files were read later */
    {0, 4000, 9000000, 2, 1, 5000, 4000},    /* it does not go back */
    {7000, 0, 9000000, 2, 1, 7000, 2000},    /* nor does the other */
    {6000, 3000, 9000000, 1, 2, 6000, 3000}, /* nothing new */
    {6000, 2999, 9000000, 0, 1, 6000, 3000},
    {VALUE_ABSENT, 5, 9000000, 2, 1, VALUE_ABSENT, 5},
    {5, VALUE_ABSENT, 9000000, 2, 1, 5, VALUE_ABSENT},
};

static void test_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        struct counters c;
        cgparse_absent_all(&c);
        c.user_usec = parts[i].user;
        c.system_usec = parts[i].system;
        cgiter_fill(&(struct iterrecord){.usage_ns = parts[i].usage_ns,
                                         .user_ns = parts[i].user_ns,
                                         .system_ns = parts[i].system_ns},
                    &c);
        if (c.user_usec != parts[i].new_user || c.system_usec != parts[i].new_system)
            fail_msg("parts %zu: %llu and %llu", i, (unsigned long long)c.user_usec,
                     (unsigned long long)c.system_usec);
    }
}

static const struct {
    int which;
    enum cgfile file;
    size_t total, average;
} pressures[] = {
#define OF(kind, name, file)                                                                                 \
    {                                                                                                        \
        ITER_##kind, CGFILE_##file##_PRESSURE, offsetof(struct counters, name##_usec),                       \
            offsetof(struct counters, name##_avg10)                                                          \
    }
    OF(IO_SOME, io_some, IO),
    OF(IO_FULL, io_full, IO),
    OF(MEMORY_SOME, memory_some, MEMORY),
    OF(MEMORY_FULL, memory_full, MEMORY),
    OF(CPU_SOME, cpu_some, CPU),
    OF(CPU_FULL, cpu_full, CPU),
#undef OF
};

static uint64_t *figure(struct counters *c, size_t offset)
{
    return (void *)((char *)c + offset);
}

/* Only the files know of pressure, where there is some; where there is none its averages are 0. */
static void test_pressure(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pressures); i++) {
        struct counters c;
        struct iterrecord said = {0};
        cgparse_absent_all(&c);
        *figure(&c, pressures[i].total) = 70;
        *figure(&c, pressures[i].average) = 123;
        said.pressure_ns[pressures[i].which] = 71000;
        assert_int_equal(cgiter_pressed(&said, &c), 1u << pressures[i].file); /* more than the file said */
        said.pressure_ns[pressures[i].which] = 70999;
        said.pressure_avg10[pressures[i].which] = 21; /* 0.01 %, as the file has it */
        assert_int_equal(cgiter_pressed(&said, &c), 1u << pressures[i].file);
        assert_int_equal(*figure(&c, pressures[i].average), 123);
        said.pressure_avg10[pressures[i].which] = 20;
        assert_int_equal(cgiter_pressed(&said, &c), 0);
        assert_int_equal(*figure(&c, pressures[i].average), 0);
        assert_int_equal(*figure(&c, pressures[i].total), 70);
        *figure(&c, pressures[i].total) = *figure(&c, pressures[i].average) = VALUE_ABSENT;
        said.pressure_avg10[pressures[i].which] = 2048;
        assert_int_equal(cgiter_pressed(&said, &c), 0); /* a kernel without that file */
        assert_int_equal(*figure(&c, pressures[i].average), VALUE_ABSENT);
    }
}

static void test_same(void **state)
{
    (void)state;
    assert_true(cgiter_is_same(&(struct iterrecord){.session = 5, .changed = 4}));
    assert_false(cgiter_is_same(&(struct iterrecord){.session = 5, .changed = 5}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_places), cmocka_unit_test(test_parts),
                                       cmocka_unit_test(test_pressure), cmocka_unit_test(test_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
