/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What curses writes for a frame, without what the terminal has already been told: curses names both colours
 * whenever one changes, and the ink of blanks, which is most of what it says. Pure.
 */
#ifndef BOXTOP_UI_FRAME_H
#define BOXTOP_UI_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

#define FRAME_COLOR 24

/* A colour as the parameters of its sequence ("38;2;1;2;3", "31", "39"); "": not known. */
struct frame {
    char told_fg[FRAME_COLOR], told_bg[FRAME_COLOR]; /* what the terminal has */
    char fg[FRAME_COLOR], bg[FRAME_COLOR];           /* what curses means */
    bool attributes;                                 /* bold, reverse, ... may be on */
};

/* Forgets both: something else has written to the terminal, curses itself for one. */
void frame_reset(struct frame *frame);
/* Adds to `to` what has to be written for curses' output `bytes`. */
void frame_filter(struct frame *frame, const char *bytes, size_t len, struct str *to);

#endif
