/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/value.h"

struct row {
    uint64_t value;
    const char *text;
};

static void check(const char *(*format)(char *, uint64_t), const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char to[FMT_SIZE];
        assert_ptr_equal(format(to, rows[i].value), to);
        assert_string_equal(to, rows[i].text);
    }
}

static void test_bytes(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {0, "0"},
        {1, "1B"},
        {1023, "1023B"},
        {1024, "1.0K"},
        {4096, "4.0K"},
        {104857600, "100M"},
        {1610612736, "1.5G"},
        {1023ull << 20, "1.0G"}, /* not "1023M": five characters at most */
        {999ull << 20, "999M"},
        {1ull << 60, "1.0E"},
        {VALUE_MAX - 1, "16E"},
        {VALUE_MAX, "max"},
        {VALUE_ABSENT, "-"},
    };
    check(fmt_bytes, rows, COUNT_OF(rows));
}

static void test_count(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {0, "0"},          {7, "7"},           {9999, "9999"},      {12000, "12k"},
        {3400000, "3.4M"}, {VALUE_MAX, "max"}, {VALUE_ABSENT, "-"},
    };
    check(fmt_count, rows, COUNT_OF(rows));
}

/* What is in a column of five is never wider. */
static void test_width(void **state)
{
    (void)state;
    for (unsigned shift = 0; shift < 64; shift++)
        for (int around = -1; around <= 1; around++) {
            char to[FMT_SIZE];
            uint64_t value = (1ull << shift) + (uint64_t)around;
            assert_in_range(strlen(fmt_bytes(to, value)), 1, 5);
            assert_in_range(strlen(fmt_count(to, value)), 1, 5);
        }
}

static void test_percent(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0, "0.0"},     {49.94, "49.9"}, {99.94, "99.9"}, {99.96, "100"},
        {1600, "1600"}, {-1, "0.0"},     {NAN, "-"},      {INFINITY, "1000000000"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char to[FMT_SIZE];
        assert_string_equal(fmt_percent(to, rows[i].value), rows[i].text);
    }
}

static void test_duration(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {0, "0s"},        {59, "59s"},      {60, "1m00s"},       {200, "3m20s"},
        {3599, "59m59s"}, {3600, "1h00m"},  {14700, "4h05m"},    {172799, "47h59m"},
        {172800, "2d"},   {1036800, "12d"}, {VALUE_ABSENT, "-"}, {VALUE_MAX, "max"},
    };
    check(fmt_duration, rows, COUNT_OF(rows));
}

/* What it writes, parse_size() reads as the same number. */
static void test_size_exact(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {0, "0"},           {1, "1"},           {4097, "4097"},
        {1024, "1K"},       {1572864, "1536K"}, {104857600, "100M"},
        {1ull << 30, "1G"}, {1ull << 60, "1E"}, {VALUE_MAX, "max"},
    };
    check(fmt_size_exact, rows, COUNT_OF(rows));
    for (uint64_t value = 1; value < 1ull << 62; value = value * 3 + 1) {
        char to[FMT_SIZE];
        uint64_t again = 0;
        assert_int_equal(parse_size(fmt_size_exact(to, value), &again), 0);
        assert_true(again == value);
    }
}

static void test_iso(void **state)
{
    (void)state;
    char to[CLOCK_ISO_SIZE];
    clock_iso(to, 0);
    assert_string_equal(to, "1970-01-01T00:00:00.000Z");
    clock_iso(to, 1795435200123999999);
    assert_string_equal(to, "2026-11-23T12:00:00.123Z");
    clock_iso(to, 1709164800000000000);
    assert_string_equal(to, "2024-02-29T00:00:00.000Z");
    for (uint64_t seconds = 1; seconds < 10000000000; seconds = seconds * 5 / 4 + 86399) { /* to 2286 */
        char expected[CLOCK_ISO_SIZE];
        time_t at = (time_t)seconds;
        struct tm tm;
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000Z", gmtime_r(&at, &tm));
        clock_iso(to, seconds * 1000000000);
        assert_string_equal(to, expected);
    }
    for (uint64_t day = 0; day < 366 * 500; day++) {
        char expected[CLOCK_ISO_SIZE];
        time_t at = (time_t)(day * 86400 + 86399);
        struct tm tm;
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.999Z", gmtime_r(&at, &tm));
        clock_iso(to, (day * 86400 + 86399) * 1000000000 + 999999999);
        assert_string_equal(to, expected);
    }
    uint64_t before = clock_mono_ns();
    assert_true(clock_mono_ns() >= before);
    assert_true(clock_wall_ns() > 1600000000000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),   cmocka_unit_test(test_count),    cmocka_unit_test(test_width),
        cmocka_unit_test(test_percent), cmocka_unit_test(test_duration), cmocka_unit_test(test_size_exact),
        cmocka_unit_test(test_iso),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
