/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whole screens, drawn by curses without a terminal and compared with golden text. A screen that was meant to
 * change: UPDATE_GOLDEN=1 test_screens (test_panes, test_dialogs) writes them anew; look at the difference
 * before it is committed.
 */
#ifndef TESTS_SCREENS_H
#define TESTS_SCREENS_H

#include <curses.h>
#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "../unit/ui/scene.h"
#include "base/fs.h"
#include "ui/text.h"

static struct app app;

/* A part of the screen as text, trailing blanks off. */
static inline void read_part(struct str *to, const struct rect *part)
{
    for (int y = part->y; y < part->y + part->h; y++) {
        size_t end = to->len;
        for (int x = part->x; x < part->x + part->w; x++) {
            cchar_t cell;
            wchar_t wide[CCHARW_MAX + 1] = {0};
            char bytes[16 * CCHARW_MAX];
            attr_t attributes;
            short pair;
            mvin_wch(y, x, &cell);
            getcchar(&cell, wide, &attributes, &pair, NULL);
            size_t len = wcstombs(bytes, wide, sizeof bytes);
            str_add_bytes(to, bytes, len);
            if (wide[0] != L' ')
                end = to->len;
        }
        to->len = end;
        str_add(to, "\n");
    }
}

static inline void read_screen(struct str *to)
{
    read_part(to, &(struct rect){0, 0, app.term.rows, app.term.cols});
}

static inline void start(int rows, int cols, enum theme_depth depth, enum glyph_set glyphs)
{
    struct err err;
    setlocale(LC_ALL, glyphs == GLYPHS_ASCII ? "C" : "C.UTF-8");
    app_init(&app);
    if (term_start_blind(&app.term, rows, cols, depth, glyphs, &err) < 0)
        fail_msg("%s", err.text);
    scene_play(&app.model, 120);
    app_layout(&app);
}

static inline void press(const char *keys)
{
    for (const char *at = keys; *at;)
        app_key(&app, (int)text_next(&at));
}

static inline void select_box(const char *name)
{
    model_follow(&app.model, name);
    app.who = (struct who){.key = model_selected(&app.model)->key, .known = true, .pid = 4711};
    str_copy(app.who.command, sizeof app.who.command, "sleep");
    for (uint64_t i = 0; i < 8; i++) {
        app.who.host[i] = 4026531835u + i;
        app.who.namespaces[i] = i == 5 ? app.who.host[i] : 4026532200u + i;
    }
    app.stale = STALE_ALL;
}

static inline void compare(const char *name, struct str *screen)
{
    cleanup_free char *path = mem_printf("%s/tests/screens/golden/%s.txt", SOURCE_DIR, name);
    cleanup_free char *golden = NULL;
    if (getenv("UPDATE_GOLDEN")) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        assert_true(fd >= 0 && fs_write_all(fd, screen->text, screen->len) == 0);
        close(fd);
    } else {
        if (fs_read_whole_at(AT_FDCWD, path, 1 << 20, &golden) < 0)
            fail_msg("there is no %s: UPDATE_GOLDEN=1 writes it", path);
        if (strcmp(golden, screen->text) != 0)
            fail_msg("the screen is not %s, but:\n%s", path, screen->text);
    }
    str_free(screen);
}

/* Draws, and compares with golden/NAME.txt. */
static inline void check(const char *name)
{
    struct str screen = {0};
    screen_draw(&app);
    read_screen(&screen);
    compare(name, &screen);
}

/* Which cells look the same: a letter for each look, in the order in which they are met, and below what it
 * is. Colours are numbered likewise; which they are is in the unit test of themes. */
static inline void read_looks(struct str *to)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    struct {
        attr_t attributes;
        short pair;
    } looks[sizeof letters] = {{0}};
    size_t count = 0;
    for (int y = 0; y < app.term.rows; y++) {
        for (int x = 0; x < app.term.cols; x++) {
            cchar_t cell;
            wchar_t wide[CCHARW_MAX + 1];
            attr_t attributes;
            short pair;
            size_t at = 0;
            mvin_wch(y, x, &cell);
            getcchar(&cell, wide, &attributes, &pair, NULL);
            attributes &= A_BOLD | A_DIM | A_REVERSE | A_UNDERLINE;
            while (at < count && (looks[at].attributes != attributes || looks[at].pair != pair))
                at++;
            assert_in_range(at, 0, sizeof letters - 2);
            looks[at].attributes = attributes;
            looks[at].pair = pair;
            count = at == count ? count + 1 : count;
            str_add_bytes(to, &letters[at], 1);
        }
        str_add(to, "\n");
    }
    for (size_t i = 0; i < count; i++) {
        size_t first = 0;
        while (looks[first].pair != looks[i].pair)
            first++;
        str_addf(to, "%c colour %c%s%s%s%s\n", letters[i], letters[first],
                 looks[i].attributes & A_BOLD ? " bold" : "", looks[i].attributes & A_DIM ? " faint" : "",
                 looks[i].attributes & A_REVERSE ? " reverse" : "",
                 looks[i].attributes & A_UNDERLINE ? " underlined" : "");
    }
}

static inline int end(void **state)
{
    (void)state;
    app_fini(&app);
    return 0;
}

/* The selected group for two minutes more, so that what is read only of it has a history. */
static inline void start_on(int rows, int cols, const char *name)
{
    start(rows, cols, DEPTH_256, GLYPHS_BRAILLE);
    select_box(name);
    for (int t = 121; t <= 240; t++)
        model_take(&app.model, scene_snapshot(t));
}

static const struct size {
    const char *name;
    int rows, cols;
} sizes[] = {{"80x24", 24, 80}, {"120x36", 36, 120}, {"200x50", 50, 200}, {"300x100", 100, 300}};

/* A program that says nothing, and then what a program might say. */
static inline void open_terminal(void)
{
    char *const sleeps[] = {(char[]){"/bin/sleep"}, (char[]){"1000"}, NULL};
    static const char said[] = "\033[1;32mroot@web\033[0m:\033[34m/\033[0m# ls\r\nbin  boot  dev  etc\r\n"
                               "\033[7m reverse \033[0m \033[31mred\033[0m \xe4\xb8\xad|\r\n# ";
    str_copy(app.program, sizeof app.program, "boxtop");
    guest_open(&app, GUEST_SHELL, "web", sleeps);
    vt_feed(guests_shown(&app.guests)->vt, said, sizeof said - 1);
    app.status.kind = NOTICE_NONE;
}

/* What every case begins with. */
static inline void settle_screens(void)
{
    setenv("TZ", "UTC", 1);
    setenv("XDG_CONFIG_HOME", "/dev/null/none", 1); /* what is kept is not kept in the user's config */
    tzset();
}

#endif
