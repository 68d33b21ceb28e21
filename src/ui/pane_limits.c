/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The limits of the selected group: what each is, what is in force because of a group above, how much of it
 * is used, and the keys that turn it.
 */
#include "ui/pane.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/limits.h"
#include "ui/part.h"
#include "ui/text.h"

static const struct {
    const char *knob;
    enum action_id down, up;
} turned_by[] = {{"cpu.max", ACTION_CPU_DOWN, ACTION_CPU_UP},
                 {"memory.max", ACTION_MEMORY_DOWN, ACTION_MEMORY_UP}};

/* The keys that turn a limit, as "[ ]". */
static void keys_of(const struct app *app, const char *knob, char *to, size_t size)
{
    char down[16], up[16];
    to[0] = '\0';
    for (size_t i = 0; i < COUNT_OF(turned_by); i++) {
        int low = keymap_key(&app->keymap, turned_by[i].down);
        if (strcmp(turned_by[i].knob, knob) == 0 && low != K_NONE)
            snprintf(to, size, "%s %s", key_text(low, down),
                     key_text(keymap_key(&app->keymap, turned_by[i].up), up));
    }
}

/* The group above that has a smaller limit, "" if the limit is its own or there is none. */
static void bound_by(const struct app *app, const struct row *row, const char *knob, char *to, size_t size)
{
    char name[MODEL_NAME], value[KNOB_TEXT_SIZE];
    int by = limit_effective(app->model.now, row->sample, knob, value);
    struct row above = {.sample = by, .container = -1};
    to[0] = '\0';
    if (by < 0)
        return;
    model_name(&app->model, &above, name);
    snprintf(to, size, tr("%s %.60s by %s"), glyph_text(app->term.glyphs, GLYPH_ABOVE), value, name);
}

/* Where a limit's parts stand: wide enough panes have whole names. */
struct places {
    int value, value_width, keys, note;
};

static struct places places_of(const struct canvas *c)
{
    if (c->area.w >= 52)
        return (struct places){18, 8, 28, 33};
    return c->area.w >= 38 ? (struct places){16, 7, 24, 29} : (struct places){11, 7, 19, 24};
}

/* A value as it is said: pending ones stand out, those that don't limit are quiet. */
static enum role limit_role(bool pending, bool there, const char *text)
{
    if (pending)
        return ROLE_WARN;
    return !there || strcmp(text, "max") == 0 || strcmp(text, "0") == 0 ? ROLE_DIM : ROLE_LIMIT;
}

/* Behind the value: who above it has a smaller one, or how much of it is used. */
static void draw_limit_note(struct app *app, const struct canvas *c, int y, const struct row *row,
                            const char *knob, enum ground ground)
{
    char note[MODEL_NAME + 80];
    int at = places_of(c).note, room = c->area.w - at;
    double share = limit_used(model_sample(&app->model, row), knob);
    bound_by(app, row, knob, note, sizeof note);
    if (note[0])
        canvas_text(c, y, at, room, STYLE(ROLE_THROTTLED, .ground = ground), note);
    else if (!isnan(share) && room >= 4)
        canvas_bar(c, y, at, room > 24 ? 24 : room,
                   &(struct bar){share, NAN, NAN, GLYPH_BAR_LIMIT,
                                 strcmp(knob, "cpu.max") ? ROLE_MEMORY : ROLE_CPU, ROLE_LIMIT, ground});
}

/* Narrow panes leave out what most names have in common. */
static const char *label_of(const char *name, int width)
{
    const char *dot = strchr(name, '.');
    return dot && text_columns(name) > width ? dot + 1 : name;
}

static void draw_limit(struct app *app, const struct canvas *c, int y, size_t index,
                       const struct limit *limit, const struct row *row)
{
    char kernel[KNOB_TEXT_SIZE], text[KNOB_TEXT_SIZE] = "-", keys[40];
    const struct sample *sample = model_sample(&app->model, row);
    struct places at = places_of(c);
    bool focused = app->focus == PANE_LIMITS && app->limit_selected == index;
    enum ground ground = focused ? GROUND_SELECTED : GROUND_MAIN;
    const char *pending = turn_pending(app, sample->path, limit->name);
    bool there = limit_text(sample, limit->name, kernel) == 0;
    if (there || pending)
        limit_format(limit->name, pending ? pending : kernel, text);
    if (focused)
        canvas_repeat(c, y, 0, c->area.w, STYLE(ROLE_SELECTED_FG, .ground = ground), " ");
    enum role role = focused ? ROLE_SELECTED_FG : limit_role(pending != NULL, there, text);
    canvas_text(c, y, 0, at.value, STYLE(focused ? ROLE_SELECTED_FG : ROLE_FG, .ground = ground),
                label_of(limit->label, at.value));
    /* A long one has the room of what would stand behind it. */
    if (text_columns(text) > at.value_width) {
        canvas_text(c, y, at.value + 1, c->area.w - at.value - 1, STYLE(role, .ground = ground), text);
        return;
    }
    canvas_right(c, y, at.value, at.value_width, STYLE(role, .ground = ground), text);
    keys_of(app, limit->name, keys, sizeof keys);
    if (there && at.keys + text_columns(keys) <= c->area.w)
        canvas_text(c, y, at.keys, 4, STYLE(ROLE_KEY, .ground = ground), keys);
    draw_limit_note(app, c, y, row, limit->name, ground);
}

/* Which controllers are not there, in a line below the limits. */
static void draw_missing(struct app *app, const struct canvas *c, int y)
{
    static const enum controller wanted[] = {CONTROLLER_CPU, CONTROLLER_MEMORY, CONTROLLER_PIDS};
    const struct cgroupfs *fs = &app->model.now->cgroupfs;
    struct str text = {0};
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        if (!(fs->controllers >> wanted[i] & 1))
            str_addf(&text, "%s%s", text.len ? ", " : "", controller_names[wanted[i]]);
    if (!text.len)
        return;
    cleanup_free char *line =
        mem_printf(fs->layout == CGROUP_LAYOUT_HYBRID ? tr("no %s (on cgroup v1)") : tr("no %s controller"),
                   str_text(&text));
    canvas_text(c, y, 0, c->area.w, STYLE(ROLE_WARN), line);
    str_free(&text);
}

/* The limits that the selected group has; returns how many. */
static size_t list(const struct app *app, struct limit *limits)
{
    const struct sample *sample = model_sample(&app->model, model_selected(&app->model));
    return sample ? limit_list_all(sample, limits) : 0;
}

/* Scrolls as far as the selected one has to be seen. */
static size_t top_of(struct app *app, size_t count, int room)
{
    size_t *top = &app->scroll[PANE_LIMITS], at = app->limit_selected;
    if (app->focus == PANE_LIMITS && at < *top)
        *top = at;
    if (app->focus == PANE_LIMITS && room > 0 && at >= *top + (size_t)room)
        *top = at - (size_t)room + 1;
    return part_top(app, PANE_LIMITS, count, room);
}

static const char no_limits[] = N_("the root group has no limits: those of the groups below it count");

static void draw_limits(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    const struct row *row = model_selected(&app->model);
    struct limit limits[LIMITS_MAX];
    size_t count = list(app, limits);
    char more[32];
    if (!model_sample(&app->model, row))
        return;
    if (!count) {
        part_nothing(inside, tr(no_limits));
        return;
    }
    if (app->limit_selected >= count)
        app->limit_selected = count - 1;
    size_t top = top_of(app, count, inside->area.h);
    int y = 0;
    for (size_t i = top; i < count && y < inside->area.h; i++, y++)
        draw_limit(app, inside, y, i, &limits[i], row);
    if (y < inside->area.h && !model_sample(&app->model, row)->depth)
        y += 1 + part_wrap(inside, y + 1, 0, inside->area.w, inside->area.h - y - 1, STYLE(ROLE_GRAPH_TEXT),
                           tr(no_limits));
    if (y < inside->area.h)
        draw_missing(app, inside, y);
    snprintf(more, sizeof more, "%zu/%zu", app->limit_selected + 1, count);
    if (app->focus == PANE_LIMITS && count > (size_t)inside->area.h)
        canvas_notch(frame, frame->area.w - canvas_notch_width(more) - 2, ROLE_KEY, STYLE(ROLE_FG), more);
}

static void turn_selected(struct app *app, int steps)
{
    struct limit limits[LIMITS_MAX];
    size_t count = list(app, limits);
    if (app->limit_selected < count && !app->readonly)
        turn_step(app, limits[app->limit_selected].name, steps);
}

const char *pane_limits_selected(struct app *app)
{
    struct limit limits[LIMITS_MAX];
    size_t count = list(app, limits);
    if (app->focus != PANE_LIMITS || app->limit_selected >= count)
        return NULL;
    str_copy(app->limit_name, sizeof app->limit_name, limits[app->limit_selected].name);
    return app->limit_name;
}

static bool limits_key(struct app *app, int key)
{
    struct limit limits[LIMITS_MAX];
    size_t count = list(app, limits);
    switch (count ? keymap_action(&app->keymap, key) : ACTION_NONE) {
    case ACTION_DOWN:
        app->limit_selected = (app->limit_selected + 1) % count;
        return true;
    case ACTION_UP:
        app->limit_selected = (app->limit_selected + count - 1) % count;
        return true;
    case ACTION_FIRST:
        app->limit_selected = 0;
        return true;
    case ACTION_LAST:
        app->limit_selected = count - 1;
        return true;
    }
    if (key != K_LEFT && key != K_RIGHT && key != '-' && key != '+')
        return false;
    turn_selected(app, key == K_RIGHT || key == '+' ? 1 : -1);
    return true;
}

static void limits_click(struct app *app, int y, int x)
{
    struct limit limits[LIMITS_MAX];
    (void)x;
    if (y >= 1 && app->scroll[PANE_LIMITS] + (size_t)y <= list(app, limits))
        app->limit_selected = app->scroll[PANE_LIMITS] + (size_t)y - 1;
}

/* Only with the focus: what is scrolled over in passing must not be turned. */
static void limits_wheel(struct app *app, int direction)
{
    if (app->focus == PANE_LIMITS && app->pointer_y >= 0)
        limits_click(app, app->pointer_y, 0);
    if (app->focus == PANE_LIMITS)
        turn_selected(app, -direction);
    else
        part_scroll(app, PANE_LIMITS, direction);
}

const struct pane pane_limits = {.title = N_("limits"),
                                 .box = ROLE_BOX_OTHER,
                                 .parts = DETAIL_FIGURES | DETAIL_IO,
                                 .action = ACTION_PANE_LIMITS,
                                 .draw = draw_limits,
                                 .key = limits_key,
                                 .click = limits_click,
                                 .wheel = limits_wheel};
