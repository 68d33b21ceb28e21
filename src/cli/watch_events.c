/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "cli/command.h"
#include "cli/watch_figure.h"
#include "cli/watch_loop.h"
#include "cli/watch_names.h"
#include "core/jsontext.h"
#include "monitor/eventfield.h"
#include "monitor/hook.h"

/* How long an `exited` waits for the keeper to write down how, and how often it looks. */
#define RECORD_WAIT_NS 200000000ull
#define RECORD_POLL_MS 1

/* An event on its way out. */
struct held {
    struct event event; /* `next` is not used */
    char name[256];     /* as it was known when it happened */
    bool is_container, needs_record;
    bool has_record; /* the next two are known */
    int exit_status;
    bool oom_killed;
    struct held *next;
};

struct events {
    bool json;
    const char *on_event;
    struct hook *hook;
    const struct monitor *monitor;
    struct wanted *wanted;
    size_t wanted_count;
    struct names names;
    struct held *first, **last; /* oldest first */
};

static const struct option_row options[] = {
    {"--json", 0, NULL, "one object a line", NULL, offsetof(struct events, json)},
    {"--on-event", 0, "COMMAND", "run this for each, with the event in its environment (BOXTOP_EVENT, ...)",
     NULL, offsetof(struct events, on_event)},
    {0},
};

/* ---- what an event says ---- */

/* What only a container's record knows. */
static json_t *exit_status_of(const struct held *held)
{
    return held->has_record && held->exit_status >= 0 ? json_integer(held->exit_status) : json_null();
}

static json_t *oom_killed_of(const struct held *held)
{
    return held->has_record ? json_boolean(held->oom_killed) : json_null();
}

static bool has_end(const struct held *held)
{
    return held->is_container && held->event.kind == EVENT_EXITED;
}

static json_t *value_of(const struct event_field *field)
{
    if (field->form == EVENT_FORM_TEXT)
        return jsontext_shown(field->text);
    if (field->form == EVENT_FORM_FLAG)
        return json_boolean(field->number);
    return field->score && value_is_number(field->number) ? json_integer(field->score)
                                                          : figure_json(field->number);
}

/* Those that were killed with the first one, each as that is told of. */
static void set_victims(json_t *object, const struct oom *oom)
{
    json_t *list = json_array();
    for (size_t i = 0; i < oom->victim_count && i < OOM_VICTIMS; i++) {
        struct event_field fields[OOM_VICTIM_FIELDS];
        json_t *victim = json_object();
        size_t count = event_victim_fields(&oom->victims[i], fields);
        for (size_t f = 0; f < count; f++)
            json_object_set_new(victim, strrchr(fields[f].key, '/') + 1, value_of(&fields[f]));
        json_array_append_new(list, victim);
    }
    json_object_set_new(json_object_get(object, "oom"), "victims", list);
}

static json_t *object_of(const struct held *held)
{
    char time[CLOCK_ISO_SIZE];
    struct event_field fields[EVENT_FIELDS];
    const struct event *event = &held->event;
    clock_iso(time, event->wall_ns);
    json_t *object = json_object();
    json_object_set_new(object, "time", json_string(time));
    json_object_set_new(object, "event", json_string(event_name(event->kind)));
    json_object_set_new(object, "cgroup", jsontext_shown(event->cgroup[0] ? event->cgroup : NULL));
    json_object_set_new(object, "name", jsontext_shown(held->name[0] ? held->name : NULL));
    size_t count = event_fields(event, fields);
    for (size_t i = 0; i < count; i++)
        jsontext_put(object, fields[i].key, value_of(&fields[i]));
    if (event->oom)
        set_victims(object, event->oom);
    if (has_end(held)) {
        json_object_set_new(object, "exit_status", exit_status_of(held));
        json_object_set_new(object, "oom_killed", oom_killed_of(held));
    }
    return object;
}

static void print_json(const struct held *held)
{
    json_t *object = object_of(held);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static const char *number_text(const struct event_field *field, char *to)
{
    if (!value_is_number(field->number) && field->form == EVENT_FORM_ID)
        return strcpy(to, "-");
    if (field->form == EVENT_FORM_ID)
        snprintf(to, FMT_SIZE, "%lld", field->score ? (long long)field->score : (long long)field->number);
    else if (field->form == EVENT_FORM_FLAG)
        str_copy(to, FMT_SIZE, field->number ? "yes" : "no");
    else
        (field->form == EVENT_FORM_BYTES ? fmt_bytes : fmt_count)(to, field->number);
    return to;
}

static void print_field(const struct event_field *field)
{
    char number[FMT_SIZE], text[4 * OOM_PATH_SIZE];
    bool is_text = field->form == EVENT_FORM_TEXT;
    if (!field->brief || (is_text && !field->text))
        return;
    str_printable(text, sizeof text, is_text ? field->text : number_text(field, number));
    printf(" ");
    for (const char *c = field->key; *c; c++)
        putchar(*c == '/' ? '.' : *c);
    printf("=%s", text);
}

static void print_text(const struct held *held)
{
    char time[CLOCK_ISO_SIZE], cgroup[4 * sizeof held->event.cgroup], name[4 * sizeof held->name];
    struct event_field fields[EVENT_FIELDS];
    clock_iso(time, held->event.wall_ns);
    str_printable(cgroup, sizeof cgroup, held->event.cgroup);
    str_printable(name, sizeof name, held->name);
    printf("%s %-9s %s", time, event_name(held->event.kind), held->is_container ? name : cgroup);
    size_t count = event_fields(&held->event, fields);
    for (size_t i = 0; i < count; i++)
        print_field(&fields[i]);
    if (has_end(held) && held->has_record && held->exit_status >= 0)
        printf(" exit_status=%d", held->exit_status);
    else if (has_end(held))
        printf(" exit_status=-");
    if (has_end(held))
        printf(" oom_killed=%s", !held->has_record ? "-" : held->oom_killed ? "yes" : "no");
    putchar('\n');
}

/* ---- which events, and when ---- */

static bool is_below(const char *path, const char *top)
{
    size_t len = strcmp(top, "/") == 0 ? 0 : strlen(top);
    return strncmp(path, top, len) == 0 && (path[len] == '/' || !path[len]);
}

static bool is_wanted(const struct events *events, const struct held *held)
{
    for (size_t i = 0; i < events->wanted_count; i++) {
        const struct wanted *wanted = &events->wanted[i];
        if (wanted->cgroup[0] && is_below(held->event.cgroup, wanted->cgroup))
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
    size_t count = has_end(held) && held->has_record ? COUNT_OF(end) : 0;
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

/* Prints what can be printed. */
static void release(struct events *events)
{
    for (struct held **at = &events->first; *at;) {
        struct held *held = *at;
        if (is_behind(events, held) || (held->needs_record && !look_up(events, held))) {
            at = &held->next;
            continue;
        }
        (events->json ? print_json : print_text)(held);
        run_hook(events, held);
        *at = held->next;
        if (!held->next)
            events->last = at;
        free_held(held);
    }
}

static int stream(struct events *events, const struct watch *watch, struct err *err)
{
    int rc = 0;
    while (rc == 0 && watch_wait(watch, events->first ? RECORD_POLL_MS : -1) != WATCH_END) {
        snapshot_free(monitor_take(watch->monitor));
        struct event *list = monitor_events(watch->monitor);
        for (const struct event *event = list; event; event = event->next)
            hold(events, event);
        event_free_list(list);
        release(events);
        if (events->hook)
            hook_reap(events->hook);
        rc = watch_flush(err);
    }
    return rc < 0 ? rc : 0;
}

static int resolve_all(struct events *events, int count, char **words, struct err *err)
{
    events->wanted = mem_array((size_t)count, sizeof *events->wanted);
    for (int i = 0; i < count; i++) {
        int rc = names_resolve(&events->names, words[i], false, &events->wanted[i], err);
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

int watch_events(int argc, char **argv)
{
    struct events events = {0};
    struct command command = events_command;
    command.options = options;
    argc--;
    int status = command_begin(&command, &events, &argc, argv + 1);
    return status >= 0 ? status : run(&events, argc, argv + 1);
}
