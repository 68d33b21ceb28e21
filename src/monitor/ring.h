/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The last samples in memory, under a fixed budget: packed (pack.h), a key frame with what changed after it,
 * compressed once such a chunk is full; the moments at which each group was read are left out. When the
 * budget is used up the oldest chunks get coarser first, and go then. One thread.
 */
#ifndef BOXTOP_MONITOR_RING_H
#define BOXTOP_MONITOR_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/snapshot.h"

#define RING_CHUNK  64 /* samples in a chunk */
#define RING_COARSE 10 /* one in so many stays of a chunk that gets coarser */

struct ring;

struct ring *ring_new(size_t budget_bytes);
void ring_free(struct ring *ring); /* NULL is fine */
/* Takes effect with the next sample. */
void ring_set_budget(struct ring *ring, size_t budget_bytes);
/* Remembers a snapshot, unless it is of the sample that was remembered last. It is held until the next one.
 * True: what there is was compressed, which took memory for a moment. */
bool ring_add(struct ring *ring, const struct snapshot *snapshot);
/* Nothing is read for a while: what is kept to read on goes. */
void ring_rest(struct ring *ring);
/* How many samples there are, and bytes they take. */
size_t ring_count(const struct ring *ring);
size_t ring_bytes(const struct ring *ring);
/* When the oldest and the newest were taken (wall clock). false: there is none. */
bool ring_span(const struct ring *ring, uint64_t *ret_first_ns, uint64_t *ret_last_ns);
/* The index of the last sample that was taken at that time or before, else of the first. */
size_t ring_find(const struct ring *ring, uint64_t wall_ns);
/* The same by the serial of samples, which goes up whatever the clock does. */
size_t ring_find_sample(const struct ring *ring, uint64_t sample_serial);
/* The index-th sample, 0 the oldest; NULL: there is none. The ring's, until the next call of any of its
 * functions. Cheapest in order; backwards some samples are unpacked again. */
const struct snapshot *ring_peek(struct ring *ring, size_t index);
/* The same, the caller's to snapshot_free(). */
struct snapshot *ring_get(struct ring *ring, size_t index);

#endif
