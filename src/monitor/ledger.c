/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

void ledger_init(struct ledger *ledger, size_t cap)
{
    *ledger = (struct ledger){.cap = cap};
}

static void free_record(struct ledger_record *record)
{
    free(record->event.oom);
    free(record);
}

void ledger_fini(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++)
        free_record(ledger->records[i]);
    free(ledger->records);
    *ledger = (struct ledger){0};
}

static void make_room(struct ledger *ledger)
{
    size_t at = 0;
    while (at < ledger->count && !ledger->records[at]->seen)
        at++;
    at = at == ledger->count ? 0 : at;
    ledger->dropped++;
    ledger->dropped_unseen += !ledger->records[at]->seen;
    free_record(ledger->records[at]);
    ledger->count--;
    memmove(&ledger->records[at], &ledger->records[at + 1], (ledger->count - at) * sizeof ledger->records[0]);
}

void ledger_add(struct ledger *ledger, const struct event *event, const char *name)
{
    struct ledger_record *record = mem_alloc(sizeof *record);
    record->number = ++ledger->numbers;
    record->event = event_plain(event);
    record->event.oom = oom_dup(event->oom);
    str_copy(record->name, sizeof record->name, name);
    if (ledger->count == ledger->cap)
        make_room(ledger);
    if (ledger->count == ledger->capacity) {
        ledger->capacity = ledger->capacity ? ledger->capacity * 2 : 16;
        ledger->records = mem_resize(ledger->records, ledger->capacity, sizeof ledger->records[0]);
    }
    ledger->records[ledger->count++] = record;
}

size_t ledger_count(const struct ledger *ledger)
{
    size_t count = ledger->count;
    while (ledger->until_ns && count && ledger->records[count - 1]->event.wall_ns > ledger->until_ns)
        count--;
    return count;
}

struct ledger_record *ledger_at(const struct ledger *ledger, size_t index)
{
    size_t count = ledger_count(ledger);
    return index < count ? ledger->records[count - 1 - index] : NULL;
}

size_t ledger_find(const struct ledger *ledger, uint64_t number)
{
    size_t count = ledger_count(ledger);
    for (size_t i = 0; i < count; i++)
        if (ledger->records[count - 1 - i]->number == number)
            return i;
    return count;
}

size_t ledger_unseen(const struct ledger *ledger)
{
    size_t unseen = 0;
    for (size_t i = 0; i < ledger->count; i++)
        unseen += !ledger->records[i]->seen;
    return unseen;
}

void ledger_acknowledge_all(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++)
        ledger->records[i]->seen = true;
}
