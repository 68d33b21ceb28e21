/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/value.h"
#include "monitor/cgparse.h"
#include "monitor/rate.h"

#define SECOND 1000000000ull
#define ABSENT VALUE_ABSENT

static struct counters at(uint64_t time_ns)
{
    struct counters counters;
    cgparse_absent_all(&counters);
    counters.time_ns = time_ns;
    return counters;
}

/* One counter before and after one second; the rate it makes. */
static const struct {
    size_t counter, rate;
    uint64_t before, now;
    double expected; /* NAN: unknown */
} rates[] = {
#define C(member) offsetof(struct counters, member)
#define R(member) offsetof(struct rates, member)
    {C(usage_usec), R(cpu_percent), 0, 1000000, 100},
    {C(usage_usec), R(cpu_percent), 500000, 1000000, 50},
    {C(usage_usec), R(cpu_percent), 7, 7, 0},
    {C(usage_usec), R(cpu_percent), 7, 6, NAN},
    {C(usage_usec), R(cpu_percent), ABSENT, 6, NAN},
    {C(usage_usec), R(cpu_percent), 6, ABSENT, NAN},
    {C(usage_usec), R(cpu_percent), 6, VALUE_MAX, NAN},
    {C(user_usec), R(user_percent), 0, 250000, 25},
    {C(system_usec), R(system_percent), 0, 16000000, 1600},
    {C(throttled_usec), R(throttled_cpus), 0, 1460000, 1.46},
    {C(throttled_usec), R(throttled_cpus), 9, 0, NAN},
    {C(cpu_full_usec), R(stalled_percent), 0, 520000, 52},
    {C(cpu_full_usec), R(stalled_percent), 0, 1000900, 100},
    {C(cpu_full_usec), R(stalled_percent), 1, 0, NAN},
    {C(memory_current), R(memory_bytes_per_s), 4096, 8192, 4096},
    {C(memory_current), R(memory_bytes_per_s), 8192, 4096, -4096},
    {C(memory_current), R(memory_bytes_per_s), 8192, ABSENT, NAN},
    {C(swap_current), R(swap_bytes_per_s), 8192, 0, -8192},
    {C(nr_bursts), R(bursts_per_s), 1, 4, 3},
    {C(cpu_some_usec), R(cpu_some_percent), 0, 250000, 25},
    {C(memory_full_usec), R(memory_full_percent), 0, 1001000, 100},
    {C(memory_some_usec), R(memory_some_percent), 10, 9, NAN},
    {C(io_some_usec), R(io_some_percent), 0, 100000, 10},
    {C(io_full_usec), R(io_full_percent), 0, 0, 0},
    {C(local_oom_kill), R(oom_kill_per_s), 1, 3, 2},
    {C(local_high), R(high_per_s), 1, 3, 2},
    {C(events_high), R(high_per_s), 1, 3, 2}, /* the kernel has no local one */
    {C(local_max), R(max_per_s), 7, 7, 0},
    {C(local_pids_max), R(pids_max_per_s), 7, 6, NAN},
    {C(pids_events_max), R(pids_max_per_s), 7, 9, 2},
};

static void assert_rate(double got, double expected)
{
    if (isnan(expected))
        assert_true(isnan(got));
    else
        assert_true(fabs(got - expected) < 1e-6);
}

static void test_rates(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        struct counters before = at(5 * SECOND), now = at(6 * SECOND);
        struct rates got;
        *(uint64_t *)(void *)((char *)&before + rates[i].counter) = rates[i].before;
        *(uint64_t *)(void *)((char *)&now + rates[i].counter) = rates[i].now;
        rate_compute(&before, &now, &got);
        assert_rate(*(double *)(void *)((char *)&got + rates[i].rate), rates[i].expected);
    }
}

static const struct {
    uint64_t periods_before, periods, throttled_before, throttled;
    double expected;
} throttling[] = {
    {10, 20, 0, 10, 100}, {10, 20, 5, 8, 30},      {10, 10, 5, 5, 0},        {10, 20, 5, 4, NAN},
    {20, 10, 5, 6, NAN},  {ABSENT, 10, 5, 6, NAN}, {10, 20, 5, ABSENT, NAN}, {10, ABSENT, 0, 0, NAN},
};

static void test_throttled_periods(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(throttling); i++) {
        struct counters before = at(5 * SECOND), now = at(6 * SECOND);
        struct rates got;
        before.nr_periods = throttling[i].periods_before;
        now.nr_periods = throttling[i].periods;
        before.nr_throttled = throttling[i].throttled_before;
        now.nr_throttled = throttling[i].throttled;
        rate_compute(&before, &now, &got);
        assert_rate(got.throttled_periods_percent, throttling[i].expected);
    }
}

/* The local counter is the group's own: the sum is not looked at where there is one. */
static void test_own_events(void **state)
{
    (void)state;
    struct counters before = at(5 * SECOND), now = at(6 * SECOND);
    struct rates got;
    before.events_max = before.local_max = 0;
    now.events_max = 90;
    now.local_max = 3;
    rate_compute(&before, &now, &got);
    assert_rate(got.max_per_s, 3);
}

static void test_part_of_the_quota(void **state)
{
    (void)state;
    struct counters before = at(5 * SECOND), now = at(6 * SECOND);
    struct rates got;
    before.usage_usec = 0;
    now.usage_usec = 400000;
    now.cpu_quota_usec = 50000;
    now.cpu_period_usec = 100000;
    rate_compute(&before, &now, &got);
    assert_rate(got.quota_percent, 80);
    now.cpu_quota_usec = VALUE_MAX;
    rate_compute(&before, &now, &got);
    assert_rate(got.quota_percent, NAN);
}

/* Without time between two readings, or without a first one, nothing is known. */
static void test_no_time(void **state)
{
    (void)state;
    static const uint64_t times[][2] = {{0, SECOND}, {SECOND, SECOND}, {2 * SECOND, SECOND}, {0, 0}};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        struct counters before = at(times[i][0]), now = at(times[i][1]);
        struct rates got;
        before.usage_usec = now.usage_usec = before.memory_current = now.memory_current = 5;
        rate_compute(&before, &now, &got);
        assert_true(isnan(got.cpu_percent));
        assert_true(isnan(got.memory_bytes_per_s));
        assert_true(isnan(got.throttled_periods_percent));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates),      cmocka_unit_test(test_throttled_periods),
        cmocka_unit_test(test_own_events), cmocka_unit_test(test_part_of_the_quota),
        cmocka_unit_test(test_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
