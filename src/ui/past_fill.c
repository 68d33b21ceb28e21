/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The samples before the one that is shown, read a little in each turn of the loop, so that no key waits for
 * them.
 */
#include "base/clock.h"
#include "monitor/ring.h"
#include "ui/app.h"

#define TURN_NS 6000000u /* of reading, in one turn */

void past_selected(struct app *app)
{
    if (app->model.past && !app->past.fill_ns)
        app->past.fill_ns = clock_mono_ns() + SETTLE_NS;
}

/* As many as the widest graph can show. */
static uint64_t window_ns(const struct app *app)
{
    uint64_t samples = app->term.cols > 32 ? 2 * (uint64_t)app->term.cols : 64;
    return (samples > TRACK_SAMPLES ? TRACK_SAMPLES : samples) * app->model.interval_ns;
}

/* A sample of coarser times stands for all since the one before; what nobody sampled is a gap. */
static void remember(struct app *app, const struct snapshot *snapshot)
{
    struct past_view *view = &app->past;
    uint64_t interval_ns = app->model.interval_ns, before_ns = view->fill.wall_ns;
    uint64_t since_ns =
        before_ns && snapshot->wall_ns > before_ns ? snapshot->wall_ns - before_ns : interval_ns;
    uint64_t times = (since_ns + interval_ns / 2) / interval_ns;
    if (times > RING_COARSE + 2) {
        tracks_gap(&view->fill.tracks, times - 1);
        times = 1;
    }
    for (uint64_t i = 0; i < times || i == 0; i++) {
        view->pushed_ns += interval_ns;
        model_remember(&app->model, &view->fill.tracks, &view->fill.trail, snapshot, NULL, view->fill.first,
                       view->pushed_ns);
        view->fill.first = false;
    }
}

static void finish(struct app *app)
{
    struct past_view *view = &app->past;
    view->fill_ns = 0;
    view->strayed = view->fill.sample != view->sample || view->fill.wall_ns != view->at_ns;
    view->fill.runs = false;
    model_show_tracks(&app->model, &view->fill.tracks, &view->fill.trail);
    app->stale = STALE_ALL;
}

/* The next one to be read; NULL: there is none. */
static const struct snapshot *next(struct app *app)
{
    struct past_view *view = &app->past;
    const struct snapshot *snapshot;
    uint64_t window = window_ns(app), from = view->at_ns > window ? view->at_ns - window : 0;
    struct err err;
    int rc;
    if (!view->fill.runs) {
        tracks_fini(&view->fill.tracks);
        view->fill.trail.count = 0;
        view->fill.runs = view->fill.first = true;
        view->fill.wall_ns = 0;
        rc = view->past->at(view->data, from, &snapshot, &err);
    } else {
        rc = view->past->step(view->data, 1, &snapshot, &err);
        if (rc == 0 && snapshot->sample_serial == view->fill.sample &&
            snapshot->wall_ns == view->fill.wall_ns)
            return NULL;
    }
    return rc < 0 ? NULL : snapshot;
}

void past_fill(struct app *app)
{
    struct past_view *view = &app->past;
    uint64_t until = clock_mono_ns() + TURN_NS;
    bool more = app->model.past && view->past;
    while (more) {
        const struct snapshot *snapshot = next(app);
        if (!snapshot || snapshot->wall_ns > view->at_ns)
            break;
        remember(app, snapshot);
        view->fill.wall_ns = snapshot->wall_ns;
        view->fill.sample = snapshot->sample_serial;
        more = snapshot->sample_serial != view->sample || snapshot->wall_ns != view->at_ns;
        if (more && clock_mono_ns() >= until) {
            view->fill_ns = clock_mono_ns();
            return;
        }
    }
    finish(app);
}
