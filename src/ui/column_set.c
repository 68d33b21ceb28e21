/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/column_set.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "ui/model.h"
#include "ui/text.h"

enum {
    PINNED = 2,
    USUAL = COLUMN_MANAGER,
    NAME_MOST = 40,
    BAR_WIDTH = 10,
    BAR_MOST = 24,
    SPARK_MOST = 64,
    NAME_AIR = 8
};

/* ---- the set ---- */

static void pin(struct column_set *set)
{
    *set = (struct column_set){.count = PINNED, .items = {{COLUMN_STATE, 0}, {COLUMN_NAME, 0}}};
}

void column_set_default(struct column_set *ret)
{
    pin(ret);
    for (int id = COLUMN_NAME + 1; id < USUAL; id++)
        ret->items[ret->count++].id = (enum column_id)id;
}

int column_set_find(const struct column_set *set, enum column_id id)
{
    for (int i = 0; i < set->count; i++)
        if (set->items[i].id == id)
            return i;
    return -1;
}

static int unknown(const char *word, struct err *err)
{
    struct nearest nearest = nearest_init(word);
    for (int id = 0; id < COLUMN_COUNT; id++)
        nearest_try(&nearest, column_table[id].key);
    err_set(err, EINVAL, "no column is called %s", word);
    return nearest.best ? err_hint(err, "did you mean %s?", nearest.best) : -EINVAL;
}

/* "memory:8" */
static int add_word(struct column_set *set, char *word, struct err *err)
{
    char *colon = strchr(word, ':'), *end = NULL;
    long width = 0;
    if (colon) {
        *colon = '\0';
        width = strtol(colon + 1, &end, 10);
        if (end == colon + 1 || *end || width < 1 || width > COLUMN_WIDTH_MAX)
            return err_set(err, EINVAL, "%s:%s: not a width from 1 to %d", word, colon + 1, COLUMN_WIDTH_MAX);
    }
    int id = column_find(word);
    if (id < 0)
        return unknown(word, err);
    int at = column_set_find(set, (enum column_id)id);
    if (at >= PINNED)
        return err_set(err, EINVAL, "%s is there twice", word);
    if (at < 0)
        at = set->count++;
    set->items[at] = (struct column_choice){(enum column_id)id, (int)width};
    return 0;
}

int column_set_parse(struct column_set *ret, const char *text, struct err *err)
{
    struct column_set set;
    cleanup_free char *copy = mem_dup(text);
    if (strcmp(text, "auto") == 0) {
        column_set_default(ret);
        return 0;
    }
    pin(&set);
    set.chosen = true;
    for (char *save = NULL, *word = strtok_r(copy, " \t,", &save); word;
         word = strtok_r(NULL, " \t,", &save)) {
        int rc = add_word(&set, word, err);
        if (rc < 0)
            return rc;
    }
    *ret = set;
    return 0;
}

void column_set_print(const struct column_set *set, struct str *to)
{
    if (!set->chosen) {
        str_add(to, "auto");
        return;
    }
    for (int i = 0; i < set->count; i++) {
        str_addf(to, "%s%s", i ? " " : "", column_table[set->items[i].id].key);
        if (set->items[i].width)
            str_addf(to, ":%d", set->items[i].width);
    }
}

/* ---- widths ---- */

static int text_width(const struct model *model, const struct row *row, enum column_id id,
                      enum glyph_set glyphs)
{
    char name[MODEL_NAME];
    struct column_cell cell;
    if (column_table[id].kind == COLUMN_TREE) {
        model_name(model, row, name);
        return text_columns(name) + (model->flat ? 0 : 2 * row->depth);
    }
    /* What a process has fits anywhere. */
    if (row->process)
        return 0;
    column_text(id, model, row, glyphs, &cell);
    return text_columns(cell.text);
}

/* What the widest of those rows needs; 0 for bars and graphs. */
static int data_width(const struct model *model, enum column_id id, size_t first, size_t count,
                      enum glyph_set glyphs)
{
    int widest = 0;
    enum column_kind kind = column_table[id].kind;
    if (kind != COLUMN_TEXT && kind != COLUMN_TREE)
        return 0;
    for (size_t i = first; i < first + count && i < model->row_count; i++) {
        int width = text_width(model, &model->rows[i], id, glyphs);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static int total_width(const int *width)
{
    int sum = 0;
    for (int id = 0; id < COLUMN_COUNT; id++)
        sum += width[id] ? width[id] + column_table[id].gap : 0;
    return sum;
}

/* Takes columns off, the least first, as long as there is no room and their rank is below that. */
static void drop_below(int *width, int room, int rank)
{
    while (total_width(width) > room) {
        int least = COLUMN_NAME;
        for (int id = 0; id < COLUMN_COUNT; id++)
            if (width[id] && column_table[id].rank < column_table[least].rank)
                least = id;
        if (least == COLUMN_NAME || column_table[least].rank >= rank)
            return;
        width[least] = 0;
    }
}

/* Gives of *spare to the column until it has `want`. */
static void grow(int *width, int want, int *spare)
{
    int more = want - *width;
    if (!*width || more <= 0 || *spare <= 0)
        return;
    more = more > *spare ? *spare : more;
    *width += more;
    *spare -= more;
}

static int at_least(int width, int least)
{
    return width > least ? width : least;
}

/* What is shown besides where all the usual columns have what they want, and the order of all of them. */
static const enum column_id besides[] = {COLUMN_QUOTA,       COLUMN_LOST,          COLUMN_MEMORY_PEAK,
                                         COLUMN_MEMORY_HIGH, COLUMN_MEMORY_GROWTH, COLUMN_SYSTEM};
static const enum column_id automatic[] = {
    COLUMN_STATE,      COLUMN_NAME,        COLUMN_CPU,          COLUMN_CPU_BAR,         COLUMN_QUOTA,
    COLUMN_THROTTLED,  COLUMN_LOST,        COLUMN_SYSTEM,       COLUMN_MEMORY,          COLUMN_MEMORY_BAR,
    COLUMN_MEMORY_MAX, COLUMN_MEMORY_HIGH, COLUMN_MEMORY_PEAK,  COLUMN_MEMORY_GROWTH,   COLUMN_OOM,
    COLUMN_PIDS,       COLUMN_PIDS_MAX,    COLUMN_PRESSURE_CPU, COLUMN_PRESSURE_MEMORY, COLUMN_PRESSURE_IO,
    COLUMN_IO,         COLUMN_NET,         COLUMN_SPARK};
static_assert(COUNT_OF(automatic) == (size_t)USUAL + COUNT_OF(besides), "each of them has its place");

static void add_besides(const struct model *model, size_t first, size_t count, enum glyph_set glyphs,
                        int *got, int *spare)
{
    for (size_t i = 0; i < COUNT_OF(besides); i++) {
        int width =
            at_least(data_width(model, besides[i], first, count, glyphs), column_table[besides[i]].min);
        if (width + column_table[besides[i]].gap > *spare)
            return;
        got[besides[i]] = width;
        *spare -= width + column_table[besides[i]].gap;
    }
}

/* As many of the usual columns as fit: pressure gives way to names that can be read; names give way to what
 * is limited. */
static void fit_usual(const struct model *model, size_t first, size_t count, int room, enum glyph_set glyphs,
                      int *got)
{
    int least_name = column_table[COLUMN_NAME].min,
        name = data_width(model, COLUMN_NAME, first, count, glyphs);
    for (int id = 0; id < USUAL; id++)
        got[id] = at_least(data_width(model, (enum column_id)id, first, count, glyphs), column_table[id].min);
    got[COLUMN_NAME] = at_least(name > 24 ? 24 : name, least_name);
    drop_below(got, room, 60);
    int over = total_width(got) - room;
    if (over > 0)
        got[COLUMN_NAME] = at_least(got[COLUMN_NAME] - over, least_name);
    drop_below(got, room, 100);
    int spare = room - total_width(got);
    grow(&got[COLUMN_NAME], name < 28 ? name : 28, &spare);
    grow(&got[COLUMN_CPU_BAR], BAR_WIDTH, &spare);
    grow(&got[COLUMN_MEMORY_BAR], BAR_WIDTH, &spare);
    grow(&got[COLUMN_NAME], name < 56 ? name : 56, &spare);
    for (int id = COLUMN_NAME + 1; id < USUAL; id++)
        if (column_table[id].kind)
            grow(&got[id], column_table[id].want, &spare);
    if (got[COLUMN_SPARK] == column_table[COLUMN_SPARK].want)
        add_besides(model, first, count, glyphs, got, &spare);
    int half = spare / 2;
    spare -= half;
    grow(&got[COLUMN_CPU_BAR], BAR_MOST, &half);
    grow(&got[COLUMN_MEMORY_BAR], BAR_MOST, &spare);
    spare += half;
    grow(&got[COLUMN_SPARK], SPARK_MOST, &spare);
    /* What is left over stands at the end: figures far from their names are hard to follow. */
    grow(&got[COLUMN_NAME], at_least(name, got[COLUMN_NAME]) + NAME_AIR, &spare);
}

/* A column's width where all are to be had, if need be by scrolling. */
static int natural_width(const struct model *model, const struct column_choice *choice, size_t first,
                         size_t count, enum glyph_set glyphs)
{
    const struct column *column = &column_table[choice->id];
    if (choice->width)
        return choice->width;
    if (column->kind == COLUMN_BAR || column->kind == COLUMN_GRAPH)
        return column->want < BAR_WIDTH ? column->want : BAR_WIDTH;
    int width = at_least(data_width(model, choice->id, first, count, glyphs), column->min);
    return choice->id == COLUMN_NAME && width > NAME_MOST ? NAME_MOST : width;
}

/* How many of the columns from items[from] on fit into `room`, and what they take of it. */
static int fitting(const struct column_set *set, const int *width, int from, int room, int *ret_used)
{
    int count = 0;
    *ret_used = 0;
    for (int i = from; i < set->count; i++, count++) {
        int more = width[set->items[i].id] + column_table[set->items[i].id].gap;
        if (*ret_used + more > room)
            break;
        *ret_used += more;
    }
    return count;
}

/* All columns of the set, from the scroll-th behind the pinned ones on, as far as they fit. */
static void fit_scrolled(const struct column_set *set, int room, struct column_plan *ret)
{
    int used, *width = ret->width, rest = set->count - PINNED;
    int pinned = width[COLUMN_STATE] + width[COLUMN_NAME] + column_table[COLUMN_NAME].gap;
    if (pinned > room * 2 / 3)
        width[COLUMN_NAME] =
            at_least(width[COLUMN_NAME] - (pinned - room * 2 / 3), column_table[COLUMN_NAME].min);
    room -= width[COLUMN_STATE] + width[COLUMN_NAME] + column_table[COLUMN_NAME].gap;
    ret->scroll = ret->scroll > rest - 1 ? rest - 1 : ret->scroll;
    ret->scroll = ret->scroll < 0 ? 0 : ret->scroll;
    while (ret->scroll > 0 &&
           fitting(set, width, PINNED + ret->scroll - 1, room, &used) == rest - ret->scroll + 1)
        ret->scroll--;
    int count = fitting(set, width, PINNED + ret->scroll, room, &used);
    for (int i = PINNED; i < set->count; i++)
        if (i < PINNED + ret->scroll || i >= PINNED + ret->scroll + count)
            width[set->items[i].id] = 0;
    ret->left = ret->scroll > 0;
    ret->right = ret->scroll + count < rest;
    if (!set->items[1].width && !ret->right)
        width[COLUMN_NAME] += room - used;
}

void column_plan(const struct model *model, const struct column_set *set, size_t first, size_t count,
                 int width, int scroll, enum glyph_set glyphs, struct column_plan *ret)
{
    bool by_itself = !set->chosen && scroll <= 0;
    int x = 0, all = by_itself ? (int)COUNT_OF(automatic) : set->count;
    *ret = (struct column_plan){.scroll = scroll};
    if (by_itself) {
        fit_usual(model, first, count, width, glyphs, ret->width);
        ret->scroll = 0;
    } else {
        for (int i = 0; i < set->count; i++)
            ret->width[set->items[i].id] = natural_width(model, &set->items[i], first, count, glyphs);
        fit_scrolled(set, width, ret);
    }
    for (int i = 0; i < all; i++) {
        enum column_id id = by_itself ? automatic[i] : set->items[i].id;
        if (!ret->width[id]) {
            ret->right = ret->right || (i >= PINNED + ret->scroll && column_set_find(set, id) >= 0);
            continue;
        }
        x += column_table[id].gap;
        ret->x[id] = x;
        x += ret->width[id];
        ret->order[ret->count++] = id;
    }
}
