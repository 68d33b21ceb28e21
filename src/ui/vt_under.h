/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The screen that a full-screen program stands in front of, as it was when that came: libvterm cuts it to a
 * smaller size and does not hand over what is cut off, so it is put back from here when the program has gone.
 * For vt.c.
 */
#ifndef BOXTOP_UI_VT_UNDER_H
#define BOXTOP_UI_VT_UNDER_H

#include <stdbool.h>

#include "ui/vt_line.h"

struct vt_under {
    struct vt_line *lines; /* NULL: nothing is kept */
    int rows;
    VTermPos cursor;
    bool resized; /* libvterm has cut it, or not */
};

/* Keeps what `screen` shows. */
void vt_under_keep(struct vt_under *under, VTermScreen *screen, VTermPos cursor, int rows, int cols);
/* Adds what, written to a terminal of that size, makes it look as it did. Lines that find no room above the
 * cursor are passed on, oldest first: theirs is who gets them. */
void vt_under_print(struct vt_under *under, int rows, int cols,
                    void (*left)(void *data, struct vt_line *line), void *data, struct str *to);
void vt_under_drop(struct vt_under *under);

#endif
