/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From the terminal's size to rectangles. Pure.
 */
#ifndef BOXTOP_UI_LAYOUT_H
#define BOXTOP_UI_LAYOUT_H

#include <stdbool.h>

struct rect {
    int y, x, h, w; /* cells; h or w 0: not shown */
};

enum pane_id {
    PANE_HEADER,
    PANE_TABLE,
    PANE_CPU,
    PANE_MEMORY,
    PANE_LIMITS,
    PANE_ABOUT,
    PANE_EVENTS,
    PANE_FOOTER,
    PANE_COUNT
};

#define LAYOUT_MIN_ROWS 10
#define LAYOUT_MIN_COLS 40

struct layout {
    bool too_small;
    struct rect pane[PANE_COUNT];
};

/* `hidden`: bits 1 << PANE_x of panes that the user has closed. `zoomed`: the one pane that has the room of
 * all between header and footer; -1: none. */
void layout_compute(struct layout *ret, int rows, int cols, unsigned hidden, int zoomed);
bool rect_has(const struct rect *rect, int y, int x);

#endif
