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

void act_ledger(struct app *app)
{
    overlay_ledger(app);
}

void act_acknowledge(struct app *app)
{
    model_acknowledge(&app->model);
    app_notice(app, NOTICE_DONE, "kills acknowledged");
}

/* ---- themes: the picker shows each as it is passed over ---- */

static void try_theme(struct app *app, int index)
{
    struct err err;
    struct theme theme;
    if (theme_load(&theme, app->overlay.menu.items[index].label, &err) < 0)
        app_notice(app, NOTICE_ERROR, "%s", err.text);
    else
        app->term.theme = theme;
    app->stale = STALE_ALL;
}

static void keep_theme(struct app *app, int index)
{
    char name[sizeof app->overlay.menu.items[0].label];
    str_copy(name, sizeof name, app->overlay.menu.items[index].label);
    try_theme(app, index);
    config_keep(app, "theme", name);
}

void act_theme(struct app *app)
{
    struct menu menu = {.chosen = keep_theme, .moved = try_theme, .cancelled = config_theme};
    char names[MENU_ITEMS][THEME_NAME], where[MENU_ITEMS][THEME_NAME];
    menu.count = theme_list(names, where, MENU_ITEMS);
    for (int i = 0; i < menu.count; i++) {
        str_copy(menu.items[i].label, sizeof menu.items[i].label, names[i]);
        str_copy(menu.items[i].note, sizeof menu.items[i].note, where[i]);
        menu.items[i].value = i;
        if (strcmp(names[i], app->term.theme.name) == 0)
            menu.selected = i;
    }
    app->overlay.menu = menu;
    overlay_menu(app, "theme");
}

void act_command(struct app *app)
{
    overlay_palette(app);
}
