/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * UTF-8 as cells of a terminal: how wide a text is and where it has to be cut. Pure.
 */
#ifndef BOXTOP_UI_TEXT_H
#define BOXTOP_UI_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#include "base/str.h"

/* Takes one character off *at (a byte that is no valid UTF-8 is L'?'); 0 at the end. */
wchar_t text_next(const char **at);
/* Cells of one character: 0, 1 or 2. */
int text_cell_width(wchar_t c);
/* Cells of a whole text. */
int text_columns(const char *text);
/* Bytes of `text` that fit into `columns` cells. */
size_t text_fit(const char *text, int columns);
/* Adds one character; a control character becomes a blank. */
void text_add(struct str *to, uint32_t c);

#endif
