/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/eventfield.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/fmt.h"
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

/* The same of the evidence. Texts are NULL if empty. */
#define OOM(member) offsetof(struct oom, member)
static const struct {
    const char *key;
    enum event_form form;
    bool brief;
    size_t offset;
} evidence[] = {
    {"oom/limit_cgroup", EVENT_FORM_TEXT, true, OOM(limit_cgroup)},
    {"oom/victim_cgroup", EVENT_FORM_TEXT, false, OOM(victim_cgroup)},
    {"oom/invoker", EVENT_FORM_TEXT, false, OOM(invoker)},
    {"oom/verdict", EVENT_FORM_TEXT, false, OOM(verdict)},
    {"oom/usage", EVENT_FORM_BYTES, false, OOM(usage_bytes)},
    {"oom/max", EVENT_FORM_BYTES, false, OOM(limit_bytes)},
    {"oom/swap", EVENT_FORM_BYTES, false, OOM(swap_bytes)},
    {"oom/anon", EVENT_FORM_BYTES, true, OOM(filling.anon)},
    {"oom/file", EVENT_FORM_BYTES, true, OOM(filling.file)},
    {"oom/kernel", EVENT_FORM_BYTES, true, OOM(filling.kernel)},
    {"oom/shmem", EVENT_FORM_BYTES, true, OOM(filling.shmem)},
    {"oom/before/memory.current", EVENT_FORM_BYTES, false, OOM(before_current)},
    {"oom/before/memory.max", EVENT_FORM_BYTES, false, OOM(before_max)},
    {"oom/before/memory.swap.current", EVENT_FORM_BYTES, false, OOM(before_swap)},
};

#define VICTIM(member) offsetof(struct oom_victim, member)
static const struct {
    const char *key;
    enum event_form form;
    bool brief;
    size_t offset;
} of_victim[] = {
    {"oom/victim/pid", EVENT_FORM_ID, true, VICTIM(pid)},
    {"oom/victim/uid", EVENT_FORM_ID, true, VICTIM(uid)},
    {"oom/victim/comm", EVENT_FORM_TEXT, true, VICTIM(comm)},
    {"oom/victim/anon-rss", EVENT_FORM_BYTES, false, VICTIM(anon_bytes)},
    {"oom/victim/file-rss", EVENT_FORM_BYTES, false, VICTIM(file_bytes)},
    {"oom/victim/shmem-rss", EVENT_FORM_BYTES, false, VICTIM(shmem_bytes)},
    {"oom/victim/total-vm", EVENT_FORM_BYTES, false, VICTIM(vm_bytes)},
};
static_assert(COUNT_OF(of_victim) + 2 <= OOM_VICTIM_FIELDS, "room for all");
static_assert(COUNT_OF(plain) + COUNT_OF(evidence) + OOM_VICTIM_FIELDS + 8 <= EVENT_FIELDS, "room for all");

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

size_t event_victim_fields(const struct oom_victim *victim, struct event_field *to)
{
    size_t n = 0;
    for (size_t i = 0; i < COUNT_OF(of_victim); i++)
        to[n++] =
            read_field(of_victim[i].key, of_victim[i].form, of_victim[i].brief, victim, of_victim[i].offset);
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
    for (size_t i = 0; i < COUNT_OF(evidence); i++)
        to[n++] = read_field(evidence[i].key, evidence[i].form, evidence[i].brief, oom, evidence[i].offset);
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

/* Whose limit, and how it stands to the group: "own limit", "limit of /H". */
static void limit_text(const struct event *event, char *to, size_t size)
{
    const struct oom *oom = event->oom;
    char path[2 * OOM_PATH_SIZE], number[FMT_SIZE];
    uint64_t limit = value_is_number(oom->limit_bytes) ? oom->limit_bytes : VALUE_ABSENT;
    bool own = strcmp(oom->limit_cgroup, event->cgroup) == 0;
    str_printable(path, sizeof path, oom->limit_cgroup);
    if (oom->limit == OOM_LIMIT_GROUP)
        snprintf(to, size, "%s%s%s%s", own ? "its own limit" : "the limit of ", own ? "" : path,
                 limit == VALUE_ABSENT ? "" : ", ", limit == VALUE_ABSENT ? "" : fmt_bytes(number, limit));
    else
        str_copy(to, size,
                 oom->limit == OOM_LIMIT_MACHINE ? "the machine's memory"
                 : oom->limit == OOM_LIMIT_NODES ? "the memory of its nodes"
                                                 : "an unknown limit");
}

void event_kill_text(const struct event *event, char *to, size_t size)
{
    const struct oom *oom = event->oom;
    char limit[3 * OOM_PATH_SIZE] = "", comm[4 * OOM_COMM_SIZE + 1], rss[FMT_SIZE], more[FMT_SIZE + 16] = "";
    if (!oom) {
        str_copy(to, size, "");
        return;
    }
    limit_text(event, limit, sizeof limit);
    if (!oom->victim_count) {
        snprintf(to, size, "%llu killed at %s", (unsigned long long)event->value, limit);
        return;
    }
    str_printable(comm, sizeof comm, oom->victims[0].comm);
    if (oom->victim_count > 1)
        snprintf(more, sizeof more, " and %s more", fmt_count(rss, oom->victim_count - 1));
    snprintf(to, size, "%s (pid %llu, %s)%s at %s", comm, (unsigned long long)oom->victims[0].pid,
             fmt_bytes(rss, oom_rss(&oom->victims[0])), more, limit);
}
