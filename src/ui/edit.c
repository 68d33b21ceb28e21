/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/edit.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/keymap.h"
#include "ui/text.h"

void edit_set(struct edit *edit, const char *text)
{
    str_copy(edit->text, sizeof edit->text, text);
    edit->len = edit->cursor = strlen(edit->text);
}

static size_t before(const struct edit *edit)
{
    size_t at = edit->cursor;
    while (at > 0 && (edit->text[--at] & 0xc0) == 0x80)
        continue;
    return at;
}

static size_t after(const struct edit *edit)
{
    const char *at = edit->text + edit->cursor;
    text_next(&at);
    return (size_t)(at - edit->text);
}

/* Takes out what stands from `from` up to `to`. */
static void cut(struct edit *edit, size_t from, size_t to)
{
    memmove(edit->text + from, edit->text + to, edit->len - to + 1);
    edit->len -= to - from;
    edit->cursor = from;
}

static void cut_word(struct edit *edit)
{
    size_t from = edit->cursor;
    while (from > 0 && edit->text[from - 1] == ' ')
        from--;
    while (from > 0 && edit->text[from - 1] != ' ')
        from--;
    cut(edit, from, edit->cursor);
}

/* UTF-8 of a character; its length. */
static size_t encode(int c, char *to)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char front[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len; i-- > 1; c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)(front[len] | c);
    return len;
}

static bool insert(struct edit *edit, int key)
{
    char bytes[4];
    if (key < ' ' || key == K_BACKSPACE || key >= K_NAMED)
        return false;
    size_t len = encode(key, bytes);
    if (edit->len + len >= sizeof edit->text)
        return true;
    memmove(edit->text + edit->cursor + len, edit->text + edit->cursor, edit->len - edit->cursor + 1);
    memcpy(edit->text + edit->cursor, bytes, len);
    edit->len += len;
    edit->cursor += len;
    return true;
}

enum { C_A = 1, C_B = 2, C_D = 4, C_E = 5, C_F = 6, C_H = 8, C_K = 11, C_U = 21, C_W = 23 };

bool edit_key(struct edit *edit, int key)
{
    switch (key) {
    case K_LEFT:
    case C_B:
        edit->cursor = before(edit);
        return true;
    case K_RIGHT:
    case C_F:
        edit->cursor = after(edit);
        return true;
    case K_HOME:
    case C_A:
        edit->cursor = 0;
        return true;
    case K_END:
    case C_E:
        edit->cursor = edit->len;
        return true;
    case K_BACKSPACE:
    case C_H:
        cut(edit, before(edit), edit->cursor);
        return true;
    case K_DELETE:
    case C_D:
        cut(edit, edit->cursor, after(edit));
        return true;
    case C_U:
        cut(edit, 0, edit->cursor);
        return true;
    case C_K:
        cut(edit, edit->cursor, edit->len);
        return true;
    case C_W:
        cut_word(edit);
        return true;
    }
    return insert(edit, key);
}

int edit_column(const struct edit *edit)
{
    char front[EDIT_SIZE];
    memcpy(front, edit->text, edit->cursor);
    front[edit->cursor] = '\0';
    return text_columns(front);
}
