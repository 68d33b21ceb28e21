/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A container's cgroup that goes while it is being ended: its keeper was faster.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/cgroup.h"

static void test_gone(void **state)
{
    char path[] = "/tmp/boxtop-test-XXXXXX", procs[64];
    (void)state;
    assert_non_null(mkdtemp(path));
    cleanup_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    snprintf(procs, sizeof procs, "%s/cgroup.procs", path);
    fclose(fopen(procs, "w"));
    assert_int_equal(cgroup_kill(fd), -ENOENT); /* a kernel without cgroup.kill */
    unlink(procs);
    rmdir(path);
    assert_int_equal(cgroup_kill(fd), 0);
    assert_int_equal(cgroup_wait(fd, "populated", false, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_gone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
