/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/evidence.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/value.h"
#include "core/jsontext.h"
#include "core/oomnote.h"

/* ---- written: what a container's record has, and what only events have besides ---- */

static json_t *number_json(uint64_t value)
{
    return value_is_number(value) ? json_integer((json_int_t)value) : json_null();
}

static json_t *victim_json(const struct oom_victim *victim)
{
    struct oom one;
    oom_unknown(&one);
    one.victim_count = 1;
    one.victims[0] = *victim;
    json_t *whole = oomnote_to_json(&one, jsontext_shown);
    json_t *object = json_incref(json_object_get(whole, "victim"));
    json_decref(whole);
    json_object_set_new(object, "oom_score_adj",
                        victim->score_adj == INT32_MIN ? json_null() : json_integer(victim->score_adj));
    return object;
}

char *evidence_text(const struct event *event)
{
    const struct oom *oom = event->oom;
    if (!oom)
        return NULL;
    bool known = oom->before_ns && oom->before_ns <= event->mono_ns;
    json_t *object = oomnote_to_json(oom, jsontext_shown), *victims = json_array();
    jsontext_put(object, "incident", number_json(oom->incident));
    jsontext_put(object, "filling", json_string(oom->filling_of_victim ? "victim" : "limit"));
    jsontext_put(object, "group", json_boolean(oom->group));
    jsontext_put(object, "before/age_ms",
                 number_json(known ? (event->mono_ns - oom->before_ns) / 1000000 : VALUE_ABSENT));
    for (size_t i = 0; i < oom->victim_count && i < OOM_VICTIMS; i++)
        json_array_append_new(victims, victim_json(&oom->victims[i]));
    jsontext_put(object, "victims", victims);
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

/* ---- read ---- */

static uint64_t number_of(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= 0 ? (uint64_t)json_integer_value(value)
                                                                    : VALUE_ABSENT;
}

static void read_victim(const json_t *victim, struct oom_victim *to)
{
    json_t *whole = json_pack("{s:i, s:O}", "killed", 1, "victim", victim);
    const json_t *adj = json_object_get(victim, "oom_score_adj");
    json_int_t score = json_integer_value(adj);
    cleanup_free struct oom *one = oomnote_from_json(whole);
    json_decref(whole);
    if (!one)
        return;
    *to = one->victims[0];
    to->score_adj = json_is_integer(adj) && score >= -1000 && score <= 1000 ? (int32_t)score : INT32_MIN;
}

void evidence_parse(const char *text, struct event *event)
{
    json_t *object = json_loads(text, 0, NULL);
    const json_t *victims = json_object_get(object, "victims");
    const char *filling = json_string_value(json_object_get(object, "filling"));
    uint64_t incident = number_of(json_object_get(object, "incident"));
    uint64_t age_ms = number_of(jsontext_at(object, "before/age_ms"));
    struct oom *oom = event->oom = oomnote_from_json(object);
    for (size_t i = 0; oom && i < OOM_VICTIMS && i < oom->victim_count; i++)
        read_victim(json_array_get(victims, i), &oom->victims[i]);
    if (oom) {
        oom->incident = value_is_number(incident) ? incident : 0;
        oom->filling_of_victim = filling && strcmp(filling, "victim") == 0;
        oom->group = json_is_true(json_object_get(object, "group"));
    }
    /* Only how long before it was is known. */
    if (oom && age_ms < UINT64_MAX / 4000000) {
        oom->before_ns = 1;
        event->mono_ns = 1 + age_ms * 1000000;
    }
    json_decref(object);
}
