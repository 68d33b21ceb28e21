/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What an event says, besides its time, kind and group, as a list of named figures: one list for text, JSON
 * and the environment of a hook. Pure.
 */
#ifndef BOXTOP_MONITOR_EVENTFIELD_H
#define BOXTOP_MONITOR_EVENTFIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/event.h"
#include "base/oom.h"
#include "base/words.h"

enum event_form {
    EVENT_FORM_COUNT, /* `number`: VALUE_ABSENT is null */
    EVENT_FORM_BYTES,
    EVENT_FORM_ID,   /* a number that is no quantity: pid, uid, oom_score_adj (then `score`) */
    EVENT_FORM_TEXT, /* `text`: raw bytes; NULL is null */
    EVENT_FORM_FLAG, /* `number`: 0 or 1 */
};

struct event_field {
    const char *key; /* the kernel's name where it has one; those of the evidence begin with "oom/" */
    enum event_form form;
    bool brief; /* also in the one line for people */
    uint64_t number;
    int64_t score; /* of oom/victim/oom_score_adj */
    const char *text;
    const char *help;
};

#define EVENT_FIELDS 56
/* Fills `to` (EVENT_FIELDS of them), which points into the event; how many there are. */
size_t event_fields(const struct event *event, struct event_field *to);
/* Each that any event has, once, without values; at most EVENT_FIELDS. */
size_t event_field_list(struct event_field *to);
/* Those of one victim, under "oom/victim/..."; at most OOM_VICTIM_FIELDS. */
#define OOM_VICTIM_FIELDS 12
size_t event_victim_fields(const struct oom_victim *victim, struct event_field *to);
/* The kill in words, fit for a terminal: "hog (pid 161, 60.9M) at the limit of /H, 60M". As `words` say
 * it; NULL: in English. */
void event_kill_text(const struct event *event, words_fn *words, char *to, size_t size);

#endif
