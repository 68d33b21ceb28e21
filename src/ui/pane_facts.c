/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is so of the selected group: its limits, who lives in it, what happened to it.
 */
#include "ui/pane.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "monitor/verdict.h"
#include "ui/app.h"
#include "ui/limits.h"
#include "ui/text.h"

/* ---- limits ---- */

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
    const struct sample *sample = model_sample(&app->model, row);
    char name[MODEL_NAME], number[FMT_SIZE];
    bool cpu = strcmp(knob, "cpu.max") == 0;
    int by = cpu                               ? sample->effective_cpu_row
             : strcmp(knob, "memory.max") == 0 ? sample->effective_memory_row
                                               : -1;
    to[0] = '\0';
    if (by < 0 || by == row->sample)
        return;
    struct row above = {.sample = by, .container = -1};
    model_name(&app->model, &above, name);
    if (cpu)
        snprintf(number, sizeof number, "%.4g%%", sample->effective_cpu_percent);
    else
        fmt_bytes(number, sample->effective_memory_max);
    snprintf(to, size, "%s %s by %s", glyph_text(app->term.glyphs, GLYPH_ABOVE), number, name);
}

/* How much of a limit is used, as a share of it; NAN if that is not known or there is no limit. */
static double used_share(const struct sample *sample, const char *knob)
{
    const struct counters *c = &sample->now;
    const struct {
        const char *knob;
        uint64_t used, limit;
    } shares[] = {{"memory.max", c->memory_current, c->memory_max},
                  {"memory.high", c->memory_current, c->memory_high},
                  {"memory.swap.max", c->swap_current, c->swap_max},
                  {"pids.max", c->pids_current, c->pids_max}};
    if (strcmp(knob, "cpu.max") == 0 && value_is_number(c->cpu_quota_usec))
        return sample->rate.cpu_percent * (double)c->cpu_period_usec / (double)c->cpu_quota_usec / 100;
    for (size_t i = 0; i < COUNT_OF(shares); i++)
        if (strcmp(shares[i].knob, knob) == 0 && value_is_number(shares[i].limit) && shares[i].limit &&
            value_is_number(shares[i].used))
            return (double)shares[i].used / (double)shares[i].limit;
    return NAN;
}

enum { LIMIT_VALUE = 11, LIMIT_KEYS = 19, LIMIT_NOTE = 24 };

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
    char note[MODEL_NAME + 48];
    int room = c->area.w - LIMIT_NOTE;
    double share = used_share(model_sample(&app->model, row), knob);
    bound_by(app, row, knob, note, sizeof note);
    if (note[0])
        canvas_text(c, y, LIMIT_NOTE, room, STYLE(ROLE_THROTTLED, .ground = ground), note);
    else if (!isnan(share) && room >= 4)
        canvas_bar(c, y, LIMIT_NOTE, room > 24 ? 24 : room,
                   &(struct bar){share, NAN, NAN, GLYPH_BAR_LIMIT,
                                 strcmp(knob, "cpu.max") ? ROLE_MEMORY : ROLE_CPU, ROLE_LIMIT, ground});
}

static void draw_limit(struct app *app, const struct canvas *c, int y, size_t index, const struct row *row)
{
    const char *name = limit_rows[index].knob;
    char kernel[KNOB_TEXT_SIZE], text[KNOB_TEXT_SIZE] = "-", keys[40];
    const struct sample *sample = model_sample(&app->model, row);
    bool focused = app->focus == PANE_LIMITS && app->limit_selected == index;
    enum ground ground = focused ? GROUND_SELECTED : GROUND_MAIN;
    const char *pending = turn_pending(app, sample->path, name);
    bool there = limit_text(sample, name, kernel) == 0;
    if (there || pending)
        knob_format(knob_find(name), pending ? pending : kernel, text);
    if (focused)
        canvas_repeat(c, y, 0, c->area.w, STYLE(ROLE_SELECTED_FG, .ground = ground), " ");
    enum role role = focused ? ROLE_SELECTED_FG : limit_role(pending != NULL, there, text);
    canvas_text(c, y, 0, LIMIT_VALUE, STYLE(focused ? ROLE_SELECTED_FG : ROLE_FG, .ground = ground),
                limit_rows[index].label);
    canvas_right(c, y, LIMIT_VALUE, 7, STYLE(role, .ground = ground), text);
    keys_of(app, name, keys, sizeof keys);
    if (there)
        canvas_text(c, y, LIMIT_KEYS, 4, STYLE(ROLE_KEY, .ground = ground), keys);
    draw_limit_note(app, c, y, row, name, ground);
}

/* Which controllers are not there, in a line below the limits. */
static void draw_missing(struct app *app, const struct canvas *c, int y)
{
    static const enum controller wanted[] = {CONTROLLER_CPU, CONTROLLER_MEMORY, CONTROLLER_PIDS};
    const struct cgroupfs *fs = &app->model.now->cgroupfs;
    struct str text = {0};
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        if (!(fs->controllers >> wanted[i] & 1))
            str_addf(&text, "%s%s", text.len ? ", " : "no ", controller_names[wanted[i]]);
    if (text.len)
        str_add(&text, fs->layout == CGROUP_LAYOUT_HYBRID ? " (on cgroup v1)" : " controller");
    canvas_text(c, y, 0, c->area.w, STYLE(ROLE_WARN), str_text(&text));
    str_free(&text);
}

static void draw_limits(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    const struct row *row = model_selected(&app->model);
    (void)frame;
    if (!model_sample(&app->model, row))
        return;
    int y = 0;
    for (size_t i = 0; i < limit_row_count && y < inside->area.h; i++, y++)
        draw_limit(app, inside, y, i, row);
    if (y < inside->area.h)
        draw_missing(app, inside, y);
}

static bool limits_key(struct app *app, int key)
{
    switch (keymap_action(&app->keymap, key)) {
    case ACTION_DOWN:
        app->limit_selected = (app->limit_selected + 1) % limit_row_count;
        return true;
    case ACTION_UP:
        app->limit_selected = (app->limit_selected + limit_row_count - 1) % limit_row_count;
        return true;
    }
    if (key != K_LEFT && key != K_RIGHT && key != '-' && key != '+')
        return false;
    turn_step(app, limit_rows[app->limit_selected].knob, key == K_RIGHT || key == '+' ? 1 : -1);
    return true;
}

static void limits_click(struct app *app, int y, int x)
{
    (void)x;
    if (y >= 1 && (size_t)y <= limit_row_count)
        app->limit_selected = (size_t)y - 1;
}

static void limits_wheel(struct app *app, int direction)
{
    turn_step(app, limit_rows[app->limit_selected].knob, -direction);
}

/* ---- who lives in it ---- */

/* "label   value" on the next line, if there is room and a value. */
static void fact(const struct canvas *c, int *y, enum role role, const char *label, const char *value)
{
    char text[400];
    if (*y >= c->area.h || !value[0])
        return;
    str_printable(text, sizeof text, value);
    canvas_text(c, *y, 0, 9, STYLE(ROLE_GRAPH_TEXT), label);
    canvas_text(c, *y, 9, c->area.w - 9, STYLE(role), text);
    (*y)++;
}

/* What its record says. */
static void container_facts(struct app *app, const struct canvas *c, int *y,
                            const struct container *container)
{
    char text[400], number[FMT_SIZE];
    struct str command = {0};
    uint64_t from = container->started_ns, until = container->finished_ns;
    until = until ? until : app->model.now->wall_ns;
    snprintf(text, sizeof text, "%s%s%s", container_state_name(container->state), from ? " " : "",
             from ? fmt_duration(number, until > from ? (until - from) / 1000000000u : 0) : "");
    fact(c, y, container->state == CONTAINER_RUNNING ? ROLE_GOOD : ROLE_FG, "state", text);
    fact(c, y, ROLE_FG, "ended", container->why);
    fact(c, y, ROLE_FG, "root", container->root);
    str_add_shell_list(&command, container->command);
    fact(c, y, ROLE_FG, "command", str_text(&command));
    str_free(&command);
    snprintf(text, sizeof text, "%s%s%s%s%s%s%s", container->network, container->address[0] ? " " : "",
             container->address, container->gateway[0] ? " via " : "", container->gateway,
             container->host_link[0] ? " on " : "", container->host_link);
    fact(c, y, ROLE_FG, "network", text);
}

/* Which of the eight are its own; the kernel's numbers where there is room. */
static void draw_namespaces(struct app *app, const struct canvas *c, int y)
{
    const struct who *who = &app->who;
    bool numbers = c->area.h - y >= 4 && c->area.w >= 54;
    int per_line = numbers ? 2 : c->area.w >= 36 ? 4 : 3, width = c->area.w / per_line;
    char text[64];
    for (int i = 0; i < 8 && y + i / per_line < c->area.h; i++) {
        bool own = who->namespaces[i] && who->namespaces[i] != who->host[i];
        int at = i % per_line * width, line = y + i / per_line;
        canvas_glyph(c, line, at, STYLE(own ? ROLE_GOOD : ROLE_DIM), own ? GLYPH_RUNNING : GLYPH_DOT);
        if (numbers)
            snprintf(text, sizeof text, "%-6s %s %llu", namespace_names[i], own ? "own   " : "host's",
                     (unsigned long long)who->namespaces[i]);
        else
            snprintf(text, sizeof text, "%s", namespace_names[i]);
        canvas_text(c, line, at + 2, width - 2, STYLE(own ? ROLE_FG : ROLE_DIM), text);
    }
}

/* Why it is slow, or that it is not. */
static void draw_verdict(struct app *app, const struct canvas *c, int *y, int row)
{
    static const enum role roles[] = {[SEVERITY_QUIET] = ROLE_DIM,
                                      [SEVERITY_NOTE] = ROLE_FG,
                                      [SEVERITY_WARN] = ROLE_WARN,
                                      [SEVERITY_BAD] = ROLE_BAD};
    char text[VERDICT_TEXT];
    struct verdict verdict = verdict_of(app->model.now, row);
    verdict_text(app->model.now, row, &verdict, text);
    fact(c, y, roles[verdict.severity], "verdict", text);
}

static void draw_about(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    const struct row *row = model_selected(&app->model);
    const struct container *container = model_container(&app->model, row);
    const struct sample *sample = model_sample(&app->model, row);
    char text[200];
    int y = 0;
    (void)frame;
    if (!row)
        return;
    if (sample)
        draw_verdict(app, inside, &y, row->sample);
    if (container)
        container_facts(app, inside, &y, container);
    else
        fact(inside, &y, ROLE_FG, "cgroup", sample->path);
    if (!app->who.known || app->who.key != row->key || !sample)
        return;
    if (app->who.pid > 0)
        snprintf(text, sizeof text, "%d %s", (int)app->who.pid, app->who.command);
    else
        snprintf(text, sizeof text, "%s", sample->now.populated == 1 ? "only in groups below" : "none");
    fact(inside, &y, ROLE_FG, "pid", text);
    if (app->who.pid > 0)
        draw_namespaces(app, inside, y);
}

/* ---- events ---- */

static const struct {
    enum role role;
    const char *text; /* %s: how many */
} event_looks[EVENT_KIND_COUNT] = {
    [EVENT_OOM_KILL] = {ROLE_BAD, "OOM killed %s"},
    [EVENT_MAX] = {ROLE_WARN, "hit memory.max %s times"},
    [EVENT_HIGH] = {ROLE_WARN, "over memory.high %s times"},
    [EVENT_PIDS_MAX] = {ROLE_BAD, "fork refused %s times"},
    [EVENT_THROTTLED] = {ROLE_THROTTLED, "throttled"},
    [EVENT_STARTED] = {ROLE_GOOD, "started"},
    [EVENT_EXITED] = {ROLE_FG, "ended"},
    [EVENT_PAUSED] = {ROLE_PAUSED, "frozen"},
    [EVENT_RESUMED] = {ROLE_PAUSED, "thawed"},
    [EVENT_SET] = {ROLE_LIMIT, "set"},
    [EVENT_APPEARED] = {ROLE_FG, "made"},
    [EVENT_VANISHED] = {ROLE_GRAPH_TEXT, "removed"},
    [EVENT_LOST] = {ROLE_WARN, "%s events were lost"},
};

static void event_text(const struct event *event, char *to, size_t size)
{
    char number[FMT_SIZE], current[FMT_SIZE], max[FMT_SIZE], value[300], plain[KNOB_TEXT_SIZE];
    const struct knob *knob = event->kind == EVENT_SET ? knob_find(event->file) : NULL;
    int used = snprintf(to, size, event_looks[event->kind].text, fmt_count(number, event->value));
    if (event->kind == EVENT_OOM_KILL && value_is_number(event->memory_max))
        snprintf(to + used, size - (size_t)used, ", %s of %s", fmt_bytes(current, event->memory_current),
                 fmt_bytes(max, event->memory_max));
    if (event->kind != EVENT_SET)
        return;
    if (knob)
        knob_format(knob, event->text, plain);
    str_printable(value, sizeof value, knob ? plain : event->text);
    snprintf(to, size, "%s = %s", event->file, value);
}

/* Of the selected group and those below it. */
static bool concerns(const struct event *event, const char *path)
{
    size_t len = strlen(path);
    return strcmp(path, "/") == 0 || event->kind == EVENT_LOST ||
           (str_starts(event->cgroup, path) && (event->cgroup[len] == '/' || !event->cgroup[len]));
}

static void draw_event(const struct canvas *c, int y, const struct event *event)
{
    char clock[16], text[400], name[128];
    time_t seconds = (time_t)(event->wall_ns / 1000000000u);
    struct tm tm = {0};
    localtime_r(&seconds, &tm);
    strftime(clock, sizeof clock, "%H:%M:%S", &tm);
    const char *slash = strrchr(event->cgroup, '/');
    str_printable(name, sizeof name, slash && slash[1] ? slash + 1 : event->cgroup);
    event_text(event, text, sizeof text);
    int width = c->area.w >= 60 ? 18 : 12;
    canvas_text(c, y, 0, 8, STYLE(ROLE_GRAPH_TEXT), clock);
    canvas_text(c, y, 9, width, STYLE(ROLE_FG), name);
    canvas_text(c, y, 10 + width, c->area.w - width - 10, STYLE(event_looks[event->kind].role), text);
}

static void draw_events(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    const struct model *model = &app->model;
    const struct row *row = model_selected(model);
    const struct sample *sample = model_sample(model, row);
    const struct container *container = model_container(model, row);
    const char *path = sample ? sample->path : container ? container->cgroup : "/";
    size_t skip = app->events_scroll;
    int y = 0;
    (void)frame;
    for (size_t i = 0; i < model->event_count && y < inside->area.h; i++) {
        const struct event *event = model_event(model, i);
        if (!concerns(event, path) || (skip && skip--))
            continue;
        draw_event(inside, y++, event);
    }
    if (y == 0)
        canvas_text(inside, 0, 0, inside->area.w, STYLE(ROLE_DIM), "nothing happened yet");
}

static void events_wheel(struct app *app, int direction)
{
    if (direction > 0 && app->events_scroll + 1 < app->model.event_count)
        app->events_scroll++;
    else if (direction < 0 && app->events_scroll)
        app->events_scroll--;
}

static bool events_key(struct app *app, int key)
{
    int action = keymap_action(&app->keymap, key);
    if (action == ACTION_DOWN || action == ACTION_UP)
        events_wheel(app, action == ACTION_DOWN ? 1 : -1);
    return action == ACTION_DOWN || action == ACTION_UP;
}

const struct pane pane_limits = {.title = "limits",
                                 .box = ROLE_BOX_OTHER,
                                 .action = ACTION_PANE_LIMITS,
                                 .draw = draw_limits,
                                 .key = limits_key,
                                 .click = limits_click,
                                 .wheel = limits_wheel};
const struct pane pane_about = {
    .title = "about", .box = ROLE_BOX_OTHER, .action = ACTION_PANE_ABOUT, .draw = draw_about};
const struct pane pane_events = {.title = "events",
                                 .box = ROLE_BOX_OTHER,
                                 .action = ACTION_PANE_EVENTS,
                                 .draw = draw_events,
                                 .key = events_key,
                                 .wheel = events_wheel};
