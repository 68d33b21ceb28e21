/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads a detail: one function for each part of it, each in a file of its own. The monitor's thread only.
 */
#ifndef BOXTOP_MONITOR_DETAIL_READ_H
#define BOXTOP_MONITOR_DETAIL_READ_H

#include "monitor/detail_draft.h"
#include "monitor/detail_files.h"
#include "monitor/engines.h"
#include "monitor/netns.h"
#include "monitor/tree.h"

/* What is kept between two readings. */
struct detail_reader {
    const struct engines *engines; /* for the names of users */
    struct fdpool *pool;           /* of the groups' files */
    struct detail_files files;
    struct netns_list netns;
    int proc_fd;                           /* /proc; -1: there is none */
    uint64_t host[DETAIL_NAMESPACE_COUNT]; /* the monitor's own namespaces */
    unsigned turn;                         /* counts samples */
    unsigned looks_left; /* how many other groups' namespaces may still be read in this sample */
    struct {
        uid_t uid;
        char name[32];
    } user; /* the last one that was asked for */
};

/* A reading in the making. */
struct detail_job {
    struct detail_reader *reader;
    struct group *group;
    struct group *root; /* of the whole tree */
    struct detail_draft *draft;
    const struct detail *before; /* the last one, NULL: none */
    double seconds;              /* since that; NAN: rates are not known */
};

void detail_reader_init(struct detail_reader *reader, const struct engines *engines, struct fdpool *pool);
void detail_reader_fini(struct detail_reader *reader);
/* Before the first detail_read() of a sample. */
void detail_reader_sample(struct detail_reader *reader);
/* Reads parts of the group (enum detail_part) and puts the result in its `detail`. */
void detail_read(struct detail_reader *reader, struct group *root, struct group *group, unsigned wanted);

void detail_read_figures(struct detail_job *job);
void detail_read_io(struct detail_job *job);
void detail_read_net(struct detail_job *job);
void detail_read_ways(struct detail_job *job);
void detail_read_processes(struct detail_job *job);
void detail_read_namespaces(struct detail_job *job);

/* What all of them use. */

/* A process in this very group; 0: none that is seen from here. */
pid_t detail_own_pid(const struct detail_reader *reader, struct group *group);
/* A process in the group or below it; 0: none that is seen from here. */
pid_t detail_first_pid(const struct detail_reader *reader, struct group *group);
/* Reads a file of a process, what fits of it; the length, or negative. */
ssize_t detail_read_proc(const struct detail_reader *reader, pid_t pid, const char *name, char *to,
                         size_t size);
/* The inode of a namespace of a process ("net"); 0: hidden. */
uint64_t detail_namespace_of(const struct detail_reader *reader, pid_t pid, const char *type);
/* By how much a counter grew per second; NAN where that can't be said. */
double detail_rate(const struct detail_job *job, uint64_t before, uint64_t now);
/* The types in their order. */
extern const char *const detail_namespace_types[DETAIL_NAMESPACE_COUNT];

#endif
