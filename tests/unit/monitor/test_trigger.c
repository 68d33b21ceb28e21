/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Triggers on pressure: where there are none to be had nothing is written, and what is news of those that
 * fire.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "fake.h"
#include "monitor/trigger.h"

#define SECOND 1000000000ull

static void test_none(void **state)
{
    (void)state;
    struct fake fake;
    struct triggers triggers;
    char path[512], text[64] = "";
    fake_init(&fake);
    fake_write(&fake, "", "cpu.pressure", "some avg10=0.00 total=1\n");
    triggers_init(&triggers);
    assert_int_equal(triggers_open(&triggers, fake.fs.mount), 0);
    snprintf(path, sizeof path, "%s/cpu.pressure", fake.fs.mount);
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(read(fd, text, sizeof text - 1) > 0);
    assert_string_equal(text, "some avg10=0.00 total=1\n");
    assert_int_equal(triggers_open(&triggers, "/nonexistent"), 0);
    assert_int_equal(triggers_find(&triggers, -1), -1);
    triggers_close(&triggers);
    fake_fini(&fake);
}

static void test_news(void **state)
{
    (void)state;
    struct triggers triggers;
    triggers_init(&triggers);
    assert_true(triggers_fired(&triggers, 0, 100 * SECOND));
    assert_false(triggers_fired(&triggers, 0, 101 * SECOND)); /* it goes on */
    assert_false(triggers_fired(&triggers, 0, 105 * SECOND));
    assert_true(triggers_fired(&triggers, 1, 105 * SECOND)); /* another one */
    assert_true(triggers_fired(&triggers, 0, 111 * SECOND)); /* again, after some calm */
}

/* As many as this machine allows: each is one, and silent, or says that there is pressure; never an error. */
static void test_here(void **state)
{
    (void)state;
    struct cgroupfs fs;
    struct triggers triggers;
    cgroupfs_find(&fs, NULL, NULL);
    triggers_init(&triggers);
    unsigned count = triggers_open(&triggers, fs.mount[0] ? fs.mount : "/nonexistent");
    for (int i = 0; i < TRIGGERS; i++) {
        struct pollfd p = {.fd = triggers.fd[i], .events = POLLPRI};
        assert_true(p.fd < 0 || poll(&p, 1, 0) >= 0);
        assert_false(p.fd >= 0 && p.revents & POLLERR);
        assert_int_equal(triggers_find(&triggers, triggers.fd[i]), p.fd < 0 ? -1 : i);
    }
    print_message("pressure triggers here: %u\n", count);
    triggers_drop(&triggers, 0);
    triggers_drop(&triggers, 0);
    assert_int_equal(triggers.fd[0], -1);
    triggers_close(&triggers);
    assert_int_equal(triggers_count(&triggers), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_news),
        cmocka_unit_test(test_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
