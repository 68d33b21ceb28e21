/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From what a group's files say now, and what was last told of them, to events: each change is told once,
 * whoever saw it first (the kernel's notification or the sample). The monitor's thread only.
 */
#ifndef BOXTOP_MONITOR_NOTICE_H
#define BOXTOP_MONITOR_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "monitor/cgparse.h"
#include "monitor/eventq.h"
#include "monitor/oomjoin.h"

struct group;
struct tree;

/* Where it is told. */
struct teller {
    struct eventq *queue;
    struct oomjoin *join; /* kills go through it */
    struct tree *tree;    /* whose groups they are */
};

/* A group that is no more, as evidence. */
struct ghost {
    struct event last; /* its id, path and memory; its evidence is the ghost's */
    uint64_t gone_ns;
};

#define TOLD_COUNTERS 6
#define TOLD_FLAGS    2
/* What is only of groups to which something has happened. */
struct told_counts {
    uint64_t counters[TOLD_COUNTERS], counters_ns[TOLD_COUNTERS];
    uint64_t oom_kill;       /* kills in and below it, as last known */
    uint64_t local_oom_kill; /* in it */
    uint64_t dead_oom_kill;  /* that of all those children that are no more */
    uint64_t looked_ns;      /* when it was looked for kills that are missing */
    uint64_t oom;            /* how often its limit ended in looking for a victim, */
    uint64_t oom_claimed;    /* how often as of the last kill, */
    uint64_t oom_ns;         /* and when that went up last */
    struct ghost *ghost;     /* the child that vanished last, its own; NULL: none */
};

/* What was last told of a group. All zero: nothing, as is right for a new one. There is one for each of ten
 * thousand groups. */
struct told {
    struct told_counts *counts;              /* NULL: all zero */
    uint32_t limit_hash[CGFILE_LIMIT_COUNT]; /* 0: the file was not there */
    uint32_t throttled_s;                    /* when it was last, monotonic; 0: never */
    bool has_local[TOLD_COUNTERS];           /* the local counter was a number once */
    bool flags[TOLD_FLAGS];
};

void told_fini(struct told *told);
/* Takes everything as told, in the whole tree: what was before the monitor came is not news. */
void notice_baseline(struct group *root);
void notice_appeared(const struct teller *to, const struct group *group);
/* Before the group goes. */
void notice_vanished(const struct teller *to, struct group *group);
/* After any of its events files were read. */
void notice_counters(const struct teller *to, struct group *group);
/* After a sample. */
void notice_throttled(const struct teller *to, struct group *group);
/* After a limit's file was read; NULL: it is not there. `quiet`: the group is new, its limits are no news. */
void notice_limit(const struct teller *to, struct group *group, enum cgfile file, const char *text,
                  bool quiet);
/* A kill in a group that was removed before the kernel reported it (which may take 10 ms) is missing in the
 * sum: the ancestors still count it. Told of the child that vanished last, or of the group itself. After its
 * memory.events and its children's were read. */
bool notice_misses(const struct group *group); /* there are some that may be lost */
void notice_lost_kills(const struct teller *to, struct group *group);
/* Kills in and below the group, as last known. */
uint64_t notice_kills(const struct group *group);

#endif
