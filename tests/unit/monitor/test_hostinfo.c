/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/value.h"
#include "monitor/hostinfo.h"

static void test_stat(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t busy, total;
    } rows[] = {
        {"cpu  1 2 3 10 20 4 5 6 100 200\ncpu0 1 2\n", 21, 51},
        {"cpu  1 2 3 10 20 4 5 6\n", 21, 51},
        {"cpu  1 2 3", 6, 6},
        {"cpu0 1 2 3 10 20 4 5 6\n", 0, 0},
        {"cpu ", 0, 0},
        {"", 0, 0},
        {"cpu  x", 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t busy, total;
        hostinfo_parse_stat(rows[i].text, &busy, &total);
        assert_int_equal(busy, rows[i].busy);
        assert_int_equal(total, rows[i].total);
    }
}

static void test_key(void **state)
{
    (void)state;
    static const struct {
        const char *text, *key;
        uint64_t value;
    } rows[] = {
        {"MemTotal:       100 kB\nMemFree: 5 kB\n", "MemTotal:", 100},
        {"MemTotal:       100 kB\nMemFree: 5 kB\n", "MemFree:", 5},
        {"MemTotal:       100 kB\nMemFree: 5 kB\n", "MemAvailable:", VALUE_ABSENT},
        {"oom_kill_x 3\noom_kill 4\n", "oom_kill", 4},
        {"x oom_kill 4\n", "oom_kill", VALUE_ABSENT},
        {"oom_kill -4\n", "oom_kill", VALUE_ABSENT},
        {"oom_kill \n4\n", "oom_kill", VALUE_ABSENT},
        {"oom_kill 99999999999999999999999\n", "oom_kill", VALUE_ABSENT},
        {"oom_kill", "oom_kill", VALUE_ABSENT},
        {"\n\noom_kill 4", "oom_kill", 4},
        {"", "oom_kill", VALUE_ABSENT},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(hostinfo_parse_key(rows[i].text, rows[i].key), rows[i].value);
}

static void test_load(void **state)
{
    (void)state;
    assert_int_equal(hostinfo_parse_load("0.42 0.30 0.10 1/100 5\n"), 42);
    assert_int_equal(hostinfo_parse_load("12.05 0.30"), 1205);
    assert_int_equal(hostinfo_parse_load(""), VALUE_ABSENT);
    assert_int_equal(hostinfo_parse_load("x"), VALUE_ABSENT);
    assert_int_equal(hostinfo_parse_load("99999999999999999.00"), VALUE_ABSENT);
}

static void test_cpus(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned count;
    } rows[] = {
        {"0\n", 1},
        {"0-1\n", 2},
        {"0-3,5\n", 5},
        {"1,3,5-7", 5},
        {"0-0\n", 1},
        {"", 0},
        {"\n", 0},
        {"x\n", 0},
        {"0-\n", 0},
        {"3-1\n", 0},
        {"-1\n", 0},
        {"0,,1\n", 0},
        {"0-3 5\n", 0},
        {"0,-2\n", 0},
        {"0-9999999\n", 0},
        {"0- 3\n", 0},
        {"0-999999,0-999999\n", 0},
        {"0-99999999999999999999999\n", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(hostinfo_parse_cpus(rows[i].text), rows[i].count);
}

/* This machine's own: what any Linux has. */
static void test_here(void **state)
{
    (void)state;
    struct hostinfo info;
    struct host host = {0};
    uint64_t rss;
    double percent;
    hostinfo_init(&info);
    hostinfo_read(&info, &host);
    assert_true(host.kernel[0] && host.hostname[0] && host.cpus > 0);
    assert_true(isnan(host.cpu_percent));
    assert_true(value_is_number(host.memory_total) && host.memory_available <= host.memory_total);
    hostinfo_self(&info, &rss, &percent);
    assert_true(rss > 100000 && value_is_number(rss) && isnan(percent));
    for (volatile int i = 0; i < 30000000; i++)
        continue;
    hostinfo_self(&info, &rss, &percent);
    assert_true(percent > 0 && percent < 6400);
    hostinfo_fini(&info);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stat), cmocka_unit_test(test_key),  cmocka_unit_test(test_load),
        cmocka_unit_test(test_cpus), cmocka_unit_test(test_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
