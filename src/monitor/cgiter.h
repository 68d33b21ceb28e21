/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The second way to read counters: the kernel's own cgroup iterator, which walks the whole tree in one go and
 * has a BPF program write down what it sees (a thirtieth of reading files). The program is loaded by
 * boxtop-iter, which hands over descriptors and ends; until it has, and where it can't, there are the files.
 * The monitor's thread only; nothing here waits.
 */
#ifndef BOXTOP_MONITOR_CGITER_H
#define BOXTOP_MONITOR_CGITER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "monitor/iterrecord.h"
#include "monitor/snapshot.h"

enum cgiter_state { CGITER_OFF, CGITER_STARTING, CGITER_READY, CGITER_FAILED };

struct cgiter {
    enum cgiter_state state;
    pid_t pid;   /* of boxtop-iter, until it has ended; 0: none */
    int socket;  /* to it */
    int link_fd; /* makes iterators */
    size_t capacity, count;
    const struct iterrecord *records; /* of the last walk, in the kernel's order */
    int *index;                       /* by id: a hash table; made when it is asked for */
    size_t index_size;
    bool indexed;
    uint64_t time_ns; /* monotonic, of the last walk */
};

void cgiter_init(struct cgiter *iter);
void cgiter_fini(struct cgiter *iter);
/* Begins to load what walks below the directory, with room for that many groups and more to come; again, if
 * the room is too small by now. `program`: the path of boxtop-iter. */
void cgiter_want(struct cgiter *iter, const char *program, int dir_fd, size_t groups);
/* Walks. False: it can't (yet). */
bool cgiter_walk(struct cgiter *iter);
/* What the walk says of a group; NULL: nothing. *hint is the caller's to keep for the group, first 0. */
const struct iterrecord *cgiter_find(struct cgiter *iter, uint64_t id, int *hint);
/* It says what the last one said. */
bool cgiter_is_same(const struct iterrecord *record);
/* Puts figures where there are some: what is absent stays so. But pressure. */
void cgiter_fill(const struct iterrecord *record, struct counters *to);
/* Which pressure files know more, a bit 1 << enum cgfile each. Of the others pressure is as it was, and
 * averages have come to 0, which is put. */
uint32_t cgiter_pressed(const struct iterrecord *record, struct counters *to);

#endif
