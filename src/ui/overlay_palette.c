/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The palette: every action and every limit by a few letters of its name, with its key and what it does.
 */
#include "ui/overlay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "core/knob.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/text.h"

enum { COLS = 100, NAME_WIDTH = 18, KEYS_WIDTH = 12 };

/* What can be chosen: actions first, then the knobs. */
static const char *name_of(int item)
{
    size_t count;
    return item < ACTION_COUNT ? action_table[item].name : knob_table(&count)[item - ACTION_COUNT].name;
}

static const char *help_of(int item)
{
    size_t count;
    return item < ACTION_COUNT ? tr(action_table[item].help)
                               : tr(knob_table(&count)[item - ACTION_COUNT].help);
}

static int item_count(void)
{
    size_t count;
    knob_table(&count);
    return ACTION_COUNT + (int)count;
}

/* How well the letters fit a name, 0: not at all. They may stand apart in it; whole beginnings are better. */
int palette_score(const char *name, const char *letters)
{
    size_t len = strlen(letters);
    const char *found = strcasestr(name, letters);
    if (!len)
        return 1;
    if (found)
        return 1000 - (int)strlen(name) + (found == name ? 2000 : strchr("-.", found[-1]) ? 1000 : 0);
    int gaps = 0;
    for (const char *at = name; *letters; letters++, at++) {
        const char *next = at;
        while (*next && strncasecmp(next, letters, 1) != 0)
            next++;
        if (!*next)
            return 0;
        gaps += (int)(next - at);
        at = next;
    }
    return gaps < 400 ? 500 - gaps : 1;
}

/* Fills hits with what fits the text, the best first; what only its help has comes last. */
static void search(struct palette *palette)
{
    int scores[PALETTE_ITEMS], count = item_count();
    palette->count = palette->selected = palette->top = 0;
    for (int item = 1; item < count && palette->count < PALETTE_ITEMS; item++) {
        int score = palette_score(name_of(item), palette->edit.text);
        if (!score && palette->edit.len > 2 && strcasestr(help_of(item), palette->edit.text))
            score = 1;
        if (!score)
            continue;
        int at = palette->count++;
        for (; at > 0 && scores[at - 1] < score; at--) {
            scores[at] = scores[at - 1];
            palette->hits[at] = palette->hits[at - 1];
        }
        scores[at] = score;
        palette->hits[at] = item;
    }
}

static void palette_size(struct app *app, int *rows, int *cols)
{
    *cols = COLS;
    *rows = app->term.rows * 2 / 3;
}

static void draw_hit(struct app *app, const struct canvas *c, int y, int index)
{
    const struct palette *palette = &app->overlay.palette;
    int item = palette->hits[index];
    enum ground ground = index == palette->selected ? GROUND_SELECTED : GROUND_MAIN;
    enum role role = ground == GROUND_SELECTED ? ROLE_SELECTED_FG : ROLE_FG;
    char keys[64] = "=";
    if (item < ACTION_COUNT)
        keymap_keys(&app->keymap, item, keys, sizeof keys);
    canvas_repeat(c, y, 0, c->area.w, STYLE(role, .ground = ground), " ");
    canvas_text(c, y, 1, NAME_WIDTH, STYLE(role, .ground = ground), name_of(item));
    canvas_text(c, y, 2 + NAME_WIDTH, KEYS_WIDTH, STYLE(ROLE_KEY, .ground = ground), keys);
    canvas_text(c, y, 3 + NAME_WIDTH + KEYS_WIDTH, c->area.w - NAME_WIDTH - KEYS_WIDTH - 4,
                STYLE(role == ROLE_FG ? ROLE_GRAPH_TEXT : role, .ground = ground), help_of(item));
}

static void palette_draw(struct app *app, const struct canvas *frame, const struct canvas *inside, int *y,
                         int *x)
{
    struct palette *palette = &app->overlay.palette;
    int room = inside->area.h - 1;
    (void)frame;
    if (palette->selected >= palette->top + room)
        palette->top = palette->selected - room + 1;
    if (palette->selected < palette->top)
        palette->top = palette->selected;
    canvas_text(inside, 0, 0, 2, STYLE(ROLE_KEY, .attrs = STYLE_BOLD), ":");
    canvas_text(inside, 0, 2, inside->area.w - 3, STYLE(ROLE_TITLE), palette->edit.text);
    for (int i = 0; i < room && palette->top + i < palette->count; i++)
        draw_hit(app, inside, 1 + i, palette->top + i);
    *y = inside->area.y;
    *x = inside->area.x + 2 + edit_column(&palette->edit);
}

/* What is typed is taken as it is if it says all; else what is selected. A limit still wants its value. */
static void take(struct app *app)
{
    struct palette palette = app->overlay.palette;
    enum action_id id = action_find(palette.edit.text);
    int hit = palette.count ? palette.hits[palette.selected] : ACTION_NONE;
    if (palette.edit.len && strchr(palette.edit.text, '=')) {
        overlay_close(app);
        if (app->readonly)
            app_notice(app, NOTICE_ERROR, "%s: read-only: nothing is changed from here", palette.edit.text);
        else
            turn_set(app, palette.edit.text);
    } else if (id == ACTION_NONE && hit >= ACTION_COUNT) {
        char text[80];
        snprintf(text, sizeof text, "%s=", name_of(hit));
        edit_set(&app->overlay.palette.edit, text);
        search(&app->overlay.palette);
    } else {
        overlay_close(app);
        if (id == ACTION_NONE && hit == ACTION_NONE && palette.edit.len)
            app_notice(app, NOTICE_ERROR, "no action is called %s (Tab completes, ? lists them)",
                       palette.edit.text);
        else
            action_run(app, id != ACTION_NONE ? id : (enum action_id)hit);
    }
}

static void move(struct palette *palette, int step)
{
    int to = palette->selected + step;
    palette->selected = to < 0 ? 0 : to >= palette->count ? palette->count - 1 : to;
    if (palette->selected < 0)
        palette->selected = 0;
}

static void palette_key(struct app *app, int key)
{
    struct palette *palette = &app->overlay.palette;
    enum { NEXT = 14, PREVIOUS = 16 }; /* C-n, C-p */
    if (key == K_ESC || key == 3 || (key == K_BACKSPACE && !palette->edit.len)) {
        overlay_close(app);
    } else if (key == K_ENTER) {
        take(app);
    } else if (key == K_TAB && palette->count) {
        edit_set(&palette->edit, name_of(palette->hits[palette->selected]));
        search(palette);
    } else if (key == K_DOWN || key == NEXT || key == K_UP || key == PREVIOUS) {
        move(palette, key == K_DOWN || key == NEXT ? 1 : -1);
    } else if (key == K_PAGE_DOWN || key == K_PAGE_UP) {
        move(palette, key == K_PAGE_DOWN ? 10 : -10);
    } else if (edit_key(&palette->edit, key)) {
        search(palette);
    }
}

static void palette_mouse(struct app *app, int y, int x, int wheel)
{
    struct palette *palette = &app->overlay.palette;
    (void)x;
    if (wheel) {
        move(palette, wheel);
    } else if (y >= 2 && palette->top + y - 2 < palette->count) {
        palette->selected = palette->top + y - 2;
        edit_set(&palette->edit, "");
        take(app);
    }
}

void overlay_palette(struct app *app)
{
    struct overlay *overlay = overlay_open(app, OVERLAY_PALETTE, N_("do"));
    str_copy(overlay->note, sizeof overlay->note, N_("Enter does it   NAME=VALUE sets a limit"));
    overlay->palette = (struct palette){0};
    search(&overlay->palette);
}

const struct overlay_kind overlay_palette_kind = {palette_size, palette_draw, palette_key, palette_mouse};
