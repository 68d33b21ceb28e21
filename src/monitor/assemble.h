/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A tree of groups as the rows of a snapshot: one allocation, or one that was used before, of which only the
 * rows that have changed are written. What follows from the ancestors (effective
 * limits, who throttles) is worked out here.
 */
#ifndef BOXTOP_MONITOR_ASSEMBLE_H
#define BOXTOP_MONITOR_ASSEMBLE_H

#include "monitor/snapshot.h"
#include "monitor/tree.h"

/* Fills serial, shape, count and rows; the rest is the caller's to fill. `used` is one that was made here,
 * and is taken; NULL: none. */
struct snapshot *assemble(struct tree *tree, struct snapshot *used);
/* Works out what follows from the ancestors, of rows that have all else. */
void assemble_inherit(struct snapshot *snapshot);

#endif
