/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The keeper's side of a launch: makes the record, walks the keeper's steps of the plan, clones the first
 * process into its cgroup and namespaces, and returns when the command has been executed. On failure
 * everything that was made is taken down again, a new record included; one that was there says what failed.
 */
#ifndef BOXTOP_CORE_LAUNCH_H
#define BOXTOP_CORE_LAUNCH_H

#include "base/cgroupfs.h"
#include "base/err.h"
#include "core/network.h"
#include "core/plan.h"
#include "core/session.h"
#include "core/spec.h"
#include "core/stopwatch.h"
#include "core/store.h"

struct launch {
    struct cgroupfs *fs; /* looked up once a launch */
    struct store *store;
    struct spec *spec;
    struct session *session;
    struct container container;
    struct network network;
    struct plan plan;
    struct stopwatch stopwatch;
    bool again;        /* the record is there already, with its spec */
    int dir, lock;     /* the record; the lock is held as long as it is open. -1: not opened yet */
    int cgroup, pidfd; /* -1: none */
    int layer;         /* the kept layer, as a mount for the first process to take; -1: none */
};

/* Fills the names a container of this spec would have: id, cgroup, mode of the network. No address. */
void launch_name(struct container *ret, const struct spec *spec, const struct cgroupfs *fs);
/* Drops limits that nobody asked for and whose controller is absent. */
void launch_drop_defaults(struct spec *spec, const struct cgroupfs *fs);
/* Checks what the spec asks for against what this machine and this user have; drops the absent defaults.
 * Finds the place for its cgroup (core/unit.h), without which it can go if no limit was asked for.
 * *ret_exit_status on failure: 125, or 127 (the command is not in the root). */
int launch_check(struct spec *spec, struct cgroupfs *fs, int *ret_exit_status, struct err *err);
/* Gives lines to store->say, if somebody listens. */
void launch_say(const struct store *store, const char *lines);
/* *ret_exit_status on failure: 125, 126, 127. */
int launch_start(struct launch *launch, int *ret_exit_status, struct err *err);
/* The bundle's last hooks, when everything is taken down; what fails is said and changes nothing. */
void launch_run_poststop(const struct launch *launch);
/* Lets go of what one launch has; the record stays for the next (set `again`). */
void launch_end(struct launch *launch);
void launch_free(struct launch *launch);

#endif
