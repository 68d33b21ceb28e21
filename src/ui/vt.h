/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A terminal in memory: what a program writes becomes cells (libvterm), keys and mouse become what it expects
 * to read. Lines that leave at the top are kept; some of it can be selected. Nothing that the program writes
 * comes out of here but as characters and colours. Knows no curses. UI thread.
 */
#ifndef BOXTOP_UI_VT_H
#define BOXTOP_UI_VT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "ui/keyseq.h"

#define VT_SCROLLBACK 2000 /* lines */

struct vt;

struct vt_cell {
    uint32_t c;     /* 0: nothing, or the right half of the one before */
    int width;      /* cells: 1 or 2 */
    int fg, bg;     /* see ansi.h */
    unsigned attrs; /* STYLE_x */
    bool selected;
};

struct vt *vt_new(int rows, int cols);
void vt_free(struct vt *vt);
void vt_resize(struct vt *vt, int rows, int cols);
void vt_size(const struct vt *vt, int *ret_rows, int *ret_cols);
/* What the program has written. */
void vt_feed(struct vt *vt, const char *bytes, size_t len);
/* What is to be written to the program; who has done it takes it off. */
struct str *vt_output(struct vt *vt);

/* Of what is shown: lines that were scrolled back to come first. */
void vt_cell(const struct vt *vt, int y, int x, struct vt_cell *ret);
/* False: none is to be seen. */
bool vt_cursor(const struct vt *vt, int *ret_y, int *ret_x);

/* Keys, mouse (y and x of the terminal's cells) and paste. A key ends scrolling back. */
void vt_event(struct vt *vt, const struct keyseq_event *event);
/* True if the program wants the mouse itself. */
bool vt_wants_mouse(const struct vt *vt);
/* True while a program has the whole screen, which has no lines before it. */
bool vt_is_full_screen(const struct vt *vt);
/* Scrolls back by so many lines (negative: towards the end). How far back it is then. */
int vt_scroll(struct vt *vt, int lines);
/* How many lines can be scrolled back to. */
int vt_lines_before(const struct vt *vt);

/* Selects from where `begin` was set to here. */
void vt_select(struct vt *vt, int y, int x, bool begin);
void vt_unselect(struct vt *vt);
/* Adds what is selected, lines without their trailing blanks. */
void vt_selected(const struct vt *vt, struct str *to);

#endif
