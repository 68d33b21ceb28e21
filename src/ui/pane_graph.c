/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CPU and memory of the selected group over time, under their limits.
 */
#include "ui/pane.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/value.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/large.h"
#include "ui/part.h"
#include "ui/text.h"

/* One of the two panes: how a sample becomes a point, the axis, and what the border says. */
struct graph_kind {
    enum role box, role;
    void (*point)(const struct track_sample *from, double effective, struct graph_point *to);
    double (*top)(double largest, double limit);
    void (*label)(char *to, double value);
};

struct axis {
    struct graph graph;
    double limit; /* NAN: none */
    int label_width;
};

static void percent_label(char *to, double value)
{
    snprintf(to, FMT_SIZE, value < 9.95 && value > 0 ? "%.1f%%" : "%.0f%%", value);
}

static void bytes_label(char *to, double value)
{
    fmt_bytes(to, (uint64_t)value);
}

static void cpu_point(const struct track_sample *from, double effective, struct graph_point *to)
{
    double own = isinf(from->quota_percent) ? NAN : from->quota_percent;
    double system = from->system == TRACK_NO_SHARE ? 0 : from->cpu_percent * from->system / 10000;
    *to = (struct graph_point){.value = from->cpu_percent - system,
                               .second = system,
                               .stacked = from->lost_percent > 0 ? from->lost_percent : 0,
                               .limit = isnan(own) ? effective : own,
                               .limit_soft = NAN,
                               .mark = false};
}

static void memory_point(const struct track_sample *from, double effective, struct graph_point *to)
{
    double own = isinf(from->memory_max_bytes) ? NAN : from->memory_max_bytes;
    double high = isinf(from->memory_high_bytes) ? NAN : from->memory_high_bytes;
    *to = (struct graph_point){.value = from->memory_bytes,
                               .limit = isnan(own) ? effective : own,
                               .limit_soft = high,
                               .mark = from->kills > 0};
}

/* A limit has some room above it, so that what would be more can be seen. */
static double cpu_top(double largest, double limit)
{
    double top = fmax(largest, 5);
    return graph_nice(isnan(limit) ? top : fmax(top, limit * 1.3));
}

static double memory_top(double largest, double limit)
{
    if (!isnan(limit) && largest <= limit * 1.1)
        return limit * 1.15;
    return graph_nice_bytes(fmax(largest * 1.1, 1 << 20));
}

static const struct graph_kind cpu_kind = {ROLE_BOX_CPU, ROLE_CPU, cpu_point, cpu_top, percent_label};
static const struct graph_kind memory_kind = {ROLE_BOX_MEMORY, ROLE_MEMORY, memory_point, memory_top,
                                              bytes_label};

/* The newest samples as points, at most `room`; returns how many, and the largest figure. */
static size_t collect(const struct graph_kind *kind, const struct track *track, size_t shown,
                      double effective, size_t room, struct graph_point *points, double *ret_largest)
{
    size_t count = shown < room ? shown : room;
    *ret_largest = 0;
    for (size_t i = 0; i < count; i++) {
        kind->point(track_at(track, shown - count + i), effective, &points[i]);
        if (!isnan(points[i].value))
            *ret_largest = fmax(*ret_largest, points[i].value + points[i].second + points[i].stacked);
    }
    return count;
}

enum { HALVES_FROM = 7, QUARTERS_FROM = 15 }; /* rows */

/* Parts of the limit, else of the upper edge, so that a height can be read. */
static void draw_ticks(const struct graph_kind *kind, const struct canvas *inside, const struct axis *axis)
{
    char text[FMT_SIZE];
    const struct graph *graph = &axis->graph;
    int limit = graph_row(graph, axis->limit), high = graph->rows - (limit < 0 ? 0 : limit);
    int step = high >= QUARTERS_FROM ? 1 : 2;
    for (int i = step; i < 4 && high >= HALVES_FROM; i += step) {
        double value = (limit < 0 ? graph->top : axis->limit) * i / 4;
        int row = graph_row(graph, value);
        kind->label(text, value);
        if (row > 0 && row < graph->rows - 1 && text_columns(text) <= axis->label_width)
            canvas_right(inside, row, 0, axis->label_width, STYLE(ROLE_GRAPH_TEXT), text);
    }
}

static void draw_axis(const struct graph_kind *kind, const struct canvas *inside, const struct axis *axis)
{
    char text[FMT_SIZE];
    int width = axis->label_width, rows = axis->graph.rows, at = graph_row(&axis->graph, axis->limit);
    struct style style = STYLE(ROLE_GRAPH_TEXT);
    for (int y = 0; y < rows; y++)
        canvas_glyph(inside, y, width, STYLE(ROLE_LINE), GLYPH_VLINE);
    if (at != 0) {
        kind->label(text, axis->graph.top);
        canvas_right(inside, 0, 0, width, style, text);
    }
    if (at != rows - 1)
        canvas_right(inside, rows - 1, 0, width, style, "0");
    draw_ticks(kind, inside, axis);
    if (at < 0)
        return;
    kind->label(text, axis->limit);
    canvas_right(inside, at, 0, width, STYLE(axis->graph.limit_faint ? ROLE_GRAPH_TEXT : ROLE_LIMIT), text);
    canvas_glyph(inside, at, width, STYLE(axis->graph.limit_faint ? ROLE_LINE : ROLE_LIMIT), GLYPH_AXIS);
}

/* "-2m": a round while has no zeros behind it. */
static void ago_text(char *to, size_t size, uint64_t seconds)
{
    char number[FMT_SIZE];
    fmt_duration(number, seconds);
    size_t len = strlen(number);
    if (len > 3 && (strcmp(number + len - 3, "00s") == 0 || strcmp(number + len - 3, "00m") == 0))
        number[len - 3] = '\0';
    snprintf(to, size, "-%s", number);
}

/* The scale of time on the lower border: marks a round while apart, as many as there is room for. */
static void draw_time(const struct app *app, const struct canvas *frame, const struct graph *graph, int x)
{
    static const unsigned rounds_s[] = {1,   2,   5,   10,   15,   30,   60,    120,
                                        300, 600, 900, 1800, 3600, 7200, 21600, 86400};
    char text[FMT_SIZE + 2];
    int y = frame->area.h - 1, end = x + graph->cols;
    double s_per_cell = (double)graph_capacity(graph) / graph->cols * (double)app->interval_ms / 1000;
    unsigned apart_s = 0;
    for (size_t i = 0; i < COUNT_OF(rounds_s) && (!apart_s || apart_s / s_per_cell < 12); i++)
        apart_s = rounds_s[i];
    const char *last = app->model.past ? tr("then") : tr(" now");
    canvas_text(frame, y, end - text_columns(last), 8, STYLE(ROLE_GRAPH_TEXT), last);
    for (unsigned i = 1; i < 1000; i++) {
        int at = end - (int)(i * apart_s / s_per_cell);
        ago_text(text, sizeof text, (uint64_t)i * apart_s);
        at -= text_columns(text) / 2;
        if (at < x)
            break;
        if (at + text_columns(text) < end - text_columns(last) - 1)
            canvas_text(frame, y, at, 12, STYLE(ROLE_GRAPH_TEXT), text);
    }
}

/* What the selected group uses, of what, and whether that is its own limit. The root group counts nothing: it
 * has what the machine has. */
struct memory {
    uint64_t used, max; /* bytes; VALUE_MAX: there is no limit, VALUE_ABSENT: nobody counts */
    bool own, host;
};

static struct memory memory_of(const struct app *app, const struct sample *sample)
{
    const struct host *host = &app->model.now->host;
    bool counted = sample->now->memory_current != VALUE_ABSENT;
    if (!counted && sample->depth == 0 && value_is_number(host->memory_total) &&
        value_is_number(host->memory_available))
        return (struct memory){host->memory_total - host->memory_available, host->memory_total, true, true};
    return (struct memory){sample->now->memory_current, sample->effective_memory_max,
                           value_is_number(sample->now->memory_max), false};
}

static double effective_of(const struct app *app, const struct graph_kind *kind, const struct sample *sample)
{
    if (kind == &cpu_kind)
        return sample->effective_cpu_percent;
    struct memory memory = memory_of(app, sample);
    return value_is_number(memory.max) ? (double)memory.max : NAN;
}

static bool limit_is_own(const struct app *app, const struct graph_kind *kind, const struct sample *sample)
{
    return kind == &cpu_kind ? value_is_number(sample->now->cpu_quota_usec) : memory_of(app, sample).own;
}

/* The scale of time goes onto the frame's border. */
static void draw_graph(struct app *app, const struct graph_kind *kind, const struct canvas *frame,
                       const struct canvas *inside)
{
    const struct row *row = model_selected(&app->model);
    const struct sample *sample = model_sample(&app->model, row);
    char label[FMT_SIZE], limit_label[FMT_SIZE];
    if (!sample || inside->area.h < 2 || inside->area.w < 12)
        return;
    double effective = effective_of(app, kind, sample), largest;
    size_t room = 2 * (size_t)inside->area.w;
    cleanup_free struct graph_point *points = mem_array(room, sizeof *points);
    const struct track *track = model_track(&app->model, row);
    size_t shown = track ? model_shown(&app->model, track) : 0;
    size_t count = collect(kind, track, shown, effective, room, points, &largest);
    struct axis axis = {.limit = effective};
    bool own = limit_is_own(app, kind, sample);
    /* An ancestor's limit far away would press the group's own figures flat. */
    double in_sight = own || effective < 20 * largest ? effective : NAN;
    axis.graph = (struct graph){.glyphs = app->term.glyphs,
                                .rows = inside->area.h,
                                .top = kind->top(largest, in_sight),
                                .role = kind->role,
                                .role_stacked = ROLE_THROTTLED,
                                .role_limit = ROLE_LIMIT,
                                .role_soft = ROLE_WARN,
                                .limit_faint = !own};
    kind->label(label, axis.graph.top);
    kind->label(limit_label, isnan(in_sight) ? 0 : in_sight);
    axis.label_width =
        text_columns(label) > text_columns(limit_label) ? text_columns(label) : text_columns(limit_label);
    axis.graph.cols = inside->area.w - axis.label_width - 1;
    if (axis.graph.cols < 4)
        return;
    axis.graph.lag = track ? graph_lag(app->term.glyphs, track->pushed - app->model.held) : 0;
    size_t fits = graph_capacity(&axis.graph), skip = count > fits ? count - fits : 0;
    cleanup_free struct graph_cell *cells =
        mem_array((size_t)(axis.graph.rows * axis.graph.cols), sizeof *cells);
    graph_draw(&axis.graph, points + skip, count - skip, cells);
    canvas_cells(inside, 0, axis.label_width + 1, cells, axis.graph.rows, axis.graph.cols, GROUND_MAIN);
    draw_axis(kind, inside, &axis);
    draw_time(app, frame, &axis.graph, axis.label_width + 3);
}

/* Notches after the title, as long as there is room. */
static int notch(const struct canvas *frame, int x, enum role box, struct style style, const char *text)
{
    return x + canvas_notch_width(text) <= frame->area.w - 2
               ? x + canvas_notch(frame, x, box, style, text) + 1
               : x;
}

/* Which ancestor it is that has the limit. */
static void limit_owner(const struct app *app, int row, int own, char *to, size_t size)
{
    struct row above = {.sample = row, .container = -1};
    char name[MODEL_NAME] = "";
    if (row >= 0 && row != own)
        model_name(&app->model, &above, name);
    to[0] = '\0';
    if (name[0])
        snprintf(to, size, tr(" by %s"), name);
}

/* What a figure is made of, in a line below the graph where there is room for both: "anon 57M  file 4.0M".
 * In a narrow pane the short form, if there is one: "us 31 sy 18". */
struct piece {
    const char *label;
    char text[FMT_SIZE + 4];
    const char *sign; /* what it looks like in the graph; NULL: it is not in it */
    enum role role;
    const char *brief;         /* a shorter label; NULL: left out of the short form */
    char brief_text[FMT_SIZE]; /* "": the same text */
};

enum { PIECES_FROM = 7 }; /* lines inside the frame */

/* Draws it from x on, in whole or not at all; returns where it ends. */
static int draw_piece(const struct canvas *inside, int x, const struct piece *piece, bool brief)
{
    const char *label = brief ? piece->brief : piece->label;
    const char *text = brief && piece->brief_text[0] ? piece->brief_text : piece->text;
    int y = inside->area.h - 1, sign = !piece->sign ? 0 : brief ? 1 : 2;
    if (!label || !piece->text[0])
        return x;
    label = tr(label);
    int at = x + sign, wide = text_columns(label), width = wide + 1 + text_columns(text);
    if (at + width > inside->area.w)
        return x;
    if (sign)
        canvas_text(inside, y, x, 1, STYLE(piece->role), piece->sign);
    canvas_text(inside, y, at, width, STYLE(ROLE_GRAPH_TEXT), label);
    canvas_text(inside, y, at + wide + 1, width, STYLE(ROLE_FG), text);
    return at + width;
}

/* Whether all that has a short form finds room without it, so far apart. */
static bool is_roomy(const struct canvas *inside, const struct piece *pieces, size_t count, int apart)
{
    int width = -apart;
    for (size_t i = 0; i < count; i++)
        if (pieces[i].brief && pieces[i].text[0])
            width += apart + 2 + text_columns(tr(pieces[i].label)) + 1 + text_columns(pieces[i].text);
    return width <= inside->area.w;
}

static void draw_pieces(const struct canvas *inside, const struct piece *pieces, size_t count)
{
    int x = 0, apart = is_roomy(inside, pieces, count, 2) ? 2 : 1;
    bool brief = !is_roomy(inside, pieces, count, 1);
    for (size_t i = 0; i < count; i++) {
        int end = draw_piece(inside, x, &pieces[i], brief);
        x = end > x ? end + apart : x;
    }
}

/* What is left for the graph. */
static struct canvas above_pieces(const struct canvas *inside)
{
    struct canvas above = *inside;
    above.area.h -= inside->area.h >= PIECES_FROM;
    return above;
}

/* For a projector the figure stands large above the graph, which loses its lines. */
static void draw_large(const struct app *app, struct canvas *graph, enum role role, const char *text)
{
    int height = large_height(app->term.glyphs, graph->area.h, graph->area.w, text);
    if (app->wish.preset != LAYOUT_PRESENTER || !height)
        return;
    large_draw(graph, 0, STYLE(role, .level = 50), text);
    graph->area.y += height + 1;
    graph->area.h -= height + 1;
}

static void put_percent(struct piece *piece, double percent)
{
    char number[FMT_SIZE];
    snprintf(piece->text, sizeof piece->text, "%s%%", fmt_percent(number, percent));
    snprintf(piece->brief_text, sizeof piece->brief_text, isnan(percent) ? "-" : "%.0f", percent);
}

/* Short, they are called as in top. */
static void draw_cpu_pieces(const struct canvas *inside, const struct sample *sample)
{
    enum glyph_set glyphs = inside->term->glyphs;
    struct piece pieces[] = {
        {.label = N_("user"), .sign = graph_sign(glyphs, GRAPH_VALUE), .role = ROLE_CPU, .brief = N_("us")},
        {.label = N_("system"),
         .sign = graph_sign(glyphs, GRAPH_SECOND),
         .role = ROLE_CPU,
         .brief = N_("sy")},
        {.label = N_("lost"),
         .sign = graph_sign(glyphs, GRAPH_STACKED),
         .role = ROLE_THROTTLED,
         .brief = N_("lost")},
        {.label = N_("weight")},
        {.label = N_("bursts")}};
    if (inside->area.h < PIECES_FROM)
        return;
    put_percent(&pieces[0], sample->rate->user_percent);
    put_percent(&pieces[1], sample->rate->system_percent);
    if (sample->rate->throttled_cpus >= 0.005)
        put_percent(&pieces[2], sample->rate->throttled_cpus * 100);
    if (value_is_number(sample->now->cpu_weight))
        fmt_count(pieces[3].text, sample->now->cpu_weight);
    if (value_is_number(sample->now->nr_bursts) && sample->now->nr_bursts)
        fmt_count(pieces[4].text, sample->now->nr_bursts);
    draw_pieces(inside, pieces, COUNT_OF(pieces));
}

static void draw_memory_pieces(const struct app *app, const struct canvas *inside,
                               const struct sample *sample)
{
    const struct detail *detail = part_detail(app, DETAIL_FIGURES);
    struct piece pieces[] = {{.label = "anon"},  {.label = "file"}, {.label = "kernel"},
                             {.label = "shmem"}, {.label = "sock"}, {.label = N_("peak")}};
    if (inside->area.h < PIECES_FROM)
        return;
    for (size_t i = 0; i + 1 < COUNT_OF(pieces) && detail; i++) {
        uint64_t bytes = detail_value(detail, "memory.stat", pieces[i].label);
        if (value_is_number(bytes) && (bytes || i < 3))
            fmt_bytes(pieces[i].text, bytes);
    }
    if (value_is_number(sample->now->memory_peak))
        fmt_bytes(pieces[COUNT_OF(pieces) - 1].text, sample->now->memory_peak);
    draw_pieces(inside, pieces, COUNT_OF(pieces));
}

static void graph_wheel(struct app *app, int direction)
{
    past_move(app, direction);
}

static void draw_cpu(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    const struct row *row = model_selected(&app->model);
    const struct sample *sample = model_sample(&app->model, row);
    char text[MODEL_NAME + 64], owner[MODEL_NAME + 16], number[FMT_SIZE];
    int x = 3 + canvas_notch_width(tr("cpu"));
    if (!sample)
        return;
    struct canvas above = above_pieces(inside);
    snprintf(text, sizeof text, "%s%%", fmt_percent(number, sample->rate->cpu_percent));
    draw_large(app, &above, sample->rate->throttled_periods_percent > 0 ? ROLE_THROTTLED : ROLE_CPU, text);
    draw_graph(app, &cpu_kind, frame, &above);
    draw_cpu_pieces(inside, sample);
    snprintf(text, sizeof text, "%s%%", fmt_percent(number, sample->rate->cpu_percent));
    x = notch(frame, x, ROLE_BOX_CPU, STYLE(ROLE_TITLE, .attrs = STYLE_BOLD), text);
    if (!isnan(sample->effective_cpu_percent)) {
        limit_owner(app, sample->effective_cpu_row, row->sample, owner, sizeof owner);
        percent_label(number, sample->effective_cpu_percent);
        snprintf(text, sizeof text, "max %s%s", number, owner);
        x = notch(frame, x, ROLE_BOX_CPU, STYLE(ROLE_LIMIT), text);
    }
    if (sample->rate->throttled_periods_percent > 0) {
        snprintf(text, sizeof text, tr("throttled %s%%"),
                 fmt_percent(number, sample->rate->throttled_periods_percent));
        x = notch(frame, x, ROLE_BOX_CPU, STYLE(ROLE_THROTTLED, .attrs = STYLE_BOLD), text);
    }
    /* Where there is no line for it below the graph. */
    if (sample->rate->throttled_cpus >= 0.005 && inside->area.h < PIECES_FROM) {
        snprintf(text, sizeof text, tr("lost %.2f CPU"), sample->rate->throttled_cpus);
        notch(frame, x, ROLE_BOX_CPU, STYLE(ROLE_THROTTLED), text);
    }
}

/* How many, and when the last one was if that was seen. */
static void kill_text(const struct app *app, const struct row *row, uint64_t kills, char *to, size_t size)
{
    const struct track *track = model_track(&app->model, row);
    char number[FMT_SIZE], clock[32] = "";
    if (track && track->last_kill_wall_ns) {
        time_t seconds = (time_t)(track->last_kill_wall_ns / 1000000000u);
        struct tm tm = {0};
        localtime_r(&seconds, &tm);
        strftime(clock, sizeof clock, tr(", last %H:%M:%S"), &tm);
    }
    snprintf(to, size, trn("%s killed %s%s", "%s killed %s%s", kills),
             glyph_text(app->term.glyphs, GLYPH_KILL), fmt_count(number, kills), clock);
}

static void draw_memory(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    const struct row *row = model_selected(&app->model);
    const struct sample *sample = model_sample(&app->model, row);
    char text[MODEL_NAME + 64], owner[MODEL_NAME + 16], number[FMT_SIZE];
    int x = 3 + canvas_notch_width(tr("memory"));
    if (!sample)
        return;
    struct memory memory = memory_of(app, sample);
    if (memory.used == VALUE_ABSENT) {
        part_nothing(inside, tr("no memory controller here: nobody counts by group"));
        return;
    }
    struct canvas above = above_pieces(inside);
    draw_large(app, &above, ROLE_MEMORY, fmt_bytes(number, memory.used));
    draw_graph(app, &memory_kind, frame, &above);
    draw_memory_pieces(app, inside, sample);
    fmt_bytes(text, memory.used);
    x = notch(frame, x, ROLE_BOX_MEMORY, STYLE(ROLE_TITLE, .attrs = STYLE_BOLD), text);
    if (value_is_number(memory.max)) {
        limit_owner(app, sample->effective_memory_row, row->sample, owner, sizeof owner);
        snprintf(text, sizeof text, "%s %s%s", memory.host ? tr("of") : "max", fmt_bytes(number, memory.max),
                 owner);
        x = notch(frame, x, ROLE_BOX_MEMORY, STYLE(ROLE_LIMIT), text);
    }
    if (memory.host)
        x = notch(frame, x, ROLE_BOX_MEMORY, STYLE(ROLE_GRAPH_TEXT), tr("the machine's"));
    if (value_is_number(sample->now->events_oom_kill) && sample->now->events_oom_kill) {
        kill_text(app, row, sample->now->events_oom_kill, text, sizeof text);
        x = notch(frame, x, ROLE_BOX_MEMORY, STYLE(ROLE_BAD, .attrs = STYLE_BOLD), text);
    }
    if (value_is_number(sample->now->swap_current) && sample->now->swap_current) {
        snprintf(text, sizeof text, "swap %s", fmt_bytes(number, sample->now->swap_current));
        notch(frame, x, ROLE_BOX_MEMORY, STYLE(ROLE_FG), text);
    }
}

const struct pane pane_cpu = {.title = N_("cpu"),
                              .box = ROLE_BOX_CPU,
                              .action = ACTION_PANE_CPU,
                              .draw = draw_cpu,
                              .wheel = graph_wheel};
const struct pane pane_memory = {.title = N_("memory"),
                                 .box = ROLE_BOX_MEMORY,
                                 .parts = DETAIL_FIGURES,
                                 .action = ACTION_PANE_MEMORY,
                                 .draw = draw_memory,
                                 .wheel = graph_wheel};
