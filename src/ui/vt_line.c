/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/vt_line.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/ansi.h"
#include "ui/text.h"

static int color_of(const VTermColor *color, bool ground)
{
    if (ground ? VTERM_COLOR_IS_DEFAULT_BG(color) : VTERM_COLOR_IS_DEFAULT_FG(color))
        return COLOR_DEFAULT;
    if (VTERM_COLOR_IS_INDEXED(color))
        return ANSI_INDEX(color->indexed.idx);
    return color->rgb.red << 16 | color->rgb.green << 8 | color->rgb.blue;
}

void vt_line_cell(const VTermScreenCell *from, struct vt_cell *ret)
{
    *ret = (struct vt_cell){.c = from->chars[0],
                            .width = from->width > 0 ? from->width : 1,
                            .fg = color_of(&from->fg, false),
                            .bg = color_of(&from->bg, true),
                            .attrs = (from->attrs.bold ? STYLE_BOLD : 0u) |
                                     (from->attrs.underline ? STYLE_UNDERLINE : 0u) |
                                     (from->attrs.reverse ? STYLE_REVERSE : 0u)};
    if (ret->c == UINT32_MAX) /* the right half of a wide one */
        ret->c = 0;
}

static bool is_blank(const struct vt_cell *cell)
{
    return (!cell->c || cell->c == ' ') && cell->bg == COLOR_DEFAULT && !cell->attrs;
}

void vt_line_take(struct vt_line *line, const VTermScreenCell *cells, int cols)
{
    struct vt_cell *all = mem_array((size_t)cols, sizeof *all);
    line->count = 0;
    for (int i = 0; i < cols; i++) {
        vt_line_cell(&cells[i], &all[i]);
        line->count = is_blank(&all[i]) ? line->count : i + 1;
    }
    line->cells = line->count ? mem_resize(all, (size_t)line->count, sizeof *all) : NULL;
    if (!line->count)
        free(all);
}

void vt_line_at(const struct vt_line *line, int x, struct vt_cell *ret)
{
    *ret = x < line->count ? line->cells[x]
                           : (struct vt_cell){.c = ' ', .width = 1, .fg = COLOR_DEFAULT, .bg = COLOR_DEFAULT};
}

static void give_color(int color, bool ground, VTermColor *to)
{
    if (ANSI_IS_INDEX(color))
        vterm_color_indexed(to, (uint8_t)(color & 255));
    else
        vterm_color_rgb(to, (uint8_t)(color >> 16), (uint8_t)(color >> 8), (uint8_t)color);
    if (color == COLOR_DEFAULT)
        to->type = ground ? VTERM_COLOR_DEFAULT_BG : VTERM_COLOR_DEFAULT_FG;
}

void vt_line_give(const struct vt_line *line, VTermScreenCell *ret, int cols)
{
    for (int x = 0; x < cols; x++) {
        struct vt_cell cell;
        vt_line_at(line, x, &cell);
        memset(&ret[x], 0, sizeof ret[x]);
        ret[x].chars[0] = cell.c;
        ret[x].width = (char)cell.width;
        ret[x].attrs.bold = !!(cell.attrs & STYLE_BOLD);
        ret[x].attrs.underline = !!(cell.attrs & STYLE_UNDERLINE);
        ret[x].attrs.reverse = !!(cell.attrs & STYLE_REVERSE);
        give_color(cell.fg, false, &ret[x].fg);
        give_color(cell.bg, true, &ret[x].bg);
    }
}

static void print_color(int color, int code, struct str *to)
{
    if (color == COLOR_DEFAULT)
        return;
    if (ANSI_IS_INDEX(color))
        str_addf(to, ";%d;5;%d", code, color & 255);
    else
        str_addf(to, ";%d;2;%d;%d;%d", code, color >> 16 & 255, color >> 8 & 255, color & 255);
}

static void print_pen(const struct vt_cell *cell, struct str *to)
{
    str_addf(to, "\033[0%s%s%s", cell->attrs & STYLE_BOLD ? ";1" : "",
             cell->attrs & STYLE_UNDERLINE ? ";4" : "", cell->attrs & STYLE_REVERSE ? ";7" : "");
    print_color(cell->fg, 38, to);
    print_color(cell->bg, 48, to);
    str_add(to, "m");
}

void vt_line_print(const struct vt_line *line, int cols, struct str *to)
{
    struct vt_cell before, cell;
    for (int x = 0; x < line->count; x += cell.width, before = cell) {
        vt_line_at(line, x, &cell);
        if (x + cell.width > cols)
            break;
        if (x == 0 || cell.attrs != before.attrs || cell.fg != before.fg || cell.bg != before.bg)
            print_pen(&cell, to);
        text_add(to, cell.c ? cell.c : ' ');
    }
}

void vt_line_free(struct vt_line *line)
{
    free(line->cells);
    *line = (struct vt_line){0};
}
