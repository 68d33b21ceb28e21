/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/vt_under.h"

#include <stdlib.h>

#include "base/mem.h"

void vt_under_keep(struct vt_under *under, VTermScreen *screen, VTermPos cursor, int rows, int cols)
{
    cleanup_free VTermScreenCell *cells = mem_array((size_t)cols, sizeof *cells);
    vt_under_drop(under);
    *under = (struct vt_under){mem_array((size_t)rows, sizeof *under->lines), rows, cursor, false};
    for (int y = 0; y < rows; y++) {
        for (int x = 0; x < cols; x++)
            vterm_screen_get_cell(screen, (VTermPos){y, x}, &cells[x]);
        vt_line_take(&under->lines[y], cells, cols);
    }
}

/* How many lines leave at the top, as on a screen that nothing stood in front of: the cursor's stays. */
static int count_left(const struct vt_under *under, int rows)
{
    int last = under->rows - 1;
    while (last > under->cursor.row && !under->lines[last].count)
        last--;
    int left = last + 1 - rows;
    return left < 0 ? 0 : left < under->cursor.row ? left : under->cursor.row;
}

void vt_under_print(struct vt_under *under, int rows, int cols,
                    void (*left)(void *data, struct vt_line *line), void *data, struct str *to)
{
    int gone = count_left(under, rows);
    for (int y = 0; y < gone; y++) {
        left(data, &under->lines[y]);
        under->lines[y] = (struct vt_line){0};
    }
    str_add(to, "\0337\033[m\033[2J"); /* the pen is the program's, and stays */
    for (int y = gone; y < under->rows && y - gone < rows; y++) {
        if (!under->lines[y].count)
            continue;
        str_addf(to, "\033[%dH", y - gone + 1);
        vt_line_print(&under->lines[y], cols, to);
    }
    /* The cursor may yet be restored to where it was: that is here now. */
    str_addf(to, "\0338\033[%d;%dH\0337", under->cursor.row - gone + 1, under->cursor.col + 1);
}

void vt_under_drop(struct vt_under *under)
{
    for (int y = 0; y < under->rows && under->lines; y++)
        vt_line_free(&under->lines[y]);
    free(under->lines);
    *under = (struct vt_under){0};
}
