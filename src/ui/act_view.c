/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is looked at, and how: filter, order, theme; nothing outside the screen changes.
 */
#include "ui/act.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/app.h"

void act_quit(struct app *app)
{
    app->quit = true;
}

static void set_filter(struct app *app, const char *text)
{
    str_copy(app->model.filter, sizeof app->model.filter, text);
    model_rebuild(&app->model);
    app->stale = STALE_ALL;
}

static void clear_filter(struct app *app)
{
    set_filter(app, "");
}

void act_filter(struct app *app)
{
    status_ask(&app->status,
               &(struct prompt){
                   .label = "filter:", .changed = set_filter, .done = set_filter, .cancelled = clear_filter},
               app->model.filter);
}

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
        if (column_table[id].joined)
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
    overlay_menu(app, "sort by");
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

void act_freeze_view(struct app *app)
{
    model_freeze(&app->model, !app->model.frozen);
}

void act_redraw(struct app *app)
{
    term_clear(&app->term);
}

void act_acknowledge(struct app *app)
{
    model_acknowledge(&app->model);
    app_notice(app, NOTICE_DONE, "kills acknowledged");
}

static void use_theme(struct app *app, const char *name)
{
    struct err err;
    struct theme theme;
    if (theme_load(&theme, name, &err) < 0)
        app_notice(app, NOTICE_ERROR, "%s", err.text);
    else
        app->term.theme = theme;
    app->stale = STALE_ALL;
}

void act_theme(struct app *app)
{
    status_ask(&app->status, &(struct prompt){.label = "theme:", .done = use_theme}, app->term.theme.name);
}

static void complete_command(struct app *app, struct edit *edit)
{
    (void)app;
    for (int id = 1; id < ACTION_COUNT; id++)
        if (str_starts(action_table[id].name, edit->text)) {
            edit_set(edit, action_table[id].name);
            return;
        }
}

static void run_command(struct app *app, const char *text)
{
    enum action_id id = action_find(text);
    if (id != ACTION_NONE)
        action_run(app, id);
    else if (strchr(text, '='))
        turn_set(app, text);
    else if (*text)
        app_notice(app, NOTICE_ERROR, "no action is called %s (Tab completes, ? lists them)", text);
}

void act_command(struct app *app)
{
    status_ask(&app->status,
               &(struct prompt){.label = ":", .complete = complete_command, .done = run_command}, "");
}
