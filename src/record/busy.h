/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which groups a recording has a closer look at while nobody looks: those that use or wait most. Pure.
 */
#ifndef BOXTOP_RECORD_BUSY_H
#define BOXTOP_RECORD_BUSY_H

#include "monitor/snapshot.h"

#define BUSY_MAX 64

struct busy {
    uint64_t ids[BUSY_MAX]; /* of their cgroups, the smallest first */
    size_t count;
};

/* Chooses at most `most` of them anew, up to BUSY_MAX: containers, and elsewhere groups that have none below
 * them. Who was chosen before stays until another does twice as much: rates need two readings. */
void busy_choose(struct busy *busy, const struct snapshot *snapshot, size_t most);

#endif
