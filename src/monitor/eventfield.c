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
    const char *help;
} plain[] = {
    {"count", COUNTED | BIT(LOST), EVENT_FORM_COUNT, offsetof(struct event, value),
     "how many since the last one that was told; of lost: how many, 0: unknown"},
    {"total", COUNTED, EVENT_FORM_COUNT, offsetof(struct event, total), "the counter after it"},
    {"memory.current", MEMORY, EVENT_FORM_BYTES, offsetof(struct event, memory_current),
     "bytes, as of the last sample before"},
    {"memory.max", MEMORY, EVENT_FORM_BYTES, offsetof(struct event, memory_max), "bytes, likewise"},
    {"file", BIT(SET), EVENT_FORM_TEXT, offsetof(struct event, file), "which limit was set"},
    {"value", BIT(SET), EVENT_FORM_TEXT, offsetof(struct event, text), "what it says now"},
    {"of", BIT(LOST), EVENT_FORM_TEXT, offsetof(struct event, file), "what was lost: events, inotify, kmsg"},
};

static_assert(OOM_VICTIM_KEYS + 2 <= OOM_VICTIM_FIELDS, "room for all");
static_assert(COUNT_OF(plain) + OOM_KEYS + OOM_VICTIM_FIELDS + 8 <= EVENT_FIELDS, "room for all");

static struct event_field read_field(const char *key, enum event_form form, bool brief, const void *from,
                                     size_t offset, const char *help)
{
    const char *at = (const char *)from + offset;
    struct event_field field = {.key = key, .form = form, .brief = brief, .help = help};
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
        to[i] =
            read_field(keys[i].key, forms[keys[i].form], keys[i].brief, from, keys[i].offset, keys[i].help);
    return count;
}

size_t event_victim_fields(const struct oom_victim *victim, struct event_field *to)
{
    size_t n = read_keys(oom_victim_keys, OOM_VICTIM_KEYS, victim, to);
    to[n++] = (struct event_field){.key = "oom/victim/rss",
                                   .help = "bytes that were resident of it",
                                   .form = EVENT_FORM_BYTES,
                                   .brief = true,
                                   .number = oom_rss(victim)};
    to[n++] = (struct event_field){.key = "oom/victim/oom_score_adj",
                                   .help = "how it stood with the kernel, -1000 to 1000",
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
         .help =
             "where the evidence is from: report (the kernel's whole one), line, unheard, overrun, no-right",
         .form = EVENT_FORM_TEXT,
         .brief = oom->source != OOM_SOURCE_REPORT,
         .text = oom_source_name(oom->source)},
        {.key = "oom/why",
         .help = "why it is not whole, in words",
         .form = EVENT_FORM_TEXT,
         .text = oom_source_why(oom->source)},
        {.key = "oom/incident",
         .help = "a number that all have which were killed by one decision of the kernel",
         .form = EVENT_FORM_ID,
         .number = oom->incident ? oom->incident : VALUE_ABSENT},
        {.key = "oom/limit",
         .help = "what was hit: group (a memory.max), machine, nodes, unknown",
         .form = EVENT_FORM_TEXT,
         .brief = true,
         .text = oom_limit_name(oom->limit)},
        {.key = "oom/filling",
         .help = "whose memory the next are about: limit, or victim (its group's, of just before)",
         .form = EVENT_FORM_TEXT,
         .text = oom->filling_of_victim ? "victim" : "limit"},
        {.key = "oom/before/age_ms",
         .help = "how long before the kill that was",
         .form = EVENT_FORM_COUNT,
         .number = before_ms(event)},
        {.key = "oom/group",
         .help = "memory.oom.group: all of the group were killed with the first",
         .form = EVENT_FORM_FLAG,
         .brief = oom->group,
         .number = oom->group},
        {.key = "oom/killed",
         .help = "how many different victims; in JSON they are listed in \"victims\"",
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
            to[n++] = read_field(plain[i].key, plain[i].form, true, event, plain[i].offset, plain[i].help);
    return event->oom ? n + oom_fields(event, to + n) : n;
}

void event_kill_text(const struct event *event, words_fn *words, char *to, size_t size)
{
    if (event->oom)
        oom_kill_text(event->oom, event->cgroup, event->value, words, to, size);
    else
        str_copy(to, size, "");
}

size_t event_field_list(struct event_field *to)
{
    struct oom oom;
    size_t count = 0;
    oom_unknown(&oom);
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        struct event event = {.kind = (enum event_kind)kind, .oom = kind == EVENT_OOM_KILL ? &oom : NULL};
        struct event_field fields[EVENT_FIELDS];
        size_t own = event_fields(&event, fields);
        for (size_t i = 0; i < own; i++) {
            size_t at = 0;
            while (at < count && strcmp(to[at].key, fields[i].key) != 0)
                at++;
            if (at == count && count < EVENT_FIELDS) {
                to[count] = fields[i];
                to[count++].text = NULL;
            }
        }
    }
    return count;
}
