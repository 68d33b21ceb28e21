/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Programs started for events: what they are told, and how many of them.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "monitor/hook.h"

/* Waits until one has ended. */
static void reap(struct hook *hook)
{
    struct pollfd p = {.fd = hook_fd(hook), .events = POLLIN};
    assert_int_equal(poll(&p, 1, 60000), 1);
    hook_reap(hook);
    assert_int_equal(poll(&p, 1, 0), 0);
}

static void test_bad(void **state)
{
    (void)state;
    struct hook *hook;
    struct err err;
    assert_int_equal(hook_new("", -1, &hook, &err), -EINVAL);
    assert_string_equal(err.text, "--on-event: no program is named");
    assert_int_equal(hook_new(" \t ", -1, &hook, &err), -EINVAL);
    assert_int_equal(hook_new("/nosuch x", -1, &hook, &err), -ENOENT);
    assert_string_equal(err.text, "--on-event /nosuch: there is no such program");
    assert_int_equal(hook_new("nosuch-program", -1, &hook, &err), -ENOENT);
    assert_int_equal(hook_new("echo x; false", -1, &hook, &err), 0); /* words, not a shell's line */
    hook_free(hook);
    hook_free(NULL);
}

static void test_environment(void **state)
{
    (void)state;
    char path[] = "/tmp/boxtop-hook.XXXXXX", text[8192];
    struct hook *hook;
    struct err err;
    struct oom oom;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(hook_new("  env ", fd, &hook, &err), 0);
    oom_unknown(&oom);
    oom.limit = OOM_LIMIT_GROUP;
    oom.victim_count = 1;
    oom.before_max = VALUE_MAX;
    oom.victims[0] = (struct oom_victim){.pid = 7, .uid = 0, .comm = "a\nb=$(id)", .score_adj = -500};
    str_copy(oom.limit_cgroup, sizeof oom.limit_cgroup, "/a");
    struct event event = {.kind = EVENT_OOM_KILL,
                          .value = 1,
                          .total = 3,
                          .cgroup = "/a\033",
                          .memory_current = 0,
                          .memory_max = VALUE_ABSENT,
                          .oom = &oom};
    const struct event_field more = {.key = "exit_status", .form = EVENT_FORM_ID, .number = 137};
    hook_event(hook, NULL, &event, "box", &more, 1);
    reap(hook);
    assert_true(fs_pread(fd, text, sizeof text) > 0);
    static const char *const lines[] = {
        "BOXTOP_EVENT=oom_kill\n",
        "BOXTOP_TIME=1970-01-01T00:00:00.000Z\n",
        "BOXTOP_CGROUP=/a\\x1b\n",
        "BOXTOP_NAME=box\n",
        "BOXTOP_COUNT=1\n",
        "BOXTOP_TOTAL=3\n",
        "BOXTOP_MEMORY_CURRENT=0\n",
        "BOXTOP_OOM_VICTIM_PID=7\n",
        "BOXTOP_OOM_VICTIM_COMM=a\\x0ab=$(id)\n",
        "BOXTOP_OOM_VICTIM_OOM_SCORE_ADJ=-500\n",
        "BOXTOP_OOM_LIMIT_CGROUP=/a\n",
        "BOXTOP_OOM_BEFORE_MEMORY_MAX=max\n",
        "BOXTOP_EXIT_STATUS=137\n",
        "BOXTOP_SUPPRESSED=0\n",
        "BOXTOP_TEXT=a\\x0ab=$(id) (pid 7, 0) at the limit of /a\n",
        "PATH=",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        if (!strstr(text, lines[i]))
            fail_msg("no %s in\n%s", lines[i], text);
    assert_null(strstr(text, "BOXTOP_MEMORY_MAX="));
    assert_null(strstr(text, "BOXTOP_OOM_ANON="));
    hook_free(hook);
    close(fd);
    unlink(path);
}

/* A storm: a few run, the rest is counted, and the next one hears of it. Nothing waits. */
static void test_storm(void **state)
{
    (void)state;
    struct hook *hook;
    struct err err;
    const struct event event = {.kind = EVENT_MAX, .cgroup = "/a"};
    assert_int_equal(hook_new("sleep 2", -1, &hook, &err), 0);
    for (int i = 0; i < 100; i++)
        hook_event(hook, NULL, &event, "a", NULL, 0);
    assert_int_equal(hook_suppressed(hook), 100 - HOOK_RUNNING);
    hook_free(hook);
    assert_int_equal(hook_new("true", -1, &hook, &err), 0);
    int ended = 0;
    for (int i = 0; i < 200 && hook_suppressed(hook) == 0; i++, ended++) {
        hook_event(hook, NULL, &event, "a", NULL, 0);
        struct pollfd p = {.fd = hook_fd(hook), .events = POLLIN};
        poll(&p, 1, 20);
        hook_reap(hook);
    }
    assert_true(hook_suppressed(hook) == 0 || ended >= HOOK_RUNNING);
    hook_free(hook);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bad), cmocka_unit_test(test_environment),
                                       cmocka_unit_test(test_storm)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
