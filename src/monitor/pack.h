/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Snapshots as bytes, for who remembers them: a key frame says all, another what changed since the frame
 * before it. What unpacks is equal to what was packed, in every counter, rate, identity and detail (but for
 * texts longer than the kernel's page). Bytes may come from anywhere: nothing in them is trusted. Pure.
 */
#ifndef BOXTOP_MONITOR_PACK_H
#define BOXTOP_MONITOR_PACK_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "monitor/snapshot.h"

#define PACK_FIELDS 96 /* more than there are, of counters and rates each */

/* Which fields frames have, and in which order: a recording says it, so that another version can read it. */
struct pack_layout {
    size_t counters, rates;
    short counter[PACK_FIELDS], rate[PACK_FIELDS]; /* which of ours; -1: one that we don't know */
};

/* Ours as text: "time_ns usage_usec ...;cpu_percent ...". The caller frees. */
char *pack_layout_text(void);
/* -EINVAL with a line: that is none. */
int pack_layout_parse(const char *text, struct pack_layout *ret, struct err *err);
void pack_layout_own(struct pack_layout *ret);

/* The moments at which each group was read differ each time by some microseconds: with them no group that is
 * read would ever be as it was. */
enum pack_clocks { PACK_CLOCKS, PACK_NO_CLOCKS /* they are said to be 0 */ };
/* Appends a frame. `before` is what the frame before it said; NULL: a key frame. */
void pack(const struct snapshot *now, const struct snapshot *before, enum pack_clocks clocks, struct str *to);
/* -EBADMSG with a line: these bytes are no frame, or not one that follows `before`. */
int unpack(const void *bytes, size_t size, const struct pack_layout *layout, const struct snapshot *before,
           struct snapshot **ret, struct err *err);

#endif
