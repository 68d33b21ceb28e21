/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One line that is being typed: readline's keys. Knows no curses. Pure.
 */
#ifndef BOXTOP_UI_EDIT_H
#define BOXTOP_UI_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#define EDIT_SIZE 256

struct edit {
    char text[EDIT_SIZE]; /* UTF-8 */
    size_t len, cursor;   /* bytes; the cursor is at a character's first one */
};

void edit_set(struct edit *edit, const char *text);
/* Applies a key (enum key). False: it means nothing here. */
bool edit_key(struct edit *edit, int key);
/* The cursor's column. */
int edit_column(const struct edit *edit);

#endif
