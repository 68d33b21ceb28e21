/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "base/when.h"

#define NS  UINT64_C(1000000000)
#define NOW (1795521600 * NS) /* 2026-11-24T12:00:00Z */

static void test_good(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds; /* from NOW */
    } table[] = {
        {"now", 0},
        {"10m ago", -600},
        {"10m", -600},
        {"7d ago", -604800},
        {"12:00", 0},
        {"11:59:30", -30},
        {"12:01", 60 - 86400}, /* yesterday's */
        {"00:00", -43200},
        {"2026-11-24", -43200},
        {"2026-11-24T12:00:00Z", 0},
        {"2026-11-24 13:00", 3600},
        {"2026-11-24T12:00:01.000", 1},
        {"2026-02-28T00:00:00Z", -23284800},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        uint64_t ns = 0;
        if (when_parse(table[i].text, NOW, &ns) < 0)
            fail_msg("'%s' is refused", table[i].text);
        if ((int64_t)(ns / NS) - (int64_t)(NOW / NS) != table[i].seconds)
            fail_msg("'%s' is %lld s from now", table[i].text, (long long)(ns / NS) - (long long)(NOW / NS));
    }
    uint64_t ns;
    assert_int_equal(when_parse("2026-11-24T12:00:00.25Z", NOW, &ns), 0);
    assert_int_equal(ns, NOW + NS / 4);
    assert_int_equal(when_parse("1.5", NOW, &ns), 0);
    assert_int_equal(ns, NOW - 3 * NS / 2);
}

static void test_bad(void **state)
{
    static const char *const table[] = {
        "",
        " ",
        "ago",
        " ago",
        "yesterday",
        "24:00",
        "12:",
        "12:60",
        "12:00:",
        "12:00x",
        "2026-13-01",
        "2026-02-30",
        "2026-1-1",
        "2026-11-24T",
        "2026-11-24T12",
        "2026-11-24T12:00:00.Z",
        "2026-11-24T12:00:00.1234567891",
        "2026-11-24T12:00:00ZZ",
        "12:00 ago",
        "-5m",
        "1e9",
        "99999999999999999999999999999999999999999999999999999999999999999999999999",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        uint64_t ns = 77;
        if (when_parse(table[i], NOW, &ns) != -EINVAL)
            fail_msg("'%s' is taken", table[i]);
        assert_int_equal(ns, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_bad)};
    setenv("TZ", "UTC", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
