/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/part.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"
#include "ui/app.h"
#include "ui/text.h"
#include "ui/language.h"

enum { LABEL = 9, STRIP_TEXT = 26 };

const struct detail *part_detail(const struct app *app, enum detail_part part)
{
    const struct sample *sample = model_sample(&app->model, model_selected(&app->model));
    return sample && sample->detail && sample->detail->parts & (unsigned)part ? sample->detail : NULL;
}

const char *part_unread(const struct app *app)
{
    if (!app->model.past)
        return tr("reading them");
    return app->past.replay ? tr("not in this recording: boxtop record keeps it of groups that are busy, or "
                                 "named by --detail")
                            : tr("not remembered: it was not on the screen then");
}

void part_fact(const struct canvas *c, int *y, enum role role, const char *label, const char *value)
{
    char text[400];
    if (*y >= c->area.h || !value[0])
        return;
    str_printable(text, sizeof text, value);
    canvas_text(c, *y, 0, LABEL, STYLE(ROLE_GRAPH_TEXT), tr(label));
    canvas_text(c, *y, LABEL, c->area.w - LABEL, STYLE(role), text);
    (*y)++;
}

/* Bytes of the text that make a line: whole words, as long as one fits. */
static size_t line_of(const char *text, int width)
{
    size_t fits = text_fit(text, width), end = fits;
    if (!text[fits])
        return fits;
    while (end && text[end] != ' ')
        end--;
    return end ? end : fits;
}

int part_wrap_count(int width, const char *text)
{
    int lines = 0;
    for (; *text && width > 3; lines++) {
        text += line_of(text, width);
        text += strspn(text, " ");
    }
    return lines;
}

int part_wrap(const struct canvas *c, int y, int x, int width, int most, struct style style, const char *text)
{
    char line[400];
    int lines = 0;
    while (*text && lines < most && width > 3) {
        size_t len = lines + 1 == most ? strlen(text) : line_of(text, width);
        snprintf(line, sizeof line, "%.*s", (int)len, text);
        canvas_text(c, y + lines++, x, width, style, line);
        text += len;
        text += strspn(text, " ");
    }
    return lines;
}

void part_nothing(const struct canvas *c, const char *why)
{
    int lines = (text_columns(why) + c->area.w - 1) / (c->area.w > 0 ? c->area.w : 1);
    int y = (c->area.h - lines) / 2;
    part_wrap(c, y < 0 ? 0 : y, 0, c->area.w, c->area.h, STYLE(ROLE_GRAPH_TEXT), why);
}

/* ---- scrolling ---- */

size_t part_top(struct app *app, enum pane_id pane, size_t count, int room)
{
    size_t most = count > (size_t)(room > 0 ? room : 0) ? count - (size_t)(room > 0 ? room : 0) : 0;
    if (app->scroll[pane] > most)
        app->scroll[pane] = most;
    return app->scroll[pane];
}

void part_scroll(struct app *app, enum pane_id pane, int lines)
{
    size_t *at = &app->scroll[pane];
    *at = lines < 0 && *at < (size_t)-lines ? 0 : *at + (size_t)lines;
}

bool part_scroll_key(struct app *app, enum pane_id pane, int key)
{
    int page = app->layout.pane[pane].h - 3;
    const struct {
        enum action_id action;
        int lines;
    } moves[] = {{ACTION_DOWN, 1},
                 {ACTION_UP, -1},
                 {ACTION_PAGE_DOWN, page},
                 {ACTION_PAGE_UP, -page},
                 {ACTION_HALF_DOWN, page / 2},
                 {ACTION_HALF_UP, -page / 2},
                 {ACTION_FIRST, -1000000},
                 {ACTION_LAST, 1000000}};
    for (size_t i = 0; i < COUNT_OF(moves); i++)
        if (keymap_action(&app->keymap, key) == (int)moves[i].action) {
            part_scroll(app, pane, moves[i].lines);
            return true;
        }
    return false;
}

/* ---- strips ---- */

/* The newest values, at most `room`; returns how many. */
static size_t collect(const struct app *app, const struct strip *strip, size_t room,
                      struct graph_point *points, double *ret_largest)
{
    const struct track *track = model_track(&app->model, model_selected(&app->model));
    const struct trail *trail = &app->model.trail;
    size_t held = app->model.held, shown = 0;
    if (strip->of_track && track)
        shown = model_shown(&app->model, track);
    else if (strip->of_trail && trail->id == app->model.selected_group && trail->count > held)
        shown = trail->count - held;
    size_t count = shown < room ? shown : room;
    *ret_largest = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = shown - count + i;
        double value =
            strip->of_track ? strip->of_track(track_at(track, at)) : strip->of_trail(trail_at(trail, at));
        double part = strip->stacked ? strip->stacked(track_at(track, at)) : 0;
        part = part > 0 ? part : 0;
        points[i] = (struct graph_point){.value = value - part,
                                         .stacked = part,
                                         .limit = strip->limit ? strip->limit(track_at(track, at)) : NAN,
                                         .limit_soft = NAN,
                                         .mark = strip->mark && strip->mark(track_at(track, at))};
        *ret_largest = fmax(*ret_largest, isnan(value) ? 0 : value);
    }
    return count;
}

/* The limit that is drawn: its own (true), or that of a group above if it is not so far away that the figures
 * would be pressed flat. The upper edge has some room above it. */
static bool put_limit(const struct strip *strip, struct graph_point *points, size_t count, double *top)
{
    double limit = count ? points[count - 1].limit : NAN;
    bool own = !isnan(limit);
    if (!own && strip->above > 0 && strip->above < 20 * *top)
        limit = strip->above;
    for (size_t i = 0; i < count && !own; i++)
        points[i].limit = isnan(points[i].limit) ? limit : points[i].limit;
    *top = isnan(limit) ? *top : fmax(*top, limit * 1.15);
    return own;
}

/* Returns the value at the upper edge. */
static double draw_curve(struct app *app, const struct canvas *c, const struct rect *at,
                         const struct strip *strip)
{
    const struct track *track = model_track(&app->model, model_selected(&app->model));
    struct graph graph = {.glyphs = app->term.glyphs,
                          .rows = at->h,
                          .cols = at->w,
                          .role = strip->role,
                          .role_stacked = ROLE_BAD,
                          .role_limit = ROLE_LIMIT,
                          .role_soft = ROLE_WARN,
                          .loud = true};
    double largest;
    size_t room = graph_capacity(&graph);
    cleanup_free struct graph_point *points = mem_array(room + 1, sizeof *points);
    size_t count = collect(app, strip, room, points, &largest);
    graph.top = strip->top > 0 ? strip->top : fmax(largest, strip->most);
    graph.limit_faint = !put_limit(strip, points, count, &graph.top);
    graph.lag = track ? graph_lag(app->term.glyphs, track->pushed - app->model.held) : 0;
    cleanup_free struct graph_cell *cells = mem_array((size_t)(at->h * at->w), sizeof *cells);
    graph_draw(&graph, points, count, cells);
    canvas_cells(c, at->y, at->x, cells, at->h, at->w, GROUND_MAIN);
    return graph.top;
}

/* At the right of the line above the graph, where there is room beside what stands there. */
static void draw_scale(const struct canvas *c, int y, int used, const struct strip *strip, double top)
{
    char text[FMT_SIZE + 8], number[FMT_SIZE];
    snprintf(text, sizeof text, tr("top %s"), strip->scale(number, top));
    int x = c->area.w - text_columns(text);
    if (x > used + 1)
        canvas_text(c, y, x, c->area.w - x, STYLE(ROLE_GRAPH_TEXT), text);
}

void part_strip(struct app *app, const struct canvas *c, int y, int height, const struct strip *strip)
{
    if (height <= 0 || y >= c->area.h)
        return;
    int x = canvas_text(c, y, 0, LABEL - 1, STYLE(ROLE_TITLE), strip->label);
    x = x < LABEL - 1 ? LABEL - 1 : x;
    int used = x + 1 + canvas_text(c, y, x + 1, c->area.w - x - 1, STYLE(ROLE_FG), strip->text);
    struct rect at = {y + 1, 0, height - 1, c->area.w};
    if (height == 1)
        at = (struct rect){y, STRIP_TEXT, 1, c->area.w - STRIP_TEXT};
    if (at.h <= 0 || at.w < 8)
        return;
    double top = draw_curve(app, c, &at, strip);
    if (strip->scale && height > 1)
        draw_scale(c, y, used, strip, top);
}
