/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/graph.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* Dots of a cell: how many points wide and how many steps high. */
static const struct {
    int wide, high;
} dots[] = {[GLYPHS_BRAILLE] = {2, 4}, [GLYPHS_BLOCK] = {1, 8}, [GLYPHS_ASCII] = {1, 2}};

static const char *const blocks[9] = {NULL, "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const ascii[3] = {NULL, ".", ":"};
/* A cell of the second and the stacked part, where they can't be half a cell. */
static const char *const shades[][3] = {[GLYPHS_BLOCK] = {"█", "▒", "░"}, [GLYPHS_ASCII] = {":", "+", "%"}};
static const char *const ascii_spark[5] = {NULL, "_", ".", "-", "^"};

/* The braille characters as UTF-8, made once from their numbers: U+2800 + dots. */
static const char *braille(unsigned dot_bits)
{
    static char table[256][4];
    char *text = table[dot_bits & 255];
    if (!text[0])
        snprintf(text, sizeof table[0], "%c%c%c", 0xe2, 0xa0 | dot_bits >> 6, 0x80 | (dot_bits & 63));
    return text;
}

int graph_lag(enum glyph_set glyphs, uint64_t pushed)
{
    int wide = dots[glyphs].wide;
    return (int)((uint64_t)wide - 1 - (pushed + (uint64_t)wide - 1) % (uint64_t)wide);
}

size_t graph_capacity(const struct graph *graph)
{
    return (size_t)(graph->cols * dots[graph->glyphs].wide);
}

/* A value as steps from below, over the whole height. What is not nothing is at least one step. */
static int steps_of(const struct graph *graph, double value)
{
    int all = graph->rows * dots[graph->glyphs].high;
    if (!(value > 0))
        return 0;
    double steps = round(value / graph->top * all);
    return steps < 1 ? 1 : steps > all ? all : (int)steps;
}

/* How high the three parts of a point reach, in steps from below. */
struct tops {
    int value, second, stacked;
};

static struct tops tops_of(const struct graph *graph, const struct graph_point *point)
{
    if (isnan(point->value))
        return (struct tops){0, 0, 0};
    return (struct tops){steps_of(graph, point->value), steps_of(graph, point->value + point->second),
                         steps_of(graph, point->value + point->second + point->stacked)};
}

/* The part of a column `steps` high that falls into the cell row which begins at step `base`. */
static int part(int steps, int base, int high)
{
    int height = steps - base;
    return height < 0 ? 0 : height > high ? high : height;
}

/* Whether there is a dot: every one of the value's, every other of the second part's, a quarter of what is
 * stacked; and always the topmost, so that the height can be seen. */
static bool has_dot(const struct tops *tops, int step, int column, bool loud)
{
    if (step >= tops->stacked)
        return false;
    if (step < tops->value || step == tops->stacked - 1)
        return true;
    return step < tops->second ? (step + column) % 2 == 0 : loud || step % 4 == 2 * column;
}

/* Of a cell whose lowest dots are at step `base`; `tops` are those of its two columns. */
static const char *braille_cell(const struct tops *tops, int base, bool loud)
{
    static const unsigned char bits[2][4] = {{0x40, 0x04, 0x02, 0x01}, {0x80, 0x20, 0x10, 0x08}};
    unsigned dot_bits = 0;
    for (int column = 0; column < 2; column++)
        for (int i = 0; i < 4; i++)
            if (has_dot(&tops[column], base + i, column, loud))
                dot_bits |= bits[column][i];
    return dot_bits ? braille(dot_bits) : NULL;
}

/* One column: what is not half a cell high yet keeps its height, and is told apart by its colour only. */
static const char *column_cell(enum glyph_set set, int height, enum graph_part most)
{
    if (most != GRAPH_VALUE && height * 2 >= dots[set].high)
        return shades[set][most];
    return set == GLYPHS_BLOCK ? blocks[height] : ascii[height];
}

const char *graph_sign(enum glyph_set glyphs, enum graph_part which)
{
    static const struct tops full[] = {{9, 9, 9}, {0, 9, 9}, {0, 0, 9}};
    const struct tops both[2] = {full[which], full[which]};
    return glyphs == GLYPHS_BRAILLE ? braille_cell(both, 0, false) : shades[glyphs][which];
}

/* One cell of the area: its role is that of what fills most of it. Zero is a line along the ground: it is not
 * the same as not known. */
static void area_cell(const struct graph *graph, const struct graph_point *points, size_t count, int row,
                      struct graph_cell *cell)
{
    int high = dots[graph->glyphs].high, base = (graph->rows - 1 - row) * high;
    int of_value = 0, of_second = 0, of_stacked = 0;
    struct tops tops[2] = {{0}, {0}};
    for (size_t i = 0; i < count; i++) {
        tops[i] = tops_of(graph, &points[i]);
        int value = part(tops[i].value, base, high), second = part(tops[i].second, base, high);
        of_value += value;
        of_second += second - value;
        of_stacked += part(tops[i].stacked, base, high) - second;
        if (!isnan(points[i].value) && tops[i].stacked == 0)
            tops[i].value = tops[i].stacked = 1;
    }
    enum graph_part most = of_stacked > of_value + of_second ? GRAPH_STACKED
                           : of_second > of_value            ? GRAPH_SECOND
                                                             : GRAPH_VALUE;
    cell->text = graph->glyphs == GLYPHS_BRAILLE
                     ? braille_cell(tops, base, graph->loud)
                     : column_cell(graph->glyphs, part(tops[0].stacked, base, high), most);
    cell->role = most == GRAPH_STACKED      ? graph->role_stacked
                 : of_value + of_second > 0 ? graph->role
                                            : ROLE_METER;
    cell->level = (unsigned char)(graph->rows > 1 ? 100 * (graph->rows - 1 - row) / (graph->rows - 1) : 50);
}

int graph_row(const struct graph *graph, double value)
{
    if (!(value >= 0) || value > graph->top * 1.0001)
        return -1;
    int row = graph->rows - (int)ceil(value / graph->top * graph->rows - 1e-6);
    return row >= graph->rows ? graph->rows - 1 : row < 0 ? 0 : row;
}

static void line_cell(const struct graph *graph, double limit, enum role role, int col,
                      struct graph_cell *cells)
{
    int row = graph_row(graph, limit);
    if (row >= 0)
        cells[row * graph->cols + col] =
            (struct graph_cell){glyph_text(graph->glyphs, GLYPH_LIMIT_LINE), role, 0};
}

void graph_draw(const struct graph *graph, const struct graph_point *points, size_t count,
                struct graph_cell *cells)
{
    size_t wide = (size_t)dots[graph->glyphs].wide, room = graph_capacity(graph);
    static const struct graph_point nothing = {.value = NAN, .limit = NAN, .limit_soft = NAN};
    memset(cells, 0, sizeof *cells * (size_t)(graph->rows * graph->cols));
    for (int col = 0; col < graph->cols; col++) {
        struct graph_point here[2] = {nothing, nothing};
        for (size_t i = 0; i < wide; i++) {
            size_t slot = (size_t)col * wide + i + (size_t)graph->lag;
            if (slot + count >= room && slot < room)
                here[i] = points[slot + count - room];
        }
        for (int row = 0; row < graph->rows; row++)
            area_cell(graph, here, wide, row, &cells[row * graph->cols + col]);
        const struct graph_point *last = isnan(here[wide - 1].limit) ? &here[0] : &here[wide - 1];
        line_cell(graph, last->limit_soft, graph->role_soft, col, cells);
        line_cell(graph, last->limit, graph->limit_faint ? ROLE_GRAPH_TEXT : graph->role_limit, col, cells);
        if (here[0].mark || here[1].mark)
            cells[col] = (struct graph_cell){glyph_text(graph->glyphs, GLYPH_KILL), ROLE_BAD, 0};
    }
}

double graph_nice(double value)
{
    static const double steps[] = {1, 2, 2.5, 5, 10};
    if (!(value > 0) || isinf(value))
        return 1;
    double unit = pow(10, floor(log10(value)));
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        if (value <= steps[i] * unit * 1.0001)
            return steps[i] * unit;
    return 10 * unit;
}

double graph_nice_bytes(double value)
{
    double unit = 1;
    if (!(value > 0) || isinf(value))
        return 1024;
    while (value / unit >= 1000)
        unit *= 1024;
    return graph_nice(value / unit) * unit;
}

size_t graph_spark_capacity(enum glyph_set glyphs, int cols)
{
    return (size_t)(cols * dots[glyphs].wide);
}

static const char *spark_text(enum glyph_set glyphs, const int *heights)
{
    const struct tops tops[2] = {{heights[0], heights[0], heights[0]}, {heights[1], heights[1], heights[1]}};
    if (glyphs == GLYPHS_BRAILLE)
        return braille_cell(tops, 0, false);
    return glyphs == GLYPHS_BLOCK ? blocks[heights[0]] : ascii_spark[heights[0]];
}

/* One colour for all of it, that of the newest: each cell its own would cost more than the figures. */
void graph_spark(enum glyph_set glyphs, enum role role, double top, const double *values, size_t count,
                 int lag, struct graph_cell *cells, int cols)
{
    int high = glyphs == GLYPHS_ASCII ? 4 : dots[glyphs].high, wide = dots[glyphs].wide;
    size_t room = graph_spark_capacity(glyphs, cols);
    double newest = count && top > 0 && values[count - 1] > 0 ? fmin(values[count - 1] / top, 1) : 0;
    for (int col = 0; col < cols; col++) {
        int heights[2] = {0, 0}, above = 0;
        for (int i = 0; i < wide; i++) {
            size_t slot = (size_t)(col * wide + i + lag);
            double value = slot + count >= room && slot < room ? values[slot + count - room] : NAN;
            if (isnan(value))
                continue;
            double share = top > 0 && value > 0 ? fmin(value / top, 1) : 0;
            /* Zero is a line along the ground: the group was there. */
            heights[i] = share * high > 1 ? (int)ceil(share * high) : 1;
            above += share > 0;
        }
        cells[col] = (struct graph_cell){spark_text(glyphs, heights), above ? role : ROLE_METER,
                                         (unsigned char)(newest * 100)};
    }
}
