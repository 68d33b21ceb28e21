/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop's own cgroups, as directories of the cgroup2 file system. Paths are from the mount ("/boxtop/web").
 * Kernel facts: Documentation/admin-guide/cgroup-v2.rst.
 */
#ifndef BOXTOP_CORE_CGROUP_H
#define BOXTOP_CORE_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cgroupfs.h"
#include "base/err.h"

#define CGROUP_BASE "/boxtop"

/* Makes the directory that all containers' cgroups stand in, below the cgroup `parent` (called `where`), with
 * what holds for all of them: controllers, device filter. */
int cgroup_make_base(int parent, const char *where, int *ret_fd, struct err *err);
/* Makes `path` (one level below fs->base) with all available controllers enabled above it, and marks it as
 * the container's with this id (an extended attribute); *ret_fd is its directory. -EEXIST: somebody else has
 * it. */
int cgroup_make(struct cgroupfs *fs, const char *path, const char *id, int *ret_fd, struct err *err);
/* Opens an existing one. -ENOENT: there is none. */
int cgroup_open(const char *mount, const char *path, int *ret_fd, struct err *err);
/* SIGKILL to everything in it and below; 0 also if nothing was there. */
int cgroup_kill(int fd);
/* Waits until cgroup.events says `key` ("populated", "frozen") is `value`; -ETIMEDOUT. */
int cgroup_wait(int fd, const char *key, bool value, int timeout_ms);
/* cgroup.freeze, and waits until it is so. */
int cgroup_freeze(int fd, bool freeze, struct err *err);
/* Leaves a note, for its keeper, on why all that is in it is about to end; reads it ("": none). */
void cgroup_mark_end(int fd, const char *why);
void cgroup_end_mark(int fd, char *to, size_t size);
/* Kills what is in it, waits and removes it and what was made below it. 0 if it
 * is not there, or has the mark of another id; without a mark it is removed only if nothing is in it. */
int cgroup_remove(const char *mount, const char *path, const char *id, struct err *err);
/* The base, if no container stands in it. A keeper leaves it for the next: to enable controllers and load the
 * device filter anew costs as much as a launch. */
void cgroup_remove_base(const struct cgroupfs *fs);
/* A number of a flat keyed file ("memory.events", "oom_kill"); VALUE_ABSENT if it is not there. */
uint64_t cgroup_keyed(int fd, const char *file, const char *key);

#endif
