/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The dialog of columns: which are shown, in which order, how wide. The table behind it changes at once.
 */
#include "ui/overlay.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/act.h"
#include "ui/app.h"
#include "ui/text.h"
#include "ui/language.h"

enum { PINNED = 2, KEY_WIDTH = 20, COLS = 76 };

static void columns_size(struct app *app, int *rows, int *cols)
{
    (void)app;
    *rows = COLUMN_COUNT + 2;
    *cols = COLS;
}

/* What stands at a line: those that are shown in their order, then the others. */
static enum column_id column_of(const struct column_set *set, int line)
{
    if (line < set->count)
        return set->items[line].id;
    line -= set->count;
    for (int id = 0; id < COLUMN_COUNT; id++)
        if (column_set_find(set, (enum column_id)id) < 0 && line-- == 0)
            return (enum column_id)id;
    return COLUMN_STATE;
}

static void draw_line(struct app *app, const struct canvas *c, int y, int line)
{
    const struct column_set *set = &app->column_set;
    const struct column *column = &column_table[column_of(set, line)];
    bool selected = line == app->overlay.menu.selected, shown = line < set->count;
    enum ground ground = selected ? GROUND_SELECTED : GROUND_MAIN;
    enum role role = selected ? ROLE_SELECTED_FG : shown ? ROLE_FG : ROLE_GRAPH_TEXT;
    char width[16] = "", text[24];
    if (shown && set->items[line].width)
        snprintf(width, sizeof width, "%d", set->items[line].width);
    snprintf(text, sizeof text, "%-20s", column->key);
    canvas_repeat(c, y, 0, c->area.w, STYLE(role, .ground = ground), " ");
    canvas_text(c, y, 0, 3, STYLE(ROLE_KEY, .ground = ground), line < PINNED ? " = " : shown ? "[x]" : "[ ]");
    canvas_text(c, y, 4, KEY_WIDTH, STYLE(role, .ground = ground), text);
    canvas_right(c, y, 5 + KEY_WIDTH, 4, STYLE(ROLE_LIMIT, .ground = ground), width);
    canvas_text(c, y, 11 + KEY_WIDTH, c->area.w - KEY_WIDTH - 11, STYLE(role, .ground = ground),
                tr(column->help));
}

static void columns_draw(struct app *app, const struct canvas *frame, const struct canvas *inside, int *y,
                         int *x)
{
    struct overlay *overlay = &app->overlay;
    int selected = overlay->menu.selected;
    (void)frame, (void)y, (void)x;
    if (overlay->scroll > selected)
        overlay->scroll = selected;
    if (overlay->scroll + inside->area.h <= selected)
        overlay->scroll = selected - inside->area.h + 1;
    for (int i = 0; i < inside->area.h && overlay->scroll + i < COLUMN_COUNT; i++)
        draw_line(app, inside, i, overlay->scroll + i);
}

static void toggle(struct app *app, int line)
{
    struct column_set *set = &app->column_set;
    if (line < PINNED)
        return;
    enum column_id id = column_of(set, line);
    set->chosen = true;
    if (line < set->count) {
        memmove(&set->items[line], &set->items[line + 1],
                (size_t)(--set->count - line) * sizeof set->items[0]);
        return;
    }
    app->overlay.menu.selected = set->count;
    set->items[set->count++] = (struct column_choice){id, 0};
}

static void move(struct app *app, int step)
{
    struct column_set *set = &app->column_set;
    int from = app->overlay.menu.selected, to = from + step;
    if (from < PINNED || to < PINNED || from >= set->count || to >= set->count)
        return;
    struct column_choice moved = set->items[from];
    set->items[from] = set->items[to];
    set->items[to] = moved;
    set->chosen = true;
    app->overlay.menu.selected = to;
}

/* From what it is on the screen. */
static void widen(struct app *app, int step)
{
    struct column_set *set = &app->column_set;
    int line = app->overlay.menu.selected;
    if (line >= set->count)
        return;
    struct column_choice *choice = &set->items[line];
    int width = choice->width ? choice->width : app->columns.width[choice->id];
    width = width ? width + step : column_table[choice->id].min;
    choice->width = width < 1 ? 1 : width > COLUMN_WIDTH_MAX ? COLUMN_WIDTH_MAX : width;
    set->chosen = true;
}

static void select_line(struct app *app, int line)
{
    int *selected = &app->overlay.menu.selected;
    *selected = line < 0 ? 0 : line >= COLUMN_COUNT ? COLUMN_COUNT - 1 : line;
}

/* Back to what fits; what was chosen before the dialog was opened is kept for Esc. */
static void reset(struct app *app)
{
    column_set_default(&app->column_set);
}

static void columns_key(struct app *app, int key)
{
    struct overlay *overlay = &app->overlay;
    int line = overlay->menu.selected, action = keymap_action(&app->keymap, key);
    if (key == K_ESC || key == 3) {
        app->column_set = overlay->columns_before;
        overlay_close(app);
    } else if (key == K_ENTER) {
        overlay_close(app);
        act_columns_keep(app);
    } else if (key == K_SPACE) {
        toggle(app, line);
    } else if (key == K_LEFT || key == K_RIGHT) {
        widen(app, key == K_LEFT ? -1 : 1);
    } else if (key == '<' || key == K_F1 + 6 || key == '>' || key == K_F1 + 7) {
        move(app, key == '<' || key == K_F1 + 6 ? -1 : 1);
    } else if (key == 'r') {
        reset(app);
    } else if (action == ACTION_HELP) {
        app->column_set = overlay->columns_before;
        act_help_column(app, column_of(&app->column_set, line));
    } else {
        int steps = action == ACTION_DOWN        ? 1
                    : action == ACTION_UP        ? -1
                    : action == ACTION_PAGE_DOWN ? 10
                    : action == ACTION_PAGE_UP   ? -10
                    : action == ACTION_FIRST     ? -COLUMN_COUNT
                    : action == ACTION_LAST      ? COLUMN_COUNT
                                                 : 0;
        select_line(app, line + steps);
    }
}

static void columns_mouse(struct app *app, int y, int x, int wheel)
{
    int line = app->overlay.scroll + y - 1;
    (void)x;
    if (wheel) {
        select_line(app, app->overlay.menu.selected + wheel);
    } else if (y >= 1 && line < COLUMN_COUNT) {
        select_line(app, line);
        toggle(app, line);
    }
}

void overlay_columns(struct app *app)
{
    struct overlay *overlay = overlay_open(app, OVERLAY_COLUMNS, N_("columns"));
    str_copy(overlay->note, sizeof overlay->note,
             N_("Space show  <> order  arrows width  r usual  Enter keep"));
    overlay->menu = (struct menu){.selected = PINNED};
    overlay->columns_before = app->column_set;
}

const struct overlay_kind overlay_columns_kind = {columns_size, columns_draw, columns_key, columns_mouse};
