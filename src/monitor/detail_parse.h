/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Texts of the kernel's files as parts of a detail. Keys are looked up or taken as they are, whatever is no
 * number is VALUE_ABSENT, what is too long is left out. Pure.
 */
#ifndef BOXTOP_MONITOR_DETAIL_PARSE_H
#define BOXTOP_MONITOR_DETAIL_PARSE_H

#include "monitor/detail_draft.h"

/* Any file of a group: one number or "max"; lines of a key and a number; lines of a key and KEY=NUMBER pairs
 * (the key becomes "key/KEY"); else it is a text. `file` lives as long as the draft. */
void detail_parse_figures(struct detail_draft *draft, const char *file, const char *text);
/* A *.pressure file; `percent` is not touched. */
void detail_parse_pressure(const char *text, struct detail_pressure *ret);
/* io.stat, and then io.max, of which a device may have no line in io.stat. Names are not filled in. */
void detail_parse_io_stat(struct detail_draft *draft, const char *text);
void detail_parse_io_max(struct detail_draft *draft, const char *text);
/* io.max of a group and then of those above it, one after the other. */
void detail_parse_bounds(struct detail_draft *draft, const char *text, const char *path);
/* /proc/PID/stat and status. False: it is no such text. */
bool detail_parse_stat(const char *text, struct detail_process *process, char comm[32]);
void detail_parse_status(const char *text, struct detail_process *process);
/* /proc/PID/uid_map and gid_map. */
void detail_parse_map(struct detail_list *map, const char *text);
/* /proc/PID/net/dev: links without index, address and state. */
void detail_parse_net_dev(struct detail_draft *draft, const char *text);
/* The name of a block device in /proc/diskstats; false: it is not there. */
bool detail_parse_diskstats(const char *text, unsigned major, unsigned minor, char *to, size_t size);

/* Whether a figure counts up (events), or is a size that comes and goes. */
bool detail_is_counter(const char *file, const char *key);

#endif
