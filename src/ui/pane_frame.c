/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The first and the last lines: the machine and boxtop itself; the keys, a notice or a question.
 */
#include "ui/pane.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "ui/act.h"
#include "ui/alarm.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/text.h"

/* ---- header ---- */

/* A line that is written from the left, part by part; a part that doesn't fit is left out. */
struct line {
    const struct canvas *canvas;
    int y, x, end;
};

static bool part(struct line *line, struct style style, const char *text)
{
    int width = text_columns(text);
    if (line->x + width > line->end)
        return false;
    line->x += canvas_text(line->canvas, line->y, line->x, width, style, text);
    return true;
}

static bool labelled(struct line *line, const char *label, struct style style, const char *text)
{
    label = tr(label);
    if (line->x + text_columns(label) + text_columns(text) + 1 > line->end)
        return false;
    part(line, STYLE(ROLE_GRAPH_TEXT), label);
    line->x++;
    part(line, style, text);
    line->x += 2;
    return true;
}

/* A bar of the host's, right behind its figure. */
static void meter(struct line *line, enum role role, double share, int width)
{
    if (line->x + width > line->end || isnan(share))
        return;
    canvas_bar(line->canvas, line->y, line->x - 1, width,
               &(struct bar){share, NAN, NAN, GLYPH_COUNT, role, ROLE_LIMIT, GROUND_MAIN});
    line->x += width + 1;
}

static struct style by_level(enum role role, double share)
{
    return share > 0.001 ? STYLE(role, .level = (unsigned char)(fmin(share, 1) * 100)) : STYLE(ROLE_DIM);
}

static void host_figures(struct line *line, const struct host *host, int bar)
{
    char text[80], number[FMT_SIZE], total[FMT_SIZE];
    double cpu = host->cpus ? host->cpu_percent / (100.0 * host->cpus) : NAN;
    if (bar)
        snprintf(text, sizeof text, tr("%s%% of %u"), fmt_percent(number, cpu * 100), host->cpus);
    else
        snprintf(text, sizeof text, "%s%%", fmt_percent(number, cpu * 100));
    labelled(line, N_("cpu"), by_level(ROLE_CPU, cpu), text);
    if (bar)
        meter(line, ROLE_CPU, cpu, bar);
    if (!value_is_number(host->memory_total) || !value_is_number(host->memory_available))
        return;
    uint64_t used = host->memory_total - host->memory_available;
    snprintf(text, sizeof text, "%s/%s", fmt_bytes(number, used), fmt_bytes(total, host->memory_total));
    double share = (double)used / (double)host->memory_total;
    labelled(line, N_("mem"), by_level(ROLE_MEMORY, share), text);
    if (bar)
        meter(line, ROLE_MEMORY, share, bar);
}

static void one_pressure(struct line *line, const char *label, uint64_t centi)
{
    char number[FMT_SIZE];
    double percent = value_is_number(centi) ? (double)centi / 100 : NAN;
    fmt_percent(number, percent);
    labelled(line, label, by_level(ROLE_PRESSURE, percent / 60), number);
    line->x--;
}

static void pressure_figures(struct line *line, const struct host *host, bool words)
{
    if (line->x + 30 > line->end)
        return;
    part(line, STYLE(ROLE_GRAPH_TEXT), words ? tr("pressure ") : "psi ");
    one_pressure(line, words ? N_("cpu") : "c", host->cpu_some_avg10);
    one_pressure(line, words ? N_("mem") : "m", host->memory_some_avg10);
    one_pressure(line, words ? N_("io") : "i", host->io_some_avg10);
    line->x++;
}

static void trouble(struct line *line, const char *label, size_t count, enum role role)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", count);
    labelled(line, label, count ? STYLE(role, .attrs = STYLE_BOLD) : STYLE(ROLE_DIM), text);
}

/* How many groups are in trouble, on the screen or not. */
static void trouble_figures(struct line *line, const struct alarms *alarms)
{
    trouble(line, N_("throttled"), alarms->throttled, ROLE_THROTTLED);
    trouble(line, N_("near limit"), alarms->near, ROLE_WARN);
}

/* Where and when the last kill was; where there is no room for both, when. */
static void last_kill(struct line *line, const struct model *model, bool fresh)
{
    char text[80], raw[80], clock[16];
    const struct event *event = NULL;
    for (size_t i = 0; i < model->event_count && !event; i++)
        if (model_event(model, i)->kind == EVENT_OOM_KILL)
            event = model_event(model, i);
    if (!event)
        return;
    time_t seconds = (time_t)(event->wall_ns / 1000000000u);
    struct tm tm = {0};
    localtime_r(&seconds, &tm);
    strftime(clock, sizeof clock, "%H:%M:%S", &tm);
    const char *slash = strrchr(event->cgroup, '/');
    snprintf(raw, sizeof raw, "%.40s %s", slash ? slash + 1 : event->cgroup, clock);
    str_printable(text, sizeof text, raw);
    struct style style = STYLE(fresh ? ROLE_BAD : ROLE_FG);
    if (!labelled(line, N_("last"), style, text) && part(line, style, clock))
        line->x += 2;
}

static void kill_figures(struct line *line, const struct model *model, enum glyph_set glyphs)
{
    char text[80];
    uint64_t kills = model->kills_total - model->kills_at_start,
             fresh = model->kills_total - model->kills_seen;
    if (fresh)
        snprintf(text, sizeof text, trn("%s%llu (%llu new)", "%s%llu (%llu new)", fresh),
                 glyph_text(glyphs, GLYPH_KILL), (unsigned long long)kills, (unsigned long long)fresh);
    else
        snprintf(text, sizeof text, "%llu", (unsigned long long)kills);
    struct style style = fresh ? STYLE(ROLE_BAD, .attrs = STYLE_BOLD) : STYLE(kills ? ROLE_FG : ROLE_DIM);
    if (labelled(line, "OOM", style, text))
        last_kill(line, model, fresh > 0);
}

static void box_figures(struct line *line, const struct model *model)
{
    char text[80];
    size_t running = 0;
    for (size_t i = 0; i < model->now->count && model->past; i++) {
        const struct identity *identity = model->now->rows[i].identity;
        running += identity && identity->manager == MANAGER_BOXTOP && identity->kind == KIND_CONTAINER;
    }
    for (size_t i = 0; i < model->container_count; i++)
        running +=
            model->containers[i].state == CONTAINER_RUNNING || model->containers[i].state == CONTAINER_PAUSED;
    snprintf(text, sizeof text, "%zu", running);
    labelled(line, N_("boxes"), running ? STYLE(ROLE_CONTAINER) : STYLE(ROLE_DIM), text);
}

static void own_figures(struct line *line, const struct snapshot *now)
{
    char text[80], number[FMT_SIZE], rss[FMT_SIZE];
    snprintf(text, sizeof text, "%s%% %s", fmt_percent(number, now->self_cpu_percent),
             fmt_bytes(rss, now->self_rss));
    labelled(line, N_("own"), STYLE(ROLE_DIM), text);
}

/* How the figures come: live, or the view is frozen; and whether anything may be written. */
static void mode_text(const struct app *app, char *to, size_t size)
{
    char interval[FMT_SIZE];
    if (app->model.past) {
        past_text(app, to, size);
        return;
    }
    if (app->late_s) {
        snprintf(to, size, tr("%sno sample for %us"), app->readonly ? tr("read-only ") : "", app->late_s);
        return;
    }
    if (app->interval_ms % 1000)
        snprintf(interval, sizeof interval, "%ums", (unsigned)app->interval_ms);
    else
        fmt_duration(interval, app->interval_ms / 1000);
    snprintf(to, size, "%s%s %s", app->readonly ? tr("read-only ") : "",
             app->model.frozen ? tr("frozen") : tr("live"), interval);
}

static struct style mode_style(const struct app *app)
{
    if (app->model.past)
        return STYLE(ROLE_PAUSED, .attrs = STYLE_BOLD | STYLE_REVERSE);
    if (app->late_s)
        return STYLE(ROLE_BAD, .attrs = STYLE_BOLD | STYLE_REVERSE);
    return app->model.frozen ? STYLE(ROLE_PAUSED, .attrs = STYLE_BOLD | STYLE_REVERSE)
                             : STYLE(app->readonly ? ROLE_WARN : ROLE_GOOD);
}

static void clock_text(const struct model *model, char *to)
{
    const struct snapshot *latest = model->newer ? model->newer : model->now;
    time_t seconds = (time_t)(latest->wall_ns / 1000000000u);
    struct tm tm = {0};
    localtime_r(&seconds, &tm);
    strftime(to, 16, "%H:%M", &tm);
}

/* Eight lines of facts in two rows, without a frame. */
static void draw_plain(struct app *app, const struct canvas *c)
{
    const struct snapshot *now = app->model.now;
    char text[160], clock[16], mode[64];
    clock_text(&app->model, clock);
    mode_text(app, mode, sizeof mode);
    int right = c->area.w - text_columns(clock) - 1;
    canvas_text(c, 0, right, 15, STYLE(ROLE_TITLE), clock);
    right -= text_columns(mode) + 2;
    canvas_text(c, 0, right, text_columns(mode), mode_style(app), mode);
    if (past_records(app))
        canvas_text(c, 0, right -= 5, 3, STYLE(ROLE_BAD, .attrs = STYLE_BOLD | STYLE_REVERSE), "REC");
    struct line line = {c, 0, 1, right - 1};
    part(&line, STYLE(ROLE_KEY, .attrs = STYLE_BOLD), "boxtop");
    line.x += 2;
    part(&line, STYLE(ROLE_TITLE), now->host.hostname);
    line.x += 2;
    cgroupfs_describe(&now->cgroupfs, language_words, text, sizeof text);
    part(&line, STYLE(now->cgroupfs.layout == CGROUP_LAYOUT_UNIFIED ? ROLE_FG : ROLE_WARN), text);
    line.x += 2;
    trouble_figures(&line, &app->model.alarms);
    part(&line, STYLE(ROLE_GRAPH_TEXT), now->host.kernel);
    line = (struct line){c, 1, 1, c->area.w - 1};
    host_figures(&line, &now->host, c->area.w >= 110 ? 10 : 0);
    pressure_figures(&line, &now->host, c->area.w >= 120);
    kill_figures(&line, &app->model, app->term.glyphs);
    box_figures(&line, &app->model);
    own_figures(&line, now);
}

static void notch_right(const struct canvas *frame, int *right, struct style style, const char *text)
{
    *right -= canvas_notch_width(text) + 1;
    canvas_notch(frame, *right, ROLE_BOX_OTHER, style, text);
}

static void draw_framed(struct app *app, const struct canvas *frame)
{
    const struct snapshot *now = app->model.now;
    const struct model *model = &app->model;
    struct canvas inside;
    char text[160], number[FMT_SIZE];
    int right = frame->area.w - 1, x = 2;
    canvas_box(frame, ROLE_BOX_OTHER, &inside);
    x += canvas_notch(frame, x, ROLE_BOX_OTHER, STYLE(ROLE_KEY, .attrs = STYLE_BOLD), "boxtop") + 1;
    x += canvas_notch(frame, x, ROLE_BOX_OTHER, STYLE(ROLE_TITLE, .attrs = STYLE_BOLD), now->host.hostname) +
         1;
    cgroupfs_describe(&now->cgroupfs, language_words, text, sizeof text);
    enum role state = now->cgroupfs.layout == CGROUP_LAYOUT_UNIFIED ? ROLE_FG : ROLE_WARN;
    x += canvas_notch(frame, x, ROLE_BOX_OTHER, STYLE(state), text) + 1;
    clock_text(model, text);
    notch_right(frame, &right, STYLE(ROLE_TITLE, .attrs = STYLE_BOLD), text);
    mode_text(app, text, sizeof text);
    notch_right(frame, &right, mode_style(app), text);
    if (past_records(app))
        notch_right(frame, &right, STYLE(ROLE_BAD, .attrs = STYLE_BOLD | STYLE_REVERSE), "REC");
    if (right - x > (int)strlen(now->host.kernel) + 3)
        notch_right(frame, &right, STYLE(ROLE_GRAPH_TEXT), now->host.kernel);
    struct line line = {&inside, 0, 0, inside.area.w};
    host_figures(&line, &now->host, frame->area.w >= 150 ? 20 : 10);
    snprintf(text, sizeof text, "%u.%02u", (unsigned)(now->host.load1_centi / 100),
             (unsigned)(now->host.load1_centi % 100));
    labelled(&line, N_("load"), STYLE(ROLE_FG), text);
    if (value_is_number(now->host.swap_total) && now->host.swap_total)
        labelled(&line, "swap", STYLE(ROLE_FG),
                 fmt_bytes(number, now->host.swap_total - now->host.swap_free));
    own_figures(&line, now);
    line = (struct line){&inside, 1, 0, inside.area.w};
    pressure_figures(&line, &now->host, true);
    trouble_figures(&line, &model->alarms);
    kill_figures(&line, model, app->term.glyphs);
    box_figures(&line, model);
    snprintf(text, sizeof text, "%zu", now->count);
    labelled(&line, N_("cgroups"), STYLE(ROLE_FG), text);
}

static void draw_header(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    (void)inside;
    if (!app->model.now)
        return;
    if (frame->area.h >= 4)
        draw_framed(app, frame);
    else
        draw_plain(app, frame);
}

/* ---- footer ---- */

/* In the order in which they are given room. */
static const enum action_id shown_keys[] = {
    ACTION_HELP,    ACTION_NEW,    ACTION_FILTER,      ACTION_FLAT,    ACTION_SORT,   ACTION_KILL,
    ACTION_QUIT,    ACTION_CPU_UP, ACTION_MEMORY_UP,   ACTION_EXPLAIN, ACTION_SHELL,  ACTION_SET,
    ACTION_UNDO,    ACTION_LOG,    ACTION_STOP,        ACTION_FREEZE,  ACTION_LEDGER, ACTION_ACKNOWLEDGE,
    ACTION_COLUMNS, ACTION_TAG,    ACTION_FREEZE_VIEW, ACTION_COMMAND,
};

/* Where all other keys are the program's. */
static const enum action_id terminal_keys[] = {ACTION_TERMINAL_LEAVE, ACTION_TERMINAL_ZOOM};

/* While the past is looked at. */
static const enum action_id past_keys[] = {
    ACTION_HELP,      ACTION_SAMPLE_BACK, ACTION_SAMPLE_ON, ACTION_MINUTE_BACK, ACTION_MINUTE_ON,
    ACTION_KILL_BACK, ACTION_KILL_ON,     ACTION_JUMP,      ACTION_PLAY,        ACTION_LIVE,
    ACTION_LEDGER,    ACTION_FILTER,      ACTION_FLAT,      ACTION_SORT,        ACTION_QUIT,
};
static_assert(COUNT_OF(past_keys) <= COUNT_OF(shown_keys), "room for all");

static const enum action_id *keys_of(const struct app *app, size_t *ret_count)
{
    bool inside = app->guests.visible && app->focus == PANE_TERMINAL;
    *ret_count = inside            ? COUNT_OF(terminal_keys)
                 : app->model.past ? COUNT_OF(past_keys)
                                   : COUNT_OF(shown_keys);
    return inside ? terminal_keys : app->model.past ? past_keys : shown_keys;
}

/* The key that is shown for an action: a function key if it has one. Those that turn show both ways. */
static void shown_key(const struct app *app, enum action_id id, char *to, size_t size)
{
    char name[16], other[16];
    int key = keymap_key(&app->keymap, id);
    for (size_t i = 0; i < app->keymap.count; i++)
        if (app->keymap.bindings[i].action == (int)id && app->keymap.bindings[i].key >= K_F1)
            key = app->keymap.bindings[i].key;
    if (id == ACTION_CPU_UP || id == ACTION_MEMORY_UP) {
        key_text(keymap_key(&app->keymap, id == ACTION_CPU_UP ? ACTION_CPU_DOWN : ACTION_MEMORY_DOWN), other);
        key_text(keymap_key(&app->keymap, id), name);
        snprintf(to, size, "%s%s", other, name);
        return;
    }
    snprintf(to, size, "%s", key == K_NONE ? "" : key_text(key, name));
}

/* The place of each key in the footer, from the left: its x, and its width, 0: there is no room for it. */
static void place_keys(const struct app *app, int room, int *x, int *width)
{
    char key[34];
    int at = 0;
    size_t count;
    const enum action_id *ids = keys_of(app, &count);
    for (size_t i = 0; i < count; i++) {
        shown_key(app, ids[i], key, sizeof key);
        x[i] = at;
        width[i] = text_columns(key) + text_columns(tr(action_table[ids[i]].label)) + 2;
        if (!key[0] || at + width[i] > room)
            width[i] = 0;
        at += width[i];
    }
}

static void draw_keys(struct app *app, const struct canvas *c)
{
    int at[COUNT_OF(shown_keys)], width[COUNT_OF(shown_keys)];
    char key[34];
    size_t count;
    const enum action_id *ids = keys_of(app, &count);
    place_keys(app, c->area.w, at, width);
    for (size_t i = 0; i < count; i++) {
        if (!width[i])
            continue;
        shown_key(app, ids[i], key, sizeof key);
        int x = at[i] + canvas_text(c, 0, at[i], 8, STYLE(ROLE_KEY, .attrs = STYLE_BOLD), key);
        canvas_repeat(c, 0, x, width[i] - text_columns(key) - 1, STYLE(ROLE_FG, .ground = GROUND_KEYS), " ");
        canvas_text(c, 0, x, 16, STYLE(ROLE_FG, .ground = GROUND_KEYS), tr(action_table[ids[i]].label));
    }
}

/* A key's half is its own where it shows two: "[]CPU". */
static void click_footer(struct app *app, int y, int x)
{
    int at[COUNT_OF(shown_keys)], width[COUNT_OF(shown_keys)];
    size_t count;
    const enum action_id *ids = keys_of(app, &count);
    (void)y;
    if (app->status.kind != NOTICE_NONE) {
        status_clear(&app->status);
        return;
    }
    place_keys(app, app->layout.pane[PANE_FOOTER].w, at, width);
    for (size_t i = 0; i < count; i++) {
        if (x < at[i] || x >= at[i] + width[i])
            continue;
        enum action_id id = ids[i];
        bool less = x == at[i] && (id == ACTION_CPU_UP || id == ACTION_MEMORY_UP);
        action_run(app, !less ? id : id == ACTION_CPU_UP ? ACTION_CPU_DOWN : ACTION_MEMORY_DOWN);
        return;
    }
}

static void draw_prompt(struct app *app, const struct canvas *c)
{
    const struct prompt *prompt = &app->status.prompt;
    if (prompt->confirm) {
        int x = canvas_text(c, 0, 1, c->area.w - 8, STYLE(ROLE_WARN, .attrs = STYLE_BOLD), prompt->text);
        canvas_text(c, 0, x + 2, 6, STYLE(ROLE_KEY, .attrs = STYLE_BOLD), tr("y/N"));
        return;
    }
    int x = 1 + canvas_text(c, 0, 1, c->area.w / 2, STYLE(ROLE_KEY, .attrs = STYLE_BOLD), tr(prompt->label));
    x += 1 + canvas_text(c, 0, x + 1, c->area.w - x - 2, STYLE(ROLE_TITLE), prompt->edit.text);
    int note =
        c->area.w - x - 3 < text_columns(prompt->note) ? c->area.w - x - 3 : text_columns(prompt->note);
    if (note > 0)
        canvas_text(c, 0, c->area.w - note - 1, note, STYLE(ROLE_WARN), prompt->note);
}

/* The keys that were just pressed, at the right, the last one last. */
static void draw_pressed(const struct app *app, const struct canvas *c)
{
    char name[16], text[160] = " ";
    size_t used = 1;
    for (int i = 0; i < app->pressed.count; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s ", key_text(app->pressed.keys[i], name));
    int width = text_columns(text);
    if (app->pressed.count && width < c->area.w)
        canvas_text(c, 0, c->area.w - width, width, STYLE(ROLE_KEY, .attrs = STYLE_BOLD | STYLE_REVERSE),
                    text);
}

static void draw_footer(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    static const enum role roles[] = {
        [NOTICE_INFO] = ROLE_FG, [NOTICE_DONE] = ROLE_GOOD, [NOTICE_ERROR] = ROLE_BAD};
    (void)inside;
    if (status_asks(&app->status))
        draw_prompt(app, frame);
    else if (app->status.kind != NOTICE_NONE)
        canvas_text(frame, 0, 1, frame->area.w - 2, STYLE(roles[app->status.kind]), app->status.text);
    else
        draw_keys(app, frame);
    if (!status_asks(&app->status))
        draw_pressed(app, frame);
}

const struct pane pane_header = {.box = ROLE_BOX_OTHER, .draw = draw_header};
const struct pane pane_footer = {.box = ROLE_BOX_OTHER, .draw = draw_footer, .click = click_footer};
