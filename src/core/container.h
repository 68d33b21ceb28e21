/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What can be done with a container: the life cycle over plan, keeper and store. Functions act on the
 * container NAME of a store, wait where they say so, and leave nothing half made. Single-threaded callers
 * only.
 */
#ifndef BOXTOP_CORE_CONTAINER_H
#define BOXTOP_CORE_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "core/knob.h"
#include "core/spec.h"
#include "core/stopwatch.h"
#include "core/store.h"

/* Launches. In the foreground this process becomes the keeper, relays the terminal, and returns when the
 * container has ended; detached it returns when the command has been executed. Returns the exit status for
 * `boxtop run` (the command's own, 128+N, 125, 126, 127; with 125..127 `err` says why if err->code is set).
 */
int container_run(struct store *store, struct spec *spec, struct err *err);

/* Makes its record, and nothing else. */
int container_create(struct store *store, struct spec *spec, struct err *err);
/* Launches one that has ended or was created, detached, with its name, spec and log. 0 also if it runs. */
int container_start(struct store *store, const char *name, struct err *err);
/* Stops it, if it runs, as container_stop() does, and starts it. */
int container_restart(struct store *store, const char *name, int timeout_ms, struct err *err);

struct exec_options {
    bool interactive, tty;
    const char *workdir; /* NULL: the container's */
    const char *user;    /* USER[:GROUP]; NULL: the container's */
    char *const *env;    /* more "KEY=VALUE"s; NULL: none */
};
/* Runs a command inside a running container: all its namespaces, its cgroup, its capabilities and filter.
 * Returns as container_run(). Refuses a paused one. */
int container_exec(struct store *store, const char *name, char *const *command,
                   const struct exec_options *options, struct err *err);

/* Shows what it says from now on, until it ends (*ret_status: as container_wait(); 0 if it is not known any
 * more) or ctrl-p ctrl-q is typed (0). `input`: what is typed goes to it. `err` has to be empty. */
int container_attach(struct store *store, const char *name, bool input, int *ret_status, struct err *err);

/* Signals the first process, by pidfd with its start time compared. */
int container_kill(struct store *store, const char *name, int signal, struct err *err);
/* The container's stop signal, then after timeout_ms cgroup.kill; waits until the keeper has taken everything
 * down. 0 also if it had ended already. CONTAINER_STOP_TIMEOUT: what the container was run with. */
#define CONTAINER_STOP_TIMEOUT (-1)
int container_stop(struct store *store, const char *name, int timeout_ms, struct err *err);
/* cgroup.freeze, and waits until cgroup.events says so. */
int container_pause(struct store *store, const char *name, bool pause, struct err *err);
/* Waits for its end; *ret_status as in container_run(). */
int container_wait(struct store *store, const char *name, int *ret_status, struct err *err);
/* Removes the record; a running one is refused unless `force`, which kills it first. */
int container_remove(struct store *store, const char *name, bool force, struct err *err);

/* A running (or paused) container's files, to be looked at by a process that joins them. */
struct container_files {
    int pidfd;      /* of its first process; the caller's to close */
    bool own_users; /* it has a user namespace of its own */
};
int container_find_files(struct store *store, const char *name, struct container_files *ret, struct err *err);
/* Joins its mount and user namespaces, as its root: from then on this process executes nothing, and calls
 * nothing that loads code or looks up names in files. */
int container_join_files(const struct container_files *files, struct err *err);

/* A descriptor of the cgroup that NAME means: a container's name, or a cgroup's path from the mount
 * ("/boxtop/web") or in the file system ("/sys/fs/cgroup/..."). ret_path: from the mount, 300 bytes. */
int container_open_cgroup(struct store *store, const char *name, int *ret_fd, char *ret_path,
                          struct err *err);

/* How it was made: the plan of a validated spec as shell lines, close enough to run by hand. `container` says
 * the names that were really used (NULL: those that would be). Limits of the spec that nobody asked for and
 * that this machine has no controller for are dropped, as a launch does. */
void container_explain(struct spec *spec, const struct container *container, struct str *to);
/* The same one by one, in the order in which they are done, neighbours of one kind together. `record`: the
 * container's directory, which has how long they took; -1: none. */
struct container_step {
    const char *name, *sentence, *call, *shell; /* call: "sethostname(2)"; shell: its lines */
    bool inside;                                /* done by the first process, in its namespaces */
    uint64_t ns;                                /* STOPWATCH_UNKNOWN: not known */
};
void container_steps(struct spec *spec, const struct container *container, int record,
                     void (*each)(void *data, const struct container_step *step), void *data);

#endif
