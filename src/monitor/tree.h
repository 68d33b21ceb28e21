/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The cgroups there are below a root: what appeared, stayed and vanished, told apart by the inode of the
 * directory. One inotify watch on each directory says when to look again; where there are no watches left,
 * the directory is read at each refresh. The monitor's thread only.
 */
#ifndef BOXTOP_MONITOR_TREE_H
#define BOXTOP_MONITOR_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/brink.h"
#include "monitor/cgread.h"
#include "monitor/notice.h"

/* What was last read of the namespaces of a group's first process. */
struct group_namespaces {
    uint64_t read_ns;
    uint64_t inode[DETAIL_NAMESPACE_COUNT]; /* 0: hidden, or there is no process */
};

/* What of a group's counters its children, as they were last read, do not explain: its own processes, and
 * children that are no more. When it grows, there is a child that is to be read. */
struct load {
    int64_t usage_usec, memory; /* bytes; what is absent is 0 */
};
struct rest {
    bool known;
    struct load own;
};

struct group {
    /* what is asked of each of ten thousand, each time, is in one cache line */
    struct group *parent, *child, *sibling; /* first child; next sibling; siblings sorted by name */
    int row;                                /* in the snapshots of this shape of the tree; -1: in none yet */
    unsigned parts;                         /* enum detail_part: what is looked at */
    bool look;                              /* its children may have changed */
    uint8_t calm;                           /* how many samples in a row found nothing changed */
    int wd;                                 /* its watch, -1: none */
    bool deaf;                              /* a file that would report is not held open: it is to be read */
    bool pressed;        /* an average of pressure is not 0: they sink without anything happening */
    uint8_t net_settled; /* how many looks in a row found its processes in the monitor's own network */
    int record;          /* where the iterator had it last (cgiter.h) */
    uint64_t id;
    uint64_t name_ns;        /* when its engine is asked for its name */
    const char *path, *name; /* path from the mount, the end of file_path; name: its last part */
    int depth;
    uint32_t stale;        /* bit 1 << file: reported as changed, not read yet */
    struct group *wd_next; /* in the same bucket */
    struct cgread files;
    struct figures *figures; /* as last read; to be written they are the group's own: group_write() */
    struct figures *rated;   /* as of when rates were computed; NULL: never */
    uint64_t rated_ns;       /* and when that was */
    uint64_t procs;
    uint64_t host_oom_kill; /* of the machine's root cgroup, which has no memory.events: the machine's own */
    uint64_t probe_ns;      /* when to try its absent files again */
    const struct identity *identity;     /* a reference; NULL: nothing is known */
    uint64_t name_gap_ns;                /* after name_ns, when its engine is asked again */
    const struct detail *detail;         /* likewise; NULL: nobody looks at it */
    struct group_namespaces *namespaces; /* NULL: nobody asked */
    struct told told;
    struct brink *brink; /* NULL: it was never at its limit */
    struct load below;   /* of all its children, as they were last read */
    struct rest rest;
    char file_path[]; /* in the file system */
};

#define TREE_BUCKETS 4096
struct tree {
    char mount[256];
    char *root_path; /* from the mount */
    struct group *root;
    struct fdpool pool;
    int inotify_fd;          /* -1: there is none to be had */
    size_t count, unwatched; /* groups; those without a watch */
    bool look;               /* of some group */
    uint64_t shape;          /* counts up whenever a group comes or goes */
    /* Of the snapshots (assemble.h): */
    uint64_t serial;       /* the next one's */
    uint64_t numbered;     /* the shape that rows are numbered for */
    struct group **by_row; /* the group of each row */
    uint64_t *touched;     /* of each row, the serial of the snapshot that it was last changed in */
    struct group **by_wd;  /* TREE_BUCKETS lists: watches are numbered one by one, and few buckets are used */
    /* Called when a group has come (parents first) and before one goes (children first). */
    void (*appeared)(void *context, struct group *group);
    void (*vanished)(void *context, struct group *group);
    void *context;
};

/* Prepares; nothing is looked at yet. The callbacks are the caller's to set. */
void tree_init(struct tree *tree, const char *mount, const char *root_path);
void tree_fini(struct tree *tree); /* tells nobody */
enum tree_scope {
    TREE_REPORTED, /* the directories of which a change was reported */
    TREE_DUE,      /* and those that nobody reports on */
    TREE_ALL
};
/* Looks at directories again. True if a group came or went. */
bool tree_refresh(struct tree *tree, enum tree_scope scope);
/* A change of the group's directory was reported: it is in the next refresh, whatever its scope. */
void tree_report(struct tree *tree, struct group *group);
/* The group with that watch, or NULL. */
struct group *tree_by_wd(const struct tree *tree, int wd);
/* Its counters, to be read into. */
struct counters *group_write(struct group *group);
/* Reads into a group's counters go between these two, so that its parent knows what is below it. */
struct load load_of(const struct counters *counters);
void tree_load(struct group *group, const struct load *before);
/* The group of that path (from the mount), or the deepest there is above it; NULL: not even a root. */
struct group *tree_find(const struct tree *tree, const char *path, bool *ret_exact);
/* What is known of the group has changed: its row in the next snapshot is another. */
void tree_touch(struct tree *tree, const struct group *group);
/* The group after `group` in tree order, NULL after the last. */
struct group *tree_next(const struct group *group);
/* The same without those below `group`. */
struct group *tree_after(const struct group *group);

#endif
