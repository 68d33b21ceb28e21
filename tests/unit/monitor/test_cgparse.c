/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/value.h"
#include "monitor/cgparse.h"

#define ABSENT     VALUE_ABSENT
#define AT(member) offsetof(struct counters, member)

/* What a field holds after a text was read. */
static const struct {
    enum cgfile file;
    const char *text;
    size_t offset;
    uint64_t value;
} parses[] = {
    {CGFILE_CPU_STAT, "usage_usec 12\nuser_usec 7\nsystem_usec 5\n", AT(usage_usec), 12},
    {CGFILE_CPU_STAT, "usage_usec 12\nuser_usec 7\nsystem_usec 5\n", AT(system_usec), 5},
    {CGFILE_CPU_STAT, "usage_usec 12\nuser_usec 7\nsystem_usec 5\n", AT(nr_periods), ABSENT},
    {CGFILE_CPU_STAT, "new_key 9\nusage_usec 12\nnice_usec 3\nnr_throttled 4\n", AT(nr_throttled), 4},
    {CGFILE_CPU_STAT, "usage_usec 12", AT(usage_usec), 12},
    {CGFILE_CPU_STAT, "usage_usec 0\n", AT(usage_usec), 0},
    {CGFILE_CPU_STAT, "usage_usec 18446744073709551613\n", AT(usage_usec), UINT64_MAX - 2},
    {CGFILE_CPU_STAT, "usage_usec 18446744073709551614\n", AT(usage_usec), ABSENT},
    {CGFILE_CPU_STAT, "usage_usec 18446744073709551616\n", AT(usage_usec), ABSENT},
    {CGFILE_CPU_STAT, "usage_usec 99999999999999999999999999999999999999999999\n", AT(usage_usec), ABSENT},
    {CGFILE_CPU_STAT, "usage_usec -1\n", AT(usage_usec), ABSENT},
    {CGFILE_CPU_STAT, "usage_usec max\n", AT(usage_usec), ABSENT},
    {CGFILE_CPU_STAT, "usage_usec 0x10\n", AT(usage_usec), ABSENT},
    {CGFILE_CPU_STAT, "usage_usec\n", AT(usage_usec), ABSENT},
    {CGFILE_CPU_STAT, "usage_usec \n", AT(usage_usec), ABSENT},
    {CGFILE_CPU_STAT, "usage_usec\n12\n", AT(usage_usec), ABSENT},
    {CGFILE_CPU_STAT, "usage_use", AT(usage_usec), ABSENT},
    {CGFILE_CPU_STAT, "usage_usecs 12\n", AT(usage_usec), ABSENT},
    {CGFILE_CPU_STAT, "xusage_usec 12\n", AT(usage_usec), ABSENT},
    {CGFILE_CPU_STAT, "", AT(usage_usec), ABSENT},
    {CGFILE_CPU_STAT, "\n\n\n", AT(usage_usec), ABSENT},
    {CGFILE_CPU_STAT, "\x01\xff\xfe usage_usec 3\nusage_usec 4\n", AT(usage_usec), 4},
    {CGFILE_MEMORY_CURRENT, "4096\n", AT(memory_current), 4096},
    {CGFILE_MEMORY_CURRENT, "4096", AT(memory_current), 4096},
    {CGFILE_MEMORY_CURRENT, "", AT(memory_current), ABSENT},
    {CGFILE_MEMORY_CURRENT, "\n4096\n", AT(memory_current), ABSENT},
    {CGFILE_MEMORY_CURRENT, "4096k\n", AT(memory_current), ABSENT},
    {CGFILE_MEMORY_MAX, "max\n", AT(memory_max), VALUE_MAX},
    {CGFILE_MEMORY_MAX, "0\n", AT(memory_max), 0},
    {CGFILE_MEMORY_MAX, "maximum\n", AT(memory_max), ABSENT},
    {CGFILE_MEMORY_MAX, "MAX\n", AT(memory_max), ABSENT},
    {CGFILE_CPU_MAX, "50000 100000\n", AT(cpu_quota_usec), 50000},
    {CGFILE_CPU_MAX, "50000 100000\n", AT(cpu_period_usec), 100000},
    {CGFILE_CPU_MAX, "max 100000\n", AT(cpu_quota_usec), VALUE_MAX},
    {CGFILE_CPU_MAX, "max 100000\n", AT(cpu_period_usec), 100000},
    {CGFILE_CPU_MAX, "50000\n100000\n", AT(cpu_period_usec), ABSENT},
    {CGFILE_CPU_MAX, "  7   8  9", AT(cpu_period_usec), 8},
    {CGFILE_MEMORY_EVENTS, "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n", AT(events_oom), 4},
    {CGFILE_MEMORY_EVENTS, "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n", AT(events_oom_kill),
     5},
    {CGFILE_MEMORY_EVENTS, "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\n", AT(events_oom_group_kill), ABSENT},
    {CGFILE_MEMORY_EVENTS_LOCAL, "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\n", AT(local_oom_kill), 5},
    {CGFILE_SWAP_EVENTS, "high 1\nmax 2\nfail 3\n", AT(swap_events_high), 1},
    {CGFILE_SWAP_EVENTS, "high 1\nmax 2\nfail 3\n", AT(swap_events_max), 2},
    {CGFILE_SWAP_EVENTS, "high 1\nmax 2\nfail 3\n", AT(swap_events_fail), 3},
    {CGFILE_SWAP_EVENTS, "max 2\nfail 3\n", AT(swap_events_high), ABSENT},
    {CGFILE_PIDS_EVENTS, "max 12\n", AT(pids_events_max), 12},
    {CGFILE_CGROUP_EVENTS, "populated 1\nfrozen 0\n", AT(populated), 1},
    {CGFILE_CGROUP_EVENTS, "populated 1\n", AT(frozen), ABSENT},
    {CGFILE_CPU_PRESSURE, "some avg10=12.34 avg60=0.00 avg300=0.00 total=56\nfull avg10=0.05 total=7\n",
     AT(cpu_some_avg10), 1234},
    {CGFILE_CPU_PRESSURE, "some avg10=12.34 avg60=0.00 avg300=0.00 total=56\nfull avg10=0.05 total=7\n",
     AT(cpu_some_usec), 56},
    {CGFILE_CPU_PRESSURE, "some avg10=12.34 avg60=0.00 avg300=0.00 total=56\nfull avg10=0.05 total=7\n",
     AT(cpu_full_avg10), 5},
    {CGFILE_CPU_PRESSURE, "some avg10=12.34 total=56\nfull avg10=0.05 total=7", AT(cpu_full_usec), 7},
/* as the kernel writes it, and next to that */
#define SOME "some avg10=1.23 avg60=4.56 avg300=7.89 total=10\n"
#define FULL "full avg10=2.34 avg60=0.00 avg300=0.00 total=20"
    {CGFILE_CPU_PRESSURE, SOME FULL "\n", AT(cpu_some_avg10), 123},
    {CGFILE_CPU_PRESSURE, SOME FULL "\n", AT(cpu_some_usec), 10},
    {CGFILE_CPU_PRESSURE, SOME FULL "\n", AT(cpu_full_avg10), 234},
    {CGFILE_CPU_PRESSURE, SOME FULL "\n", AT(cpu_full_usec), 20},
    {CGFILE_CPU_PRESSURE, SOME FULL, AT(cpu_full_usec), 20},
    {CGFILE_CPU_PRESSURE, SOME FULL " new=3\n", AT(cpu_full_usec), 20},
    {CGFILE_CPU_PRESSURE, SOME FULL "x\n", AT(cpu_full_usec), ABSENT},
    {CGFILE_CPU_PRESSURE, SOME FULL "\nmore\n", AT(cpu_some_usec), 10},
    {CGFILE_CPU_PRESSURE, SOME FULL "\nsome total=99\n", AT(cpu_some_usec), 99},
    {CGFILE_CPU_PRESSURE, SOME, AT(cpu_some_usec), 10},
    {CGFILE_CPU_PRESSURE, SOME, AT(cpu_full_usec), ABSENT},
    {CGFILE_CPU_PRESSURE, FULL "\n" SOME, AT(cpu_some_usec), 10},
    {CGFILE_CPU_PRESSURE, SOME "full avg10=2.34 avg60=- avg300= total=20\n", AT(cpu_full_usec), 20},
    {CGFILE_CPU_PRESSURE, SOME "full avg10=2.3 avg60=0.00 avg300=0.00 total=20\n", AT(cpu_full_avg10),
     ABSENT},
    {CGFILE_CPU_PRESSURE, SOME "full avg10=2.3 avg60=0.00 avg300=0.00 total=20\n", AT(cpu_some_avg10), 123},
    {CGFILE_CPU_PRESSURE, SOME "full avg10=2.34 avg60=0.00 avg300=0.00 total=18446744073709551613\n",
     AT(cpu_full_usec), UINT64_MAX - 2},
    {CGFILE_CPU_PRESSURE, SOME "full avg10=2.34 avg60=0.00 avg300=0.00 total=max\n", AT(cpu_full_usec),
     ABSENT},
    {CGFILE_CPU_STAT, "burst_usec 3\nnr_periods 2\nusage_usec 1\n", AT(usage_usec), 1},
    {CGFILE_CPU_STAT, "burst_usec 3\nnr_periods 2\nusage_usec 1\n", AT(burst_usec), 3},
    {CGFILE_CPU_STAT, "usage_usec 9999999999999999999\n", AT(usage_usec), 9999999999999999999u},
    {CGFILE_CPU_STAT, "usage_usec 5\nusage_usec x\n", AT(usage_usec), ABSENT},
    {CGFILE_IO_PRESSURE, "some avg10=100.00 total=56\n", AT(io_some_avg10), 10000},
    {CGFILE_IO_PRESSURE, "some avg10=100.00 total=56\n", AT(io_full_avg10), ABSENT},
    {CGFILE_MEMORY_PRESSURE, "some avg10=1 total=1\n", AT(memory_some_avg10), ABSENT},
    {CGFILE_MEMORY_PRESSURE, "some avg10=1.5 total=1\n", AT(memory_some_avg10), ABSENT},
    {CGFILE_MEMORY_PRESSURE, "some avg10=.50 total=1\n", AT(memory_some_avg10), 50},
    {CGFILE_MEMORY_PRESSURE, "some avg10=-1.50 total=1\n", AT(memory_some_avg10), ABSENT},
    {CGFILE_MEMORY_PRESSURE, "some avg10=99999999999999999999999999999999.00 total=1\n",
     AT(memory_some_avg10), ABSENT},
    {CGFILE_MEMORY_PRESSURE, "some avg10= total=1\n", AT(memory_some_usec), 1},
    {CGFILE_MEMORY_PRESSURE, "some total\nfull =\nsome total=4", AT(memory_some_usec), 4},
};

static uint64_t field(const struct counters *counters, size_t offset)
{
    return *(const uint64_t *)(const void *)((const char *)counters + offset);
}

static void test_parses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(parses); i++) {
        struct counters counters;
        memset(&counters, 0x5a, sizeof counters);
        cgparse(parses[i].file, parses[i].text, &counters);
        uint64_t got = field(&counters, parses[i].offset);
        if (got != parses[i].value)
            print_error("row %zu, %s: '%s'\n", i, cgfile_name(parses[i].file), parses[i].text);
        assert_int_equal(got, parses[i].value);
    }
}

/* A text fills its own file's fields only. */
static void test_leaves_others(void **state)
{
    (void)state;
    struct counters counters, before;
    memset(&counters, 0x5a, sizeof counters);
    before = counters;
    cgparse(CGFILE_CPU_MAX, "1 2\n", &counters);
    assert_int_equal(counters.cpu_quota_usec, 1);
    counters.cpu_quota_usec = before.cpu_quota_usec;
    counters.cpu_period_usec = before.cpu_period_usec;
    assert_memory_equal(&counters, &before, sizeof counters);
}

static void test_absent_all(void **state)
{
    (void)state;
    struct counters counters;
    memset(&counters, 0x5a, sizeof counters);
    cgparse_absent_all(&counters);
    for (size_t at = sizeof counters.time_ns; at < sizeof counters; at += sizeof(uint64_t))
        assert_int_equal(field(&counters, at), VALUE_ABSENT);
    assert_int_equal(counters.time_ns, 0);
}

static void test_names(void **state)
{
    (void)state;
    for (int file = 0; file < CGFILE_COUNT; file++)
        assert_int_equal(cgfile_find(cgfile_name((enum cgfile)file)), file);
    assert_int_equal(cgfile_find("memory.stat"), -1);
    assert_int_equal(cgfile_find(""), -1);
}

/* Every file's text, cut at each place and with each byte broken: nothing but the fields may change. */
static void test_mutilated(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(parses); i++) {
        size_t len = strlen(parses[i].text);
        for (size_t cut = 0; cut <= len; cut++) {
            char *text = strndup(parses[i].text, cut); /* on the heap: reading beyond is seen */
            struct counters counters;
            for (int file = 0; file < CGFILE_COUNT; file++)
                cgparse((enum cgfile)file, text, &counters);
            for (size_t at = 0; at < cut; at++) {
                char kept = text[at];
                text[at] = (char)(0xff - (int)at);
                cgparse(parses[i].file, text, &counters);
                text[at] = kept;
            }
            free(text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parses),     cmocka_unit_test(test_leaves_others),
        cmocka_unit_test(test_absent_all), cmocka_unit_test(test_names),
        cmocka_unit_test(test_mutilated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
