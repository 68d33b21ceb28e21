/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The machine's totals, from /proc: the root cgroup has no memory.current, and no limits. The monitor's
 * thread only.
 */
#ifndef BOXTOP_MONITOR_HOSTINFO_H
#define BOXTOP_MONITOR_HOSTINFO_H

#include "monitor/snapshot.h"

enum {
    HOSTFILE_STAT,
    HOSTFILE_MEMINFO,
    HOSTFILE_LOADAVG,
    HOSTFILE_VMSTAT,
    HOSTFILE_CPU_PRESSURE,
    HOSTFILE_MEMORY_PRESSURE,
    HOSTFILE_IO_PRESSURE,
    HOSTFILE_STATM,
    HOSTFILE_CPUS,
    HOSTFILE_COUNT
};

struct hostinfo {
    int fd[HOSTFILE_COUNT];
    uint64_t busy, total;             /* of /proc/stat, at the last reading */
    uint64_t self_cpu_ns, self_at_ns; /* of this process */
};

/* Which file that is. */
const char *hostinfo_path(int file);

void hostinfo_init(struct hostinfo *info);
void hostinfo_fini(struct hostinfo *info);
/* What can't be read is VALUE_ABSENT or NAN. */
void hostinfo_read(struct hostinfo *info, struct host *ret);
/* One of those figures alone. */
uint64_t hostinfo_oom_kills(const struct hostinfo *info);
/* What this process itself costs: its memory, and its CPU time since the last call (NAN at first). */
void hostinfo_self(struct hostinfo *info, uint64_t *ret_rss, double *ret_cpu_percent);

/* Pure, of the files' texts. */
void hostinfo_parse_stat(const char *text, uint64_t *ret_busy, uint64_t *ret_total);
/* The number behind `key` at the start of a line ("MemTotal:", "oom_kill"); VALUE_ABSENT if there is none. */
uint64_t hostinfo_parse_key(const char *text, const char *key);
uint64_t hostinfo_parse_load(const char *text);
/* How many CPUs a list of them names ("0-3,5"); 0 if it is none. */
unsigned hostinfo_parse_cpus(const char *text);

#endif
