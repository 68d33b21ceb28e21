/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "monitor/ring.h"

#define EVENT_SHARE 16 /* one part in so many of the budget is for events */

/* An event as short as it can be: its texts behind each other. */
struct kept {
    uint64_t serial, mono_ns, wall_ns, cgroup_id, value, total, memory_current, memory_max;
    enum event_kind kind;
    unsigned short size;
    char texts[]; /* cgroup, file, text; each ends with a zero */
};

struct history {
    size_t budget;
    struct ring *ring;
    struct kept **events; /* a ring, oldest first */
    size_t first, count, capacity, bytes;
    uint64_t sample; /* the serial of the one that was asked for last */
};

struct history *history_new(size_t budget_bytes)
{
    struct history *history = mem_alloc(sizeof *history);
    history->budget = budget_bytes;
    history->ring = ring_new(budget_bytes - budget_bytes / EVENT_SHARE);
    return history;
}

void history_set_budget(struct history *history, size_t budget_bytes)
{
    history->budget = budget_bytes;
    ring_set_budget(history->ring, budget_bytes - budget_bytes / EVENT_SHARE);
}

/* The index-th, 0 is the oldest. */
static struct kept **event_at(const struct history *history, size_t index)
{
    return &history->events[(history->first + index) % history->capacity];
}

static void drop_event(struct history *history)
{
    struct kept **oldest = event_at(history, 0);
    history->bytes -= (*oldest)->size;
    free(take_ptr(oldest));
    history->first = (history->first + 1) % history->capacity;
    history->count--;
}

void history_free(struct history *history)
{
    if (!history)
        return;
    while (history->count)
        drop_event(history);
    free(history->events);
    ring_free(history->ring);
    free(history);
}

bool history_sample(struct history *history, const struct snapshot *snapshot)
{
    return ring_add(history->ring, snapshot);
}

static char *put_text(char *to, const char *text)
{
    size_t len = strlen(text) + 1;
    memcpy(to, text, len);
    return to + len;
}

static struct kept *keep(const struct event *event)
{
    size_t size = sizeof(struct kept) + strlen(event->cgroup) + strlen(event->file) + strlen(event->text) + 3;
    struct kept *kept = mem_resize(NULL, size, 1);
    *kept = (struct kept){.serial = event->serial,
                          .mono_ns = event->mono_ns,
                          .wall_ns = event->wall_ns,
                          .cgroup_id = event->cgroup_id,
                          .value = event->value,
                          .total = event->total,
                          .memory_current = event->memory_current,
                          .memory_max = event->memory_max,
                          .kind = event->kind,
                          .size = (unsigned short)size};
    put_text(put_text(put_text(kept->texts, event->cgroup), event->file), event->text);
    return kept;
}

static struct event *event_of(const struct kept *kept)
{
    struct event *event = mem_alloc(sizeof *event);
    const char *file = kept->texts + strlen(kept->texts) + 1;
    *event = (struct event){.serial = kept->serial,
                            .mono_ns = kept->mono_ns,
                            .wall_ns = kept->wall_ns,
                            .cgroup_id = kept->cgroup_id,
                            .value = kept->value,
                            .total = kept->total,
                            .memory_current = kept->memory_current,
                            .memory_max = kept->memory_max,
                            .kind = kept->kind};
    str_copy(event->cgroup, sizeof event->cgroup, kept->texts);
    str_copy(event->file, sizeof event->file, file);
    str_copy(event->text, sizeof event->text, file + strlen(file) + 1);
    return event;
}

static void make_room(struct history *history)
{
    if (history->count < history->capacity)
        return;
    size_t capacity = history->capacity ? 2 * history->capacity : 64;
    struct kept **events = mem_array(capacity, sizeof *events);
    for (size_t i = 0; i < history->count; i++)
        events[i] = *event_at(history, i);
    free(history->events);
    history->events = events;
    history->capacity = capacity;
    history->first = 0;
}

void history_events(struct history *history, const struct event *list)
{
    for (; list; list = list->next) {
        make_room(history);
        struct kept *kept = keep(list);
        history->bytes += kept->size;
        history->count++;
        *event_at(history, history->count - 1) = kept;
        while (history->bytes + history->capacity * sizeof *history->events > history->budget / EVENT_SHARE &&
               history->count > 1)
            drop_event(history);
    }
}

void history_rest(struct history *history)
{
    ring_rest(history->ring);
}

size_t history_bytes(const struct history *history)
{
    return ring_bytes(history->ring) + history->bytes + history->capacity * sizeof *history->events;
}

/* ---- as a past ---- */

static int past_span(void *data, uint64_t *ret_first_ns, uint64_t *ret_last_ns, struct err *err)
{
    const struct history *history = data;
    if (!ring_span(history->ring, ret_first_ns, ret_last_ns))
        return err_set(err, ENOENT, "nothing is remembered yet");
    return 0;
}

static int give(struct history *history, size_t index, const struct snapshot **ret, struct err *err)
{
    const struct snapshot *snapshot = ring_peek(history->ring, index);
    if (!snapshot)
        return err_set(err, ENOENT, "nothing is remembered of then");
    history->sample = snapshot->sample_serial;
    *ret = snapshot;
    return 0;
}

static int past_at(void *data, uint64_t wall_ns, const struct snapshot **ret, struct err *err)
{
    struct history *history = data;
    return give(history, ring_find(history->ring, wall_ns), ret, err);
}

/* Meanwhile others have come, and older ones have got fewer. */
static int past_step(void *data, long steps, const struct snapshot **ret, struct err *err)
{
    struct history *history = data;
    long last = (long)ring_count(history->ring) - 1;
    long index = (long)ring_find_sample(history->ring, history->sample) + steps;
    index = index > last ? last : index;
    return give(history, index < 0 ? 0 : (size_t)index, ret, err);
}

static int past_find_kill(void *data, uint64_t from_ns, bool backwards, uint64_t *ret_ns, struct err *err)
{
    const struct history *history = data;
    (void)err;
    *ret_ns = 0;
    for (size_t i = 0; i < history->count; i++) {
        const struct kept *kept = *event_at(history, backwards ? history->count - 1 - i : i);
        if (kept->kind == EVENT_OOM_KILL && (backwards ? kept->wall_ns < from_ns : kept->wall_ns > from_ns)) {
            *ret_ns = kept->wall_ns;
            return 0;
        }
    }
    return 0;
}

static int past_events(void *data, uint64_t after_ns, uint64_t until_ns, int kind, unsigned most,
                       struct event **ret, struct err *err)
{
    const struct history *history = data;
    (void)err;
    *ret = NULL;
    for (size_t i = history->count; i-- > 0 && most;) { /* the newest first: each goes in front */
        const struct kept *kept = *event_at(history, i);
        if (kept->wall_ns <= after_ns || kept->wall_ns > until_ns ||
            (kind != PAST_ALL_KINDS && kept->kind != (enum event_kind)kind))
            continue;
        struct event *event = event_of(kept);
        event->next = *ret;
        *ret = event;
        most--;
    }
    return 0;
}

const struct past history_past = {
    .span = past_span, .at = past_at, .step = past_step, .find_kill = past_find_kill, .events = past_events};
