/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/layout.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/words.h"

const char *const layout_names[LAYOUT_PRESETS + 1] = {N_("operator"), N_("compact"), N_("presenter"), NULL};

/* ---- which panes ---- */

enum size_class { SIZE_SMALL, SIZE_MEDIUM, SIZE_WIDE, SIZE_HUGE, SIZE_CLASSES };

/* The most important first. */
struct choice {
    enum pane_id panes[PANE_COUNT];
    int count;
};

static const struct choice presets[LAYOUT_PRESETS][SIZE_CLASSES] =
    {
        [LAYOUT_OPERATOR] =
            {
                [SIZE_SMALL] = {{PANE_CPU, PANE_MEMORY, PANE_LIMITS}, 3},
                [SIZE_MEDIUM] = {{PANE_CPU, PANE_MEMORY, PANE_LIMITS, PANE_ABOUT, PANE_EVENTS}, 5},
                [SIZE_WIDE] = {{PANE_CPU, PANE_MEMORY, PANE_LIMITS, PANE_ABOUT, PANE_EVENTS, PANE_PROCESSES,
                                PANE_PRESSURE, PANE_IO, PANE_NETWORK},
                               9},
                [SIZE_HUGE] = {{PANE_CPU, PANE_MEMORY, PANE_LIMITS, PANE_ABOUT, PANE_EVENTS, PANE_PROCESSES,
                                PANE_PRESSURE, PANE_IO, PANE_NETWORK, PANE_NAMESPACES},
                               10},
            },
        [LAYOUT_COMPACT] =
            {
                [SIZE_SMALL] = {{PANE_CPU, PANE_MEMORY, PANE_ABOUT}, 3},
                [SIZE_MEDIUM] = {{PANE_CPU, PANE_MEMORY, PANE_ABOUT}, 3},
                [SIZE_WIDE] = {{PANE_CPU, PANE_MEMORY, PANE_ABOUT, PANE_EVENTS}, 4},
                [SIZE_HUGE] = {{PANE_CPU, PANE_MEMORY, PANE_ABOUT, PANE_EVENTS}, 4},
            },
        [LAYOUT_PRESENTER] =
            {
                [SIZE_SMALL] = {{PANE_CPU, PANE_MEMORY}, 2},
                [SIZE_MEDIUM] = {{PANE_CPU, PANE_MEMORY, PANE_LIMITS}, 3},
                [SIZE_WIDE] = {{PANE_CPU, PANE_MEMORY, PANE_LIMITS, PANE_PROCESSES}, 4},
                [SIZE_HUGE] = {{PANE_CPU, PANE_MEMORY, PANE_LIMITS, PANE_PROCESSES}, 4},
            },
};

static enum size_class class_of(int rows, int cols)
{
    if (cols >= 240 && rows >= 70)
        return SIZE_HUGE;
    if (cols >= 160 && rows >= 38)
        return SIZE_WIDE;
    return cols >= 100 && rows >= 32 ? SIZE_MEDIUM : SIZE_SMALL;
}

static bool has(const enum pane_id *list, int count, enum pane_id id)
{
    for (int i = 0; i < count; i++)
        if (list[i] == id)
            return true;
    return false;
}

/* Those that were opened, then the preset's. */
static void choose(const struct layout_wish *wish, enum size_class size, struct choice *ret)
{
    const struct choice *preset = &presets[wish->preset][size];
    *ret = (struct choice){0};
    for (int i = 0; i < wish->opened_count; i++)
        ret->panes[ret->count++] = wish->opened[i];
    for (int i = 0; i < preset->count; i++)
        if (!(wish->hidden >> preset->panes[i] & 1) && !has(ret->panes, ret->count, preset->panes[i]))
            ret->panes[ret->count++] = preset->panes[i];
}

void layout_toggle(struct layout_wish *wish, const struct layout *now, enum pane_id id)
{
    int kept = 0;
    for (int i = 0; i < wish->opened_count; i++)
        if (wish->opened[i] != id)
            wish->opened[kept++] = wish->opened[i];
    wish->opened_count = kept;
    wish->zoomed = -1;
    if (now->pane[id].h) {
        wish->hidden |= 1u << id;
        return;
    }
    wish->hidden &= ~(1u << id);
    memmove(wish->opened + 1, wish->opened, (size_t)wish->opened_count++ * sizeof *wish->opened);
    wish->opened[0] = id;
}

/* ---- in rows ---- */

/* Its share of a row's width. */
static const int weights[PANE_COUNT] = {
    [PANE_CPU] = 40,     [PANE_MEMORY] = 40, [PANE_PRESSURE] = 40,   [PANE_IO] = 40,
    [PANE_LIMITS] = 36,  [PANE_ABOUT] = 36,  [PANE_NAMESPACES] = 40, [PANE_PROCESSES] = 48,
    [PANE_NETWORK] = 44, [PANE_EVENTS] = 46, [PANE_TERMINAL] = 40,   [PANE_TOUR] = 40};

enum { ROWS = PANE_COUNT };

/* Panes as rows: graphs above facts, where there are rows enough for both. */
struct rows {
    int count, first[ROWS], in_row[ROWS]; /* of `panes`, in the order of enum pane_id */
    bool graphs[ROWS];
    enum pane_id panes[PANE_COUNT];
};

static bool is_graph(enum pane_id id)
{
    return id < PANE_LIMITS;
}

/* That many panes in as few rows as hold `most` each, as even as can be. */
static void add_rows(struct rows *to, int first, int count, int most, bool graphs)
{
    int rows = (count + most - 1) / most;
    for (int i = 0; i < rows; i++) {
        int begin = first + count * i / rows, end = first + count * (i + 1) / rows;
        to->first[to->count] = begin;
        to->in_row[to->count] = end - begin;
        to->graphs[to->count++] = graphs;
    }
}

/* `most`: panes in a row; `most_rows`: rows that there is room for. False: there is no room for all. */
static bool make_rows(const struct choice *choice, int count, int most, int most_rows, struct rows *ret)
{
    int graphs = 0, placed = 0;
    *ret = (struct rows){0};
    for (int id = 0; id < PANE_COUNT; id++)
        if (has(choice->panes, count, (enum pane_id)id)) {
            graphs += is_graph((enum pane_id)id);
            ret->panes[placed++] = (enum pane_id)id;
        }
    int apart = (graphs + most - 1) / most + (count - graphs + most - 1) / most;
    if (apart <= most_rows) {
        add_rows(ret, 0, graphs, most, true);
        add_rows(ret, graphs, count - graphs, most, false);
        return true;
    }
    add_rows(ret, 0, count, most, graphs * 2 >= count);
    return ret->count <= most_rows;
}

static void fill_row(struct layout *l, struct rect area, const enum pane_id *panes, int count)
{
    int total = 0, sum = 0, at = 0;
    for (int i = 0; i < count; i++)
        total += weights[panes[i]];
    for (int i = 0; i < count; i++) {
        sum += weights[panes[i]];
        int end = area.w * sum / total;
        l->pane[panes[i]] = (struct rect){area.y, area.x + at, area.h, end - at};
        at = end;
    }
}

static int clamp(int value, int least, int most)
{
    return value < least ? least : value > most ? most : value;
}

/* ---- below the table, or at its right ---- */

enum {
    ROW_LEAST = 9,
    ROW_GOOD = 11,
    LOW_ROW = 7,
    TABLE_LEAST = 8,
    TABLE_FRAME = 3, /* its border, and the columns' titles */
    TABLE_AIR = 1,
    TABLE_SPARE = 5,
    TABLE_ROWS_MOST = 200,
    NARROW = 26,
    USUAL_WIDTH = 38,
    TOWER = 30
};

bool layout_table_rows(struct layout_wish *wish, size_t count)
{
    int rows = count < TABLE_ROWS_MOST ? (int)count : TABLE_ROWS_MOST;
    if (rows <= wish->table_rows && rows + TABLE_SPARE >= wish->table_rows)
        return false;
    wish->table_rows = rows + TABLE_AIR;
    return true;
}

/* How high the table is if it has all its rows, or all there is room for. */
static int table_height(const struct layout_wish *wish, int most)
{
    int rows = wish->table_rows ? wish->table_rows : TABLE_ROWS_MOST;
    return clamp(rows + TABLE_FRAME, TABLE_LEAST, most);
}

/* As many of the panes as there is room for, at most `most` in a row and in `most_rows` rows. */
static void fit(const struct choice *choice, int most, int most_rows, struct rows *ret)
{
    int count = choice->count;
    most = most < 1 ? 1 : most;
    while (count && !make_rows(choice, count, most, most_rows, ret))
        count--;
    if (!count)
        *ret = (struct rows){0};
}

static int count_rows(const struct rows *rows, bool graphs)
{
    int count = 0;
    for (int i = 0; i < rows->count; i++)
        count += rows->graphs[i] == graphs;
    return count;
}

/* How high each row is where the panes have `room` at most. */
static void heights_below(const struct rows *rows, int whole, int room, enum layout_preset preset,
                          int *heights)
{
    int total = 0;
    for (int i = 0; i < rows->count; i++) {
        heights[i] =
            rows->graphs[i] ? clamp(whole * 31 / 100, ROW_LEAST, 20) : clamp(whole * 29 / 100, ROW_LEAST, 12);
        total += heights[i];
    }
    for (int i = 0; i < rows->count && (total > room || preset == LAYOUT_PRESENTER); i++)
        heights[i] = room / rows->count;
}

/* What the table has no rows for is the graphs'. */
static void share_spare(const struct rows *rows, int spare, int *heights)
{
    int graphs = count_rows(rows, true), seen = 0;
    for (int i = 0; i < rows->count; i++)
        spare -= heights[i];
    for (int i = 0; i < rows->count && spare > 0; i++)
        if (rows->graphs[i]) {
            heights[i] += spare * (seen + 1) / graphs - spare * seen / graphs;
            seen++;
        }
}

static void below(struct layout *l, struct rect area, const struct choice *choice,
                  const struct layout_wish *wish)
{
    struct rows rows;
    bool low = wish->preset == LAYOUT_COMPACT || area.h < TABLE_LEAST + ROW_LEAST + 2;
    int heights[ROWS], room = area.h < 14 ? 0 : low ? LOW_ROW : area.h - TABLE_LEAST;
    int most_rows = low ? room / LOW_ROW : room / ROW_LEAST;
    fit(choice, area.w / (area.w < 100 && most_rows == 1 ? NARROW : USUAL_WIDTH), most_rows, &rows);
    heights_below(&rows, area.h, room, wish->preset, heights);
    share_spare(&rows, area.h - table_height(wish, area.h), heights);
    for (int i = rows.count - 1; i >= 0; i--) {
        area.h -= heights[i];
        fill_row(l, (struct rect){area.y + area.h, area.x, heights[i], area.w}, rows.panes + rows.first[i],
                 rows.in_row[i]);
    }
    l->pane[PANE_TABLE] = area;
}

/* ---- 160 columns and more ---- */

/* Facts have an end: where there are graphs, these get what is left over. */
static int facts_height(const struct rows *rows, int room)
{
    return count_rows(rows, true) ? clamp(room / rows->count, ROW_LEAST, 18) : room / rows->count;
}

/* Rows are as high as is good, if need be for what was opened as low as can be read. Graphs that would be
 * towers stand in more rows. */
static void fit_rows(const struct choice *choice, struct rect area, bool opened, struct rows *ret)
{
    for (int most = area.w / USUAL_WIDTH;; most--) {
        fit(choice, most, area.h / (opened ? ROW_LEAST : ROW_GOOD), ret);
        int graphs = count_rows(ret, true), facts = count_rows(ret, false);
        if (most <= 2 || !graphs || (area.h - facts * facts_height(ret, area.h)) / graphs <= TOWER)
            return;
    }
}

static void fill_rows(struct layout *l, struct rect area, const struct rows *rows)
{
    int graphs = count_rows(rows, true), fixed = facts_height(rows, area.h), seen = 0, y = area.y;
    int sharing = graphs ? graphs : rows->count,
        shared = graphs ? area.h - (rows->count - graphs) * fixed : area.h;
    for (int i = 0; i < rows->count; i++) {
        int height = fixed;
        if (rows->graphs[i] || !graphs) {
            height = shared * (seen + 1) / sharing - shared * seen / sharing;
            seen++;
        }
        fill_row(l, (struct rect){y, area.x, height, area.w}, rows->panes + rows->first[i], rows->in_row[i]);
        y += height;
    }
}

/* A short table has the whole width and so all its columns, and the panes stand under it; a long one has the
 * whole height, and they stand beside it. */
static void wide(struct layout *l, struct rect area, const struct choice *choice,
                 const struct layout_wish *wish)
{
    struct rows rows;
    struct rect table = area, rest = area;
    int height = table_height(wish, area.h);
    if (height <= area.h * 45 / 100) {
        table.h = height;
        rest.y += height;
        rest.h -= height;
    } else {
        table.w = wish->preset == LAYOUT_PRESENTER ? clamp(area.w * 40 / 100, 78, 120)
                                                   : clamp(area.w * 56 / 100, 96, 140);
        rest.x += table.w;
        rest.w -= table.w;
    }
    fit_rows(choice, rest, wish->opened_count > 0, &rows);
    l->pane[PANE_TABLE] = rows.count ? table : area;
    if (rows.count)
        fill_rows(l, rest, &rows);
}

void layout_compute(struct layout *ret, int rows, int cols, const struct layout_wish *wish)
{
    struct choice choice;
    enum size_class size = class_of(rows, cols);
    *ret = (struct layout){.too_small = rows < LAYOUT_MIN_ROWS || cols < LAYOUT_MIN_COLS};
    if (ret->too_small)
        return;
    int header = rows >= 30 && cols >= 100 ? 4 : 2;
    struct rect area = {header, 0, rows - header - 1, cols};
    ret->pane[PANE_HEADER] = (struct rect){0, 0, header, cols};
    ret->pane[PANE_FOOTER] = (struct rect){rows - 1, 0, 1, cols};
    choose(wish, size, &choice);
    if (wish->zoomed >= 0)
        ret->pane[wish->zoomed] = area;
    else if (size >= SIZE_WIDE && wish->preset != LAYOUT_COMPACT)
        wide(ret, area, &choice, wish);
    else
        below(ret, area, &choice, wish);
}

bool rect_has(const struct rect *rect, int y, int x)
{
    return y >= rect->y && y < rect->y + rect->h && x >= rect->x && x < rect->x + rect->w;
}
