/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A menu: one of a few is chosen, by its key, by moving, by a click.
 */
#include "ui/overlay.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
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

static int note_width(const struct menu *menu)
{
    int longest = 0;
    for (int i = 0; i < menu->count; i++) {
        int width = text_columns(tr(menu->items[i].note));
        longest = width > longest ? width : longest;
    }
    return longest;
}

enum { BESIDE_NOTE = 7, BORDERS = 2, INDENTS = 2, AROUND = 2 /* of the screen is always seen */ };

/* Some note finds no room beside its label: the selected one is said whole in a line of its own. */
static bool is_cut(const struct menu *menu, int width)
{
    return note_width(menu) > width - label_width(menu) - BESIDE_NOTE;
}

static void menu_size(struct app *app, int *rows, int *cols)
{
    const struct menu *menu = &app->overlay.menu;
    *cols = label_width(menu) + note_width(menu) + BESIDE_NOTE + BORDERS + INDENTS + 1;
    *rows = menu->count + BORDERS + is_cut(menu, app->term.cols - AROUND - BORDERS - INDENTS);
}

static void draw_item(const struct menu *menu, int index, const struct canvas *inside, int y, int labels)
{
    const struct menu_item *item = &menu->items[index];
    bool selected = index == menu->selected;
    enum ground ground = selected ? GROUND_SELECTED : GROUND_MAIN;
    enum role label = selected ? ROLE_SELECTED_FG : ROLE_FG, note = selected ? label : ROLE_GRAPH_TEXT;
    canvas_repeat(inside, y, 0, inside->area.w, STYLE(ROLE_FG, .ground = ground), " ");
    canvas_text(inside, y, 1, 3, STYLE(ROLE_KEY, .ground = ground, .attrs = STYLE_BOLD), item->key);
    canvas_text(inside, y, 4, labels, STYLE(label, .ground = ground), item->label);
    canvas_text(inside, y, 6 + labels, inside->area.w - labels - BESIDE_NOTE, STYLE(note, .ground = ground),
                tr(item->note));
}

/* Which of them are seen, if not all are. */
static void draw_place(const struct canvas *frame, int first, int room, int count)
{
    char text[48];
    if (count <= room)
        return;
    snprintf(text, sizeof text, tr(" %d-%d of %d "), first + 1, first + room, count);
    canvas_text(frame, frame->area.h - 1, frame->area.w - text_columns(text) - 2, 40, STYLE(ROLE_GRAPH_TEXT),
                text);
}

static void menu_draw(struct app *app, const struct canvas *frame, const struct canvas *inside, int *y,
                      int *x)
{
    const struct menu *menu = &app->overlay.menu;
    bool cut = is_cut(menu, inside->area.w) && inside->area.h > 2;
    int room = inside->area.h - cut, labels = label_width(menu);
    int first = menu->selected >= room ? menu->selected - room + 1 : 0;
    (void)y, (void)x;
    app->overlay.scroll = first;
    app->overlay.shown = room;
    for (int i = first; i < menu->count && i < first + room; i++)
        draw_item(menu, i, inside, i - first, labels);
    if (cut)
        canvas_text(inside, room, 1, inside->area.w - 2, STYLE(ROLE_KEY),
                    tr(menu->items[menu->selected].note));
    draw_place(frame, first, room, menu->count);
}

static void choose(struct app *app)
{
    struct menu *menu = &app->overlay.menu;
    void (*chosen)(struct app *, int) = menu->chosen;
    int value = menu->items[menu->selected].value;
    overlay_close(app);
    chosen(app, value);
}

static void menu_select(struct app *app, int index)
{
    struct menu *menu = &app->overlay.menu;
    menu->selected = index;
    if (menu->moved)
        menu->moved(app, menu->items[menu->selected].value);
}

/* One step goes around the ends, a longer one ends there. */
static void menu_move(struct app *app, int step)
{
    const struct menu *menu = &app->overlay.menu;
    int to = menu->selected + step, last = menu->count - 1;
    if (step == 1 || step == -1)
        to = (to + menu->count) % menu->count;
    menu_select(app, to < 0 ? 0 : to > last ? last : to);
}

/* False: no item has this key. */
static bool choose_by_key(struct app *app, int key)
{
    struct menu *menu = &app->overlay.menu;
    char name[16];
    for (int i = 0; i < menu->count; i++)
        if (menu->items[i].key[0] && strcmp(menu->items[i].key, key_text(key, name)) == 0) {
            menu->selected = i;
            choose(app);
            return true;
        }
    return false;
}

static void cancel(struct app *app)
{
    struct menu *menu = &app->overlay.menu;
    bool again = menu->again;
    if (menu->cancelled)
        menu->cancelled(app);
    if (!again)
        overlay_close(app);
}

static bool move_by_key(struct app *app, int key)
{
    int page = app->overlay.shown > 1 ? app->overlay.shown - 1 : 1;
    const struct {
        enum action_id action;
        int step;
    } moves[] = {{ACTION_DOWN, 1},          {ACTION_UP, -1},
                 {ACTION_NEXT_PANE, 1},     {ACTION_PAGE_DOWN, page},
                 {ACTION_PAGE_UP, -page},   {ACTION_PREVIOUS_PANE, -1},
                 {ACTION_LAST, MENU_ITEMS}, {ACTION_FIRST, -MENU_ITEMS}};
    for (size_t i = 0; i < COUNT_OF(moves); i++)
        if (keymap_action(&app->keymap, key) == (int)moves[i].action) {
            menu_move(app, moves[i].step);
            return true;
        }
    return false;
}

/* To the next item that begins with this letter; false: there is none. */
static bool move_to_letter(struct app *app, int key)
{
    const struct menu *menu = &app->overlay.menu;
    for (int i = 1; i <= menu->count && key > ' ' && key < 127; i++) {
        int at = (menu->selected + i) % menu->count;
        const char *label = menu->items[at].label + strspn(menu->items[at].label, "-");
        if (tolower((unsigned char)*label) == tolower(key)) {
            menu_select(app, at);
            return true;
        }
    }
    return false;
}

static void menu_key(struct app *app, int key)
{
    struct menu *menu = &app->overlay.menu;
    int action = keymap_action(&app->keymap, key);
    if (choose_by_key(app, key))
        return;
    if (menu->up && (action == ACTION_FOLD || key == K_BACKSPACE))
        menu->up(app);
    else if (key == K_ENTER || (menu->up && action == ACTION_UNFOLD))
        choose(app);
    else if (!move_by_key(app, key) && !move_to_letter(app, key))
        cancel(app);
}

static void menu_mouse(struct app *app, int y, int x, int wheel)
{
    struct menu *menu = &app->overlay.menu;
    (void)x;
    if (wheel) {
        menu_move(app, wheel);
    } else if (y >= 1 && y <= app->overlay.shown && app->overlay.scroll + y <= menu->count) {
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
