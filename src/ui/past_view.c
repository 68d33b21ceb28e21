/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/past_view.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "base/mem.h"
#include "base/when.h"
#include "ui/app.h"
#include "ui/heap.h"
#include "ui/language.h"

#define REST_NS   200000000u /* samples for the graphs are read when keys rest */
#define TICK_NS   50000000u  /* more often nothing moves, however fast */
#define SPEED_MAX 64u
#define AWAY_MAX  86400 /* seconds: further away it says the day */

void past_start(struct app *app, const struct past *past, void *data, bool replay)
{
    app->past = (struct past_view){.past = past, .data = data, .replay = replay};
    app->model.past = replay;
}

void past_stop(struct app *app)
{
    tracks_fini(&app->past.fill.tracks);
    if (app->past.past && app->past.past->close)
        app->past.past->close(app->past.data);
    app->past = (struct past_view){0};
}

static void fail(struct app *app, const struct err *err)
{
    app->past.speed = 0;
    app->past.play_ns = 0;
    app_notice(app, NOTICE_ERROR, "%s", err->text);
}

/* ---- what is shown ---- */

static void show_events(struct app *app)
{
    struct past_view *view = &app->past;
    struct event *list;
    struct err err;
    if (view->past->events(view->data, 0, view->at_ns, PAST_ALL_KINDS, MODEL_EVENTS, &list, &err) < 0)
        return;
    model_show_events(&app->model, list);
    event_free_list(list);
}

/* The graphs follow a step by one; after any other way they are read anew. Returns how many samples they have
 * that are later. */
static size_t move_tracks(struct app *app, const struct snapshot *snapshot, long steps)
{
    struct past_view *view = &app->past;
    struct model *model = &app->model;
    bool complete = !view->fill_ns;
    bool in_step = model->now && snapshot->wall_ns < model->now->wall_ns + 3 * model->interval_ns / 2;
    if (steps == 1 && model->held == 0 && in_step) {
        view->pushed_ns += model->interval_ns;
        model_remember(model, &model->tracks, &model->trail, snapshot, NULL, false, view->pushed_ns);
        if (complete)
            return 0;
    }
    view->fill_ns = clock_mono_ns() + (steps == 1 || steps == -1 ? REST_NS : 0);
    if (steps == 1)
        return model->held ? model->held - 1 : 0;
    if (steps == -1)
        return model->held + 1;
    tracks_empty(&model->tracks);
    model->trail.count = 0;
    return 0;
}

/* steps: how far it is from the one that was shown before; 0: not known. */
static void show(struct app *app, const struct snapshot *snapshot, long steps)
{
    struct past_view *view = &app->past;
    struct snapshot *copy = snapshot_copy(snapshot); /* it is the past's */
    if (!app->model.past) {
        model_look_back(&app->model);
        steps = 0;
    }
    if (!app->model.now)
        steps = 0;
    size_t held = move_tracks(app, copy, steps);
    view->strayed = view->fill.runs = false;
    view->at_ns = copy->wall_ns;
    view->sample = copy->sample_serial;
    model_show(&app->model, copy, held);
    show_events(app);
    intake_selection(app);
    app->stale = STALE_ALL;
}

/* True if there is a past; says so if not. */
static bool can(struct app *app)
{
    if (!app->past.past)
        app_notice(app, NOTICE_ERROR, "nothing is remembered: history = 0 in the config");
    return app->past.past;
}

/* The past's place is the sample that is shown, or the newest. */
static int settle(struct app *app, const struct snapshot **ret, struct err *err)
{
    struct past_view *view = &app->past;
    heap_past();
    uint64_t at_ns = app->model.past ? view->at_ns : UINT64_MAX;
    bool there = app->model.past && !view->strayed && !view->fill.runs;
    view->strayed = view->fill.runs = false;
    if (there)
        return view->past->step(view->data, 0, ret, err);
    return view->past->at(view->data, at_ns, ret, err);
}

void past_go(struct app *app, uint64_t wall_ns)
{
    struct past_view *view = &app->past;
    const struct snapshot *snapshot;
    struct err err;
    if (!can(app))
        return;
    heap_past();
    if (view->past->at(view->data, wall_ns, &snapshot, &err) < 0)
        fail(app, &err);
    else
        show(app, snapshot, 0);
}

void past_live(struct app *app)
{
    struct past_view *view = &app->past;
    if (view->replay) {
        past_go(app, UINT64_MAX);
        return;
    }
    view->speed = 0;
    view->play_ns = view->fill_ns = 0;
    tracks_fini(&view->fill.tracks);
    if (app->model.past)
        model_look_live(&app->model);
    if (app->history)
        history_rest(app->history);
    heap_live();
    app->stale = STALE_ALL;
    intake_selection(app);
}

/* There is nothing further on. */
static void end_of_past(struct app *app)
{
    app->past.speed = 0;
    app->past.play_ns = 0;
    if (app->past.replay) {
        app_notice(app, NOTICE_INFO, "the recording ends here");
        return;
    }
    past_live(app);
    app_notice(app, NOTICE_INFO, "live");
}

void past_move(struct app *app, long samples)
{
    struct past_view *view = &app->past;
    const struct snapshot *snapshot;
    struct err err;
    if (!can(app))
        return;
    if (!app->model.past && samples > 0) {
        app_notice(app, NOTICE_INFO, "this is live: there is nothing later");
        return;
    }
    int rc = settle(app, &snapshot, &err);
    if (rc == 0)
        rc = view->past->step(view->data, samples, &snapshot, &err);
    if (rc < 0)
        fail(app, &err);
    else if (snapshot->sample_serial == view->sample && snapshot->wall_ns == view->at_ns && app->model.past) {
        if (samples > 0)
            end_of_past(app);
        else
            app_notice(app, NOTICE_INFO, "nothing before this is remembered");
    } else {
        show(app, snapshot, samples);
    }
}

/* When what is shown was, or is. */
static uint64_t shown_ns(const struct app *app)
{
    return app->model.past ? app->past.at_ns : app->model.now ? app->model.now->wall_ns : 0;
}

void past_move_ns(struct app *app, int64_t ns)
{
    struct past_view *view = &app->past;
    uint64_t from = shown_ns(app), first, last;
    struct err err;
    if (!can(app))
        return;
    if (view->past->span(view->data, &first, &last, &err) < 0) {
        fail(app, &err);
        return;
    }
    uint64_t to = ns < 0 && (uint64_t)-ns > from ? 0 : from + (uint64_t)ns;
    if (to > last && ns > 0 && (from >= last || !view->replay))
        end_of_past(app);
    else
        past_go(app, to);
}

void past_kill(struct app *app, bool backwards)
{
    struct past_view *view = &app->past;
    const struct snapshot *snapshot;
    uint64_t from = shown_ns(app), ns = 0;
    struct err err;
    if (!can(app))
        return;
    int rc = settle(app, &snapshot, &err);
    /* The sample that is shown tells of kills since the one before. */
    if (rc == 0 && backwards && app->model.past &&
        (rc = view->past->step(view->data, -1, &snapshot, &err)) == 0)
        from = snapshot->wall_ns + 1;
    view->strayed = true;
    if (rc == 0)
        rc = view->past->find_kill(view->data, from, backwards, &ns, &err);
    if (rc == 0 && !ns) {
        app_notice(app, NOTICE_INFO,
                   backwards ? N_("no OOM kill before this is known")
                             : N_("no OOM kill after this is known"));
        return;
    }
    if (rc == 0)
        rc = view->past->at(view->data, ns, &snapshot, &err);
    if (rc == 0 && snapshot->wall_ns < ns)
        rc = view->past->step(view->data, 1, &snapshot, &err);
    if (rc < 0)
        fail(app, &err);
    else if (snapshot->wall_ns < ns && !view->replay) /* it was just now: no sample tells of it yet */
        end_of_past(app);
    else
        show(app, snapshot, 0);
}

/* ---- by itself ---- */

void past_play(struct app *app)
{
    struct past_view *view = &app->past;
    view->speed = view->speed || !app->model.past ? 0 : 1;
    view->play_ns = view->speed ? clock_mono_ns() + app->model.interval_ns : 0;
    app->stale |= STALE(PANE_HEADER);
}

void past_speed(struct app *app, bool faster)
{
    struct past_view *view = &app->past;
    if (!view->speed)
        past_play(app);
    else if (faster && view->speed < SPEED_MAX)
        view->speed *= 2;
    else if (!faster && view->speed > 1)
        view->speed /= 2;
    if (view->speed)
        view->play_ns = clock_mono_ns();
    app->stale |= STALE(PANE_HEADER);
}

void past_tick(struct app *app)
{
    struct past_view *view = &app->past;
    uint64_t each_ns = app->model.interval_ns / (view->speed ? view->speed : 1);
    long samples = each_ns >= TICK_NS ? 1 : (long)(TICK_NS / (each_ns ? each_ns : 1));
    for (; samples > 0 && view->speed; samples--)
        past_move(app, 1);
    view->play_ns = view->speed ? clock_mono_ns() + (each_ns > TICK_NS ? each_ns : TICK_NS) : 0;
}

/* ---- a time that is typed ---- */

static uint64_t newest_ns(struct app *app)
{
    uint64_t first, last = 0;
    struct err err;
    if (app->past.past->span(app->past.data, &first, &last, &err) < 0)
        return 0;
    return last;
}

/* "10m fa" as "10m ago": English is understood, too. The caller's to free. */
static char *plain_time(const char *text)
{
    const char *ago = tr(" ago");
    size_t len = strlen(text), tail = strlen(ago);
    bool is_ago = len > tail && strcmp(text + len - tail, ago) == 0;
    return mem_printf("%.*s%s", (int)(len - (is_ago ? tail : 0)), text, is_ago ? " ago" : "");
}

static void jump(struct app *app, const char *text)
{
    uint64_t ns, now_ns = app->past.replay ? newest_ns(app) : clock_wall_ns();
    if (!*text)
        return;
    cleanup_free char *plain = plain_time(text);
    if (when_parse(plain, now_ns, &ns) < 0)
        app_notice(app, NOTICE_ERROR, "%s: not a time (%s)", text, tr(WHEN_HINT));
    else if (!app->past.replay && ns >= newest_ns(app))
        past_live(app);
    else
        past_go(app, ns);
}

void past_jump(struct app *app)
{
    if (can(app))
        status_ask(&app->status, &(struct prompt){.label = N_("to (10m ago, 14:05):"), .done = jump}, "");
}

void past_text(const struct app *app, char *to, size_t size)
{
    const struct past_view *view = &app->past;
    const struct snapshot *live = app->model.behind ? app->model.behind->now : NULL;
    char clock[32], ago[FMT_SIZE + 2] = "", number[FMT_SIZE], speed[16] = "", tenths[4] = "";
    time_t seconds = (time_t)(view->at_ns / 1000000000u);
    uint64_t away_s = live && live->wall_ns > view->at_ns ? (live->wall_ns - view->at_ns) / 1000000000u : 0;
    struct tm tm = {0};
    localtime_r(&seconds, &tm);
    strftime(clock, sizeof clock, view->replay || away_s > AWAY_MAX ? "%m-%d %H:%M:%S" : "%H:%M:%S", &tm);
    if (live)
        snprintf(ago, sizeof ago, "-%s ", fmt_duration(number, away_s));
    if (app->model.interval_ns < 1000000000u)
        snprintf(tenths, sizeof tenths, ".%u", (unsigned)(view->at_ns / 100000000u % 10));
    if (view->speed)
        snprintf(speed, sizeof speed, " x%u", view->speed);
    snprintf(to, size, "%s%s%s%s%s", view->replay ? tr("replay ") : "", ago, clock, tenths, speed);
}
