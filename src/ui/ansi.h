/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The colours that a program in a pane names, as this terminal can show them. Pure.
 */
#ifndef BOXTOP_UI_ANSI_H
#define BOXTOP_UI_ANSI_H

#include <stdbool.h>

#include "ui/theme.h"

/* A colour of such a program: COLOR_DEFAULT, 0xRRGGBB, or one of the 256. */
#define ANSI_INDEX(i)    (0x1000000 | (i))
#define ANSI_IS_INDEX(c) ((c) >= 0x1000000)

/* As a look has it (see theme.h); *bold: set where a bright ink can be had only so. */
int ansi_color(enum theme_depth depth, int color, bool *bold);
/* 0xRRGGBB of one of the 256. */
int ansi_rgb(int index);

#endif
