/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/layout.h"

#include "base/mem.h"

/* How many rows a row of panes has. */
static int share(int rows, int percent, int least, int most)
{
    int part = rows * percent / 100;
    return part < least ? least : part > most ? most : part;
}

/* Puts those of `panes` that are not hidden side by side (across) or one below the other into `area`, by
 * their weights. */
static void split(struct layout *l, struct rect area, bool across, const enum pane_id *panes,
                  const int *weights, int count, unsigned hidden)
{
    int total = 0, at = 0, sum = 0, room = across ? area.w : area.h;
    for (int i = 0; i < count; i++)
        total += hidden >> panes[i] & 1 ? 0 : weights[i];
    for (int i = 0; i < count; i++) {
        if (hidden >> panes[i] & 1)
            continue;
        sum += weights[i];
        int end = room * sum / total;
        l->pane[panes[i]] = across ? (struct rect){area.y, area.x + at, area.h, end - at}
                                   : (struct rect){area.y + at, area.x, end - at, area.w};
        at = end;
    }
}

static bool any_shown(const enum pane_id *panes, int count, unsigned hidden)
{
    for (int i = 0; i < count; i++)
        if (!(hidden >> panes[i] & 1))
            return true;
    return false;
}

/* A row of panes at the bottom of *area, which shrinks by it. */
static void row_below(struct layout *l, struct rect *area, int height, const enum pane_id *panes,
                      const int *weights, int count, unsigned hidden)
{
    if (!any_shown(panes, count, hidden))
        return;
    area->h -= height;
    split(l, (struct rect){area->y + area->h, area->x, height, area->w}, true, panes, weights, count, hidden);
}

/* 80x24 and like: table above, one compact row of panes. */
static void small(struct layout *l, struct rect area, unsigned hidden)
{
    static const enum pane_id three[] = {PANE_CPU, PANE_MEMORY, PANE_LIMITS};
    static const int weights[] = {27, 27, 26};
    int height = area.h >= 19 ? 9 : area.h >= 14 ? 7 : 0;
    if (height)
        row_below(l, &area, height, three, weights, area.w >= 72 ? 3 : 2, hidden);
    l->pane[PANE_TABLE] = area;
}

/* 120x36 and like: two rows of panes. */
static void medium(struct layout *l, struct rect area, unsigned hidden)
{
    static const enum pane_id upper[] = {PANE_CPU, PANE_MEMORY},
                              lower[] = {PANE_LIMITS, PANE_ABOUT, PANE_EVENTS};
    static const int halves[] = {1, 1}, thirds[] = {34, 36, 50};
    row_below(l, &area, share(area.h, 29, 9, 12), lower, thirds, 3, hidden);
    row_below(l, &area, share(area.h, 31, 9, 20), upper, halves, 2, hidden);
    l->pane[PANE_TABLE] = area;
}

/* 160 columns and more: the table has the whole height on the left, the panes stand at its right. */
static void wide(struct layout *l, struct rect area, unsigned hidden)
{
    static const enum pane_id graphs[] = {PANE_CPU, PANE_MEMORY}, facts[] = {PANE_LIMITS, PANE_ABOUT};
    static const enum pane_id all[] = {PANE_CPU, PANE_MEMORY, PANE_LIMITS, PANE_ABOUT, PANE_EVENTS},
                              last[] = {PANE_EVENTS};
    static const int ones[] = {1, 1};
    l->pane[PANE_TABLE] = area;
    if (!any_shown(all, 5, hidden))
        return;
    int left = share(area.w, 56, 96, 140);
    l->pane[PANE_TABLE].w = left;
    struct rect right = {area.y, area.x + left, area.h, area.w - left};
    if (any_shown(graphs, 2, hidden)) {
        row_below(l, &right, share(area.h, 22, 9, 16), last, ones, 1, hidden);
        row_below(l, &right, 12, facts, ones, 2, hidden);
        split(l, right, false, graphs, ones, 2, hidden);
    } else {
        split(l, right, false, all + 2, (const int[]){1, 1, 1}, 3, hidden);
    }
}

void layout_compute(struct layout *ret, int rows, int cols, unsigned hidden, int zoomed)
{
    *ret = (struct layout){.too_small = rows < LAYOUT_MIN_ROWS || cols < LAYOUT_MIN_COLS};
    if (ret->too_small)
        return;
    int header = rows >= 30 && cols >= 100 ? 4 : 2;
    struct rect area = {header, 0, rows - header - 1, cols};
    ret->pane[PANE_HEADER] = (struct rect){0, 0, header, cols};
    ret->pane[PANE_FOOTER] = (struct rect){rows - 1, 0, 1, cols};
    if (zoomed >= 0)
        ret->pane[zoomed] = area;
    else if (cols >= 160 && rows >= 38)
        wide(ret, area, hidden);
    else if (cols >= 100 && rows >= 32)
        medium(ret, area, hidden);
    else
        small(ret, area, hidden);
}

bool rect_has(const struct rect *rect, int y, int x)
{
    return y >= rect->y && y < rect->y + rect->h && x >= rect->x && x < rect->x + rect->w;
}
