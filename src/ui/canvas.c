/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/canvas.h"

#include <curses.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "ui/text.h"

#define RUN 512 /* cells that are written at once */

static attr_t attributes(unsigned attrs)
{
    return (attrs & STYLE_BOLD ? A_BOLD : 0) | (attrs & STYLE_REVERSE ? A_REVERSE : 0) |
           (attrs & STYLE_UNDERLINE ? A_UNDERLINE : 0) | (attrs & STYLE_FAINT ? A_DIM : 0);
}

static void use_look(struct term *term, const struct look *look)
{
    int pair = 0;
    term->styled = false;
    if (term->depth != DEPTH_NONE)
        pair = alloc_pair(look->fg, look->bg);
    if (pair < 0)
        pair = 0;
    attr_set(attributes(look->attrs), (short)pair, &pair);
}

static bool is_same(const struct style *a, const struct style *b)
{
    return a->role == b->role && a->level == b->level && a->ground == b->ground && a->attrs == b->attrs;
}

/* Most of what is drawn looks like what was drawn right before it. */
static void use_style(struct term *term, struct style style)
{
    struct look look;
    if (term->styled && is_same(&term->style, &style))
        return;
    theme_look(&term->theme, term->depth, style, &look);
    use_look(term, &look);
    term->style = style;
    term->styled = true;
}

static wchar_t shown(const struct term *term, wchar_t c)
{
    return term->glyphs == GLYPHS_ASCII && c >= 0x80 ? L'?' : c;
}

/* Puts text into at most `width` cells at screen coordinates; returns the cells used. */
static int put(struct term *term, int y, int x, int width, const char *text)
{
    wchar_t run[RUN];
    int cells = 0, count = 0;
    for (wchar_t c; count < RUN && (c = text_next(&text));) {
        int w = text_cell_width(c);
        if (w == 0)
            continue;
        if (cells + w > width)
            break;
        run[count++] = shown(term, c);
        cells += w;
    }
    mvaddnwstr(y, x, run, count);
    return cells;
}

/* Clips a line's stretch to the canvas; what is left of the width, 0 if nothing. */
static int clip(const struct canvas *c, int y, int x, int width)
{
    if (y < 0 || y >= c->area.h || x < 0 || x >= c->area.w)
        return 0;
    return width < c->area.w - x ? width : c->area.w - x;
}

int canvas_text(const struct canvas *c, int y, int x, int width, struct style style, const char *text)
{
    int room = clip(c, y, x, width);
    if (room <= 0)
        return 0;
    use_style(c->term, style);
    if (text_columns(text) <= room)
        return put(c->term, c->area.y + y, c->area.x + x, room, text);
    int used = put(c->term, c->area.y + y, c->area.x + x, room - 1, text);
    return used +
           put(c->term, c->area.y + y, c->area.x + x + used, 1, glyph_text(c->term->glyphs, GLYPH_CUT));
}

void canvas_right(const struct canvas *c, int y, int x, int width, struct style style, const char *text)
{
    int blank = width - text_columns(text);
    canvas_text(c, y, x + (blank > 0 ? blank : 0), blank > 0 ? width - blank : width, style, text);
}

int canvas_glyph(const struct canvas *c, int y, int x, struct style style, enum glyph glyph)
{
    return canvas_text(c, y, x, 1, style, glyph_text(c->term->glyphs, glyph));
}

void canvas_repeat(const struct canvas *c, int y, int x, int width, struct style style, const char *text)
{
    int room = clip(c, y, x, width);
    if (room <= 0)
        return;
    use_style(c->term, style);
    cchar_t cell;
    wchar_t character[] = {shown(c->term, text_next(&text)), L'\0'};
    setcchar(&cell, character, A_NORMAL, 0, NULL); /* it gets the look that text has now */
    mvhline_set(c->area.y + y, c->area.x + x, &cell, room);
}

void canvas_bar(const struct canvas *c, int y, int x, int width, const struct bar *bar)
{
    int room = width - 1, halves = (int)(fmin(fmax(bar->fill, 0), 1) * room * 2 + 0.5);
    bool selected = bar->ground == GROUND_SELECTED;
    /* A little is not nothing. */
    halves = bar->fill > 0.002 && halves == 0 ? 1 : halves;
    for (int i = 0; i < room; i++) {
        enum glyph glyph = 2 * i + 2 <= halves   ? GLYPH_BAR_FULL
                           : 2 * i + 1 <= halves ? GLYPH_BAR_HALF
                                                 : GLYPH_BAR_EMPTY;
        enum role role = selected ? ROLE_SELECTED_FG : glyph == GLYPH_BAR_EMPTY ? ROLE_METER : bar->role;
        canvas_glyph(c, y, x + i, STYLE(role, .level = (uint8_t)(100 * i / room), .ground = bar->ground),
                     glyph);
    }
    if (bar->low > 0 && bar->low < 1)
        canvas_glyph(c, y, x + (int)(bar->low * room),
                     STYLE(selected ? ROLE_SELECTED_FG : ROLE_GOOD, .ground = bar->ground), GLYPH_LOW);
    if (bar->mark > 0 && bar->mark < 1)
        canvas_glyph(c, y, x + (int)(bar->mark * room),
                     STYLE(selected ? ROLE_SELECTED_FG : ROLE_WARN, .ground = bar->ground), GLYPH_VLINE);
    if (bar->limit != GLYPH_COUNT)
        canvas_glyph(c, y, x + room,
                     STYLE(selected ? ROLE_SELECTED_FG : bar->limit_role, .ground = bar->ground), bar->limit);
}

void canvas_clear(const struct canvas *c)
{
    for (int y = 0; y < c->area.h; y++)
        canvas_repeat(c, y, 0, c->area.w, STYLE(ROLE_FG), " ");
}

void canvas_box(const struct canvas *c, enum role role, struct canvas *ret_inside)
{
    struct style style = STYLE(role);
    const char *line = glyph_text(c->term->glyphs, GLYPH_HLINE);
    int h = c->area.h, w = c->area.w;
    for (int y = 0; y<h; y += h> 1 ? h - 1 : 1) {
        canvas_repeat(c, y, 1, w - 2, style, line);
        canvas_glyph(c, y, 0, style, y ? GLYPH_BOTTOM_LEFT : GLYPH_TOP_LEFT);
        canvas_glyph(c, y, w - 1, style, y ? GLYPH_BOTTOM_RIGHT : GLYPH_TOP_RIGHT);
    }
    for (int y = 1; y < h - 1; y++)
        canvas_repeat(c, y, 1, w - 2, STYLE(ROLE_FG), " ");
    for (int y = 1; y < h - 1; y++) {
        canvas_glyph(c, y, 0, style, GLYPH_VLINE);
        canvas_glyph(c, y, w - 1, style, GLYPH_VLINE);
    }
    *ret_inside = (struct canvas){c->term, {c->area.y + 1, c->area.x + 2, h - 2, w - 4}};
}

int canvas_notch_width(const char *text)
{
    return text_columns(text) + 2;
}

int canvas_notch(const struct canvas *c, int x, enum role box, struct style style, const char *text)
{
    int room = c->area.w - 2 - x;
    if (room < 4)
        return 0;
    canvas_glyph(c, 0, x, STYLE(box), GLYPH_TITLE_OPEN);
    int used = canvas_text(c, 0, x + 1, room - 2, style, text);
    canvas_glyph(c, 0, x + 1 + used, STYLE(box), GLYPH_TITLE_CLOSE);
    return used + 2;
}

void canvas_char(const struct canvas *c, int y, int x, const struct look *look, wchar_t character, int width)
{
    bool fits = clip(c, y, x, width) >= width;
    if (!clip(c, y, x, 1))
        return;
    if (character == 0 || !fits)
        character = L' ';
    else if (character < L' ' || text_cell_width(character) != width ||
             (character >= 0x7f && character < 0xa0))
        character = width == 1 ? L'?' : L' ';
    use_look(c->term, look);
    wchar_t one[] = {shown(c->term, character)};
    mvaddnwstr(c->area.y + y, c->area.x + x, one, 1);
    if (character == L' ' && fits && width == 2)
        mvaddnwstr(c->area.y + y, c->area.x + x + 1, one, 1);
}

void canvas_cells(const struct canvas *c, int y, int x, const struct graph_cell *cells, int rows, int cols,
                  enum ground ground)
{
    for (int row = 0; row < rows; row++)
        for (int col = 0; col < cols; col++) {
            const struct graph_cell *cell = &cells[row * cols + col];
            if (cell->text)
                canvas_text(c, y + row, x + col, 1, STYLE(cell->role, .level = cell->level, .ground = ground),
                            cell->text);
        }
}
