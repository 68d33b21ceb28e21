/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table's columns, every fact once: title, width, how a row's figure is written, how loud it is, what
 * rows are sorted by, and for help the file, the unit and the formula. Knows no curses. Pure.
 */
#ifndef BOXTOP_UI_COLUMN_H
#define BOXTOP_UI_COLUMN_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/glyph.h"
#include "ui/theme.h"

struct model;
struct row;

enum column_id {
    COLUMN_STATE,
    COLUMN_NAME,
    COLUMN_CPU,
    COLUMN_CPU_BAR,
    COLUMN_THROTTLED,
    COLUMN_MEMORY,
    COLUMN_MEMORY_BAR,
    COLUMN_MEMORY_MAX,
    COLUMN_OOM,
    COLUMN_PIDS,
    COLUMN_PIDS_MAX,
    COLUMN_PRESSURE_CPU,
    COLUMN_PRESSURE_MEMORY,
    COLUMN_PRESSURE_IO,
    COLUMN_SPARK,
    COLUMN_COUNT
};

enum column_kind { COLUMN_TEXT, COLUMN_TREE, COLUMN_BAR, COLUMN_GRAPH };

#define COLUMN_TEXT_SIZE 64

/* One cell's text. */
struct column_cell {
    char text[COLUMN_TEXT_SIZE]; /* UTF-8 */
    struct style style;
};

/* One cell's bar. */
struct column_bar {
    double fill;  /* 0..1; NAN: nothing to show */
    double mark;  /* 0..1 within the bar (memory.high, memory.low); NAN: none */
    bool limited; /* the bar's end is a limit */
    bool own;     /* ... and the group's own, not an ancestor's */
    struct style style;
};

struct column {
    const char *key; /* "cpu" */
    const char *title;
    enum column_kind kind;
    bool right;          /* aligned */
    bool joined;         /* belongs to the column before and sorts by it */
    int gap;             /* blank cells before it */
    bool smallest_first; /* what the first press of its sort key gives */
    int min, want;       /* width in cells; wants more only after all columns are there */
    int rank;            /* lowest go first when there is no room */
    const char *file, *unit, *help;
    void (*text)(const struct model *model, const struct row *row, enum glyph_set glyphs,
                 struct column_cell *ret);
    void (*bar)(const struct model *model, const struct row *row, struct column_bar *ret);
    double (*value)(const struct model *model, const struct row *row); /* for sorting; NULL: by name */
};

extern const struct column column_table[COLUMN_COUNT];

/* Where each column stands: x and width, width 0: not shown. */
struct column_plan {
    int x[COLUMN_COUNT], width[COLUMN_COUNT];
};
/* Lays the columns out in `width` cells so that the rows first..first+count fit their data. */
void column_plan(const struct model *model, size_t first, size_t count, int width, enum glyph_set glyphs,
                 struct column_plan *ret);

#endif
