/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a terminal sends, byte by byte: characters, keys with Shift, Alt and Ctrl, the mouse in its newer
 * form, where a paste begins and ends. Curses tells less, and it is for a program in a pane that more is
 * needed. Pure.
 */
#ifndef BOXTOP_UI_KEYSEQ_H
#define BOXTOP_UI_KEYSEQ_H

#include <stdbool.h>
#include <stddef.h>

enum { MOD_SHIFT = 1, MOD_ALT = 2, MOD_CTRL = 4 };

enum keyseq_kind { KEYSEQ_CHAR, KEYSEQ_KEY, KEYSEQ_MOUSE, KEYSEQ_PASTE_BEGIN, KEYSEQ_PASTE_END };

struct keyseq_event {
    enum keyseq_kind kind;
    int key;       /* a character, control ones too, or an enum key */
    unsigned mods; /* MOD_x; Ctrl with a character is in the character */
    int y, x;      /* cells, from 0 */
    int button;    /* 1 left, 2 middle, 3 right, 4 wheel up, 5 wheel down, 0: only moved */
    bool pressed, moved;
};

struct keyseq {
    char held[256]; /* what has come and was not understood yet */
    size_t len;
    bool pasting; /* what comes is text, whatever it looks like */
};

/* How many more bytes it can take. */
size_t keyseq_room(const struct keyseq *keyseq);
void keyseq_add(struct keyseq *keyseq, const char *bytes, size_t len);
/* The next event; false: there is none, or not the whole of it. Sequences that nobody knows are dropped. */
bool keyseq_next(struct keyseq *keyseq, struct keyseq_event *ret);

#endif
