/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is looked at, and how: theme, frozen, the palette; nothing outside the screen changes.
 */
#include "ui/act.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/app.h"
#include "ui/language.h"

static void leave(struct app *app, int restore)
{
    if (!restore) {
        app->quit = true;
        return;
    }
    app->leaving = true;
    turn_restore(app, true);
    app_notice(app, NOTICE_INFO, "limits are put back; then boxtop ends");
}

/* What was turned in other people's groups stays, or not: that is asked. What is boxtop's own is nobody
 * else's business. */
void act_quit(struct app *app)
{
    bool again = app->tour.quit_after;
    if (tour_end(app, true) && !again)
        return; /* once it is undone; who presses it again waits outside */
    size_t others = 0;
    struct str list = {0};
    for (size_t i = 0; i < app->model.change_count; i++) {
        const struct change *change = &app->model.changes[i];
        if (change->others && others++ < 5)
            str_addf(&list, tr("%s%s of %.100s"), list.len ? ", " : "", change->knob, change->cgroup);
    }
    struct ask ask = {.chosen = leave,
                      .count = 2,
                      .items = {{'k', N_("keep them as they are now, and leave"), 0},
                                {'r', N_("restore what was there before, and leave"), 1}}};
    snprintf(ask.text, sizeof ask.text,
             tr("Limits of groups that are not boxtop's were turned from here: %.500s%s."), str_text(&list),
             others > 5 ? tr(" and more") : "");
    str_free(&list);
    if (others && !app->readonly && !app->leaving)
        overlay_ask(app, N_("leave?"), &ask);
    else
        app->quit = true;
}

void act_freeze_view(struct app *app)
{
    if (app->model.past)
        past_play(app);
    else
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
    overlay_menu(app, N_("theme"));
}

void act_command(struct app *app)
{
    overlay_palette(app);
}
