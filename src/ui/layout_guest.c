/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where panes stand while there is a terminal among them, or a tour.
 */
#include "ui/layout.h"

#include "base/mem.h"

enum { PANE_LEAST = 26, TABLE_LEAST = 40, TOP_LEAST = 7, TERMINAL_LEAST = 8 };

static int clamp(int value, int least, int most)
{
    return value < least ? least : value > most ? most : value;
}

/* Cuts `size` cells off the end of *area: columns if `across`, else rows. */
static struct rect cut(struct rect *area, bool across, int size)
{
    struct rect part = *area;
    if (across) {
        area->w -= size;
        part.x += area->w;
        part.w = size;
    } else {
        area->h -= size;
        part.y += area->h;
        part.h = size;
    }
    return part;
}

/* The panes that stand beside it: those that were opened, then the graphs; at most `room`. Returns how many.
 */
static int beside(const struct layout_wish *wish, int room, unsigned *ret_panes)
{
    static const enum pane_id usual[] = {PANE_CPU, PANE_MEMORY};
    int count = 0;
    *ret_panes = 0;
    for (int i = 0; i < wish->opened_count + (int)COUNT_OF(usual) && count < room; i++) {
        enum pane_id id = i < wish->opened_count ? wish->opened[i] : usual[i - wish->opened_count];
        if ((wish->hidden | *ret_panes) >> id & 1)
            continue;
        *ret_panes |= 1u << id;
        count++;
    }
    return count;
}

/* These panes, one beside the other or one below the other, in the order of enum pane_id. */
static void fill(struct layout *l, struct rect area, bool across, unsigned panes, int count)
{
    for (int id = 0; id < PANE_COUNT && count; id++) {
        if (!(panes >> id & 1))
            continue;
        struct rect rest = area;
        area = cut(&rest, across, (across ? area.w : area.h) * (count - 1) / count);
        l->pane[id] = rest;
        count--;
    }
}

/* The table with panes at its right, in a few rows. */
static void strip(struct layout *l, struct rect area, const struct layout_wish *wish)
{
    unsigned panes;
    int count = beside(wish, (area.w - TABLE_LEAST) / PANE_LEAST, &panes);
    if (count)
        fill(l, cut(&area, true, clamp(area.w * 58 / 100, count * PANE_LEAST, area.w - TABLE_LEAST)), true,
             panes, count);
    l->pane[PANE_TABLE] = area;
}

static void with_terminal(struct layout *l, struct rect area, const struct layout_wish *wish)
{
    unsigned panes = 0;
    int top = clamp(area.h * 36 / 100, TOP_LEAST, 16);
    bool wide = area.w >= 160 && area.h >= 24;
    int count = wide ? beside(wish, area.h / 9, &panes) : 0;
    if (count)
        fill(l, cut(&area, true, clamp(area.w * 36 / 100, 56, 110)), false, panes, count);
    struct rect below = area;
    if (area.h - top >= TERMINAL_LEAST)
        below = cut(&area, false, area.h - top);
    l->pane[PANE_TERMINAL] = below;
    if (below.y == area.y)
        return;
    if (wide)
        l->pane[PANE_TABLE] = area;
    else
        strip(l, area, wish);
}

void layout_guest(struct layout *ret, int rows, int cols, const struct layout_wish *wish)
{
    *ret = (struct layout){.too_small = rows < LAYOUT_MIN_ROWS || cols < LAYOUT_MIN_COLS};
    if (ret->too_small)
        return;
    int header = rows >= 30 && cols >= 100 ? 4 : 2;
    struct rect area = {header, 0, rows - header - 1, cols};
    ret->pane[PANE_HEADER] = (struct rect){0, 0, header, cols};
    ret->pane[PANE_FOOTER] = (struct rect){rows - 1, 0, 1, cols};
    if (wish->zoomed >= 0)
        ret->pane[wish->zoomed] = area;
    else
        with_terminal(ret, area, wish);
}

void layout_tour_size(int rows, int cols, int *ret_rows, int *ret_cols)
{
    bool beside_it = cols >= 100;
    *ret_cols = beside_it ? clamp(cols * 36 / 100, 40, 72) : 0;
    *ret_rows = beside_it ? 0 : clamp(rows * 42 / 100, 0, rows - LAYOUT_MIN_ROWS);
}

void layout_tour(struct layout *l, int rows, int cols)
{
    int high, wide;
    struct rect *footer = &l->pane[PANE_FOOTER], *header = &l->pane[PANE_HEADER];
    layout_tour_size(rows, cols, &high, &wide);
    if (l->too_small)
        return;
    if (wide)
        l->pane[PANE_TOUR] = (struct rect){header->h, cols - wide, rows - header->h - 1, wide};
    else
        l->pane[PANE_TOUR] = (struct rect){rows - 1 - high, 0, high, cols};
    header->w = cols;
    *footer = (struct rect){rows - 1, 0, 1, cols};
}
