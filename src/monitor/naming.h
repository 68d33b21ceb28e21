/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When a group is given its name: what its path says at once, what its engine says as soon as that has
 * written it down, and again now and then, as containers are renamed. The monitor's thread only.
 */
#ifndef BOXTOP_MONITOR_NAMING_H
#define BOXTOP_MONITOR_NAMING_H

#include "monitor/engines.h"
#include "monitor/tree.h"

void naming_appeared(struct engines *engines, struct group *group);
/* At each sample; most often there is nothing to do. */
void naming_due(struct engines *engines, struct group *group, uint64_t now_ns);

#endif
