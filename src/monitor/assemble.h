/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A tree of groups as the rows of a new snapshot: one allocation. What follows from the ancestors (effective
 * limits, who throttles) is worked out here.
 */
#ifndef BOXTOP_MONITOR_ASSEMBLE_H
#define BOXTOP_MONITOR_ASSEMBLE_H

#include "monitor/snapshot.h"
#include "monitor/tree.h"

/* Fills count and rows; the rest is zero, and the caller's to fill. */
struct snapshot *assemble(struct tree *tree);
/* Works out what follows from the ancestors, of rows that have all else. */
void assemble_inherit(struct snapshot *snapshot);

#endif
