/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A line of a terminal in memory that is kept aside: taken from libvterm's cells, and given back as such, or
 * as what a program would write to get it. For vt.c.
 */
#ifndef BOXTOP_UI_VT_LINE_H
#define BOXTOP_UI_VT_LINE_H

#include <vterm.h>

#include "base/str.h"
#include "ui/vt.h"

/* Up to its last cell that isn't blank. */
struct vt_line {
    int count;
    struct vt_cell *cells;
};

/* A cell as ours. */
void vt_line_cell(const VTermScreenCell *from, struct vt_cell *ret);
/* Takes a line; what was in *line is not looked at. */
void vt_line_take(struct vt_line *line, const VTermScreenCell *cells, int cols);
/* The cell at x, a blank one behind the line's end. */
void vt_line_at(const struct vt_line *line, int x, struct vt_cell *ret);
/* `cols` cells for libvterm. */
void vt_line_give(const struct vt_line *line, VTermScreenCell *ret, int cols);
/* Adds what writes its first `cols` cells, from the cursor on; the pen is left as the last cell has it. */
void vt_line_print(const struct vt_line *line, int cols, struct str *to);
void vt_line_free(struct vt_line *line);

#endif
