/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/keyseq.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/keymap.h"

#define ESC     '\033'
#define PENDING 0 /* more has to come before it can be told */

size_t keyseq_room(const struct keyseq *k)
{
    return sizeof k->held - k->len;
}

void keyseq_add(struct keyseq *k, const char *bytes, size_t len)
{
    size_t fits = len < keyseq_room(k) ? len : keyseq_room(k);
    memcpy(k->held + k->len, bytes, fits);
    k->len += fits;
}

/* ---- each form: how many bytes it takes (PENDING: not all of them are there), and whether it says something
 * ---- */

/* One character of UTF-8; what is none is taken as the byte that it is. */
static size_t take_char(const char *at, size_t len, struct keyseq_event *ret)
{
    unsigned char first = (unsigned char)at[0];
    size_t need = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
    int code = need == 1 ? first : first & (0xff >> (need + 1));
    for (size_t i = 1; i < need; i++) {
        if (i == len)
            return PENDING;
        if (((unsigned char)at[i] & 0xc0) != 0x80) {
            need = 1;
            code = '?';
            break;
        }
        code = code << 6 | (at[i] & 0x3f);
    }
    *ret = (struct keyseq_event){.kind = KEYSEQ_CHAR, .key = need == 1 && first >= 0x80 ? '?' : code};
    return need;
}

static const struct {
    char end;
    int key;
} letters[] = {
    {'A', K_UP}, {'B', K_DOWN},   {'C', K_RIGHT},  {'D', K_LEFT},   {'H', K_HOME},    {'F', K_END},
    {'P', K_F1}, {'Q', K_F1 + 1}, {'R', K_F1 + 2}, {'S', K_F1 + 3}, {'Z', K_BACKTAB},
};

static const struct {
    int number, key;
} numbers[] = {
    {1, K_HOME},      {2, K_INSERT},  {3, K_DELETE},  {4, K_END},      {5, K_PAGE_UP},
    {6, K_PAGE_DOWN}, {7, K_HOME},    {8, K_END},     {11, K_F1},      {12, K_F1 + 1},
    {13, K_F1 + 2},   {14, K_F1 + 3}, {15, K_F1 + 4}, {17, K_F1 + 5},  {18, K_F1 + 6},
    {19, K_F1 + 7},   {20, K_F1 + 8}, {21, K_F1 + 9}, {23, K_F1 + 10}, {24, K_F1 + 11},
};

static bool by_letter(char end, unsigned mods, struct keyseq_event *ret)
{
    for (size_t i = 0; i < COUNT_OF(letters); i++)
        if (letters[i].end == end) {
            *ret = (struct keyseq_event){.kind = KEYSEQ_KEY, .key = letters[i].key, .mods = mods};
            return true;
        }
    return false;
}

static bool by_number(int number, unsigned mods, struct keyseq_event *ret)
{
    if (number == 200 || number == 201) {
        *ret = (struct keyseq_event){.kind = number == 200 ? KEYSEQ_PASTE_BEGIN : KEYSEQ_PASTE_END};
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        if (numbers[i].number == number) {
            *ret = (struct keyseq_event){.kind = KEYSEQ_KEY, .key = numbers[i].key, .mods = mods};
            return true;
        }
    return false;
}

static unsigned mods_of(int parameter)
{
    return parameter > 1 && parameter <= 8 ? (unsigned)parameter - 1 : 0;
}

/* "<0;10;5M": button, column, row; M pressed, m released. */
static bool by_mouse(const char *text, struct keyseq_event *ret)
{
    int button, x, y;
    char end;
    if (sscanf(text, "<%4d;%5d;%5d%c", &button, &x, &y, &end) != 4 || (end != 'M' && end != 'm') || x < 1 ||
        y < 1)
        return false;
    *ret = (struct keyseq_event){.kind = KEYSEQ_MOUSE,
                                 .y = y - 1,
                                 .x = x - 1,
                                 .pressed = end == 'M',
                                 .moved = button & 32,
                                 .mods = (button & 4 ? MOD_SHIFT : 0u) | (button & 8 ? MOD_ALT : 0u) |
                                         (button & 16 ? MOD_CTRL : 0u)};
    int low = button & 3;
    ret->button = button & 64 ? 4 + (low & 1) : low == 3 ? 0 : low + 1;
    return button < 128;
}

/* After "ESC [". */
static size_t take_csi(const char *at, size_t len, bool *ret_said, struct keyseq_event *ret)
{
    char text[40] = "";
    size_t used = 0;
    if (len && at[0] == '[') /* the kernel's console: ESC [ [ A to E */
        return len < 2 ? PENDING
                       : (*ret_said = at[1] >= 'A' && at[1] <= 'E' && by_number(11 + at[1] - 'A', 0, ret), 2);
    for (;; used++) {
        if (used == len)
            return len < sizeof text ? PENDING : len;
        if (at[used] >= '@' && at[used] <= '~')
            break;
    }
    if (used + 1 >= sizeof text)
        return used + 1;
    memcpy(text, at, used + 1);
    char end = text[used], *rest = text;
    int first = (int)strtol(text, &rest, 10), second = *rest == ';' ? (int)strtol(rest + 1, NULL, 10) : 0;
    *ret_said = text[0] == '<' ? by_mouse(text, ret)
                : end == '~'   ? by_number(first, mods_of(second), ret)
                               : by_letter(end, mods_of(second), ret);
    return used + 1;
}

/* Up to BEL or "ESC \": an answer of the terminal's that nobody asked for here. */
static size_t take_string(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (at[i] == '\a' || (at[i] == '\\' && i && at[i - 1] == ESC))
            return i + 1;
    return len > 200 ? len : PENDING;
}

static size_t take_escape(const char *at, size_t len, bool *ret_said, struct keyseq_event *ret)
{
    size_t used = PENDING;
    if (len == 1 || at[1] == ESC) { /* the key: nothing came with it */
        *ret = (struct keyseq_event){.kind = KEYSEQ_CHAR, .key = ESC};
        *ret_said = true;
        return 1;
    }
    if (at[1] == '[' || at[1] == ']') {
        used = at[1] == '[' ? take_csi(at + 2, len - 2, ret_said, ret) : take_string(at + 2, len - 2);
        return used ? used + 2 : PENDING;
    }
    if (at[1] == 'O' && len > 2) {
        *ret_said = by_letter(at[2], 0, ret);
        return 3;
    }
    used = take_char(at + 1, len - 1, ret);
    ret->mods = MOD_ALT;
    *ret_said = used > 0;
    return used ? used + 1 : PENDING;
}

bool keyseq_next(struct keyseq *k, struct keyseq_event *ret)
{
    static const char end[] = "\033[201~";
    while (k->len) {
        bool said = false;
        size_t used;
        if (k->held[0] != ESC) {
            used = take_char(k->held, k->len, ret);
            said = used > 0;
        } else if (k->pasting) {
            /* Only the end of it means something; any other ESC would get out of what was pasted. */
            size_t known = k->len < sizeof end - 1 ? k->len : sizeof end - 1;
            bool maybe = memcmp(k->held, end, known) == 0;
            used = !maybe ? 1 : known < sizeof end - 1 ? PENDING : known;
            if ((said = maybe && used))
                *ret = (struct keyseq_event){.kind = KEYSEQ_PASTE_END};
        } else {
            used = take_escape(k->held, k->len, &said, ret);
        }
        if (!used)
            return false;
        memmove(k->held, k->held + used, k->len -= used);
        if (!said)
            continue;
        if (ret->kind == KEYSEQ_PASTE_BEGIN || ret->kind == KEYSEQ_PASTE_END)
            k->pasting = ret->kind == KEYSEQ_PASTE_BEGIN;
        return true;
    }
    return false;
}
