/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A screen that is driven by keys: its commands are those of a script in place of boxtop, which writes down
 * how it was called.
 */
#ifndef TESTS_UI_KEYS_H
#define TESTS_UI_KEYS_H

#include <fcntl.h>
#include <locale.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/fs.h"
#include "scene.h"

static struct app app;
static char directory[64], calls[128];

static inline void write_program(const char *body)
{
    int fd = open(app.program, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    cleanup_free char *text = mem_printf("#!/bin/sh\necho \"$*\" >> %s\n%s\n", calls, body);
    assert_true(fd >= 0 && fs_write_all(fd, text, strlen(text)) == 0);
    close(fd);
}

static inline int setup(void **state)
{
    struct err err;
    (void)state;
    setlocale(LC_ALL, "C.UTF-8");
    snprintf(directory, sizeof directory, "/tmp/boxtop-test.XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(calls, sizeof calls, "%s/calls", directory);
    cleanup_free char *states = mem_printf("%s/state", directory);
    setenv("XDG_STATE_HOME", states, 1);
    app_init(&app);
    snprintf(app.program, sizeof app.program, "%s/boxtop", directory);
    write_program("sleep 0.1");
    assert_int_equal(term_start_blind(&app.term, 36, 120, DEPTH_256, GLYPHS_BRAILLE, &err), 0);
    scene_play(&app.model, 120);
    app_layout(&app);
    model_follow(&app.model, "web");
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    app_fini(&app);
    fs_remove_tree_at(AT_FDCWD, directory);
    return 0;
}

static inline bool busy(void)
{
    for (int i = 0; i < CALLS; i++)
        if (app.calls[i].job.pid)
            return true;
    for (int i = 0; i < GUESTS; i++)
        if (app.guests.list[i].pid)
            return true;
    return false;
}

/* Goes around until all commands have ended; what they were is *ret_calls, "|" between. */
static inline const char *finish(void)
{
    static char text[4096];
    uint64_t until = clock_mono_ns() + 20 * SECOND;
    while (busy() && clock_mono_ns() < until)
        app_once(&app, 50);
    assert_false(busy());
    ssize_t len = fs_read_at(AT_FDCWD, calls, text, sizeof text);
    text[len > 0 ? len - 1 : 0] = '\0';
    for (char *c = text; *c; c++)
        *c = *c == '\n' ? '|' : *c;
    unlink(calls);
    return text;
}

static inline void press(const char *keys)
{
    for (; *keys; keys++)
        app_key(&app, *keys);
}

#endif
