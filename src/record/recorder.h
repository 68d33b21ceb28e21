/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes samples and events into a recording. Each is on the disk before the call returns: a crash loses at
 * most what happened since the last sample. One thread.
 */
#ifndef BOXTOP_RECORD_RECORDER_H
#define BOXTOP_RECORD_RECORDER_H

#include <stdint.h>

#include "base/err.h"
#include "monitor/event.h"
#include "monitor/snapshot.h"

struct recorder;

struct recorder_limits {
    uint64_t keep_ms;   /* what is older goes; 0: nothing does */
    uint64_t max_bytes; /* of the file with its log; the oldest goes first; 0: no limit */
};

/* Opens a recording, or makes one. -EBUSY: another is writing to it. */
int recorder_open(const char *path, const struct recorder_limits *limits, struct recorder **ret,
                  struct err *err);
/* Both in one transaction. `snapshot` NULL, or of the sample that was written last: only events. */
int recorder_write(struct recorder *recorder, const struct snapshot *snapshot, const struct event *events,
                   struct err *err);
void recorder_close(struct recorder *recorder); /* NULL is fine */

#endif
