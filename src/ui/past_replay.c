/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A recording on the screen.
 */
#include <errno.h>

#include "base/when.h"
#include "ui/app.h"

/* All kills are known from the beginning, and told of as their time comes. */
static int take_kills(struct app *app, struct err *err)
{
    struct past_view *view = &app->past;
    struct event *list;
    int rc = view->past->events(view->data, 0, UINT64_MAX, EVENT_OOM_KILL, LEDGER_CAP, &list, err);
    if (rc < 0)
        return rc;
    for (const struct event *event = list; event; event = event->next) {
        char name[MODEL_NAME];
        const struct identity *identity = identity_of_path(event->cgroup);
        model_event_name(&app->model, event, name);
        ledger_add(app->model.ledger, event, identity ? identity->label : name);
        identity_unref(identity);
    }
    event_free_list(list);
    return 0;
}

/* How far its samples are apart: as its first two are. */
static int take_interval(struct app *app, struct err *err)
{
    struct past_view *view = &app->past;
    const struct snapshot *snapshot;
    int rc = view->past->at(view->data, 0, &snapshot, err);
    if (rc < 0)
        return rc;
    app->model.kills_at_start = snapshot->host.oom_kills;
    rc = view->past->step(view->data, 1, &snapshot, err);
    if (rc < 0)
        return rc;
    uint64_t tenths = (snapshot->interval_ns + 50000000) / 100000000;
    if (tenths && tenths <= 36000)
        app->interval_ms = tenths * 100;
    app->model.interval_ns = app->interval_ms * 1000000;
    return 0;
}

static int open_at(struct app *app, const char *at, struct err *err)
{
    struct past_view *view = &app->past;
    const struct snapshot *ignored;
    uint64_t first, last, at_ns = 0;
    int rc = view->past->span(view->data, &first, &last, err);
    if (rc == 0)
        rc = take_interval(app, err);
    if (rc == 0)
        rc = take_kills(app, err);
    if (rc == 0 && at && when_parse(at, last, &at_ns) < 0) {
        err_set(err, EINVAL, "--at %s: not a time", at);
        rc = err_hint(err, WHEN_HINT);
    }
    if (rc == 0)
        rc = view->past->at(view->data, at_ns, &ignored, err); /* a damaged one is no screen */
    if (rc == 0)
        past_go(app, at_ns);
    return rc;
}

int past_replay(struct app *app, const struct past *past, const char *path, const char *at, struct err *err)
{
    void *data;
    int rc = past->open(path, &data, err);
    if (rc < 0)
        return rc;
    past_start(app, past, data, true);
    return open_at(app, at, err);
}
