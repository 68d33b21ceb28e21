/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where cgroup v2 is on this machine, and what it has. Found in /proc/self/mountinfo: on hybrid hosts it is
 * not at /sys/fs/cgroup. Absence is not an error here: callers show what there is and say what is missing.
 */
#ifndef BOXTOP_BASE_CGROUPFS_H
#define BOXTOP_BASE_CGROUPFS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/words.h"

enum controller {
    CONTROLLER_CPU,
    CONTROLLER_CPUSET,
    CONTROLLER_MEMORY,
    CONTROLLER_IO,
    CONTROLLER_PIDS,
    CONTROLLER_HUGETLB,
    CONTROLLER_COUNT
};
extern const char *const controller_names[CONTROLLER_COUNT];

enum cgroup_layout {
    CGROUP_LAYOUT_NONE,    /* no cgroup2 mount at all */
    CGROUP_LAYOUT_HYBRID,  /* cgroup2 beside v1, which holds some controllers */
    CGROUP_LAYOUT_UNIFIED, /* all of it v2 */
};

struct cgroupfs {
    enum cgroup_layout layout;
    char mount[256];      /* "/sys/fs/cgroup"; empty if there is none */
    unsigned controllers; /* bits 1 << CONTROLLER_x, available at the root of that mount */
    /* Where the program's own cgroups stand, from the mount; "": not known. Below a group that systemd has
     * delegated, or not. Both for who makes cgroups to fill in (core/unit.h). */
    char base[232];
    bool delegated;
};

/* Fills *ret. Never fails: what can't be found is absent. `mountinfo` and `root` are for tests; NULL means
 * the real ones ("/proc/self/mountinfo", ""). */
void cgroupfs_find(struct cgroupfs *ret, const char *mountinfo, const char *root);
/* Mask of the controllers named in a cgroup.controllers text. Pure. */
unsigned cgroupfs_parse_controllers(const char *text);
/* One line for people: "cgroup v2", "cgroup v2 without cpu, memory, pids (on v1)", ... As
 * `words` say it; NULL: in English. */
void cgroupfs_describe(const struct cgroupfs *fs, words_fn *words, char *to, unsigned long size);
/* Fails with the line and the hint that fit why `controller` can't be used; -ENOTSUP. */
int cgroupfs_missing(const struct cgroupfs *fs, enum controller controller, struct err *err);
/* The cgroup of process `pid` (0: self) on v2 ("/user.slice/..."), relative to the mount. 0 or -errno. */
int cgroupfs_of_pid(int pid, char *to, unsigned long size);

#endif
