/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is so of the selected group: what it is and why it is slow, and what happened to it.
 */
#include "ui/pane.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/fmt.h"
#include "base/str.h"
#include "base/value.h"
#include "monitor/verdict.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/part.h"
#include "ui/text.h"

/* ---- who lives in it ---- */

/* What its record says. */
static void container_facts(struct app *app, const struct canvas *c, int *y,
                            const struct container *container)
{
    char text[400], number[FMT_SIZE];
    struct str command = {0};
    uint64_t from = container->started_ns, until = container->finished_ns;
    until = until ? until : app->model.now->wall_ns;
    snprintf(text, sizeof text, "%s%s%s", tr(container_state_name(container->state)), from ? " " : "",
             from ? fmt_duration(number, until > from ? (until - from) / 1000000000u : 0) : "");
    part_fact(c, y, container->state == CONTAINER_RUNNING ? ROLE_GOOD : ROLE_FG, "state", text);
    part_fact(c, y, ROLE_FG, "ended", container->why);
    part_fact(c, y, ROLE_FG, "root", container->root);
    str_add_shell_list(&command, container->command);
    part_fact(c, y, ROLE_FG, "command", str_text(&command));
    str_free(&command);
    snprintf(text, sizeof text, "%s%s%s%s%s%s%s", container->network, container->address[0] ? " " : "",
             container->address, container->gateway[0] ? tr(" via ") : "", container->gateway,
             container->host_link[0] ? tr(" on ") : "", container->host_link);
    part_fact(c, y, ROLE_FG, "network", text);
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
            snprintf(text, sizeof text, "%-6s %-6s %llu", namespace_names[i], own ? tr("own") : tr("host's"),
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
    verdict_text(app->model.now, row, &verdict, language_words, text);
    canvas_text(c, *y, 0, 9, STYLE(ROLE_GRAPH_TEXT), tr("verdict"));
    *y += part_wrap(c, *y, 9, c->area.w - 9,
                    c->area.h >= 12  ? 5
                    : c->area.h >= 9 ? 4
                    : c->area.h >= 7 ? 3
                    : c->area.h >= 6 ? 2
                                     : 1,
                    STYLE(roles[verdict.severity]), text);
}

/* What the engine that made it calls it; nothing that the row already says. */
static void identity_facts(const struct canvas *c, int *y, const struct identity *identity)
{
    char text[200];
    const char *manager = identity ? manager_name(identity->manager) : NULL;
    const char *kind = identity ? identity_kind_name(identity->kind) : NULL;
    if (!identity)
        return;
    snprintf(text, sizeof text, "%s%s%s", manager ? manager : "", manager && kind ? " " : "",
             kind ? kind : "");
    part_fact(c, y, ROLE_FG, "kind", text);
    part_fact(c, y, ROLE_FG, "image", identity->image ? identity->image : "");
    if (identity->unit && strcmp(identity->unit, identity->label) != 0)
        part_fact(c, y, ROLE_FG, "unit", identity->unit);
    snprintf(text, sizeof text, "%s%s%s", identity->ns ? identity->ns : "", identity->ns ? "/" : "",
             identity->pod ? identity->pod : "");
    part_fact(c, y, ROLE_FG, "pod", text);
    snprintf(text, sizeof text, "%.12s", identity->id ? identity->id : "");
    if (strcmp(text, identity->label) != 0)
        part_fact(c, y, ROLE_FG, "id", text);
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
        identity_facts(inside, &y, sample->identity);
    if (sample && (!container || inside->area.h > 12))
        part_fact(inside, &y, ROLE_FG, "cgroup", sample->path);
    if (!app->who.known || app->who.key != row->key || !sample)
        return;
    if (app->who.pid > 0)
        snprintf(text, sizeof text, "%d %s", (int)app->who.pid, app->who.command);
    else
        snprintf(text, sizeof text, "%s",
                 sample->now->populated == 1 ? tr("only in groups below") : tr("none"));
    part_fact(inside, &y, ROLE_FG, "pid", text);
    if (app->who.pid > 0 && !app->layout.pane[PANE_NAMESPACES].h)
        draw_namespaces(app, inside, y);
}

/* ---- events ---- */

static const struct {
    enum role role;
    const char *one, *many; /* %s: how many; NULL: it has no count */
} event_looks[EVENT_KIND_COUNT] = {
    [EVENT_OOM_KILL] = {ROLE_BAD, NN_("OOM killed %s", "OOM killed %s")},
    [EVENT_MAX] = {ROLE_WARN, NN_("hit memory.max %s time", "hit memory.max %s times")},
    [EVENT_HIGH] = {ROLE_WARN, NN_("over memory.high %s time", "over memory.high %s times")},
    [EVENT_PIDS_MAX] = {ROLE_BAD, NN_("fork refused %s time", "fork refused %s times")},
    [EVENT_SWAP_MAX] = {ROLE_WARN, NN_("hit memory.swap.max %s time", "hit memory.swap.max %s times")},
    [EVENT_SWAP_FAIL] = {ROLE_WARN, NN_("swap refused %s time", "swap refused %s times")},
    [EVENT_THROTTLED] = {ROLE_THROTTLED, N_("throttled"), NULL},
    [EVENT_STARTED] = {ROLE_GOOD, N_("started"), NULL},
    [EVENT_EXITED] = {ROLE_FG, N_("ended"), NULL},
    [EVENT_PAUSED] = {ROLE_PAUSED, N_("frozen"), NULL},
    [EVENT_RESUMED] = {ROLE_PAUSED, N_("thawed"), NULL},
    [EVENT_SET] = {ROLE_LIMIT, NULL, NULL},
    [EVENT_APPEARED] = {ROLE_FG, N_("made"), NULL},
    [EVENT_VANISHED] = {ROLE_GRAPH_TEXT, N_("removed"), NULL},
    [EVENT_LOST] = {ROLE_WARN, NN_("%s event was lost", "%s events were lost")},
};

/* "memory.max = 100M": which limit, and what it is now. */
static void set_text(const struct event *event, char *to, size_t size)
{
    char value[300], plain[KNOB_TEXT_SIZE];
    const struct knob *knob = knob_find(event->file);
    if (knob)
        knob_format(knob, event->text, plain);
    str_printable(value, sizeof value, knob ? plain : event->text);
    snprintf(to, size, "%s = %s", event->file, value);
}

static void event_text(const struct event *event, char *to, size_t size)
{
    char number[FMT_SIZE], current[FMT_SIZE], max[FMT_SIZE];
    const char *one = event_looks[event->kind].one, *many = event_looks[event->kind].many;
    if (event->kind == EVENT_SET) {
        set_text(event, to, size);
        return;
    }
    int used = snprintf(to, size, language_words(one, many, event->value), fmt_count(number, event->value));
    if (event->kind == EVENT_OOM_KILL && value_is_number(event->memory_max))
        snprintf(to + used, size - (size_t)used, tr(", %s of %s"), fmt_bytes(current, event->memory_current),
                 fmt_bytes(max, event->memory_max));
}

/* Of the selected group and those below it. */
static bool concerns(const struct event *event, const char *path)
{
    size_t len = strlen(path);
    return strcmp(path, "/") == 0 || event->kind == EVENT_LOST ||
           (str_starts(event->cgroup, path) && (event->cgroup[len] == '/' || !event->cgroup[len]));
}

static void short_name(const struct event *event, char *name, size_t size)
{
    const char *slash = strrchr(event->cgroup, '/');
    str_printable(name, size, slash && slash[1] ? slash + 1 : event->cgroup);
}

static void draw_event(const struct canvas *c, int y, const struct event *event, int width)
{
    char clock[16], text[400], name[128];
    time_t seconds = (time_t)(event->wall_ns / 1000000000u);
    struct tm tm = {0};
    localtime_r(&seconds, &tm);
    strftime(clock, sizeof clock, "%H:%M:%S", &tm);
    short_name(event, name, sizeof name);
    event_text(event, text, sizeof text);
    canvas_text(c, y, 0, 8, STYLE(ROLE_GRAPH_TEXT), clock);
    canvas_text(c, y, 9, width, STYLE(ROLE_FG), name);
    canvas_text(c, y, 10 + width, c->area.w - width - 10, STYLE(event_looks[event->kind].role), text);
}

/* The names have as much room as the longest of them needs: what happened has the rest. */
static int name_width(const struct model *model, const char *path, size_t skip, const struct canvas *c)
{
    char name[128];
    int widest = 4, most = c->area.w >= 60 ? 18 : 12, lines = c->area.h;
    for (size_t i = 0; i < model->event_count && lines > 0; i++) {
        const struct event *event = model_event(model, i);
        if (!concerns(event, path) || (skip && skip--))
            continue;
        short_name(event, name, sizeof name);
        widest = text_columns(name) > widest ? text_columns(name) : widest;
        lines--;
    }
    return widest > most ? most : widest;
}

static void draw_events(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    const struct model *model = &app->model;
    const struct row *row = model_selected(model);
    const struct sample *sample = model_sample(model, row);
    const struct container *container = model_container(model, row);
    const char *path = sample ? sample->path : container ? container->cgroup : "/";
    size_t skip, count = 0;
    int y = 0;
    (void)frame;
    for (size_t i = 0; i < model->event_count; i++)
        count += concerns(model_event(model, i), path);
    skip = part_top(app, PANE_EVENTS, count, inside->area.h);
    int width = name_width(model, path, skip, inside);
    for (size_t i = 0; i < model->event_count && y < inside->area.h; i++) {
        const struct event *event = model_event(model, i);
        if (!concerns(event, path) || (skip && skip--))
            continue;
        draw_event(inside, y++, event, width);
    }
    if (y == 0)
        canvas_text(inside, 0, 0, inside->area.w, STYLE(ROLE_DIM), tr("nothing happened yet"));
}

static void events_wheel(struct app *app, int direction)
{
    part_scroll(app, PANE_EVENTS, direction);
}

static bool events_key(struct app *app, int key)
{
    return part_scroll_key(app, PANE_EVENTS, key);
}

const struct pane pane_about = {
    .title = N_("about"), .box = ROLE_BOX_OTHER, .action = ACTION_PANE_ABOUT, .draw = draw_about};
const struct pane pane_events = {.title = N_("events"),
                                 .box = ROLE_BOX_OTHER,
                                 .action = ACTION_PANE_EVENTS,
                                 .draw = draw_events,
                                 .key = events_key,
                                 .wheel = events_wheel};
