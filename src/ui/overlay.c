/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/overlay.h"

#include "base/str.h"
#include "ui/app.h"
#include "ui/text.h"
#include "ui/language.h"

static const struct overlay_kind *const kinds[OVERLAY_KINDS] = {
    [OVERLAY_TEXT] = &overlay_text_kind,       [OVERLAY_MENU] = &overlay_menu_kind,
    [OVERLAY_FORM] = &overlay_form_kind,       [OVERLAY_COLUMNS] = &overlay_columns_kind,
    [OVERLAY_PALETTE] = &overlay_palette_kind, [OVERLAY_LEDGER] = &overlay_ledger_kind,
    [OVERLAY_ASK] = &overlay_ask_kind,         [OVERLAY_CHANGES] = &overlay_changes_kind,
};

void overlay_close(struct app *app)
{
    str_free(&app->overlay.text);
    str_free(&app->overlay.script);
    app->overlay.launching = NULL;
    if (app->overlay.live)
        call_stop(app->overlay.live);
    app->overlay.live = NULL;
    app->overlay.kind = OVERLAY_NONE;
    app->stale = STALE_ALL;
}

struct overlay *overlay_open(struct app *app, enum overlay_kind_id kind, const char *title)
{
    overlay_close(app);
    app->overlay.kind = kind;
    app->overlay.note[0] = '\0';
    app->overlay.scroll = app->overlay.left = 0;
    app->overlay.searching = false;
    edit_set(&app->overlay.search, "");
    str_printable(app->overlay.title, sizeof app->overlay.title, tr(title));
    return &app->overlay;
}

struct rect overlay_place(struct app *app)
{
    int rows, cols;
    const struct term *screen = &app->term;
    kinds[app->overlay.kind]->size(app, &rows, &cols);
    int least = text_columns(app->overlay.title) + text_columns(tr(app->overlay.note)) + 10;
    cols = cols < least ? least : cols;
    rows = rows > screen->rows - 2 ? screen->rows - 2 : rows;
    cols = cols > screen->cols - 2 ? screen->cols - 2 : cols;
    return (struct rect){(screen->rows - rows) / 2, (screen->cols - cols) / 2, rows, cols};
}

void overlay_key(struct app *app, int key)
{
    kinds[app->overlay.kind]->key(app, key);
    app->stale = STALE_ALL;
}

void overlay_mouse(struct app *app, int y, int x, int wheel)
{
    struct rect at = overlay_place(app);
    kinds[app->overlay.kind]->mouse(app, y - at.y, x - at.x, wheel);
    app->stale = STALE_ALL;
}

void overlay_draw(struct app *app, const struct canvas *screen, int *ret_y, int *ret_x)
{
    struct canvas frame = {screen->term, overlay_place(app)}, inside;
    canvas_box(&frame, ROLE_KEY, &inside);
    canvas_notch(&frame, 2, ROLE_KEY, STYLE(ROLE_TITLE, .attrs = STYLE_BOLD), app->overlay.title);
    int note = canvas_notch_width(tr(app->overlay.note));
    if (app->overlay.note[0] && frame.area.w > note + canvas_notch_width(app->overlay.title) + 5)
        canvas_notch(&frame, frame.area.w - note - 2, ROLE_KEY, STYLE(ROLE_GRAPH_TEXT),
                     tr(app->overlay.note));
    kinds[app->overlay.kind]->draw(app, &frame, &inside, ret_y, ret_x);
}
