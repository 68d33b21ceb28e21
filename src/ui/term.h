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
#include "ui/outlet.h"
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
    struct outlet outlet;
    struct term_mouse mouse; /* of a report that curses didn't know */
    bool has_mouse;
    bool mouse_on;
    bool taken;    /* see term_take() */
    bool in_reply; /* what comes in is the rest of an answer of the terminal's */
    char reply[48];
    size_t reply_len;
    bool light;                 /* its ground is a light one, as far as is known */
    enum theme_depth own_depth; /* what the terminal can */
    enum glyph_set own_glyphs;
    bool real;          /* it is the user's terminal, not a test's */
    struct style style; /* what curses writes with, if `styled`: within a frame */
    bool styled;
};

/* What a terminal of this environment can show: from NO_COLOR, COLORTERM, TERM and the locale. */
enum theme_depth term_depth(int colors, const char *no_color, const char *colorterm);
enum glyph_set term_glyphs(const char *codeset, const char *name);

/* Takes stdin and stdout over. term->theme has been set. */
int term_start(struct term *term, bool mouse, int glyphs, int colors, struct err *err);
/* The user's wishes, 0: as the terminal is: glyphs by enum config_glyphs, colours by enum config_colors (no
 * more than the terminal was started with). */
void term_settings(struct term *term, bool mouse, int glyphs, int colors);
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
/* "11;rgb:ffff/ffff/ffff": 1 a light colour, 0 a dark one, -EINVAL: it is no answer of that kind. Pure. */
int term_parse_ground(const char *reply);
/* "0;15", as COLORFGBG has it: the same. Pure. */
int term_parse_fgbg(const char *text);
/* The bell or a notification, by enum config_alert. `text` is fit for a terminal. */
void term_alert(struct term *term, int alert, const char *text);
/* On: what the terminal sends is read byte by byte by somebody else (keyseq.h), with pastes marked and the
 * mouse told of while it is dragged, too. Off: by term_key() again. */
void term_take(struct term *term, bool on);
/* Puts a text into the clipboard, if the terminal does that (OSC 52). False: it is too long for it. */
bool term_copy(struct term *term, const char *text);
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
