/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which columns are shown, in which order and how wide: chosen by the user, or as many of the usual ones as
 * there is room for. State and name are always there, first, and stay where they are when the rest is
 * scrolled. Pure.
 */
#ifndef BOXTOP_UI_COLUMN_SET_H
#define BOXTOP_UI_COLUMN_SET_H

#include "base/err.h"
#include "base/str.h"
#include "ui/column.h"

#define COLUMN_WIDTH_MAX 200

struct column_set {
    bool chosen; /* else the usual ones, and those that don't fit are left out */
    int count;
    struct column_choice {
        enum column_id id;
        int width; /* cells; 0: by its data */
    } items[COLUMN_COUNT];
};

void column_set_default(struct column_set *ret);
/* "auto", or names with a width if they are to have one: "cpu memory:8 name:30". -EINVAL: one is not known,
 * or twice there, or no width. */
int column_set_parse(struct column_set *ret, const char *text, struct err *err);
void column_set_print(const struct column_set *set, struct str *to);
/* Index in items; -1: it isn't shown. */
int column_set_find(const struct column_set *set, enum column_id id);

/* Where each column stands: x and width in cells, width 0: not shown; `order` from left to right. */
struct column_plan {
    int x[COLUMN_COUNT], width[COLUMN_COUNT];
    enum column_id order[COLUMN_COUNT];
    int count;
    int scroll;       /* columns that are scrolled out at the left, no more than makes sense */
    bool left, right; /* there is more there */
};
/* Lays the columns out in `width` cells so that the rows first..first+count fit their data. */
void column_plan(const struct model *model, const struct column_set *set, size_t first, size_t count,
                 int width, int scroll, enum glyph_set glyphs, struct column_plan *ret);

#endif
