/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How the commands that watch look back, --from FILE. What reads recordings (a database) is linked into
 * boxtop-record only: there it fills these in; elsewhere a command with --from becomes boxtop-record.
 */
#ifndef BOXTOP_CLI_WATCH_PAST_H
#define BOXTOP_CLI_WATCH_PAST_H

#include <stdint.h>

#include "base/err.h"
#include "monitor/event.h"
#include "monitor/snapshot.h"

/* As in record/player.h. */
struct past {
    int (*open)(const char *path, void **ret, struct err *err);
    void (*close)(void *player);
    int (*at)(void *player, uint64_t wall_ns, const struct snapshot **ret, struct err *err);
    int (*step)(void *player, long steps, const struct snapshot **ret, struct err *err);
    int (*events)(void *player, uint64_t after_ns, uint64_t until_ns, unsigned most, struct event **ret,
                  struct err *err);
};

extern const struct past *watch_past; /* NULL: not in this program */

#endif
