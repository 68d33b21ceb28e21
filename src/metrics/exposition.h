/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A snapshot as the text that Prometheus reads: OpenMetrics 1.0, or the older text format 0.0.4, from one
 * table of metrics. Pure. Counters are the kernel's, in base units (seconds, bytes); there are no rates,
 * which are the reader's business. Three values stay three: what is absent has no series, "max" is +Inf.
 */
#ifndef BOXTOP_METRICS_EXPOSITION_H
#define BOXTOP_METRICS_EXPOSITION_H

#include <stdbool.h>

#include "base/str.h"
#include "cli/watch_names.h"
#include "monitor/snapshot.h"

/* Which groups have series. */
struct selection {
    const char *const *patterns; /* fnmatch(3)'s, on a group's path and its name; NULL: all groups */
};

struct exposition {
    const struct snapshot *snapshot;
    const struct names *names;
    struct selection selection;
    bool openmetrics; /* false: text format 0.0.4 */
};

/* Appends the whole text. */
void exposition_write(const struct exposition *what, struct str *to);
/* What the monitor has to look at for the next text: the network of the containers that have series. `list`
 * has room for one more than there are rows; returns how many there are. */
size_t exposition_look(const struct exposition *what, struct detail_look *list);
const char *exposition_type(bool openmetrics); /* the Content-Type */
/* Whether an Accept header (NULL: none) asks for OpenMetrics. */
bool exposition_wants_openmetrics(const char *accept);

#endif
