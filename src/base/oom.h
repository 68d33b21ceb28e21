/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The evidence of an OOM kill: whose limit was hit, who was killed, and what filled the memory. A plain
 * value; what is not known is VALUE_ABSENT or an empty text.
 */
#ifndef BOXTOP_BASE_OOM_H
#define BOXTOP_BASE_OOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/words.h"

enum oom_limit {
    OOM_LIMIT_UNKNOWN,
    OOM_LIMIT_GROUP,   /* memory.max of `limit_cgroup` */
    OOM_LIMIT_MACHINE, /* the machine's memory was used up */
    OOM_LIMIT_NODES,   /* that of the memory nodes which a cpuset or a policy allows */
    OOM_LIMIT_COUNT
};

/* Where the evidence comes from, and if it is not whole, why. */
enum oom_source {
    OOM_SOURCE_REPORT,   /* the kernel's whole report */
    OOM_SOURCE_LINE,     /* its line about the victim: reports are rate-limited (10 in 5 s) */
    OOM_SOURCE_UNHEARD,  /* counters: no line about it came in time, or it can't be said which */
    OOM_SOURCE_OVERRUN,  /* counters: lines of the kernel's log were overwritten before they were read */
    OOM_SOURCE_NO_RIGHT, /* counters: the kernel's log may not be read (CAP_SYSLOG) */
    OOM_SOURCE_COUNT
};

#define OOM_COMM_SIZE 16
struct oom_victim {
    uint64_t pid, uid;                                      /* the host's */
    char comm[OOM_COMM_SIZE];                               /* raw */
    uint64_t vm_bytes, anon_bytes, file_bytes, shmem_bytes; /* virtual size; what was resident of it */
    int32_t score_adj;                                      /* oom_score_adj; INT32_MIN: not known */
};

/* What a group's memory was filled with, in bytes; `file` includes `shmem`, as in memory.stat. */
struct oom_filling {
    uint64_t anon, file, kernel, shmem;
};

#define OOM_VICTIMS      8
#define OOM_PATH_SIZE    256
#define OOM_VERDICT_SIZE 200
struct oom {
    uint64_t incident; /* the same in all that were killed by one decision of the kernel; 0: not known */
    enum oom_source source;
    enum oom_limit limit;
    char limit_cgroup[OOM_PATH_SIZE];
    char victim_cgroup[OOM_PATH_SIZE]; /* if it is none of the monitor's groups: the kernel's path */
    char invoker[OOM_COMM_SIZE];       /* who asked for the memory, or lowered the limit */
    /* Of the group whose limit was hit, at that moment. */
    uint64_t usage_bytes, limit_bytes, swap_bytes;
    struct oom_filling filling;
    bool filling_of_victim; /* the filling is the victim's group's, of just before, and not the limit's */
    /* Of the victim's group, when it was looked at last before; max may be VALUE_MAX. */
    uint64_t before_current, before_max, before_swap, before_ns /* monotonic; 0: never */;
    char verdict[OOM_VERDICT_SIZE]; /* what was to be said of it then (verdict.h); fit for a terminal */
    bool group;                     /* memory.oom.group: all of the group were killed with the first */
    size_t victim_count;            /* different ones, not all of them in `victims` */
    struct oom_victim victims[OOM_VICTIMS]; /* the first is the one that was chosen */
};

/* What there is of it by name, for events, records and people: one list. */
enum oom_form { OOM_FORM_TEXT, OOM_FORM_BYTES, OOM_FORM_ID };
struct oom_key {
    const char *key; /* "oom/...": a step down at each slash */
    enum oom_form form;
    bool brief;          /* also in the one line for people */
    size_t offset, size; /* of a uint64_t, or of the text */
    const char *help;
};
#define OOM_KEYS        14
#define OOM_VICTIM_KEYS 7
extern const struct oom_key oom_keys[OOM_KEYS], oom_victim_keys[OOM_VICTIM_KEYS];

/* Everything unknown. */
void oom_unknown(struct oom *oom);
/* "own", "ancestor", ... is the caller's to say: this is "group", "machine", "nodes", "unknown". */
const char *oom_limit_name(enum oom_limit limit);
enum oom_limit oom_limit_by_name(const char *name); /* OOM_LIMIT_UNKNOWN for NULL and all others */
/* "report", "line", "unheard", "overrun", "no-right". */
const char *oom_source_name(enum oom_source source);
enum oom_source oom_source_by_name(const char *name); /* OOM_SOURCE_UNHEARD for NULL and all others */
/* Why the evidence is not whole, in words (marked for the catalogues); NULL: it is. */
const char *oom_source_why(enum oom_source source);
/* A copy, the caller's to free(). NULL gives NULL. */
struct oom *oom_dup(const struct oom *oom);
/* The kill of `kills` in `cgroup` in words, fit for a terminal: "hog (pid 161, 60.9M) at the limit of /H,
 * 60M". As `words` say it; NULL: in English. */
void oom_kill_text(const struct oom *oom, const char *cgroup, uint64_t kills, words_fn *words, char *to,
                   size_t size);
/* Resident bytes of a victim; VALUE_ABSENT if not known. */
uint64_t oom_rss(const struct oom_victim *victim);
/* Fills what `text` (of memory.stat, or of a report: "anon 4096\nfile ...") says; the rest stays. Pure. */
void oom_parse_filling(const char *text, struct oom_filling *to);

#endif
