/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "base/when.h"
#include "cli/command.h"
#include "cli/watch_event.h"
#include "cli/watch_events_past.h"
#include "cli/watch_find.h"
#include "cli/watch_loop.h"
#include "cli/watch_names.h"
#include "cli/watch_past.h"
#include "monitor/hook.h"
#include "monitor/verdict.h"

/* How long an `exited` waits for the keeper to write down how, and how often it looks. */
#define RECORD_WAIT_NS 200000000ull
#define RECORD_POLL_MS 1

struct events {
    bool json, csv;
    const char *from;          /* a recording; NULL: what happens now */
    const char *since, *until; /* times, as seen from its end; NULL: all of it */
    struct snapshot *before;   /* the last one */
    const char *on_event;
    struct hook *hook;
    const struct monitor *monitor;
    struct wanted *wanted;
    size_t wanted_count;
    struct names names;
    struct held *first, **last; /* oldest first */
};

static int apply_time(void *target, const struct option_row *row, const char *value, struct err *err)
{
    uint64_t ns;
    memcpy((char *)target + row->offset, &value, sizeof value);
    if (when_parse(value, clock_wall_ns(), &ns) == 0)
        return 0;
    err_set(err, EINVAL, "%s %s: not a time", row->name, value);
    return err_hint(err, WHEN_HINT);
}

static const struct option_row options[] = {
    {"--json", 0, NULL, "one object a line", NULL, offsetof(struct events, json)},
    {"--csv", 0, NULL, "lines of comma-separated values; what is absent is empty", NULL,
     offsetof(struct events, csv)},
    {"--from", 0, "FILE", "those of a recording (boxtop record), and no more", NULL,
     offsetof(struct events, from)},
    {"--since", 0, "TIME", "with --from: what was later (10m ago, 14:05, 2026-11-23T14:05:30Z)", apply_time,
     offsetof(struct events, since)},
    {"--until", 0, "TIME", "with --from: up to then", apply_time, offsetof(struct events, until)},
    {"--on-event", 0, "COMMAND", "run this for each, with the event in its environment (BOXTOP_EVENT, ...)",
     NULL, offsetof(struct events, on_event)},
    {0},
};

/* ---- which events, and when ---- */

static bool is_wanted(const struct events *events, const struct held *held)
{
    for (size_t i = 0; i < events->wanted_count; i++) {
        const struct wanted *wanted = &events->wanted[i];
        if (wanted->cgroup[0] && find_is_below(held->event.cgroup, wanted->cgroup))
            return true;
        if (wanted->name[0] && held->is_container && strcmp(wanted->name, held->name) == 0)
            return true;
    }
    return events->wanted_count == 0 || held->event.kind == EVENT_LOST;
}

static void name_event(struct events *events, struct held *held)
{
    const struct known *known = names_of(&events->names, held->event.cgroup);
    /* A record is written before its cgroup is made. */
    if (held->event.kind == EVENT_APPEARED || (!known && held->event.kind == EVENT_STARTED)) {
        names_learn(&events->names, held->event.cgroup);
        known = names_of(&events->names, held->event.cgroup);
    }
    const char *slash = strrchr(held->event.cgroup, '/');
    const char *last = slash && slash[1] ? slash + 1 : held->event.cgroup;
    held->is_container = known;
    held->needs_record = known && held->event.kind == EVENT_EXITED;
    str_copy(held->name, sizeof held->name, known ? known->name : last);
    if (held->event.kind == EVENT_VANISHED)
        names_forget(&events->names, held->event.cgroup);
}

static void free_held(struct held *held)
{
    free(held->event.oom);
    free(held);
}

static void hold(struct events *events, const struct event *event)
{
    struct held *held = mem_alloc(sizeof *held);
    held->event = event_plain(event);
    held->event.oom = oom_dup(event->oom);
    name_event(events, held);
    if (!is_wanted(events, held)) {
        free_held(held);
        return;
    }
    *events->last = held;
    events->last = &held->next;
}

/* Looks for how a container ended. True if there is nothing more to wait for. */
static bool look_up(struct events *events, struct held *held)
{
    struct container container;
    struct err gone;
    if (clock_mono_ns() - held->event.mono_ns > RECORD_WAIT_NS)
        return true;
    if (store_load(&events->names.store, held->name, &container, &gone) < 0)
        return gone.code == ENOENT;
    held->has_record = container.state == CONTAINER_EXITED;
    held->exit_status = container.exit_status;
    held->oom_killed = container.oom_killed;
    container_free(&container);
    return held->has_record;
}

/* An event waits behind an earlier one of the same group, so that each group's are in order. */
static bool is_behind(const struct events *events, const struct held *held)
{
    for (const struct held *h = events->first; h != held; h = h->next)
        if (h->event.cgroup_id == held->event.cgroup_id)
            return true;
    return false;
}

static void run_hook(struct events *events, const struct held *held)
{
    const struct event_field end[] = {
        {.key = "exit_status",
         .form = EVENT_FORM_ID,
         .number = held->exit_status >= 0 ? (uint64_t)held->exit_status : VALUE_ABSENT},
        {.key = "oom_killed", .form = EVENT_FORM_FLAG, .number = held->oom_killed},
    };
    size_t count = event_has_end(held) && held->has_record ? COUNT_OF(end) : 0;
    if (events->hook)
        hook_event(events->hook, events->monitor, &held->event, held->name, end, count);
}

/* Events for which no hook was run are told of when it is over. */
static void say_suppressed(struct events *events)
{
    uint64_t count = events->hook ? hook_suppressed(events->hook) : 0;
    if (count)
        fprintf(stderr,
                "boxtop: events: --on-event: %llu events had none run: at most %d run at a time, and %d a "
                "second\n",
                (unsigned long long)count, HOOK_RUNNING, HOOK_RATE);
}

static void (*printer(const struct events *events))(const struct held *)
{
    return events->json ? event_print_json : events->csv ? event_print_csv : event_print_text;
}

/* Prints what can be printed. */
static void release(struct events *events)
{
    for (struct held **at = &events->first; *at;) {
        struct held *held = *at;
        if (is_behind(events, held) || (held->needs_record && !look_up(events, held))) {
            at = &held->next;
            continue;
        }
        printer(events)(held);
        run_hook(events, held);
        *at = held->next;
        if (!held->next)
            events->last = at;
        free_held(held);
    }
}

/* Names that are none of our containers' are looked for once, in the first snapshot: nothing is told before
 * that. */
static int settle(struct events *events, const struct snapshot *snapshot, struct err *err)
{
    for (size_t i = 0; i < events->wanted_count; i++) {
        struct wanted *wanted = &events->wanted[i];
        int rc = wanted->sought ? find_path(snapshot, wanted, true, err) : 0;
        if (rc < 0)
            return err_prefix(err, "events");
        wanted->sought = false;
    }
    return 0;
}

/* What has happened since the last time, and the snapshot that shows it. */
static int take_in(struct events *events, struct snapshot *snapshot, const struct event *list,
                   struct err *err)
{
    int rc = snapshot ? settle(events, snapshot, err) : 0;
    for (const struct event *event = list; event && rc == 0; event = event->next)
        hold(events, event);
    if (snapshot) {
        snapshot_free(events->before);
        events->before = snapshot;
    }
    return rc;
}

static int stream(struct events *events, const struct watch *watch, struct err *err)
{
    int rc = 0;
    while (rc == 0 && watch_wait(watch, events->first ? RECORD_POLL_MS : -1) != WATCH_END) {
        struct snapshot *snapshot = monitor_take(watch->monitor);
        struct event *list = monitor_events(watch->monitor);
        verdict_of_kills(events->before, list);
        rc = take_in(events, snapshot, list, err);
        event_free_list(list);
        release(events);
        if (events->hook)
            hook_reap(events->hook);
        if (rc == 0)
            rc = watch_flush(err);
    }
    return rc < 0 ? rc : 0;
}

static int resolve_all(struct events *events, int count, char **words, struct err *err)
{
    events->wanted = mem_array((size_t)count, sizeof *events->wanted);
    for (int i = 0; i < count; i++) {
        int rc = find_word(&events->names, words[i], false, &events->wanted[i], err);
        if (rc < 0)
            return err_prefix(err, "events");
        events->wanted_count++;
    }
    return 0;
}

static int run(struct events *events, int count, char **words)
{
    struct monitor_options watched = {.interval_ms = 1000, .rests = true};
    struct watch watch = {0};
    struct err err;
    events->last = &events->first;
    names_open(&events->names);
    int rc = resolve_all(events, count, words, &err);
    if (rc == 0 && events->on_event &&
        (rc = hook_new(events->on_event, STDERR_FILENO, &events->hook, &err)) < 0)
        err_prefix(&err, "events");
    if (rc == 0 && (rc = watch_open(&watch, &watched, &err)) == 0) {
        watch.hook_fd = events->hook ? hook_fd(events->hook) : 0;
        events->monitor = watch.monitor;
        rc = stream(events, &watch, &err);
    }
    snapshot_free(events->before);
    say_suppressed(events);
    hook_free(events->hook);
    watch_close(&watch);
    while (events->first) {
        struct held *held = events->first;
        events->first = held->next;
        free_held(held);
    }
    names_close(&events->names);
    free(events->wanted);
    return rc < 0 ? command_failed(&err) : STATUS_DONE;
}

/* ---- those of a recording ---- */

static int run_past(const struct events *events, int count, char **words)
{
    struct err err;
    int rc =
        events_past_print(&(struct events_past){events->from, events->since, events->until, printer(events)},
                          count, words, &err);
    return rc < 0 ? command_failed(&err) : STATUS_DONE;
}

/* 0, or -EINVAL with a line: what does not go together. */
static int check(const struct events *events, struct err *err)
{
    if (events->json && events->csv)
        return err_set(err, EINVAL, "events: --json and --csv exclude each other");
    if (events->from && events->on_event)
        return err_set(err, EINVAL, "events: --on-event is for what happens now, not for a recording");
    if (!events->from && (events->since || events->until))
        return err_set(err, EINVAL, "events: --since and --until are for a recording (--from FILE)");
    return 0;
}

int watch_events(int argc, char **argv)
{
    struct events events = {0};
    struct command command = events_command;
    command.options = options;
    argc--;
    int status = command_begin(&command, &events, &argc, argv + 1);
    struct err err;
    if (status >= 0)
        return status;
    if (check(&events, &err) < 0)
        return command_usage(&err);
    if (events.from && !watch_past) { /* boxtop-view hands these on before they come here */
        err_set(&err, ENOTSUP, "events: this program reads no recordings");
        return command_failed(&err);
    }
    if (events.csv) {
        event_print_csv_head();
        fflush(stdout);
    }
    return events.from ? run_past(&events, argc, argv + 1) : run(&events, argc, argv + 1);
}
