/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    struct wanted *wanted;
    size_t wanted_count;
    struct names names;
    struct held *first, **last; /* oldest first */
};

static const struct option_row options[] = {
    {"--json", 0, NULL, "one object a line", NULL, offsetof(struct events, json)},
    {0},
};

/* ---- what an event says, besides time, kind and group: one table for text and JSON ---- */

#define BIT(kind) (1u << EVENT_##kind)
#define MEMORY    (BIT(OOM_KILL) | BIT(MAX) | BIT(HIGH))
#define COUNTED   (MEMORY | BIT(PIDS_MAX))

static json_t *count_of(const struct held *held)
{
    return figure_json(held->event.value);
}

static json_t *total_of(const struct held *held)
{
    return figure_json(held->event.total);
}

static json_t *memory_current_of(const struct held *held)
{
    return figure_json(held->event.memory_current);
}

static json_t *memory_max_of(const struct held *held)
{
    return figure_json(held->event.memory_max);
}

static json_t *file_of(const struct held *held)
{
    return jsontext_shown(held->event.file);
}

static json_t *text_of(const struct held *held)
{
    return jsontext_shown(held->event.text);
}

static json_t *exit_status_of(const struct held *held)
{
    return held->has_record && held->exit_status >= 0 ? json_integer(held->exit_status) : json_null();
}

static json_t *oom_killed_of(const struct held *held)
{
    return held->has_record ? json_boolean(held->oom_killed) : json_null();
}

static const struct evidence {
    const char *key;
    unsigned kinds; /* bit 1 << kind: those that have it */
    bool container_only;
    json_t *(*value)(const struct held *held);
    const char *(*format)(char *to, uint64_t value); /* of a number in text */
} details[] = {
    {"count", COUNTED | BIT(LOST), false, count_of, fmt_count},
    {"total", COUNTED, false, total_of, fmt_count},
    {"memory.current", MEMORY, false, memory_current_of, fmt_bytes},
    {"memory.max", MEMORY, false, memory_max_of, fmt_bytes},
    {"file", BIT(SET), false, file_of, NULL},
    {"value", BIT(SET), false, text_of, NULL},
    {"exit_status", BIT(EXITED), true, exit_status_of, fmt_count},
    {"oom_killed", BIT(EXITED), true, oom_killed_of, NULL},
};

static bool has_detail(const struct held *held, const struct evidence *detail)
{
    return detail->kinds & 1u << held->event.kind && (held->is_container || !detail->container_only);
}

static void print_json(const struct held *held)
{
    char time[CLOCK_ISO_SIZE];
    clock_iso(time, held->event.wall_ns);
    json_t *object = json_object();
    json_object_set_new(object, "time", json_string(time));
    json_object_set_new(object, "event", json_string(event_name(held->event.kind)));
    json_object_set_new(object, "cgroup", jsontext_shown(held->event.cgroup[0] ? held->event.cgroup : NULL));
    json_object_set_new(object, "name", jsontext_shown(held->name[0] ? held->name : NULL));
    for (size_t i = 0; i < COUNT_OF(details); i++)
        if (has_detail(held, &details[i]))
            json_object_set_new(object, details[i].key, details[i].value(held));
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_detail(const struct held *held, const struct evidence *detail)
{
    json_t *value = detail->value(held);
    char number[FMT_SIZE] = "-", text[512];
    if (json_is_integer(value))
        detail->format(number, (uint64_t)json_integer_value(value));
    else if (json_is_boolean(value))
        str_copy(number, sizeof number, json_is_true(value) ? "yes" : "no");
    str_printable(text, sizeof text, json_is_string(value) ? json_string_value(value) : number);
    printf(" %s=%s", detail->key, text);
    json_decref(value);
}

static void print_text(const struct held *held)
{
    char time[CLOCK_ISO_SIZE], cgroup[4 * sizeof held->event.cgroup], name[4 * sizeof held->name];
    clock_iso(time, held->event.wall_ns);
    str_printable(cgroup, sizeof cgroup, held->event.cgroup);
    str_printable(name, sizeof name, held->name);
    printf("%s %-9s %s", time, event_name(held->event.kind), held->is_container ? name : cgroup);
    for (size_t i = 0; i < COUNT_OF(details); i++)
        if (has_detail(held, &details[i]))
            print_detail(held, &details[i]);
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

static void hold(struct events *events, const struct event *event)
{
    struct held *held = mem_alloc(sizeof *held);
    held->event = *event;
    name_event(events, held);
    if (!is_wanted(events, held)) {
        free(held);
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
        *at = held->next;
        if (!held->next)
            events->last = at;
        free(held);
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
    struct watch watch = {0};
    struct err err;
    events->last = &events->first;
    names_open(&events->names);
    int rc = resolve_all(events, count, words, &err);
    if (rc == 0 && (rc = watch_open(&watch, 1000, &err)) == 0)
        rc = stream(events, &watch, &err);
    watch_close(&watch);
    while (events->first) {
        struct held *held = events->first;
        events->first = held->next;
        free(held);
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
