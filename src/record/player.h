/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads a recording: samples by time and one after another, events by time. The file may be growing
 * meanwhile; it may also come from anywhere: nothing in it is trusted. One thread. Times are wall clock,
 * nanoseconds since the epoch.
 */
#ifndef BOXTOP_RECORD_PLAYER_H
#define BOXTOP_RECORD_PLAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "monitor/event.h"
#include "monitor/past.h"
#include "monitor/snapshot.h"

struct player;

/* -EINVAL: it is no recording, or an empty one. */
int player_open(const char *path, struct player **ret, struct err *err);
void player_close(struct player *player); /* NULL is fine */

/* When the first and the last sample were taken. */
int player_span(struct player *player, uint64_t *ret_first_ns, uint64_t *ret_last_ns, struct err *err);
/* The last sample that was taken then or before, else the first. The player's, until the next call; likewise
 * below. */
int player_at(struct player *player, uint64_t wall_ns, const struct snapshot **ret, struct err *err);
/* The sample so many after the current one (before it, if negative); the last or first if there are not so
 * many. */
int player_step(struct player *player, long steps, const struct snapshot **ret, struct err *err);
/* When the next OOM kill after, or the last one before, a time was. *ret_ns 0: there is none. */
int player_find_kill(struct player *player, uint64_t from_ns, bool backwards, uint64_t *ret_ns,
                     struct err *err);
/* Events after a time up to another, of that kind or of all (PAST_ALL_KINDS), the oldest first, the newest
 * `most` of them; free with event_free_list(). */
int player_events(struct player *player, uint64_t after_ns, uint64_t until_ns, int kind, unsigned most,
                  struct event **ret, struct err *err);

#endif
