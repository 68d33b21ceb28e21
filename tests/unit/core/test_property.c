/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "core/property.h"

/* What is systemd's, and how that is said to it; NULL: it is written to the file. */
static void test_lines(void **state)
{
    static const struct {
        const char *cgroup, *knob, *text, *line;
    } cases[] = {
        {"/system.slice/ssh.service", "memory.max", "67108864",
         "systemctl set-property --runtime ssh.service MemoryMax=67108864"},
        {"/system.slice/ssh.service", "memory.max", "max",
         "systemctl set-property --runtime ssh.service MemoryMax=infinity"},
        {"/system.slice/ssh.service", "cpu.max", "50000 100000",
         "systemctl set-property --runtime ssh.service CPUQuota=50%"},
        {"/system.slice/ssh.service", "cpu.max", "max 100000",
         "systemctl set-property --runtime ssh.service CPUQuota="},
        {"/system.slice/ssh.service", "cpu.max", "1234 100000", NULL},
        {"/system.slice", "pids.max", "100", "systemctl set-property --runtime system.slice TasksMax=100"},
        {"/system.slice/system-getty.slice/getty@tty1.service", "cpu.weight", "50",
         "systemctl set-property --runtime getty@tty1.service CPUWeight=50"},
        {"/user.slice/user-1000.slice/user@1000.service/app.slice/mail.scope", "pids.max", "max",
         "systemctl --user --machine=1000@ set-property --runtime mail.scope TasksMax=infinity"},
        {"/user.slice/user-1000.slice/user@1000.service", "pids.max", "9",
         "systemctl set-property --runtime user@1000.service TasksMax=9"},
        {"/system.slice/_cgroup.service", "pids.max", "9",
         "systemctl set-property --runtime cgroup.service TasksMax=9"},
        /* delegated, or nobody's */
        {"/system.slice/boxtop.service/boxtop/web", "memory.max", "67108864", NULL},
        {"/system.slice/boxtop.service/boxtop/web.service", "memory.max", "67108864", NULL},
        {"/boxtop/web", "memory.max", "67108864", NULL},
        {"/", "memory.max", "67108864", NULL},
        {"/system.slice/.service", "memory.max", "67108864", NULL},
        /* no property */
        {"/system.slice/ssh.service", "cgroup.freeze", "1", NULL},
        {"/system.slice/ssh.service", "io.max", "8:0 rbps=1000", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct property property;
        char line[2 * PROPERTY_LINE];
        int rc = property_of(cases[i].cgroup, knob_find(cases[i].knob), cases[i].text, &property);
        assert_int_equal(rc, cases[i].line ? 0 : -ENOENT);
        if (!cases[i].line)
            continue;
        property_line(&property, line);
        assert_string_equal(line, cases[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
