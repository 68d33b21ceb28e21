/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A question that needs more than a line: what would happen, and what can be answered, each by its key.
 */
#include "ui/overlay.h"

#include "ui/app.h"
#include "ui/part.h"
#include "ui/text.h"
#include "ui/language.h"

enum { COLS = 76 };

static void ask_size(struct app *app, int *rows, int *cols)
{
    const struct ask *ask = &app->overlay.ask;
    *cols = app->term.cols - 2 < COLS ? app->term.cols - 2 : COLS;
    *rows = part_wrap_count(*cols - 4, ask->text) + ask->count + 3;
}

static void ask_draw(struct app *app, const struct canvas *frame, const struct canvas *inside, int *y, int *x)
{
    const struct ask *ask = &app->overlay.ask;
    char key[16];
    (void)frame, (void)y, (void)x;
    int first = inside->area.h - ask->count;
    part_wrap(inside, 0, 0, inside->area.w, first - 1, STYLE(ROLE_FG), ask->text);
    for (int i = 0; i < ask->count; i++) {
        canvas_text(inside, first + i, 1, 6, STYLE(ROLE_KEY, .attrs = STYLE_BOLD),
                    ask->items[i].key == 'y' ? tr("y") : key_text(ask->items[i].key, key));
        canvas_text(inside, first + i, 5, inside->area.w - 5, STYLE(ROLE_FG), tr(ask->items[i].label));
    }
}

static void choose(struct app *app, int index)
{
    struct ask ask = app->overlay.ask;
    overlay_close(app);
    ask.chosen(app, ask.items[index].value);
}

static void ask_key(struct app *app, int key)
{
    const struct ask *ask = &app->overlay.ask;
    void (*cancelled)(struct app *) = ask->cancelled;
    /* Who says yes in the own language says y. */
    int letter = language_yes(key) ? 'y' : key;
    for (int i = 0; i < ask->count; i++)
        if (ask->items[i].key == key || ask->items[i].key == letter) {
            choose(app, i);
            return;
        }
    if (key != K_ESC && key != 'q' && key != 3)
        return;
    overlay_close(app);
    if (cancelled)
        cancelled(app);
}

static void ask_mouse(struct app *app, int y, int x, int wheel)
{
    int rows, cols;
    (void)x;
    ask_size(app, &rows, &cols);
    int index = y - (rows - 1 - app->overlay.ask.count);
    if (!wheel && index >= 0 && index < app->overlay.ask.count)
        choose(app, index);
}

void overlay_ask(struct app *app, const char *title, const struct ask *ask)
{
    struct overlay *overlay = overlay_open(app, OVERLAY_ASK, title);
    overlay->ask = *ask;
    str_printable(overlay->ask.text, sizeof overlay->ask.text, ask->text);
}

const struct overlay_kind overlay_ask_kind = {ask_size, ask_draw, ask_key, ask_mouse};
