/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/text.h"

/* How many bytes begin with this one; 0 for one that can't begin a character. */
static int length_of(unsigned char c)
{
    return c < 0x80 ? 1 : c >= 0xf0 && c <= 0xf4 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 0;
}

wchar_t text_next(const char **at)
{
    const unsigned char *c = (const unsigned char *)*at;
    int length = length_of(c[0]);
    if (!c[0])
        return 0;
    wchar_t value = length <= 1 ? c[0] : c[0] & (0x7f >> length);
    for (int i = 1; i < length; i++) {
        if ((c[i] & 0xc0) != 0x80) {
            (*at)++;
            return L'?';
        }
        value = value << 6 | (c[i] & 0x3f);
    }
    *at += length ? length : 1;
    return length && value <= 0x10ffff ? value : L'?';
}

int text_cell_width(wchar_t c)
{
    /* Box drawing, blocks, braille, arrows: one cell in every terminal; wcwidth() of the C locale knows none.
     */
    if (c < 0x300 || (c >= 0x2190 && c < 0x2e80))
        return c ? 1 : 0;
    int width = wcwidth(c);
    return width < 0 ? 1 : width;
}

int text_columns(const char *text)
{
    int columns = 0;
    for (wchar_t c; (c = text_next(&text));)
        columns += text_cell_width(c);
    return columns;
}

size_t text_fit(const char *text, int columns)
{
    const char *at = text, *end = text;
    for (wchar_t c; (c = text_next(&at)); end = at)
        if ((columns -= text_cell_width(c)) < 0)
            break;
    return (size_t)(end - text);
}

void text_add(struct str *to, uint32_t c)
{
    char bytes[5] = "";
    if (c < 0x80)
        bytes[0] = (char)(c >= ' ' && c != 127 ? c : ' ');
    else if (c < 0x800)
        bytes[0] = (char)(0xc0 | c >> 6), bytes[1] = (char)(0x80 | (c & 63));
    else if (c < 0x10000)
        bytes[0] = (char)(0xe0 | c >> 12), bytes[1] = (char)(0x80 | (c >> 6 & 63)),
        bytes[2] = (char)(0x80 | (c & 63));
    else
        bytes[0] = (char)(0xf0 | (c >> 18 & 7)), bytes[1] = (char)(0x80 | (c >> 12 & 63)),
        bytes[2] = (char)(0x80 | (c >> 6 & 63)), bytes[3] = (char)(0x80 | (c & 63));
    str_add(to, bytes);
}
