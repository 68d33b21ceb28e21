/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Looking back, whoever remembers: the ring in memory (history.h), or a recording. Times are wall clock,
 * nanoseconds since the epoch. Each function returns 0 or a negative errno with a line. One thread.
 */
#ifndef BOXTOP_MONITOR_PAST_H
#define BOXTOP_MONITOR_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "monitor/event.h"
#include "monitor/snapshot.h"

#define PAST_ALL_KINDS (-1)

struct past {
    int (*open)(const char *path, void **ret, struct err *err); /* NULL: there is nothing to open */
    void (*close)(void *data);                                  /* NULL likewise */
    /* When the first and the last sample were taken. */
    int (*span)(void *data, uint64_t *ret_first_ns, uint64_t *ret_last_ns, struct err *err);
    /* The last sample that was taken then or before, else the first. It stays the other's, until the next
     * call; likewise below. */
    int (*at)(void *data, uint64_t wall_ns, const struct snapshot **ret, struct err *err);
    /* The sample so many after the one that was asked for last; the last or first if there are not so many.
     */
    int (*step)(void *data, long steps, const struct snapshot **ret, struct err *err);
    /* When the next OOM kill after, or the last one before, a time was. *ret_ns 0: there is none. */
    int (*find_kill)(void *data, uint64_t from_ns, bool backwards, uint64_t *ret_ns, struct err *err);
    /* Events after a time up to another, of that kind or of all, the oldest first, the newest `most` of them;
     * free with event_free_list(). */
    int (*events)(void *data, uint64_t after_ns, uint64_t until_ns, int kind, unsigned most,
                  struct event **ret, struct err *err);
};

#endif
