/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The events of a recording, `boxtop events --from FILE`: printed, and no more.
 */
#ifndef BOXTOP_CLI_WATCH_EVENTS_PAST_H
#define BOXTOP_CLI_WATCH_EVENTS_PAST_H

#include "base/err.h"
#include "cli/watch_event.h"

struct events_past {
    const char *from;          /* the recording */
    const char *since, *until; /* times, as seen from its end; NULL: all of it */
    void (*print)(const struct held *held);
};

/* Those of the groups that are named, and of what is below them; of all, if none is. A name is whose it was
 * when something happened. -ENOENT: nobody was ever called so. */
int events_past_print(const struct events_past *options, int count, char **words, struct err *err);

#endif
