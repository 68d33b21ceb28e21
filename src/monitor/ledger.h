/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The OOM kills that were told, each with its evidence, until somebody has acknowledged them and room is
 * needed; they outlive their groups. For one thread: that of whoever takes the events.
 */
#ifndef BOXTOP_MONITOR_LEDGER_H
#define BOXTOP_MONITOR_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/event.h"
#include "base/oom.h"

#define LEDGER_CAP       4096 /* some 9 MiB at the most */
#define LEDGER_NAME_SIZE 160

struct ledger_record {
    uint64_t number;             /* counts up from 1 */
    struct event event;          /* its evidence is the record's; NULL: there is none */
    char name[LEDGER_NAME_SIZE]; /* what the group was called then; fit for a terminal */
    bool seen;
};

struct ledger {
    struct ledger_record **records; /* oldest first */
    size_t count, cap, capacity;    /* cap: how many are kept */
    uint64_t numbers;               /* records ever */
    uint64_t dropped, dropped_unseen;
    uint64_t until_ns; /* wall clock: what happened later is not told of; 0: all is */
};

void ledger_init(struct ledger *ledger, size_t cap);
void ledger_fini(struct ledger *ledger);
/* Copies the event, and its evidence. Where there is no room the oldest that was acknowledged goes, or if
 * none was, the oldest. */
void ledger_add(struct ledger *ledger, const struct event *event, const char *name);
/* How many there are, up to until_ns. */
size_t ledger_count(const struct ledger *ledger);
/* The index-th of them, 0 is the newest; NULL: there are not so many. */
struct ledger_record *ledger_at(const struct ledger *ledger, size_t index);
/* Where the record of that number stands; ledger_count(): it is gone, or not there yet. */
size_t ledger_find(const struct ledger *ledger, uint64_t number);
/* Of all, as is the next. */
size_t ledger_unseen(const struct ledger *ledger);
void ledger_acknowledge_all(struct ledger *ledger);

#endif
