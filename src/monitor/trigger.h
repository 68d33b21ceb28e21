/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Triggers on a group's pressure: the kernel wakes us when its tasks, or those below it, begin to wait for
 * CPU, memory or io. Each costs a descriptor, and some 20 ms when it is closed (the kernel waits for its
 * readers to be done): so they are one group's, and stay. The monitor's thread only.
 */
#ifndef BOXTOP_MONITOR_TRIGGER_H
#define BOXTOP_MONITOR_TRIGGER_H

#include <stdbool.h>
#include <stdint.h>

#define TRIGGERS 3
struct triggers {
    int fd[TRIGGERS]; /* to be polled for EPOLLPRI alone; -1: there is none */
    uint64_t fired_ns[TRIGGERS];
};

/* None: what is zeroed is not. */
void triggers_init(struct triggers *triggers);
/* All there are, of the group with that directory: how many. Where the kernel allows none (no PSI, no right
 * to write) there are none, and nothing is done. Windows are half a second with CAP_SYS_RESOURCE, else 2 s.
 */
unsigned triggers_open(struct triggers *triggers, const char *directory);
void triggers_close(struct triggers *triggers);
/* Which one the descriptor is, or -1. */
int triggers_find(const struct triggers *triggers, int fd);
/* It has fired at that time. True if that is news: pressure that goes on is seen by samples. */
bool triggers_fired(struct triggers *triggers, int which, uint64_t now_ns);
/* The group is gone: an open one would never be silent again. */
void triggers_drop(struct triggers *triggers, int which);
unsigned triggers_count(const struct triggers *triggers);

#endif
