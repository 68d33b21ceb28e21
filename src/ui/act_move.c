/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Moving in the table and among the panes.
 */
#include "ui/act.h"

#include "ui/app.h"
#include "ui/language.h"

static void move_by(struct app *app, long rows)
{
    model_select(&app->model, (long)app->model.selected + rows);
    app->stale = STALE_ALL;
}

static long page(const struct app *app)
{
    int rows = app->layout.pane[PANE_TABLE].h - 4;
    return rows > 1 ? rows : 1;
}

void act_down(struct app *app)
{
    move_by(app, 1);
}

void act_up(struct app *app)
{
    move_by(app, -1);
}

void act_page_down(struct app *app)
{
    move_by(app, page(app));
}

void act_page_up(struct app *app)
{
    move_by(app, -page(app));
}

void act_half_down(struct app *app)
{
    move_by(app, (page(app) + 1) / 2);
}

void act_half_up(struct app *app)
{
    move_by(app, -(page(app) + 1) / 2);
}

void act_first(struct app *app)
{
    move_by(app, -(long)app->model.row_count);
}

void act_last(struct app *app)
{
    move_by(app, (long)app->model.row_count);
}

/* Where there is nothing to fold, the way goes to the parent. */
void act_fold(struct app *app)
{
    const struct row *row = act_row(app);
    if (row && row->open && (row->folded || !row->has_children)) {
        model_open(&app->model, row, false);
    } else if (row && row->has_children && !row->folded) {
        model_fold(&app->model, row, true);
    } else if (row && row->sample >= 0) {
        size_t at = app->model.selected;
        while (at > 0 && app->model.rows[at].depth >= row->depth)
            at--;
        model_select(&app->model, (long)at);
    }
    app->stale = STALE_ALL;
}

void act_unfold(struct app *app)
{
    const struct row *row = act_row(app);
    if (row && row->folded)
        model_fold(&app->model, row, false);
    else if (row && (row->has_children || row->open))
        act_down(app);
    else if (row && !row->process)
        model_open(&app->model, row, true);
    app->stale = STALE_ALL;
}

void act_processes(struct app *app)
{
    const struct row *row = act_row(app);
    if (row && !row->process)
        model_open(&app->model, row, !row->open);
}

void act_enter(struct app *app)
{
    if (app->wish.zoomed >= 0)
        app->wish.zoomed = -1;
    else if (app->focus != PANE_TABLE)
        app->wish.zoomed = (int)app->focus;
    else if (act_row(app) && act_row(app)->has_children)
        model_fold(&app->model, act_row(app), !act_row(app)->folded);
    else
        act_processes(app);
    app_layout(app);
}

/* One step back: the zoom, the focus, the tags, the filter, the past. */
void act_back(struct app *app)
{
    if (app->wish.zoomed >= 0) {
        app->wish.zoomed = -1;
    } else if (app->focus != PANE_TABLE) {
        app->focus = PANE_TABLE;
    } else if (app->model.tag_count) {
        model_untag(&app->model);
    } else if (app->model.filter.count) {
        act_filter_set(app, "");
    } else if (app->model.behind) {
        past_live(app);
    }
    app_layout(app);
}

static bool can_focus(const struct app *app, int id)
{
    return panes[id]->title && (app->layout.pane[id].h || app->wish.zoomed >= 0);
}

static void move_focus(struct app *app, int step)
{
    for (int tries = 0, id = (int)app->focus; tries < PANE_COUNT; tries++) {
        id = (id + step + PANE_COUNT) % PANE_COUNT;
        if (!can_focus(app, id))
            continue;
        app->focus = (enum pane_id)id;
        if (app->wish.zoomed >= 0)
            app->wish.zoomed = id;
        break;
    }
    app_layout(app);
}

void act_next_pane(struct app *app)
{
    move_focus(app, 1);
}

void act_previous_pane(struct app *app)
{
    move_focus(app, -1);
}

static void toggle(struct app *app, enum pane_id id)
{
    layout_toggle(&app->wish, &app->layout, id);
    app_layout(app);
}

#define TOGGLES(name, id)                                                                                    \
    void act_pane_##name(struct app *app)                                                                    \
    {                                                                                                        \
        toggle(app, id);                                                                                     \
    }
TOGGLES(cpu, PANE_CPU)
TOGGLES(memory, PANE_MEMORY)
TOGGLES(limits, PANE_LIMITS)
TOGGLES(about, PANE_ABOUT)
TOGGLES(events, PANE_EVENTS)
TOGGLES(processes, PANE_PROCESSES)
TOGGLES(pressure, PANE_PRESSURE)
TOGGLES(io, PANE_IO)
TOGGLES(network, PANE_NETWORK)
TOGGLES(namespaces, PANE_NAMESPACES)

/* ---- presets ---- */

static void arrange(struct app *app, enum layout_preset preset)
{
    app->wish = (struct layout_wish){.preset = preset, .zoomed = -1};
    app_layout(app);
}

void act_layout(struct app *app)
{
    arrange(app, (app->wish.preset + 1) % LAYOUT_PRESETS);
    app_notice(app, NOTICE_INFO, "layout: %s", tr(layout_names[app->wish.preset]));
}

void act_layout_operator(struct app *app)
{
    arrange(app, LAYOUT_OPERATOR);
}

void act_layout_compact(struct app *app)
{
    arrange(app, LAYOUT_COMPACT);
}

void act_layout_presenter(struct app *app)
{
    arrange(app, LAYOUT_PRESENTER);
}
