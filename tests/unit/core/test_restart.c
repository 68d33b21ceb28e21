/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/restart.h"

static void test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int rc;
        struct restart restart;
    } rows[] = {
        {"no", 0, {RESTART_NO, 0}},
        {"always", 0, {RESTART_ALWAYS, 0}},
        {"on-failure", 0, {RESTART_ON_FAILURE, 0}},
        {"on-failure:5", 0, {RESTART_ON_FAILURE, 5}},
        {"on-failure:", -EINVAL, {0}},
        {"on-failure:0", -EINVAL, {0}},
        {"on-failure:-1", -EINVAL, {0}},
        {"on-failure: 1", -EINVAL, {0}},
        {"on-failure:1x", -EINVAL, {0}},
        {"on-failure:99999999999", -EINVAL, {0}},
        {"always:3", -EINVAL, {0}},
        {"", -EINVAL, {0}},
        {"Always", -EINVAL, {0}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct restart read = {0};
        char text[RESTART_TEXT_SIZE];
        if (restart_parse(rows[i].text, &read) != rows[i].rc)
            fail_msg("'%s'", rows[i].text);
        assert_int_equal(read.policy, rows[i].restart.policy);
        assert_int_equal(read.limit, rows[i].restart.limit);
        restart_format(&read, text);
        if (rows[i].rc == 0)
            assert_string_equal(text, rows[i].text);
    }
}

static void test_due(void **state)
{
    (void)state;
    static const struct {
        struct restart restart;
        int exit_status;
        unsigned restarts;
        bool due;
    } rows[] = {
        {{RESTART_NO, 0}, 1, 0, false},          {{RESTART_ALWAYS, 0}, 0, 100, true},
        {{RESTART_ALWAYS, 0}, 137, 0, true},     {{RESTART_ON_FAILURE, 0}, 0, 0, false},
        {{RESTART_ON_FAILURE, 0}, 1, 100, true}, {{RESTART_ON_FAILURE, 2}, 1, 1, true},
        {{RESTART_ON_FAILURE, 2}, 1, 2, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (restart_is_due(&rows[i].restart, rows[i].exit_status, rows[i].restarts) != rows[i].due)
            fail_msg("row %zu", i);
}

static void test_delay(void **state)
{
    (void)state;
    static const unsigned delays_ms[] = {100,  200,   400,   800,   1600,  3200,
                                         6400, 12800, 25600, 51200, 60000, 60000};
    for (unsigned i = 0; i < COUNT_OF(delays_ms); i++)
        assert_int_equal(restart_delay_ms(i), delays_ms[i]);
    assert_int_equal(restart_delay_ms(UINT32_MAX), 60000);
    assert_false(restart_was_long(9999999999));
    assert_true(restart_was_long(10000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_due),
        cmocka_unit_test(test_delay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
