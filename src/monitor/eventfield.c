/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/eventfield.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"

#define BIT(kind) (1u << EVENT_##kind)
#define MEMORY    (BIT(OOM_KILL) | BIT(MAX) | BIT(HIGH))
#define COUNTED   (MEMORY | BIT(PIDS_MAX))

/* What the struct itself has. */
static const struct {
    const char *key;
    unsigned kinds; /* bit 1 << kind: those that have it */
    enum event_form form;
    size_t offset; /* of a uint64_t, or of the text */
} plain[] = {
    {"count", COUNTED | BIT(LOST), EVENT_FORM_COUNT, offsetof(struct event, value)},
    {"total", COUNTED, EVENT_FORM_COUNT, offsetof(struct event, total)},
    {"memory.current", MEMORY, EVENT_FORM_BYTES, offsetof(struct event, memory_current)},
    {"memory.max", MEMORY, EVENT_FORM_BYTES, offsetof(struct event, memory_max)},
    {"file", BIT(SET), EVENT_FORM_TEXT, offsetof(struct event, file)},
    {"value", BIT(SET), EVENT_FORM_TEXT, offsetof(struct event, text)},
    {"of", BIT(LOST), EVENT_FORM_TEXT, offsetof(struct event, file)},
};

static_assert(OOM_VICTIM_KEYS + 2 <= OOM_VICTIM_FIELDS, "room for all");
static_assert(COUNT_OF(plain) + OOM_KEYS + OOM_VICTIM_FIELDS + 8 <= EVENT_FIELDS, "room for all");

static struct event_field read_field(const char *key, enum event_form form, bool brief, const void *from,
                                     size_t offset)
{
    const char *at = (const char *)from + offset;
    struct event_field field = {.key = key, .form = form, .brief = brief};
    if (form == EVENT_FORM_TEXT)
        field.text = *at ? at : NULL;
    else
        field.number = *(const uint64_t *)(const void *)at;
    return field;
}

/* Texts are NULL if empty. */
static size_t read_keys(const struct oom_key *keys, size_t count, const void *from, struct event_field *to)
{
    static const enum event_form forms[] = {[OOM_FORM_TEXT] = EVENT_FORM_TEXT,
                                            [OOM_FORM_BYTES] = EVENT_FORM_BYTES,
                                            [OOM_FORM_ID] = EVENT_FORM_ID};
    for (size_t i = 0; i < count; i++)
        to[i] = read_field(keys[i].key, forms[keys[i].form], keys[i].brief, from, keys[i].offset);
    return count;
}

size_t event_victim_fields(const struct oom_victim *victim, struct event_field *to)
{
    size_t n = read_keys(oom_victim_keys, OOM_VICTIM_KEYS, victim, to);
    to[n++] = (struct event_field){
        .key = "oom/victim/rss", .form = EVENT_FORM_BYTES, .brief = true, .number = oom_rss(victim)};
    to[n++] = (struct event_field){.key = "oom/victim/oom_score_adj",
                                   .form = EVENT_FORM_ID,
                                   .brief = true,
                                   .number = victim->score_adj == INT32_MIN ? VALUE_ABSENT : 0,
                                   .score = victim->score_adj};
    return n;
}

static uint64_t before_ms(const struct event *event)
{
    const struct oom *oom = event->oom;
    return oom->before_ns && oom->before_ns <= event->mono_ns ? (event->mono_ns - oom->before_ns) / 1000000
                                                              : VALUE_ABSENT;
}

static size_t oom_fields(const struct event *event, struct event_field *to)
{
    static const struct oom_victim nobody = {VALUE_ABSENT, VALUE_ABSENT, "",           VALUE_ABSENT,
                                             VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, INT32_MIN};
    const struct oom *oom = event->oom;
    const struct event_field made[] = {
        {.key = "oom/source",
         .form = EVENT_FORM_TEXT,
         .brief = oom->source != OOM_SOURCE_REPORT,
         .text = oom_source_name(oom->source)},
        {.key = "oom/why", .form = EVENT_FORM_TEXT, .text = oom_source_why(oom->source)},
        {.key = "oom/incident",
         .form = EVENT_FORM_ID,
         .number = oom->incident ? oom->incident : VALUE_ABSENT},
        {.key = "oom/limit", .form = EVENT_FORM_TEXT, .brief = true, .text = oom_limit_name(oom->limit)},
        {.key = "oom/filling", .form = EVENT_FORM_TEXT, .text = oom->filling_of_victim ? "victim" : "limit"},
        {.key = "oom/before/age_ms", .form = EVENT_FORM_COUNT, .number = before_ms(event)},
        {.key = "oom/group", .form = EVENT_FORM_FLAG, .brief = oom->group, .number = oom->group},
        {.key = "oom/killed",
         .form = EVENT_FORM_COUNT,
         .brief = oom->victim_count > 1,
         .number = oom->victim_count ? oom->victim_count : VALUE_ABSENT},
    };
    size_t n = 0;
    for (size_t i = 0; i < COUNT_OF(made); i++)
        to[n++] = made[i];
    n += read_keys(oom_keys, OOM_KEYS, oom, to + n);
    return n + event_victim_fields(oom->victim_count ? &oom->victims[0] : &nobody, to + n);
}

size_t event_fields(const struct event *event, struct event_field *to)
{
    size_t n = 0;
    for (size_t i = 0; i < COUNT_OF(plain); i++)
        if (plain[i].kinds & 1u << event->kind)
            to[n++] = read_field(plain[i].key, plain[i].form, true, event, plain[i].offset);
    return event->oom ? n + oom_fields(event, to + n) : n;
}

void event_kill_text(const struct event *event, char *to, size_t size)
{
    if (event->oom)
        oom_kill_text(event->oom, event->cgroup, event->value, to, size);
    else
        str_copy(to, size, "");
}
