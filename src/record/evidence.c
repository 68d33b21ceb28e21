/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/evidence.h"

#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "base/oom.h"

enum form { NUMBER, TEXT, FLAG };

struct member {
    const char *key;
    enum form form;
    size_t offset, size; /* size: of a text */
};

#define OOM_NUMBER(key, member)                                                                              \
    {                                                                                                        \
        key, NUMBER, offsetof(struct oom, member), 0                                                         \
    }
#define OOM_TEXT(key, member)                                                                                \
    {                                                                                                        \
        key, TEXT, offsetof(struct oom, member), sizeof(((struct oom *)0)->member)                           \
    }
static const struct member of_oom[] = {
    OOM_NUMBER("incident", incident),
    OOM_TEXT("limit_cgroup", limit_cgroup),
    OOM_TEXT("victim_cgroup", victim_cgroup),
    OOM_TEXT("invoker", invoker),
    OOM_NUMBER("usage", usage_bytes),
    OOM_NUMBER("max", limit_bytes),
    OOM_NUMBER("swap", swap_bytes),
    OOM_NUMBER("anon", filling.anon),
    OOM_NUMBER("file", filling.file),
    OOM_NUMBER("kernel", filling.kernel),
    OOM_NUMBER("shmem", filling.shmem),
    OOM_TEXT("verdict", verdict),
    {"group", FLAG, offsetof(struct oom, group), 0},
};

static const struct member of_before[] = {
    OOM_NUMBER("memory.current", before_current),
    OOM_NUMBER("memory.max", before_max),
    OOM_NUMBER("memory.swap.current", before_swap),
};

#define VICTIM(key, member)                                                                                  \
    {                                                                                                        \
        key, NUMBER, offsetof(struct oom_victim, member), 0                                                  \
    }
static const struct member of_victim[] = {
    VICTIM("pid", pid),
    VICTIM("uid", uid),
    {"comm", TEXT, offsetof(struct oom_victim, comm), OOM_COMM_SIZE},
    VICTIM("anon-rss", anon_bytes),
    VICTIM("file-rss", file_bytes),
    VICTIM("shmem-rss", shmem_bytes),
    VICTIM("total-vm", vm_bytes),
};

/* ---- written ---- */

static json_t *number_json(uint64_t value)
{
    return value == VALUE_MAX  ? json_string("max")
           : value > INT64_MAX ? json_null()
                               : json_integer((json_int_t)value);
}

static json_t *member_json(const struct member *member, const void *from)
{
    const char *at = (const char *)from + member->offset;
    char shown[4 * OOM_PATH_SIZE];
    uint64_t value;
    if (member->form == FLAG)
        return json_boolean(*(const bool *)at);
    if (member->form == TEXT) {
        str_printable(shown, sizeof shown, at);
        return at[0] ? json_string(shown) : json_null();
    }
    memcpy(&value, at, sizeof value);
    return number_json(value);
}

static json_t *object_of(const struct member *members, size_t count, const void *from)
{
    json_t *object = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(object, members[i].key, member_json(&members[i], from));
    return object;
}

static json_t *victims_json(const struct oom *oom)
{
    json_t *list = json_array();
    for (size_t i = 0; i < oom->victim_count && i < OOM_VICTIMS; i++) {
        json_t *victim = object_of(of_victim, COUNT_OF(of_victim), &oom->victims[i]);
        int32_t adj = oom->victims[i].score_adj;
        json_object_set_new(victim, "oom_score_adj", adj == INT32_MIN ? json_null() : json_integer(adj));
        json_array_append_new(list, victim);
    }
    return list;
}

char *evidence_text(const struct event *event)
{
    const struct oom *oom = event->oom;
    if (!oom)
        return NULL;
    json_t *object = object_of(of_oom, COUNT_OF(of_oom), oom);
    json_t *before = object_of(of_before, COUNT_OF(of_before), oom);
    bool known = oom->before_ns && oom->before_ns <= event->mono_ns;
    json_object_set_new(object, "source", json_string(oom_source_name(oom->source)));
    json_object_set_new(object, "limit", json_string(oom_limit_name(oom->limit)));
    json_object_set_new(object, "filling", json_string(oom->filling_of_victim ? "victim" : "limit"));
    json_object_set_new(before, "age_ms",
                        number_json(known ? (event->mono_ns - oom->before_ns) / 1000000 : VALUE_ABSENT));
    json_object_set_new(object, "before", before);
    json_object_set_new(object, "killed", json_integer((json_int_t)oom->victim_count));
    json_object_set_new(object, "victims", victims_json(oom));
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

/* ---- read ---- */

static uint64_t number_of(const json_t *value)
{
    const char *text = json_string_value(value);
    if (text && strcmp(text, "max") == 0)
        return VALUE_MAX;
    return json_is_integer(value) && json_integer_value(value) >= 0 ? (uint64_t)json_integer_value(value)
                                                                    : VALUE_ABSENT;
}

static void read_members(const struct member *members, size_t count, const json_t *object, void *to)
{
    for (size_t i = 0; i < count; i++) {
        char *at = (char *)to + members[i].offset;
        const json_t *value = json_object_get(object, members[i].key);
        const char *text = json_string_value(value);
        uint64_t number = number_of(value);
        if (members[i].form == FLAG)
            *(bool *)at = json_is_true(value);
        else if (members[i].form == TEXT)
            str_copy(at, members[i].size, text ? text : "");
        else
            memcpy(at, &number, sizeof number);
    }
}

static void read_victims(const json_t *list, struct oom *oom)
{
    for (size_t i = 0; i < OOM_VICTIMS && i < oom->victim_count; i++) {
        const json_t *victim = json_array_get(list, i), *adj = json_object_get(victim, "oom_score_adj");
        json_int_t score = json_integer_value(adj);
        read_members(of_victim, COUNT_OF(of_victim), victim, &oom->victims[i]);
        oom->victims[i].score_adj =
            json_is_integer(adj) && score >= -1000 && score <= 1000 ? (int32_t)score : INT32_MIN;
    }
}

static void read_names(const json_t *object, struct oom *oom)
{
    const char *source = json_string_value(json_object_get(object, "source"));
    const char *limit = json_string_value(json_object_get(object, "limit"));
    const char *filling = json_string_value(json_object_get(object, "filling"));
    for (int i = 0; source && i < OOM_SOURCE_COUNT; i++)
        if (strcmp(oom_source_name((enum oom_source)i), source) == 0)
            oom->source = (enum oom_source)i;
    for (int i = 0; limit && i < OOM_LIMIT_COUNT; i++)
        if (strcmp(oom_limit_name((enum oom_limit)i), limit) == 0)
            oom->limit = (enum oom_limit)i;
    oom->filling_of_victim = filling && strcmp(filling, "victim") == 0;
}

void evidence_parse(const char *text, struct event *event)
{
    json_t *object = json_loads(text, 0, NULL);
    const json_t *before = json_object_get(object, "before");
    uint64_t killed = number_of(json_object_get(object, "killed"));
    uint64_t age_ms = number_of(json_object_get(before, "age_ms"));
    if (json_is_object(object)) {
        struct oom *oom = event->oom = mem_alloc(sizeof *oom);
        oom_unknown(oom);
        read_members(of_oom, COUNT_OF(of_oom), object, oom);
        read_members(of_before, COUNT_OF(of_before), before, oom);
        read_names(object, oom);
        oom->incident = value_is_number(oom->incident) ? oom->incident : 0;
        oom->victim_count = value_is_number(killed) ? (size_t)killed : 0;
        read_victims(json_object_get(object, "victims"), oom);
        /* Only how long before it was is known. */
        if (age_ms < UINT64_MAX / 4000000) {
            oom->before_ns = 1;
            event->mono_ns = 1 + age_ms * 1000000;
        }
    }
    json_decref(object);
}
