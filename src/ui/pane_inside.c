/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who is in the selected group: its processes and tasks, and the namespaces of the first of them.
 */
#include "ui/pane.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "monitor/effective.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/part.h"
#include "ui/text.h"

/* ---- processes ---- */

static double tasks_of(const struct track_sample *sample)
{
    return sample->tasks == TRACK_UNKNOWN ? (double)NAN : sample->tasks;
}

static double tasks_max_of(const struct track_sample *sample)
{
    return sample->tasks_max == TRACK_UNKNOWN ? (double)NAN : sample->tasks_max;
}

static bool was_refused(const struct track_sample *sample)
{
    return sample->refused > 0;
}

/* How many tasks of how many, who forbids more, and how often that was refused. */
static void tasks_text(const struct app *app, const struct sample *sample, char *to, size_t size)
{
    char now[FMT_SIZE], max[FMT_SIZE], refused[FMT_SIZE], by[MODEL_NAME + 16] = "", name[MODEL_NAME];
    int own = (int)(sample - app->model.now->rows);
    struct effective limit = effective_of(app->model.now, own, EFFECTIVE_PIDS_MAX);
    bool limited = value_is_number(limit.value);
    struct row above = {.sample = limit.row, .container = -1};
    if (limited && limit.row != own) {
        model_name(&app->model, &above, name);
        snprintf(by, sizeof by, tr(" by %s"), name);
    }
    uint64_t forks = sample->now->pids_events_max;
    fmt_count(now, sample->now->pids_current);
    int used = limited ? snprintf(to, size, tr("%s of %s"), now, fmt_count(max, limit.value))
                       : snprintf(to, size, "%s", now);
    used += snprintf(to + used, size - (size_t)used, "%s", by);
    if (value_is_number(forks) && forks)
        snprintf(to + used, size - (size_t)used, trn(", %s fork refused", ", %s forks refused", forks),
                 fmt_count(refused, forks));
}

static int by_cpu(const void *left, const void *right)
{
    const struct detail_process *a = *(const struct detail_process *const *)left,
                                *b = *(const struct detail_process *const *)right;
    double x = isnan(a->cpu_percent) ? 0 : a->cpu_percent, y = isnan(b->cpu_percent) ? 0 : b->cpu_percent;
    /* What does next to nothing keeps its place. */
    x = round(x);
    y = round(y);
    if (x > y || x < y)
        return x > y ? -1 : 1;
    return a->rss_bytes != b->rss_bytes ? (a->rss_bytes > b->rss_bytes ? -1 : 1) : a->pid - b->pid;
}

/* The columns that there is room for: the command has what is left. */
static const struct process_column {
    const char *title;
    int width, from; /* shown where the pane is that wide */
    bool right;
} process_columns[] = {{"PID", 7, 0, true},         {N_("INSIDE"), 7, 64, true}, {N_("USER"), 9, 46, false},
                       {"S", 1, 36, false},         {"CPU%", 5, 0, true},        {"RSS", 5, 30, true},
                       {"THR", 4, 58, true},        {"ADJ", 5, 72, true},        {N_("BELOW"), 12, 90, false},
                       {N_("COMMAND"), 0, 0, false}};
enum { PROCESS_COLUMNS = COUNT_OF(process_columns) };

static void process_cells(const struct detail_process *p, char (*cells)[160])
{
    char number[FMT_SIZE];
    snprintf(cells[0], 160, "%d", (int)p->pid);
    if (p->inside)
        snprintf(cells[1], 160, "%d", (int)p->inside);
    else
        strcpy(cells[1], "-");
    snprintf(cells[2], 160, "%s", p->user);
    snprintf(cells[3], 160, "%c", p->state ? p->state : '?');
    snprintf(cells[4], 160, "%s", fmt_percent(number, p->cpu_percent));
    snprintf(cells[5], 160, "%s", fmt_bytes(number, p->rss_bytes));
    snprintf(cells[6], 160, "%s", fmt_count(number, p->threads));
    snprintf(cells[7], 160, "%d", p->oom_score_adj);
    snprintf(cells[8], 160, "%s", p->below ? p->below : "");
    snprintf(cells[9], 160, "%s", p->command);
}

static void draw_cells(const struct canvas *c, int y, struct style style, char (*cells)[160])
{
    for (int i = 0, x = 0; i < PROCESS_COLUMNS; i++) {
        const struct process_column *column = &process_columns[i];
        int width = column->width ? column->width : c->area.w - x;
        if (c->area.w < column->from)
            continue;
        if (column->right)
            canvas_right(c, y, x, width, style, cells[i]);
        else
            canvas_text(c, y, x, width, style, cells[i]);
        x += width + 1;
    }
}

static void draw_process(const struct canvas *c, int y, const struct detail_process *p)
{
    char cells[PROCESS_COLUMNS][160];
    enum role role = p->state == 'D' || p->state == 'Z' ? ROLE_WARN
                     : p->cpu_percent >= 0.5            ? ROLE_FG
                                                        : ROLE_GRAPH_TEXT;
    process_cells(p, cells);
    draw_cells(c, y, STYLE(role), cells);
}

static void draw_list(struct app *app, const struct canvas *c, int y, const struct detail *detail)
{
    const struct detail_process *order[DETAIL_PROCESSES_MAX];
    char titles[PROCESS_COLUMNS][160], more[64];
    size_t count =
        detail->process_count < DETAIL_PROCESSES_MAX ? detail->process_count : DETAIL_PROCESSES_MAX;
    for (size_t i = 0; i < count; i++)
        order[i] = &detail->processes[i];
    qsort(order, count, sizeof order[0], by_cpu);
    for (int i = 0; i < PROCESS_COLUMNS; i++)
        snprintf(titles[i], sizeof titles[i], "%s", tr(process_columns[i].title));
    draw_cells(c, y, STYLE(ROLE_TITLE, .attrs = STYLE_BOLD), titles);
    int room = c->area.h - y - 1;
    bool cut = detail->process_total > count;
    size_t top = part_top(app, PANE_PROCESSES, count + cut, room);
    for (int i = 0; i < room && top + (size_t)i < count; i++)
        draw_process(c, y + 1 + i, order[top + (size_t)i]);
    if (cut && top + (size_t)room > count) {
        size_t left = detail->process_total - count;
        snprintf(more, sizeof more, trn("and %zu more, not read", "and %zu more, not read", left), left);
        canvas_text(c, y + 1 + (int)(count - top), 0, c->area.w, STYLE(ROLE_GRAPH_TEXT), more);
    }
}

static void draw_processes(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    const struct sample *sample = model_sample(&app->model, model_selected(&app->model));
    const struct detail *detail = part_detail(app, DETAIL_PROCESSES);
    char text[MODEL_NAME + 100];
    int y = 0, h = inside->area.h;
    (void)frame;
    if (!sample)
        return;
    if (sample->now->pids_current != VALUE_ABSENT && h >= 6) {
        y = h >= 24 ? 7 : h >= 16 ? 5 : h >= 9 ? 3 : 1;
        int own = (int)(sample - app->model.now->rows);
        uint64_t above = effective_of(app->model.now, own, EFFECTIVE_PIDS_MAX).value;
        tasks_text(app, sample, text, sizeof text);
        part_strip(app, inside, 0, y,
                   &(struct strip){.label = tr("tasks"),
                                   .text = text,
                                   .role = ROLE_CPU,
                                   .most = 4,
                                   .of_track = y > 1 ? tasks_of : NULL,
                                   .limit = tasks_max_of,
                                   .mark = was_refused,
                                   .above = value_is_number(above) ? (double)above : 0});
    }
    if (detail && detail->process_total)
        draw_list(app, inside, y, detail);
    else
        part_wrap(inside, y, 0, inside->area.w, h - y, STYLE(ROLE_GRAPH_TEXT),
                  detail ? tr("no process is in it, nor in a group below") : part_unread(app));
}

static void processes_wheel(struct app *app, int direction)
{
    part_scroll(app, PANE_PROCESSES, direction);
}

static bool processes_key(struct app *app, int key)
{
    return part_scroll_key(app, PANE_PROCESSES, key);
}

/* ---- namespaces ---- */

static void shared_text(const struct detail_namespace *room, char *to, size_t size)
{
    int used = snprintf(to, size, "%s", tr("shared with"));
    for (size_t i = 0; i < room->shared_count && i < DETAIL_SHARED && used + 1 < (int)size; i++) {
        const char *slash = strrchr(room->shared[i], '/');
        used += snprintf(to + used, size - (size_t)used, "%s %s", i ? "," : "",
                         slash && slash[1] ? slash + 1 : room->shared[i]);
    }
    if (room->shared_count <= DETAIL_SHARED || used + 1 >= (int)size)
        return;
    size_t left = room->shared_count - DETAIL_SHARED;
    snprintf(to + used, size - (size_t)used, trn(" and %zu more", " and %zu more", left), left);
}

static void draw_room(const struct canvas *c, int y, const struct detail_namespace *room)
{
    char whose[320], number[32];
    enum role role = ROLE_GOOD;
    enum glyph sign = GLYPH_RUNNING;
    snprintf(whose, sizeof whose, "%s", tr("its own"));
    if (!room->inode) {
        snprintf(whose, sizeof whose, "%s", tr("hidden from this user"));
        role = ROLE_WARN;
        sign = GLYPH_EMPTY;
    } else if (room->is_host) {
        snprintf(whose, sizeof whose, "%s", tr("the host's"));
        role = ROLE_DIM;
        sign = GLYPH_DOT;
    } else if (room->shared_count) {
        shared_text(room, whose, sizeof whose);
        role = ROLE_FG;
        sign = GLYPH_EMPTY;
    }
    canvas_glyph(c, y, 0, STYLE(role), sign);
    canvas_text(c, y, 2, 7, STYLE(role == ROLE_DIM ? ROLE_DIM : ROLE_TITLE), room->type ? room->type : "-");
    if (c->area.w < 34) {
        canvas_text(c, y, 10, c->area.w - 10, STYLE(role), whose);
        return;
    }
    snprintf(number, sizeof number, "%llu", (unsigned long long)room->inode);
    canvas_text(c, y, 10, 11, STYLE(ROLE_GRAPH_TEXT), room->inode ? number : "-");
    canvas_text(c, y, 22, c->area.w - 22, STYLE(role), whose);
}

/* "uid     0 inside is 100000 here, 65536 of them" */
static void draw_map(const struct canvas *c, int y, const char *what, const struct detail_map *map)
{
    char text[160];
    if (map->count == UINT32_MAX)
        snprintf(text, sizeof text, "%s", tr("all as on the host"));
    else
        snprintf(text, sizeof text, tr("%u inside is %u here, %u of them"), map->inside, map->outside,
                 map->count);
    canvas_text(c, y, 2, 7, STYLE(ROLE_GRAPH_TEXT), what);
    canvas_text(c, y, 10, c->area.w - 10, STYLE(ROLE_FG), text);
}

static void draw_namespaces(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    const struct detail *detail = part_detail(app, DETAIL_NAMESPACES);
    char text[48];
    if (!model_sample(&app->model, model_selected(&app->model)))
        return;
    if (!detail || !detail->namespaces_of) {
        part_nothing(inside, detail ? tr("nobody is in it, so there are no namespaces") : part_unread(app));
        return;
    }
    snprintf(text, sizeof text, tr("of process %d"), (int)detail->namespaces_of);
    canvas_notch(frame, 3 + canvas_notch_width(tr("namespaces")), ROLE_BOX_OTHER, STYLE(ROLE_GRAPH_TEXT),
                 text);
    size_t uids = DETAIL_NAMESPACE_COUNT + detail->uid_map_count, all = uids + detail->gid_map_count;
    size_t top = part_top(app, PANE_NAMESPACES, all, inside->area.h);
    for (size_t i = top; i < all; i++) {
        int y = (int)(i - top);
        if (i < DETAIL_NAMESPACE_COUNT)
            draw_room(inside, y, &detail->namespaces[i]);
        else if (i < uids)
            draw_map(inside, y, "uid", &detail->uid_map[i - DETAIL_NAMESPACE_COUNT]);
        else
            draw_map(inside, y, "gid", &detail->gid_map[i - uids]);
    }
}

static void namespaces_wheel(struct app *app, int direction)
{
    part_scroll(app, PANE_NAMESPACES, direction);
}

static bool namespaces_key(struct app *app, int key)
{
    return part_scroll_key(app, PANE_NAMESPACES, key);
}

const struct pane pane_processes = {.title = N_("processes"),
                                    .box = ROLE_BOX_OTHER,
                                    .parts = DETAIL_PROCESSES,
                                    .action = ACTION_PANE_PROCESSES,
                                    .draw = draw_processes,
                                    .key = processes_key,
                                    .wheel = processes_wheel};
const struct pane pane_namespaces = {.title = N_("namespaces"),
                                     .box = ROLE_BOX_OTHER,
                                     .parts = DETAIL_NAMESPACES,
                                     .action = ACTION_PANE_NAMESPACES,
                                     .draw = draw_namespaces,
                                     .key = namespaces_key,
                                     .wheel = namespaces_wheel};
