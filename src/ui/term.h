/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The terminal: curses on and off, its colours and signs, keys and mouse. While curses is on, stderr goes to
 * memory and is written out afterwards. However the process ends, the terminal is restored first. One at a
 * time; UI thread.
 */
#ifndef BOXTOP_UI_TERM_H
#define BOXTOP_UI_TERM_H

#include <stdbool.h>
#include <stdio.h>
#include <termios.h>

#include "base/err.h"
#include "ui/frame.h"
#include "ui/glyph.h"
#include "ui/theme.h"

struct term_mouse {
    int y, x;
    int wheel;  /* -1 up, 1 down, 0: a click */
    int button; /* of a click: 0, or 2 the other one */
};

struct term {
    void *screen; /* SCREEN *; NULL: off */
    enum theme_depth depth;
    enum glyph_set glyphs;
    struct theme theme;
    int rows, cols;
    int own_stderr, captured; /* -1: not captured */
    int out_fd, frame_fd;     /* what curses writes to; where that goes while it draws; -1: not real */
    struct frame frame;
    struct term_mouse mouse; /* of a report that curses didn't know */
    bool has_mouse;
    bool real; /* it is the user's terminal, not a test's */
};

/* What a terminal of this environment can show: from NO_COLOR, COLORTERM, TERM and the locale. */
enum theme_depth term_depth(int colors, const char *no_color, const char *colorterm);
enum glyph_set term_glyphs(const char *codeset, const char *name);

/* Takes stdin and stdout over. term->theme has been set. */
int term_start(struct term *term, struct err *err);
/* For tests: no terminal at all, a size, and cells that can be read back. */
int term_start_blind(struct term *term, int rows, int cols, enum theme_depth depth, enum glyph_set glyphs,
                     struct err *err);
/* Restores the terminal and writes what was captured from stderr. Safe twice. */
void term_stop(struct term *term);
/* For a program in the foreground: the terminal as it was, and back. */
void term_suspend(struct term *term);
void term_resume(struct term *term);

/* The next key (enum key) without waiting; K_NONE: there is none. Sequences that nobody knows are no keys. */
int term_key(struct term *term);
/* What the mouse did, after K_MOUSE; false: nothing that concerns us. */
bool term_mouse(struct term *term, struct term_mouse *ret);
/* "<0;10;5M", what an SGR mouse report has between "ESC [" and its end, included. Pure. */
bool term_parse_mouse(const char *report, struct term_mouse *ret);
/* After SIGWINCH. */
void term_resize(struct term *term);
void term_clear(struct term *term);
/* Shows what was drawn. A cursor at y, x; y -1: none. */
void term_flush(struct term *term, int y, int x);

#endif
