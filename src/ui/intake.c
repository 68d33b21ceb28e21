/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/intake.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "monitor/verdict.h"
#include "ui/app.h"
#include "ui/language.h"

#define TRIM_SAMPLES  32u
#define CONTAINERS_NS 30000000u   /* records that change together are read once */
#define LATE_SAMPLES  3u          /* so many missed are not a matter of timing */
#define ORPHANS_NS    2000000000u /* a container without its keeper for so long is no matter of timing */

void intake_selection(struct app *app)
{
    const struct row *row = model_selected(&app->model);
    if (!row || (app->who.key == row->key && (app->who.known || app->selected_ns)))
        return;
    past_selected(app);
    app->who = (struct who){.key = row->key};
    app->selected_ns = clock_mono_ns();
    memset(app->scroll, 0, sizeof app->scroll);
}

static bool keeper_is_gone(const struct container *container)
{
    bool runs = container->state == CONTAINER_RUNNING || container->state == CONTAINER_PAUSED;
    return runs && container->keeper_pid > 0 && kill(container->keeper_pid, 0) < 0 && errno == ESRCH;
}

static bool has_orphans(struct app *app)
{
    const struct model *live = model_live(&app->model);
    for (size_t i = 0; i < live->container_count; i++)
        if (keeper_is_gone(&live->containers[i]))
            return true;
    return model_has_orphans(live);
}

/* A snapshot and a record are never of the same moment: only what lasts is taken for true. */
static void look_for_orphans(struct app *app)
{
    if (app->readonly || !has_orphans(app))
        app->orphans_ns = 0;
    else if (!app->orphans_ns)
        app->orphans_ns = clock_mono_ns() + ORPHANS_NS;
}

/* One alert, however many were killed at once. */
static void alert(struct app *app, const struct event *events)
{
    char text[300], raw[300];
    for (const struct event *event = events; event; event = event->next) {
        if (event->kind != EVENT_OOM_KILL)
            continue;
        snprintf(raw, sizeof raw, tr("OOM kill in %.250s"), event->cgroup);
        str_printable(text, sizeof text, raw);
        term_alert(&app->term, app->config.alert, text);
        return;
    }
}

void intake_late(struct app *app)
{
    unsigned missed = (unsigned)(LATE_SAMPLES * app->interval_ms / 1000);
    app->late_s = app->late_s ? app->late_s + 1 : missed ? missed : 1;
    app->late_ns = clock_mono_ns() + 1000000000;
    app->stale |= STALE(PANE_HEADER);
}

/* A name is what the ledger and the rows call it; a hook is told of each event, whatever is selected. */
static void run_hooks(struct app *app, const struct event *events)
{
    char name[MODEL_NAME];
    for (const struct event *event = events; app->hook && event; event = event->next) {
        model_event_name(model_live(&app->model), event, name);
        hook_event(app->hook, app->monitor, event, name, NULL, 0);
    }
    if (!app->hook || hook_suppressed(app->hook) == app->suppressed)
        return;
    app->suppressed = hook_suppressed(app->hook);
    app_notice(app, NOTICE_ERROR, "--on-event: %llu events had none run: too many at once",
               (unsigned long long)app->suppressed);
}

void intake_monitor(struct app *app)
{
    struct snapshot *snapshot = monitor_take(app->monitor);
    struct event *events = monitor_events(app->monitor);
    struct model *live = model_live(&app->model);
    verdict_of_kills(live->newer ? live->newer : live->now, events);
    if (snapshot) {
        app->late_s = 0;
        app->late_ns = clock_mono_ns() + LATE_SAMPLES * app->interval_ms * 1000000;
        bool spent = app->history && history_sample(app->history, snapshot);
        /* The first samples of a tree leave holes of what is shared later on. */
        if (spent || snapshot->sample_serial % TRIM_SAMPLES == TRIM_SAMPLES / 4)
            mem_trim();
        model_take(live, snapshot);
        turn_settle(app);
        look_for_orphans(app);
    }
    for (const struct event *event = events; event; event = event->next)
        if (event->kind == EVENT_APPEARED || event->kind == EVENT_VANISHED || event->kind == EVENT_EXITED)
            app->containers_ns = clock_mono_ns();
    alert(app, events);
    model_take_events(live, events);
    if (app->history)
        history_events(app->history, events);
    run_hooks(app, events);
    event_free_list(events);
    tour_look(app);
    intake_selection(app);
    app->stale |= app->model.past ? STALE(PANE_HEADER) : STALE_ALL;
}

/* Watches the directory of records and each record: state.json is replaced there. */
static void watch_records(struct app *app)
{
    char path[sizeof app->store.path + NAME_MAX + 2];
    cleanup_dir DIR *dir = opendir(app->store.path);
    if (!dir || app->notify_fd < 0)
        return;
    inotify_add_watch(app->notify_fd, app->store.path, IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_ONLYDIR);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", app->store.path, entry->d_name);
        inotify_add_watch(app->notify_fd, path, IN_MOVED_TO | IN_ONLYDIR);
    }
}

void intake_notifications(struct app *app)
{
    char bytes[4096];
    while (read(app->notify_fd, bytes, sizeof bytes) > 0)
        continue;
    if (!app->containers_ns)
        app->containers_ns = clock_mono_ns() + CONTAINERS_NS;
}

void intake_containers(struct app *app)
{
    struct container *list = NULL;
    size_t count = 0;
    struct err err;
    app->containers_ns = 0;
    if (!app->has_store)
        return;
    watch_records(app);
    if (store_list(&app->store, true, &list, &count, &err) < 0) {
        app_notice(app, NOTICE_ERROR, "%s", err.text);
        return;
    }
    model_take_containers(model_live(&app->model), list, count);
    intake_selection(app);
    app->stale = STALE_ALL;
}

void intake_about(struct app *app)
{
    const struct row *row = model_selected(&app->model);
    const struct sample *sample = model_sample(&app->model, row);
    const struct container *container = model_container(&app->model, row);
    app->selected_ns = 0;
    if (!sample || app->model.past)
        return;
    cleanup_free char *directory = mem_printf("%s%s", app->model.now->cgroupfs.mount, sample->path);
    who_read(&app->who, row->key, directory, container ? container->pid : 0);
    app->stale |= STALE(PANE_ABOUT);
}

void intake_sweep(struct app *app)
{
    char *const arguments[] = {app->program, (char[]){"ps"}, NULL};
    app->orphans_ns = clock_mono_ns() + 10 * ORPHANS_NS;
    if (has_orphans(app))
        call_start(app, CALL_SWEEP, arguments);
}
