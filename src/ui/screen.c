/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Puts the panes on the screen: frames, focus, what stands in front, the cursor.
 */
#include <stdio.h>

#include "ui/app.h"
#include "ui/language.h"
#include "ui/text.h"

const struct pane *const panes[PANE_COUNT] = {
    [PANE_HEADER] = &pane_header,
    [PANE_TABLE] = &pane_table,
    [PANE_CPU] = &pane_cpu,
    [PANE_MEMORY] = &pane_memory,
    [PANE_PRESSURE] = &pane_pressure,
    [PANE_IO] = &pane_io,
    [PANE_LIMITS] = &pane_limits,
    [PANE_ABOUT] = &pane_about,
    [PANE_NAMESPACES] = &pane_namespaces,
    [PANE_PROCESSES] = &pane_processes,
    [PANE_NETWORK] = &pane_network,
    [PANE_EVENTS] = &pane_events,
    [PANE_TERMINAL] = &pane_terminal,
    [PANE_TOUR] = &pane_tour,
    [PANE_FOOTER] = &pane_footer,
};

void app_layout(struct app *app)
{
    int less_rows = 0, less_cols = 0, rows = app->term.rows, cols = app->term.cols;
    if (app->tour.on)
        layout_tour_size(rows, cols, &less_rows, &less_cols);
    (app->guests.visible ? layout_guest : layout_compute)(&app->layout, rows - less_rows, cols - less_cols,
                                                          &app->wish);
    if (app->tour.on)
        layout_tour(&app->layout, rows, cols);
    if (!app->layout.pane[app->focus].h)
        app->focus = app->wish.zoomed >= 0 ? (enum pane_id)app->wish.zoomed : PANE_TABLE;
    app->stale = STALE_ALL;
}

/* The digit that shows and hides a pane, small, on its border. */
static void draw_number(struct app *app, const struct canvas *frame, const struct pane *pane)
{
    static const char *const small[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char plain[16];
    int key = keymap_key(&app->keymap, pane->action);
    if (pane->action == ACTION_NONE || key == K_NONE)
        return;
    bool digit = key >= '0' && key <= '9' && app->term.glyphs != GLYPHS_ASCII;
    canvas_text(frame, 0, 1, 1, STYLE(ROLE_KEY), digit ? small[key - '0'] : key_text(key, plain));
}

static void draw_pane(struct app *app, enum pane_id id)
{
    const struct pane *pane = panes[id];
    struct canvas frame = {&app->term, app->layout.pane[id]}, inside = frame;
    if (!frame.area.h || !frame.area.w)
        return;
    if (!pane->title) {
        canvas_clear(&frame);
        pane->draw(app, &frame, &inside);
        return;
    }
    bool focused = app->focus == id;
    enum role border = focused ? ROLE_KEY : pane->box;
    canvas_box(&frame, border, &inside);
    canvas_notch(&frame, 2, border, STYLE(focused ? ROLE_KEY : ROLE_TITLE, .attrs = STYLE_BOLD),
                 tr(pane->title));
    draw_number(app, &frame, pane);
    pane->draw(app, &frame, &inside);
}

static void draw_too_small(const struct app *app, const struct canvas *screen)
{
    char text[80];
    snprintf(text, sizeof text, tr("boxtop: %dx%d is too small, %dx%d at least"), app->term.cols,
             app->term.rows, LAYOUT_MIN_COLS, LAYOUT_MIN_ROWS);
    canvas_clear(screen);
    canvas_text(screen, 0, 0, app->term.cols, STYLE(ROLE_WARN), text);
}

/* Where what is typed stands. */
static void cursor_of(struct app *app, int *y, int *x)
{
    const struct rect *footer = &app->layout.pane[PANE_FOOTER], *pane = &app->layout.pane[PANE_TERMINAL];
    struct guest *guest = guests_shown(&app->guests);
    int row, col;
    if (app->overlay.kind == OVERLAY_NONE && app->focus == PANE_TERMINAL && pane->h > 2 && guest &&
        guest->pid && vt_cursor(guest->vt, &row, &col)) {
        *y = pane->y + 1 + row;
        *x = pane->x + 1 + col;
    }
    if (!status_asks(&app->status) || app->status.prompt.confirm)
        return;
    *y = footer->y;
    *x = footer->x + 2 + text_columns(tr(app->status.prompt.label)) + edit_column(&app->status.prompt.edit);
}

/* A filter hides rows for a while only: the panes don't move for that. */
static void fit_table(struct app *app)
{
    const struct model *model = &app->model;
    if (!model->row_count || (model->filter.count && model->row_count <= (size_t)app->wish.table_rows))
        return;
    if (layout_table_rows(&app->wish, model->row_count))
        app_layout(app);
}

void screen_draw(struct app *app)
{
    struct canvas screen = {&app->term, {0, 0, app->term.rows, app->term.cols}};
    int y = -1, x = 0;
    /* The terminal has not taken the last frame yet: the next is drawn when it has, of what is so then. */
    if (!app->stale || outlet_busy(&app->term.outlet))
        return;
    fit_table(app);
    if (app->layout.too_small) {
        draw_too_small(app, &screen);
    } else {
        for (int id = 0; id < PANE_COUNT; id++)
            if (app->stale & STALE(id))
                draw_pane(app, (enum pane_id)id);
        if (app->overlay.kind != OVERLAY_NONE)
            overlay_draw(app, &screen, &y, &x);
        cursor_of(app, &y, &x);
    }
    app->stale = 0;
    term_flush(&app->term, y, x);
}
