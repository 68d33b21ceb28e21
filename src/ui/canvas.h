/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Drawing into a rectangle of the screen; what doesn't fit is cut. Coordinates are the rectangle's. UI
 * thread.
 */
#ifndef BOXTOP_UI_CANVAS_H
#define BOXTOP_UI_CANVAS_H

#include <stdbool.h>
#include <wchar.h>

#include "ui/graph.h"
#include "ui/layout.h"
#include "ui/term.h"

struct canvas {
    struct term *term;
    struct rect area;
};

#define STYLE(...) ((struct style){.role = __VA_ARGS__})

struct bar {
    double fill;      /* 0..1, more is cut */
    double mark, low; /* 0..1 within it: memory.high, memory.low; NAN: none */
    enum glyph limit; /* what stands at its end; GLYPH_COUNT: nothing */
    enum role role, limit_role;
    enum ground ground;
};

/* Blanks the whole rectangle. */
void canvas_clear(const struct canvas *canvas);
/* Writes at most `width` cells of `text` (UTF-8, fit for a terminal); too long a text ends in "…". Returns
 * the cells used. */
int canvas_text(const struct canvas *canvas, int y, int x, int width, struct style style, const char *text);
/* The same, right-aligned in `width`. */
void canvas_right(const struct canvas *canvas, int y, int x, int width, struct style style, const char *text);
int canvas_glyph(const struct canvas *canvas, int y, int x, struct style style, enum glyph glyph);
void canvas_repeat(const struct canvas *canvas, int y, int x, int width, struct style style,
                   const char *text);
/* `width` cells, the last of which is the limit's. */
void canvas_bar(const struct canvas *canvas, int y, int x, int width, const struct bar *bar);
/* A border; *ret_inside is what is left (a blank column at either side too). */
void canvas_box(const struct canvas *canvas, enum role role, struct canvas *ret_inside);
/* A text set into the upper border, in notches; returns the cells used. */
int canvas_notch(const struct canvas *canvas, int x, enum role box, struct style style, const char *text);
/* Width of that, for those that are set from the right. */
int canvas_notch_width(const char *text);
/* One character of `width` cells as it was made up elsewhere; what is not fit for a terminal is "?", 0 a
 * blank. */
void canvas_char(const struct canvas *canvas, int y, int x, const struct look *look, wchar_t c, int width);
void canvas_cells(const struct canvas *canvas, int y, int x, const struct graph_cell *cells, int rows,
                  int cols, enum ground ground);

#endif
