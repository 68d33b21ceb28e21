/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/parse.h"
#include "base/value.h"

struct row {
    const char *text;
    int rc;
    uint64_t value;
};

#define UNTOUCHED 0x5a5a5a5a

static void check(const char *what, int (*parse)(const char *, uint64_t *), const struct row *rows,
                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = UNTOUCHED;
        int rc = parse(rows[i].text, &value);
        uint64_t expected = rows[i].rc ? UNTOUCHED : rows[i].value;
        if (rc != rows[i].rc || value != expected)
            fail_msg("%s('%s'): %d and %llu, not %d and %llu", what, rows[i].text, rc,
                     (unsigned long long)value, rows[i].rc, (unsigned long long)expected);
    }
}

static const struct row numbers[] = {
    {"0", 0, 0},
    {"42", 0, 42},
    {" 42\n", 0, 42},
    {"007", 0, 7},
    {"18446744073709551613", 0, UINT64_MAX - 2},
    {"18446744073709551614", -ERANGE, 0}, /* would be "max" */
    {"18446744073709551615", -ERANGE, 0}, /* would be absent */
    {"18446744073709551616", -ERANGE, 0},
    {"99999999999999999999999999", -ERANGE, 0},
    {"", -EINVAL, 0},
    {" ", -EINVAL, 0},
    {"\n", -EINVAL, 0},
    {"-1", -EINVAL, 0},
    {"+1", -EINVAL, 0},
    {"1 2", -EINVAL, 0},
    {"1x", -EINVAL, 0},
    {"0x10", -EINVAL, 0},
    {"1e3", -EINVAL, 0},
    {"1.0", -EINVAL, 0},
    {"\xd9\xa1", -EINVAL, 0}, /* an Arabic digit */
    {"42\x01", -EINVAL, 0},
};

static void test_u64(void **state)
{
    (void)state;
    static const struct row max = {"max", -EINVAL, 0};
    check("parse_u64", parse_u64, numbers, COUNT_OF(numbers));
    check("parse_u64", parse_u64, &max, 1);
}

static void test_u64_or_max(void **state)
{
    (void)state;
    static const struct row more[] = {
        {"max", 0, VALUE_MAX}, {" max\n", 0, VALUE_MAX}, {"maximum", -EINVAL, 0},
        {"ma", -EINVAL, 0},    {"MAX", -EINVAL, 0},      {"max 1", -EINVAL, 0},
    };
    check("parse_u64_or_max", parse_u64_or_max, numbers, COUNT_OF(numbers));
    check("parse_u64_or_max", parse_u64_or_max, more, COUNT_OF(more));
}

static void test_size(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"0", 0, 0},
        {"4096", 0, 4096},
        {"100M", 0, 104857600},
        {"100m", 0, 104857600},
        {"100 M", -EINVAL, 0},
        {"1.5G", 0, 1610612736},
        {"0.5k", 0, 512},
        {"1GiB", 0, 1073741824},
        {"10kb", 0, 10240},
        {"10KB", 0, 10240},
        {"7B", 0, 7},
        {" 1K\n", 0, 1024},
        {"15E", 0, 15ull << 60},
        {"15.999E", 0, 18445591152204944769ull},
        {"max", 0, VALUE_MAX},
        {"16E", -ERANGE, 0}, /* the kernel itself wraps this to 0 */
        {"99999999999999999999M", -ERANGE, 0},
        {"", -EINVAL, 0},
        {"M", -EINVAL, 0},
        {".5M", -EINVAL, 0},
        {"5.M", -EINVAL, 0},
        {"1.2.3M", -EINVAL, 0},
        {"1.5", -EINVAL, 0}, /* half a byte */
        {"1iB", -EINVAL, 0},
        {"1Q", -EINVAL, 0},
        {"1MM", -EINVAL, 0},
        {"-1", -EINVAL, 0},
        {"1M\x1b[2J", -EINVAL, 0},
        {"1.0000000001G", -EINVAL, 0}, /* more decimals than count */
    };
    check("parse_size", parse_size, rows, COUNT_OF(rows));
}

static void test_duration(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"1", 0, 1000},
        {"1.5", 0, 1500},
        {"1s", 0, 1000},
        {"500ms", 0, 500},
        {"2m", 0, 120000},
        {"1h", 0, 3600000},
        {"7d", 0, 604800000},
        {"0", 0, 0},
        {"0.25s", 0, 250},
        {"", -EINVAL, 0},
        {"s", -EINVAL, 0},
        {"-1s", -EINVAL, 0},
        {"1w", -EINVAL, 0},
        {"1.2.3s", -EINVAL, 0},
        {"1 2", -EINVAL, 0},
        {"1sec", -EINVAL, 0},
        {"99999999999999999999s", -ERANGE, 0},
        {"999999999999999999d", -ERANGE, 0},
    };
    check("parse_duration", parse_duration, rows, COUNT_OF(rows));
}

static void test_cpu(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int rc;
        uint64_t quota_us, period_us;
    } rows[] = {
        {"50%", 0, 50000, 100000},
        {"0.5", 0, 50000, 100000},
        {"1.5", 0, 150000, 100000},
        {"150%", 0, 150000, 100000},
        {"33.3%", 0, 33300, 100000},
        {"2", 0, 200000, 100000},
        {"50000 100000", 0, 50000, 100000},
        {" 50000  100000\n", 0, 50000, 100000},
        {"max", 0, VALUE_MAX, 0},
        {"max 100000", 0, VALUE_MAX, 100000},
        {"max 100000\n", 0, VALUE_MAX, 100000},
        {"", -EINVAL, 0, 0},
        {"%", -EINVAL, 0, 0},
        {"-50%", -EINVAL, 0, 0},
        {"50 %", -EINVAL, 0, 0},
        {"50000 100000 1", -EINVAL, 0, 0},
        {"50% 100000", -EINVAL, 0, 0},
        {"100000 max", -EINVAL, 0, 0},
        {"1.2.3", -EINVAL, 0, 0},
        {"99999999999999999999", -ERANGE, 0, 0},
        {"99999999999999999999999999999999999999 100000", -EINVAL, 0, 0}, /* longer than any number */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t quota = UNTOUCHED, period = UNTOUCHED;
        int rc = parse_cpu(rows[i].text, &quota, &period);
        bool good = rc == rows[i].rc && quota == (rc ? UNTOUCHED : rows[i].quota_us) &&
                    period == (rc ? UNTOUCHED : rows[i].period_us);
        if (!good)
            fail_msg("'%s': %d, %llu %llu", rows[i].text, rc, (unsigned long long)quota,
                     (unsigned long long)period);
    }
}

static void test_signal(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int rc, signal;
    } rows[] = {
        {"9", 0, 9},
        {"KILL", 0, 9},
        {"SIGKILL", 0, 9},
        {"sigterm", 0, 15},
        {"usr1", 0, 10},
        {"RTMIN+3", 0, 37},
        {"SIGRTMIN+0", 0, 34},
        {"64", 0, 64},
        {"65", -ERANGE, 0},
        {"0", -ERANGE, 0},
        {"RTMIN+31", -ERANGE, 0},
        {"RTMIN+", -EINVAL, 0},
        {"", -EINVAL, 0},
        {"SIG", -EINVAL, 0},
        {"-9", -EINVAL, 0},
        {"9x", -EINVAL, 0},
        {"SIGSIGKILL", -EINVAL, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int signal = 0, rc = parse_signal(rows[i].text, &signal);
        if (rc != rows[i].rc || signal != rows[i].signal)
            fail_msg("'%s': %d, %d", rows[i].text, rc, signal);
    }
}

/* Every text that begins like a good one, byte by byte, is read or refused, never read beyond its end. */
static void test_truncated(void **state)
{
    (void)state;
    static const char *const texts[] = {"18446744073709551615", "1.5GiB", "50000 100000\n", "max 100000",
                                        "12.5%"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        for (size_t len = 0; len <= strlen(texts[i]); len++) {
            cleanup_free char *text = mem_alloc(len + 1);
            uint64_t a, b;
            memcpy(text, texts[i], len);
            parse_u64(text, &a);
            parse_u64_or_max(text, &a);
            parse_size(text, &a);
            parse_duration(text, &a);
            parse_cpu(text, &a, &b);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_u64),      cmocka_unit_test(test_u64_or_max), cmocka_unit_test(test_size),
        cmocka_unit_test(test_duration), cmocka_unit_test(test_cpu),        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
