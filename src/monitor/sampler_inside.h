/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the sampler's files tell each other: reading (sampler_read.c), which groups are due (sampler_due.c),
 * what is reported (sampler_hear.c), the kernel's log (sampler_log.c). For nobody else.
 */
#ifndef BOXTOP_MONITOR_SAMPLER_INSIDE_H
#define BOXTOP_MONITOR_SAMPLER_INSIDE_H

#include "monitor/sampler.h"

/* All of a group's files are to be looked for again. */
#define STALE_ALL UINT32_MAX
/* How often files that were absent are tried again, in case nobody reported why they came. */
#define PROBE_NS (30 * 1000000000ull)
/* After so many samples without a change a group is at rest. */
#define CALM 3

struct teller sampler_teller(struct sampler *s);
void sampler_read_file(struct sampler *s, struct group *group, enum cgfile file);
void sampler_read_limit(struct sampler *s, struct group *group, enum cgfile file);
void sampler_read_limits(struct sampler *s, struct group *group);
/* `all`, or only those that nobody reports. */
void sampler_read_events(struct sampler *s, struct group *group, bool all);
/* The counters that nothing reports. False: the group is gone, and its counters stay as they were. */
bool sampler_read_counters(struct sampler *s, struct group *group);
/* What was read of it last has found it gone: of every group but the root's there is cgroup.events. */
bool sampler_is_gone(const struct group *group);
/* All that is due of one group, its rates included. False: it is gone. */
bool sampler_sample(struct sampler *s, struct group *group);
/* Looks for all files again that were absent. */
void sampler_probe(struct sampler *s, struct group *group);

/* The rates are of what is known now. */
void sampler_rated(struct group *group);
/* The group was at rest until the last sample: what it has used since is no average over all that time. */
void sampler_wake(struct sampler *s, struct group *group);
/* Reads the groups that are due, and lists them (`sampled`). */
void sampler_read_due(struct sampler *s);

void sampler_mark_stale(struct sampler *s, struct group *group, uint32_t files);
/* Which files are read when one is reported, as bits. */
uint32_t sampler_files_to_read(int file);
/* What has been reported: groups that changed, and those whose children came or went. */
void sampler_drain(struct sampler *s);
/* Reads and tells of the groups that changed, from the index on; they stay in the list. */
void sampler_handle_stale(struct sampler *s, size_t from);
/* True if the tree is another. */
bool sampler_complete_tree(struct sampler *s, enum tree_scope scope);
bool sampler_look_for_lost(struct sampler *s);
void sampler_notice_root(struct sampler *s);
void sampler_count_host_kills(struct sampler *s, uint64_t kills);
void sampler_leave_netns(struct sampler *s, const struct group *group);

/* True if a kill was told. *ret_beside: in no group with counters. */
bool sampler_read_log(struct sampler *s, bool *ret_beside);

#endif
