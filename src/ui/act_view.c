/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is looked at, and how: theme, frozen, the palette; nothing outside the screen changes.
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
