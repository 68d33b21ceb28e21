/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of cgroups: which rows, in which order, which columns, and which rows are meant.
 */
#include "ui/act.h"

#include <stdio.h>

#include "base/str.h"
#include "ui/app.h"
#include "ui/language.h"

/* ---- filter ---- */

/* As it is typed: a text that can't be understood (yet) leaves the last one that could. */
static void filter_typed(struct app *app, const char *text)
{
    struct prompt *prompt = &app->status.prompt;
    struct err err;
    size_t at;
    prompt->note[0] = '\0';
    if (model_filter(&app->model, text, &err, &at) < 0)
        snprintf(prompt->note, sizeof prompt->note, tr("at %zu: %.100s"), at + 1, err.text);
    app->stale = STALE_ALL;
}

void act_filter_set(struct app *app, const char *text)
{
    struct err err;
    size_t at;
    if (model_filter(&app->model, text, &err, &at) < 0)
        app_notice(app, NOTICE_ERROR, "filter %s: at character %zu: %s", text, at + 1, err.text);
    app->stale = STALE_ALL;
}

static void clear_filter(struct app *app)
{
    act_filter_set(app, "");
}

void act_filter(struct app *app)
{
    status_ask(&app->status,
               &(struct prompt){.label = N_("filter:"),
                                .changed = filter_typed,
                                .done = act_filter_set,
                                .cancelled = clear_filter},
               app->model.filter_text);
}

static void jump(struct app *app, int step)
{
    if (!model_jump(&app->model, step))
        app_notice(app, NOTICE_INFO,
                   app->model.filter.count ? N_("nothing matches the filter") : N_("there is no filter (/)"));
}

void act_next_match(struct app *app)
{
    jump(app, 1);
}

void act_previous_match(struct app *app)
{
    jump(app, -1);
}

/* ---- order ---- */

void act_flat(struct app *app)
{
    app->model.flat = !app->model.flat;
    model_rebuild(&app->model);
}

static void sort_by(struct app *app, int column)
{
    model_sort(&app->model, (enum column_id)column);
    app->stale = STALE_ALL;
}

void act_sort(struct app *app)
{
    struct menu menu = {.chosen = sort_by};
    for (int id = 0; id < COLUMN_COUNT; id++) {
        if (column_table[id].sorts)
            continue;
        struct menu_item *item = &menu.items[menu.count];
        snprintf(item->label, sizeof item->label, "%s", column_table[id].key);
        snprintf(item->note, sizeof item->note, "%s", column_table[id].file);
        item->value = id;
        if (app->model.sort == (enum column_id)id)
            menu.selected = menu.count;
        menu.count++;
    }
    app->overlay.menu = menu;
    overlay_menu(app, N_("sort by"));
}

#define SORTS(name, column)                                                                                  \
    void name(struct app *app)                                                                               \
    {                                                                                                        \
        model_sort(&app->model, column);                                                                     \
    }
SORTS(act_sort_name, COLUMN_NAME)
SORTS(act_sort_tasks, COLUMN_PIDS)
SORTS(act_sort_cpu, COLUMN_CPU)
SORTS(act_sort_memory, COLUMN_MEMORY)
SORTS(act_sort_io, COLUMN_PRESSURE_IO)
SORTS(act_sort_throttled, COLUMN_THROTTLED)
SORTS(act_sort_oom, COLUMN_OOM)

/* By the next column to the right or left that is shown and sorts by itself. */
static void sort_beside(struct app *app, int step)
{
    const struct column_plan *plan = &app->columns;
    int at = -1;
    for (int i = 0; i < plan->count; i++)
        if (plan->order[i] == app->model.sort)
            at = i;
    for (int i = at + step; i >= 0 && i < plan->count; i += step)
        if (!column_table[plan->order[i]].sorts) {
            model_sort(&app->model, plan->order[i]);
            return;
        }
}

void act_sort_right(struct app *app)
{
    sort_beside(app, 1);
}

void act_sort_left(struct app *app)
{
    sort_beside(app, -1);
}

void act_reverse(struct app *app)
{
    model_sort(&app->model, app->model.sort);
}

/* ---- columns ---- */

void act_columns(struct app *app)
{
    overlay_columns(app);
}

void act_columns_keep(struct app *app)
{
    struct str text = {0};
    column_set_print(&app->column_set, &text);
    config_keep(app, "columns", str_text(&text));
    str_free(&text);
}

void act_columns_left(struct app *app)
{
    app->column_scroll--;
}

void act_columns_right(struct app *app)
{
    app->column_scroll++;
}

/* ---- rows ---- */

void act_fold_all(struct app *app)
{
    model_fold_all(&app->model, true);
}

void act_unfold_all(struct app *app)
{
    model_fold_all(&app->model, false);
}

void act_follow(struct app *app)
{
    app->model.stay = !app->model.stay;
    app_notice(app, NOTICE_INFO,
               app->model.stay ? N_("the selection stays at its line")
                               : N_("the selection follows its group"));
}

void act_tag(struct app *app)
{
    struct model *model = &app->model;
    if (model->selected >= model->row_count)
        return;
    if (model->rows[model->selected].process) {
        app_notice(app, NOTICE_INFO, "tags are for groups and containers, not for processes");
        return;
    }
    model_tag(model, model->selected, !model->rows[model->selected].tagged);
    model_select(model, (long)model->selected + 1);
}

void act_untag(struct app *app)
{
    model_untag(&app->model);
}
