/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A menu: one of a few is chosen, by its key, by moving, by a click.
 */
#include "ui/overlay.h"

#include <string.h>

#include "ui/app.h"
#include "ui/text.h"
#include "ui/language.h"

static int label_width(const struct menu *menu)
{
    int longest = 0;
    for (int i = 0; i < menu->count; i++) {
        int width = text_columns(menu->items[i].label);
        longest = width > longest ? width : longest;
    }
    return longest;
}

static void menu_size(struct app *app, int *rows, int *cols)
{
    const struct menu *menu = &app->overlay.menu;
    *rows = menu->count + 2;
    *cols = 0;
    for (int i = 0; i < menu->count; i++) {
        int width = label_width(menu) + text_columns(tr(menu->items[i].note)) + 12;
        *cols = width > *cols ? width : *cols;
    }
}

static void menu_draw(struct app *app, const struct canvas *frame, const struct canvas *inside, int *y,
                      int *x)
{
    const struct menu *menu = &app->overlay.menu;
    int first = menu->selected >= inside->area.h ? menu->selected - inside->area.h + 1 : 0;
    app->overlay.scroll = first;
    int labels = label_width(menu);
    (void)frame, (void)y, (void)x;
    for (int i = first; i < menu->count; i++) {
        const struct menu_item *item = &menu->items[i];
        bool selected = i == menu->selected;
        enum ground ground = selected ? GROUND_SELECTED : GROUND_MAIN;
        enum role note = selected ? ROLE_SELECTED_FG : ROLE_GRAPH_TEXT;
        canvas_repeat(inside, i - first, 0, inside->area.w, STYLE(ROLE_FG, .ground = ground), " ");
        canvas_text(inside, i - first, 1, 3, STYLE(ROLE_KEY, .ground = ground, .attrs = STYLE_BOLD),
                    item->key);
        canvas_text(inside, i - first, 4, labels,
                    STYLE(selected ? ROLE_SELECTED_FG : ROLE_FG, .ground = ground), item->label);
        canvas_text(inside, i - first, 6 + labels, inside->area.w - labels - 7, STYLE(note, .ground = ground),
                    tr(item->note));
    }
}

static void choose(struct app *app)
{
    struct menu *menu = &app->overlay.menu;
    void (*chosen)(struct app *, int) = menu->chosen;
    int value = menu->items[menu->selected].value;
    overlay_close(app);
    chosen(app, value);
}

static void menu_move(struct app *app, int step)
{
    struct menu *menu = &app->overlay.menu;
    menu->selected = (menu->selected + step + menu->count) % menu->count;
    if (menu->moved)
        menu->moved(app, menu->items[menu->selected].value);
}

static void menu_key(struct app *app, int key)
{
    struct menu *menu = &app->overlay.menu;
    char name[16];
    int action = keymap_action(&app->keymap, key);
    for (int i = 0; i < menu->count; i++)
        if (menu->items[i].key[0] && strcmp(menu->items[i].key, key_text(key, name)) == 0) {
            menu->selected = i;
            choose(app);
            return;
        }
    if (action == ACTION_DOWN || action == ACTION_UP || key == K_TAB) {
        menu_move(app, action == ACTION_UP ? -1 : 1);
    } else if (key == K_ENTER) {
        choose(app);
    } else {
        bool again = menu->again;
        if (menu->cancelled)
            menu->cancelled(app);
        if (!again)
            overlay_close(app);
    }
}

static void menu_mouse(struct app *app, int y, int x, int wheel)
{
    struct menu *menu = &app->overlay.menu;
    (void)x;
    if (wheel) {
        menu_move(app, wheel);
    } else if (y >= 1 && app->overlay.scroll + y <= menu->count) {
        menu->selected = app->overlay.scroll + y - 1;
        choose(app);
    } else {
        menu_key(app, K_ESC);
    }
}

void overlay_menu(struct app *app, const char *title)
{
    overlay_open(app, OVERLAY_MENU, title);
}

const struct overlay_kind overlay_menu_kind = {menu_size, menu_draw, menu_key, menu_mouse};
