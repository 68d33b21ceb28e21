/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A figure that can be read from the last row: digits made of blocks, for the presenter's layout. UI thread.
 */
#ifndef BOXTOP_UI_LARGE_H
#define BOXTOP_UI_LARGE_H

#include "ui/canvas.h"

/* Lines that it takes where there are `h` of them and `w` cells; 0: there is no room for `text`. */
int large_height(enum glyph_set glyphs, int h, int w, const char *text);
/* Draws it at the upper left. What there is no sign for is left blank. */
void large_draw(const struct canvas *canvas, int x, struct style style, const char *text);

#endif
