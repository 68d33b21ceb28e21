/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An event as `boxtop events` tells it: a line for people, JSON, or comma-separated values.
 */
#ifndef BOXTOP_CLI_WATCH_EVENT_H
#define BOXTOP_CLI_WATCH_EVENT_H

#include <stdbool.h>

#include "monitor/event.h"

/* An event on its way out. */
struct held {
    struct event event; /* `next` is not used */
    char name[256];     /* as it was known when it happened */
    bool is_container, needs_record;
    bool has_record; /* the next two are known */
    int exit_status;
    bool oom_killed;
    struct held *next;
};

/* Of a container that ended: how, as far as its record says it. */
bool event_has_end(const struct held *held);
void event_print_json(const struct held *held);
void event_print_text(const struct held *held);
/* The names of the columns, then a line for each. */
void event_print_csv_head(void);
void event_print_csv(const struct held *held);

#endif
