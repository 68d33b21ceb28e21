/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/look.h"

#include <string.h>

#include "ui/app.h"

static void add(struct look_list *list, uint64_t id, unsigned parts)
{
    if (id && parts && list->count < LOOKS)
        list->items[list->count++] = (struct detail_look){id, parts};
}

/* The parts that the panes on the screen show. */
static unsigned parts_of_panes(const struct app *app)
{
    unsigned parts = 0;
    for (int id = 0; id < PANE_COUNT; id++)
        if (app->layout.pane[id].h)
            parts |= panes[id]->parts;
    return parts;
}

/* Those that the table's columns show. */
static unsigned parts_of_columns(const struct app *app)
{
    unsigned parts = 0;
    for (int i = 0; i < app->columns.count; i++)
        parts |= column_table[app->columns.order[i]].parts;
    return parts;
}

void look_wanted(const struct app *app, struct look_list *ret)
{
    const struct model *model = &app->model;
    unsigned columns = parts_of_columns(app);
    ret->count = 0;
    add(ret, model->selected_group, parts_of_panes(app) | DETAIL_SHOWN);
    for (size_t i = 0; i < model->row_count; i++) {
        const struct row *row = &model->rows[i];
        bool seen = i >= model->top && i < model->top + (size_t)app->layout.pane[PANE_TABLE].h;
        if (row->sample >= 0 && !row->process)
            add(ret, model->now->rows[row->sample].id,
                (row->open ? DETAIL_PROCESSES : 0) | (seen ? columns | DETAIL_SHOWN : 0));
    }
}

static bool same(const struct look_list *a, const struct look_list *b)
{
    for (size_t i = 0; i < a->count && a->count == b->count; i++)
        if (a->items[i].id != b->items[i].id || a->items[i].parts != b->items[i].parts)
            return false;
    return a->count == b->count;
}

void look_update(struct app *app)
{
    struct look_list now;
    if (!app->monitor || app->selected_ns)
        return;
    look_wanted(app, &now);
    if (same(&now, &app->looked))
        return;
    app->looked.count = now.count;
    memcpy(app->looked.items, now.items, now.count * sizeof *now.items);
    monitor_look(app->monitor, now.items, now.count);
}
