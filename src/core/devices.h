/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which devices the processes of all containers may open: a BPF_CGROUP_DEVICE program on the cgroup that all
 * containers' cgroups stand in, loaded once for all of them (what hangs above applies below), so that a
 * launch pays one query. Docker's rule: any node may be made (CAP_MKNOD), only null, zero, full, random,
 * urandom, tty, console, ptmx and pseudo terminals may be opened.
 */
#ifndef BOXTOP_CORE_DEVICES_H
#define BOXTOP_CORE_DEVICES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/* Attaches the filter to the cgroup directory unless one is there. Without the right to (not root) nothing is
 * done: who can't load it can't make device nodes either. */
int devices_filter(int cgroup_fd, struct err *err);

enum { DEVICE_MKNOD = 1, DEVICE_READ = 2, DEVICE_WRITE = 4 }; /* the kernel's BPF_DEVCG_ACC_* */

struct device_rule {
    bool allow;
    char type;                      /* 'c', 'b', 'a': both */
    int major_number, minor_number; /* -1: any */
    unsigned access;                /* DEVICE_* */
};

#define DEVICES_RULES_MAX 400

/* A filter of one container's own, in place of that of all: of two rules for one device the later one holds;
 * docker's rule goes behind them. What no rule allows is refused. Without the right to nothing is done. */
int devices_filter_by(int cgroup_fd, const struct device_rule *rules, size_t count, struct err *err);
/* "deny a *:* rwm, allow c 10:200 rw". */
void devices_rules_text(const struct device_rule *rules, size_t count, struct str *to);

#endif
