/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which key does what. The default bindings are text in the form that a config file has: `KEY = ACTION` below
 * [keys]. Those below [keys filter] come first while a filter is set, those below [keys past] while the past
 * is looked at; of a key that is typed into the terminal pane only those below [keys terminal] are not the
 * program's. Knows no curses. Pure.
 */
#ifndef BOXTOP_UI_KEYMAP_H
#define BOXTOP_UI_KEYMAP_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/* A key: a Unicode character (control characters too), or one of these. */
enum key {
    K_NONE = 0,
    K_TAB = '\t',
    K_ENTER = '\r',
    K_ESC = 27,
    K_GROUP = 29, /* Ctrl-] */
    K_SPACE = ' ',
    K_BACKSPACE = 127,
    K_NAMED = 0x110000, /* beyond Unicode */
    K_UP = K_NAMED,
    K_DOWN,
    K_LEFT,
    K_RIGHT,
    K_PAGE_UP,
    K_PAGE_DOWN,
    K_HOME,
    K_END,
    K_INSERT,
    K_DELETE,
    K_BACKTAB,
    K_F1,
    K_F12 = K_F1 + 11,
    K_MOUSE, /* an event waits to be read */
    K_RESIZE,
    K_GROUND, /* the terminal has said how light it is */
};

#define KEYMAP_MAX 200

enum keymap_context { KEYS_ALWAYS, KEYS_FILTER, KEYS_TERMINAL, KEYS_PAST, KEYS_TOUR, KEYS_CONTEXTS };

struct keymap {
    struct binding {
        int key;
        int action; /* enum action_id */
        enum keymap_context context;
    } bindings[KEYMAP_MAX];
    size_t count;
};

/* "F5", "Enter", "Space", "C-l", "[", ... -> a key; K_NONE if it is none. */
int key_parse(const char *name);
/* The other way; `to` has 16 bytes. */
const char *key_text(int key, char *to);

void keymap_default(struct keymap *ret);
/* A line of a config: `section` is "keys", "keys filter", ...; a key that was bound there is bound anew; the
 * action "none" takes it off. -EINVAL: one of them is not known. */
int keymap_bind(struct keymap *keymap, const char *section, const char *key, const char *action,
                struct err *err);
/* All bindings, as a config has them. */
void keymap_print(const struct keymap *keymap, struct str *to);
/* enum action_id; 0: nothing is bound. */
int keymap_action(const struct keymap *keymap, int key);
/* The same, where that context is. In KEYS_TERMINAL there are no others than its own. */
int keymap_action_in(const struct keymap *keymap, enum keymap_context context, int key);
/* The first key of an action, K_NONE if it has none. */
int keymap_key(const struct keymap *keymap, int action);
/* All keys of an action, blanks between them; `to` has `size` bytes. */
void keymap_keys(const struct keymap *keymap, int action, char *to, size_t size);

#endif
