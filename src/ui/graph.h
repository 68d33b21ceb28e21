/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Figures over time as cells: an area that grows from below, in up to three parts that are told apart by how
 * densely they are filled, not by colour alone; limit lines, and marks. The newest value stands at the right.
 * In braille a cell holds 2x4 dots, in blocks 1x8, in ASCII 1x2. Pure.
 */
#ifndef BOXTOP_UI_GRAPH_H
#define BOXTOP_UI_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/glyph.h"
#include "ui/theme.h"

struct graph_point {
    double value;   /* NAN: unknown, a gap */
    double second;  /* more of the same on top of it, in another shade; 0: nothing */
    double stacked; /* on top of both, in another role */
    double limit;   /* NAN: none */
    double limit_soft;
    bool mark;
};

struct graph_cell {
    const char *text; /* one character, UTF-8; NULL: blank */
    enum role role;
    unsigned char level;
};

struct graph {
    enum glyph_set glyphs;
    int rows, cols;
    double top; /* the value at the upper edge; > 0 */
    enum role role, role_stacked, role_limit, role_soft;
    bool limit_faint; /* the limit is an ancestor's */
    bool loud;        /* what is stacked is as dense as the value; else it is the thinnest */
    int lag;          /* points that the newest stands away from the right edge: graph_lag() */
};

enum graph_part { GRAPH_VALUE, GRAPH_SECOND, GRAPH_STACKED };
/* A cell that is full of it, for a legend. */
const char *graph_sign(enum glyph_set glyphs, enum graph_part part);
/* A cell of two points is moved on when it is full: half as much is drawn anew. `pushed`: points ever. */
int graph_lag(enum glyph_set glyphs, uint64_t pushed);
/* How many points fit into the width. */
size_t graph_capacity(const struct graph *graph);
/* Fills cells[rows * cols]; `points` oldest first, at most graph_capacity(). */
void graph_draw(const struct graph *graph, const struct graph_point *points, size_t count,
                struct graph_cell *cells);
/* A round value at or above `value` for the axis: 1, 2, 2.5, 5 x 10^n. */
double graph_nice(double value);
/* The same in powers of 1024. */
double graph_nice_bytes(double value);
/* The row a value stands in, 0 is the topmost; -1: above the graph or NAN. */
int graph_row(const struct graph *graph, double value);
/* One line of `cols` cells for a table: at most graph_spark_capacity() values, oldest first. */
size_t graph_spark_capacity(enum glyph_set glyphs, int cols);
void graph_spark(enum glyph_set glyphs, enum role role, double top, const double *values, size_t count,
                 int lag, struct graph_cell *cells, int cols);

#endif
