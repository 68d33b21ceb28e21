/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's log, record by record, to OOM kills. Pure: it is fed with what read(2) of /dev/kmsg gives.
 * Nothing in it is trusted: command and group names are whatever their owners like, and whoever may write to
 * /dev/kmsg can write anything (but not as the kernel).
 *
 * One kill is, in 6.1, about 45 records, and 80 where each field of the statistics is a record (6.12):
 *   "hog invoked oom-killer: ..."            begins the report
 *   "memory: usage 61440kB, limit 61440kB"   of the group whose limit was hit
 *   "Memory cgroup stats for /H:", "anon 62496768\x0afile 61440..." (or a record each)
 *   "[    161]     0   161 ..."              the tasks there
 *   "oom-kill:constraint=CONSTRAINT_MEMCG,...,oom_memcg=/H,task_memcg=/H/x,task=hog,pid=161,uid=0"
 *   "Memory cgroup out of memory: Killed process 161 (hog) total-vm:104736kB, anon-rss:60936kB, ..."
 *   "Tasks in /H are going to be killed due to memory.oom.group set", and a "Killed process" for each
 * of which only the last two are never left out. Kills do not interleave (the kernel holds oom_lock).
 */
#ifndef BOXTOP_BASE_OOMLOG_H
#define BOXTOP_BASE_OOMLOG_H

#include "base/oom.h"

#define OOMLOG_TEXT 8192 /* a record is no longer */
#define OOMLOG_PIDS 1024

/* One process killed, as the kernel counts them: memory.oom.group tells of the first one twice. */
struct oom_line {
    struct oom oom;             /* with this one victim */
    char cgroup[OOM_PATH_SIZE]; /* its group, from the root of the hierarchy; empty: the log does not say */
    char scope[OOM_PATH_SIZE];  /* then: it is in this one or below; empty: anywhere */
};

struct oomlog {
    uint64_t seq, incidents;
    bool has_seq;
    uint64_t lost; /* records that were overwritten before they were read; the reader's to take */
    /* the report being read */
    struct oom report;
    bool open;        /* its kill is still to come */
    bool has_verdict; /* the "oom-kill:" line */
    uint64_t pid;     /* whom that names */
    char stats_path[OOM_PATH_SIZE], scope[OOM_PATH_SIZE];
    char victim[OOMLOG_TEXT];  /* of that line: "CGROUP,task=COMM", which the next line tells apart */
    char partial[OOMLOG_TEXT]; /* a line that goes on in the next record */
    uint32_t pids[OOMLOG_PIDS];
    size_t pid_count; /* tasks listed; more than OOMLOG_PIDS: not all of them in `pids` */
};

void oomlog_init(struct oomlog *log);
/* Takes the record of `len` bytes ("6,123,456,-;text"). True: a process was killed, *ret says which. */
bool oomlog_feed(struct oomlog *log, const char *record, size_t len, struct oom_line *ret);

#endif
