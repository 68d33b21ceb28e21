/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How the commands that watch look back, --from FILE. What reads recordings (a database) is linked into
 * boxtop-record only: there it fills this in; elsewhere a command with --from becomes boxtop-record.
 */
#ifndef BOXTOP_CLI_WATCH_PAST_H
#define BOXTOP_CLI_WATCH_PAST_H

#include "monitor/past.h"

extern const struct past *watch_past; /* NULL: not in this program */

#endif
