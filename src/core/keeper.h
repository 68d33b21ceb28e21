/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The process that stays with one container: launches it, relays and logs what it says, records how it ended,
 * and takes down what was put up. In the foreground it is `boxtop run` itself. Single-threaded; at rest it
 * sleeps in one poll().
 */
#ifndef BOXTOP_CORE_KEEPER_H
#define BOXTOP_CORE_KEEPER_H

#include "base/cgroupfs.h"
#include "base/err.h"
#include "core/spec.h"
#include "core/store.h"

/* What keeper_run() writes to the pipe of who waits for the launch, once. */
struct keeper_report {
    int exit_status;
    struct err err;   /* code 0: the command has been executed */
    char notes[1024]; /* lines for store->say */
};

/* Keeps one container from launch to end, and through as many lives as its restart policy gives it. `again`:
 * the record is there, its container at rest. `ready`: that pipe, or -1; it is closed here. Returns the exit
 * status as container_run(). */
int keeper_run(struct store *store, struct spec *spec, struct cgroupfs *fs, bool again, int ready,
               struct err *err);

/* Forks a keeper that outlives the caller, and waits until the command has been executed. */
int keeper_detach(struct store *store, struct spec *spec, struct cgroupfs *fs, bool again, struct err *err);

#endif
