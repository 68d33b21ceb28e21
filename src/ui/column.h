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
    COLUMN_IO,
    COLUMN_NET,
    COLUMN_SPARK,
    /* From here on: shown only where the user has chosen them. */
    COLUMN_MANAGER,
    COLUMN_QUOTA,
    COLUMN_CPU_WEIGHT,
    COLUMN_USER,
    COLUMN_SYSTEM,
    COLUMN_LOST,
    COLUMN_STALLED,
    COLUMN_MEMORY_PEAK,
    COLUMN_MEMORY_HIGH,
    COLUMN_MEMORY_LOW,
    COLUMN_MEMORY_GROWTH,
    COLUMN_HIGH_EVENTS,
    COLUMN_MAX_EVENTS,
    COLUMN_SWAP,
    COLUMN_SWAP_MAX,
    COLUMN_FORKS,
    COLUMN_FULL_CPU,
    COLUMN_FULL_MEMORY,
    COLUMN_FULL_IO,
    COLUMN_IO_READ,
    COLUMN_IO_WRITE,
    COLUMN_NET_IN,
    COLUMN_NET_OUT,
    COLUMN_PATH,
    COLUMN_COUNT
};

enum column_kind { COLUMN_TEXT, COLUMN_TREE, COLUMN_BAR, COLUMN_GRAPH };

/* How a figure that is a member of struct sample is written; those that need more than that have functions.
 */
enum column_figure {
    FIGURE_NONE,
    FIGURE_BYTES,   /* uint64_t */
    FIGURE_COUNT,   /* uint64_t */
    FIGURE_CENTI,   /* uint64_t, hundredths of a percent */
    FIGURE_PERCENT, /* double */
    FIGURE_CPUS,    /* double */
    FIGURE_GROWTH,  /* double, bytes per second */
};

#define COLUMN_TEXT_SIZE 128

/* One cell's text. */
struct column_cell {
    char text[COLUMN_TEXT_SIZE]; /* UTF-8 */
    struct style style;
};

/* One cell's bar. */
struct column_bar {
    double fill;  /* 0..1; NAN: nothing to show */
    double mark;  /* 0..1 within the bar: memory.high; NAN: none */
    double low;   /* the same: memory.low, below which nothing is reclaimed */
    bool limited; /* the bar's end is a limit */
    bool own;     /* ... and the group's own, not an ancestor's */
    struct style style;
};

struct column {
    const char *key;   /* "memory": in the config, in filters */
    const char *alias; /* "mem": the same, shorter; NULL: none */
    const char *title;
    enum column_kind kind;
    bool right;           /* aligned */
    enum column_id sorts; /* what a click sorts by, if not by this one; 0: by this one */
    bool smallest_first;  /* what the first press of its sort key gives */
    int gap;              /* blank cells before it */
    int min, want;        /* width in cells; wants more only after all columns are there */
    int rank;             /* lowest go first when there is no room */
    const char *file, *unit, *help;
    unsigned parts; /* enum detail_part: what rows on the screen have to be read of besides */
    enum column_figure figure;
    size_t member; /* of struct sample, for a figure */
    void (*text)(const struct model *model, const struct row *row, enum glyph_set glyphs,
                 struct column_cell *ret);
    void (*bar)(const struct model *model, const struct row *row, struct column_bar *ret);
    double (*value)(const struct model *model, const struct row *row); /* for sorting and filters */
    double (*share)(const struct model *model, const struct row *row); /* of what limits it; NULL: nothing */
};

extern const struct column column_table[COLUMN_COUNT];

/* One of key or alias, in any case; -1: none. */
int column_find(const char *name);
/* What a row has there, whichever way the column comes by it. */
void column_text(enum column_id id, const struct model *model, const struct row *row, enum glyph_set glyphs,
                 struct column_cell *ret);
/* NAN: absent; INFINITY: max. */
double column_value(enum column_id id, const struct model *model, const struct row *row);
/* False for those that are ordered by name. */
bool column_has_value(enum column_id id);

#endif
