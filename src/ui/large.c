/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/large.h"

#include <string.h>

#include "base/mem.h"

enum { WIDE = 3, HIGH = 5 };

/* Five rows of three dots each, the topmost first. */
static const struct {
    char sign;
    unsigned char rows[HIGH];
} font[] = {
    {'0', {7, 5, 5, 5, 7}}, {'1', {2, 6, 2, 2, 7}}, {'2', {7, 1, 7, 4, 7}}, {'3', {7, 1, 7, 1, 7}},
    {'4', {5, 5, 7, 1, 1}}, {'5', {7, 4, 7, 1, 7}}, {'6', {7, 4, 7, 5, 7}}, {'7', {7, 1, 1, 1, 1}},
    {'8', {7, 5, 7, 5, 7}}, {'9', {7, 5, 7, 1, 7}}, {'.', {0, 0, 0, 0, 2}}, {'%', {5, 1, 2, 4, 5}},
    {'-', {0, 0, 7, 0, 0}}, {'B', {6, 5, 6, 5, 6}}, {'K', {5, 5, 6, 5, 5}}, {'M', {5, 7, 7, 5, 5}},
    {'G', {7, 4, 5, 5, 7}}, {'T', {7, 2, 2, 2, 2}}, {'P', {7, 5, 7, 4, 4}},
};

static const unsigned char *rows_of(char sign)
{
    static const unsigned char blank[HIGH];
    for (size_t i = 0; i < COUNT_OF(font); i++)
        if (font[i].sign == sign)
            return font[i].rows;
    return blank;
}

/* Two dots in a cell, one above the other, or two cells for a dot: as there is room. */
static bool is_tall(enum glyph_set glyphs, int h, int w, const char *text)
{
    return h >= 3 * HIGH && w >= (int)strlen(text) * 2 * (WIDE + 1) && glyphs != GLYPHS_ASCII;
}

int large_height(enum glyph_set glyphs, int h, int w, const char *text)
{
    if (w < (int)strlen(text) * (WIDE + 1) || h < 8)
        return 0;
    if (glyphs == GLYPHS_ASCII)
        return h >= 2 * HIGH ? HIGH : 0;
    return is_tall(glyphs, h, w, text) ? HIGH : (HIGH + 1) / 2;
}

static bool dot(const unsigned char *rows, int row, int col)
{
    return row < HIGH && rows[row] >> (WIDE - 1 - col) & 1;
}

static void draw_sign(const struct canvas *c, int x, struct style style, const unsigned char *rows, bool tall)
{
    static const char *const halves[] = {" ", "▀", "▄", "█"};
    bool ascii = c->term->glyphs == GLYPHS_ASCII;
    for (int row = 0; row < HIGH; row += tall || ascii ? 1 : 2)
        for (int col = 0; col < WIDE; col++) {
            bool upper = dot(rows, row, col), lower = dot(rows, row + 1, col);
            if (tall)
                canvas_text(c, row, x + 2 * col, 2, style, upper ? "██" : "  ");
            else if (ascii)
                canvas_text(c, row, x + col, 1, style, upper ? "#" : " ");
            else
                canvas_text(c, row / 2, x + col, 1, style, halves[upper + 2 * lower]);
        }
}

void large_draw(const struct canvas *c, int x, struct style style, const char *text)
{
    bool tall = is_tall(c->term->glyphs, c->area.h, c->area.w, text);
    for (; *text; text++, x += (WIDE + 1) * (tall ? 2 : 1))
        draw_sign(c, x, style, rows_of(*text), tall);
}
