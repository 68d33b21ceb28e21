/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Truecolor through curses on terminals that have it, but whose terminfo entry has 256 colours (nearly all of
 * them: COLORTERM says so). The entry is taken as it is compiled, and given direct colours. UI thread.
 */
#ifndef BOXTOP_UI_TRUECOLOR_H
#define BOXTOP_UI_TRUECOLOR_H

#include <curses.h>
#include <stddef.h>
#include <stdio.h>

/* As newterm(), with colours that are 0xRRGGBB. NULL: it can't be done, and nothing has changed. */
SCREEN *truecolor_newterm(const char *name, FILE *out, FILE *in);
/* A compiled terminfo entry (term(5)) with direct colours in place of its own. Returns its length, or
 * -EINVAL: it is none, or it is larger than `size`. Pure. */
int truecolor_entry(const unsigned char *entry, size_t len, unsigned char *to, size_t size);

#endif
