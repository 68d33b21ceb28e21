/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch_event.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "cli/watch_csv.h"
#include "cli/watch_figure.h"
#include "core/jsontext.h"
#include "monitor/eventfield.h"

/* What only a container's record knows. */
static json_t *exit_status_of(const struct held *held)
{
    return held->has_record && held->exit_status >= 0 ? json_integer(held->exit_status) : json_null();
}

static json_t *oom_killed_of(const struct held *held)
{
    return held->has_record ? json_boolean(held->oom_killed) : json_null();
}

bool event_has_end(const struct held *held)
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
    if (event_has_end(held)) {
        json_object_set_new(object, "exit_status", exit_status_of(held));
        json_object_set_new(object, "oom_killed", oom_killed_of(held));
    }
    return object;
}

void event_print_json(const struct held *held)
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

void event_print_text(const struct held *held)
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
    if (event_has_end(held) && held->has_record && held->exit_status >= 0)
        printf(" exit_status=%d", held->exit_status);
    else if (event_has_end(held))
        printf(" exit_status=-");
    if (event_has_end(held))
        printf(" oom_killed=%s", !held->has_record ? "-" : held->oom_killed ? "yes" : "no");
    putchar('\n');
}

/* ---- as a table: each figure that any event has is a column ---- */

void event_print_csv_head(void)
{
    static const char *const first[] = {"time", "event", "cgroup", "name", "exit_status", "oom_killed"};
    struct event_field all[EVENT_FIELDS];
    size_t count = event_field_list(all);
    for (size_t i = 0; i < COUNT_OF(first); i++)
        csv_text(stdout, i == 0, first[i]);
    for (size_t i = 0; i < count; i++)
        csv_text(stdout, false, all[i].key);
    csv_end(stdout);
}

static json_t *value_of_key(const struct event_field *fields, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i].key, key) == 0)
            return value_of(&fields[i]);
    return json_null();
}

void event_print_csv(const struct held *held)
{
    char time[CLOCK_ISO_SIZE];
    struct event_field fields[EVENT_FIELDS], all[EVENT_FIELDS];
    const struct event *event = &held->event;
    size_t columns = event_field_list(all), count = event_fields(event, fields);
    clock_iso(time, event->wall_ns);
    csv_text(stdout, true, time);
    csv_text(stdout, false, event_name(event->kind));
    csv_value(stdout, false, jsontext_shown(event->cgroup[0] ? event->cgroup : NULL));
    csv_value(stdout, false, jsontext_shown(held->name[0] ? held->name : NULL));
    csv_value(stdout, false, event_has_end(held) ? exit_status_of(held) : json_null());
    csv_value(stdout, false, event_has_end(held) ? oom_killed_of(held) : json_null());
    for (size_t i = 0; i < columns; i++)
        csv_value(stdout, false, value_of_key(fields, count, all[i].key));
    csv_end(stdout);
}
