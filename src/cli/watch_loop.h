/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What all that watches has in common: a monitor, the signals that end it, a reader that may go away.
 */
#ifndef BOXTOP_CLI_WATCH_LOOP_H
#define BOXTOP_CLI_WATCH_LOOP_H

#include <stdint.h>

#include "base/err.h"
#include "monitor/monitor.h"

struct watch {
    struct monitor *monitor;
    int signal_fd;
    int hook_fd; /* one more to wait for, the caller's; 0: none */
};

enum watch_wake {
    WATCH_NEWS,    /* the monitor has a snapshot or events */
    WATCH_TIMEOUT, /* nothing within the time */
    WATCH_END,     /* SIGINT, SIGTERM, or nobody reads the output any more */
};

/* Zeroed memory can be closed. */
int watch_open(struct watch *watch, const struct monitor_options *options, struct err *err);
void watch_close(struct watch *watch);
/* timeout_ms -1: as long as it takes. */
enum watch_wake watch_wait(const struct watch *watch, int timeout_ms);
/* Flushes what was printed. 1: nobody reads it any more, which is no error; negative with a line. */
int watch_flush(struct err *err);

#endif
