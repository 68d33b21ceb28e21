/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/mem.h"
#include "cli/child.h"

static void join(const char *line, void *user)
{
    str_addf(user, "<%s>", line);
}

/* Its exit status; *lines: each line in <>. */
static int run_shell(const char *script, const volatile sig_atomic_t *stop, struct str *lines)
{
    struct child child;
    struct err err;
    char shell[] = "/bin/sh", option[] = "-c", *argv[] = {shell, option, (char *)script, NULL};
    assert_int_equal(child_start(&child, argv, &err), 0);
    int status = child_finish(&child, join, lines, stop);
    child_free(&child);
    return status;
}

static void lines_and_status_come_back(void **state)
{
    (void)state;
    static const struct {
        const char *script, *lines;
        int status;
    } cases[] = {
        {"exit 0", "", 0},
        {"echo a; echo b >&2; exit 3", "<a><b>", 3},
        {"printf 'a\\n\\nrest'", "<a><><rest>", 0},
        {"cat; echo nothing to read", "<nothing to read>", 0},
        {"kill -9 $$", "", 137},
        {"printf a; sleep 0.2; printf 'b\\n'; printf c", "<ab><c>", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str lines = {0};
        assert_int_equal(run_shell(cases[i].script, NULL, &lines), cases[i].status);
        assert_string_equal(str_text(&lines), cases[i].lines);
        str_free(&lines);
    }
}

static void more_than_a_pipe_holds(void **state)
{
    (void)state;
    struct str lines = {0};
    assert_int_equal(run_shell("head -c 300000 /dev/zero | tr '\\0' x; echo", NULL, &lines), 0);
    assert_int_equal(lines.len, 300002);
    str_free(&lines);
}

/* A keeper goes on with the pipe open: its starter's end is what counts. */
static void a_grandchild_is_not_waited_for(void **state)
{
    (void)state;
    struct str lines = {0};
    int grandchild = 0;
    assert_int_equal(run_shell("(exec sleep 1000) & echo $!", NULL, &lines), 0);
    assert_int_equal(sscanf(str_text(&lines), "<%d>", &grandchild), 1);
    assert_int_equal(kill(grandchild, SIGKILL), 0); /* it was there still */
    str_free(&lines);
}

static void it_ends_when_told(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        int status;
    } cases[] = {
        {"echo on; exec sleep 60", 128 + SIGTERM},
        {"trap 'exit 7' TERM; echo on; sleep 60 & wait", 7},
        {"trap '' TERM; echo on; sleep 60; sleep 60", 128 + SIGKILL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str lines = {0};
        volatile sig_atomic_t stop = 0;
        struct child child;
        struct err err;
        char shell[] = "/bin/sh", option[] = "-c", *argv[] = {shell, option, (char *)cases[i].script, NULL};
        assert_int_equal(child_start(&child, argv, &err), 0);
        while (read(child.output, &(char){0}, 1) != 1) /* "on": its trap stands */
            usleep(1000);
        stop = SIGINT;
        assert_int_equal(child_finish(&child, join, &lines, &stop), cases[i].status);
        child_free(&child);
        str_free(&lines);
    }
}

static void what_cannot_be_run_says_so(void **state)
{
    (void)state;
    struct child child;
    struct err err = {0};
    char path[] = "/nowhere/at/all", *argv[] = {path, NULL};
    assert_int_equal(child_start(&child, argv, &err), -ENOENT);
    assert_string_equal(err.text, "run /nowhere/at/all: No such file or directory");
    child_free(&child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_status_come_back),     cmocka_unit_test(more_than_a_pipe_holds),
        cmocka_unit_test(a_grandchild_is_not_waited_for), cmocka_unit_test(it_ends_when_told),
        cmocka_unit_test(what_cannot_be_run_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
