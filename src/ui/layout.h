/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From the terminal's size and what the user wants to see to rectangles. Pure.
 */
#ifndef BOXTOP_UI_LAYOUT_H
#define BOXTOP_UI_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

struct rect {
    int y, x, h, w; /* cells; h or w 0: not shown */
};

/* In the order in which they stand on the screen, and Tab goes through them. */
enum pane_id {
    PANE_HEADER,
    PANE_TABLE,
    PANE_CPU,
    PANE_MEMORY,
    PANE_PRESSURE,
    PANE_IO,
    PANE_LIMITS,
    PANE_ABOUT,
    PANE_NAMESPACES,
    PANE_PROCESSES,
    PANE_NETWORK,
    PANE_EVENTS,
    PANE_TERMINAL,
    PANE_TOUR,
    PANE_FOOTER,
    PANE_COUNT
};

#define LAYOUT_MIN_ROWS 10
#define LAYOUT_MIN_COLS 40

/* Which panes there are at first, and how much room they get: by the screen's size, too. */
enum layout_preset { LAYOUT_OPERATOR, LAYOUT_COMPACT, LAYOUT_PRESENTER, LAYOUT_PRESETS };
extern const char *const layout_names[LAYOUT_PRESETS + 1]; /* ends with NULL */

struct layout_wish {
    enum layout_preset preset;
    unsigned hidden;                 /* bits 1 << PANE_x: closed */
    enum pane_id opened[PANE_COUNT]; /* besides the preset's; the newest first: they are given room first */
    int opened_count;
    int zoomed;     /* the one pane that has all the room between header and footer; -1: none */
    int table_rows; /* layout_table_rows(); 0: not known, as many as there is room for */
};

struct layout {
    bool too_small;
    struct rect pane[PANE_COUNT];
};

void layout_compute(struct layout *ret, int rows, int cols, const struct layout_wish *wish);
/* How many rows the table has: what it doesn't need is the panes'. It gives room back only when it has some
 * to spare, so that groups which come and go don't move the panes. True: there is another layout to compute.
 */
bool layout_table_rows(struct layout_wish *wish, size_t rows);
/* Closes the pane if it is in `now`, else opens it: where there is no room for all, another gives way. */
void layout_toggle(struct layout_wish *wish, const struct layout *now, enum pane_id id);
/* The same where there is a terminal among them: it has most of the room. */
void layout_guest(struct layout *ret, int rows, int cols, const struct layout_wish *wish);
/* Makes room for a tour's words: puts them beside or below what a layout computed for a screen that is
 * smaller by layout_tour_size(). */
void layout_tour_size(int rows, int cols, int *ret_rows, int *ret_cols);
void layout_tour(struct layout *layout, int rows, int cols);
bool rect_has(const struct rect *rect, int y, int x);

#endif
