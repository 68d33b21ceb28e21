/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Moments as people write them: "10m ago", "14:05", a date. Any thread.
 */
#ifndef BOXTOP_BASE_WHEN_H
#define BOXTOP_BASE_WHEN_H

#include <stdint.h>

#include "base/words.h"

/* "10m ago" or "10m", "now", "14:05" and "14:05:30" (today's, or yesterday's if that is still to come),
 * "2026-11-23", "2026-11-23 14:05", "2026-11-23T14:05:30.5" (local time), with a Z behind it UTC. Wall clock,
 * nanoseconds since the epoch, seen from now_ns. -EINVAL, and the output is untouched. */
int when_parse(const char *text, uint64_t now_ns, uint64_t *ret_ns);
#define WHEN_HINT N_("write 10m ago, 14:05, 2026-11-23 14:05, or 2026-11-23T14:05:30Z")

#endif
