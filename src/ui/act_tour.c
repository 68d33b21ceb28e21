/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Taking a tour.
 */
#include "ui/act.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/app.h"
#include "ui/language.h"

static void add_item(void *data, const char *name, const char *title)
{
    struct menu *menu = data;
    if (menu->count == MENU_ITEMS)
        return;
    struct menu_item *item = &menu->items[menu->count];
    str_copy(item->label, sizeof item->label, name);
    str_printable(item->note, sizeof item->note, *title ? tr(title) : "");
    item->value = menu->count++;
}

static void chosen(struct app *app, int index)
{
    struct tour tour = {0};
    struct err err;
    if (tour_load(&tour, app->overlay.menu.items[index].label, &err) < 0)
        app_notice(app, NOTICE_ERROR, "%s", err.text);
    else
        tour_begin(app, &tour);
}

void act_tour(struct app *app)
{
    struct menu menu = {.chosen = chosen};
    tour_list(add_item, &menu);
    app->overlay.menu = menu;
    overlay_menu(app, tr("tours"));
}

/* False: there is none, and that is said. */
static bool takes_one(struct app *app)
{
    if (!app->tour.on)
        app_notice(app, NOTICE_INFO, "%s", tr("no tour is being taken"));
    return app->tour.on;
}

void act_tour_next(struct app *app)
{
    if (takes_one(app))
        tour_next(app);
}

void act_tour_back(struct app *app)
{
    if (takes_one(app))
        tour_back(app);
}

/* A shell in the step's container; the tour stays where it is. */
void act_tour_try(struct app *app)
{
    if (!takes_one(app))
        return;
    const struct tour_step *step = &app->tour.tour.steps[app->tour.step];
    cleanup_free char *name = tour_text(app, step->box ? step->box : "$box");
    for (size_t i = 0; i < app->model.container_count; i++)
        if (strcmp(app->model.containers[i].name, name) == 0) {
            act_shell_in(app, name);
            return;
        }
    app_notice(app, NOTICE_INFO, "there is no container %s yet: it is made in a step", name);
}

void act_tour_end(struct app *app)
{
    if (takes_one(app))
        tour_end(app, false);
}
