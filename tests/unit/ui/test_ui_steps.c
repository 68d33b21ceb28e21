/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/stopwatch.h"
#include "ui/steps.h"

static void tell(int fd, uint32_t kind, uint64_t ns, bool failed)
{
    struct stopwatch_step step = {ns, kind, failed};
    assert_int_equal(send(fd, &step, sizeof step, 0), sizeof step);
}

/* Of one kind they are one line, also where the other process came in between; what it can't be is left out.
 */
static void test_lines(void **state)
{
    struct steps steps;
    struct str text = {0};
    char line[200];
    int theirs;
    (void)state;
    steps_open(&steps, &theirs);
    assert_true(steps.fd >= 0 && theirs >= 0);
    assert_false(steps_read(&steps));
    tell(theirs, STEP_CGROUP, 120000, false);
    tell(theirs, STEP_MASK, 1000000, false);
    tell(theirs, STEP_LINK, 5000, true);
    tell(theirs, STEP_MASK, 2000000, false);
    tell(theirs, STEP_COUNT, 1, false);
    assert_int_equal(send(theirs, "x", 1, 0), 1);
    assert_true(steps_read(&steps));
    assert_int_equal(steps.count, 3);
    assert_int_equal(steps.done, 4);
    assert_int_equal(steps.all_ns, 3125000);
    steps_line(&steps.lines[1], line, sizeof line);
    assert_string_equal(line, "mask x2           3.00 ms  what of the kernel is hidden");
    assert_true(steps.lines[2].failed && !steps.lines[0].failed);
    steps_print(&steps, 30, &text);
    assert_non_null(strstr(str_text(&text), "mask x2           3.00 ms  wha\033[m\r\n"));
    str_free(&text);
    close(theirs);
    steps_close(&steps);
    assert_false(steps_read(&steps));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
