/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the screen remembers of all groups: the last samples (ring.h) and the last events, under one budget.
 * It is looked into as any past (past.h). One thread.
 */
#ifndef BOXTOP_MONITOR_HISTORY_H
#define BOXTOP_MONITOR_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "monitor/event.h"
#include "monitor/past.h"
#include "monitor/snapshot.h"

struct history;

struct history *history_new(size_t budget_bytes);
void history_free(struct history *history); /* NULL is fine */
/* Takes effect with the next sample. */
void history_set_budget(struct history *history, size_t budget_bytes);
/* Holds the snapshot until the next one comes, beside who gives it. True: it took memory for a moment. */
bool history_sample(struct history *history, const struct snapshot *snapshot);
/* Copies what it keeps: all but the evidence of kills, which the ledger has. */
void history_events(struct history *history, const struct event *list);
/* Nobody looks back any more: what was kept to read on goes. */
void history_rest(struct history *history);
size_t history_bytes(const struct history *history);

/* Its functions take the history as their data. */
extern const struct past history_past;

#endif
