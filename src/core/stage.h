/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The container's first process, from clone to exec: walks the plan's steps inside. Until the exec it is
 * boxtop's own code with the host's root still in reach, so it is not dumpable, and resolves every target
 * below the new root by descriptor (openat2, RESOLVE_IN_ROOT).
 */
#ifndef BOXTOP_CORE_STAGE_H
#define BOXTOP_CORE_STAGE_H

#include <stdbool.h>

#include "base/err.h"
#include "core/plan.h"
#include "core/spec.h"
#include "core/stopwatch.h"
#include "core/user.h"

/* Where a command without a slash is looked for, unless -e PATH=... says otherwise. */
#define STAGE_DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct stage {
    const struct plan *plan;
    const struct spec *spec;
    const struct stopwatch *stopwatch;
    const struct container *container;
    int sock;               /* its end of the channel to the keeper */
    int layer;              /* the layer that is kept, as a mount; -1: by its path, or none is */
    int stdio[3];           /* what becomes 0, 1, 2; replaced by the terminal's slave with -t */
    bool user_ns;           /* wait for the id maps first */
    int hosts;              /* the containers' common /etc/hosts, a detached mount; -1: none */
    bool has_device_filter; /* holds on its cgroup */
    /* its own: */
    int root_mount;                       /* the root, id-mapped by the keeper; -1: none */
    int root, proc, sys, dev, pts, empty; /* mounts, by descriptor; -1: not yet */
    int master;                           /* the terminal's; handed to the keeper */
    struct user user;                     /* STEP_USER's; home NULL: root's */
};

/* Never returns: executes the command, or tells the keeper why not. */
__attribute__((noreturn)) void stage_main(struct stage *stage);

/* What the last part has in common with exec: environment, standard descriptors, session, signals,
 * descriptors closed, execve by PATH. Returns only on failure, with the exit status (126, 127) in
 * *ret_exit_status. */
int stage_exec(const struct spec *spec, char *const *command, char *const *env, const int stdio[3], bool tty,
               int *ret_exit_status, struct err *err);
/* The environment of a container: defaults, then the spec's, then `more` (NULL: none). `home` NULL: root's.
 * The caller's to free. */
char **stage_environment(const struct spec *spec, const char *home, bool tty, char *const *more);
/* A pseudo terminal from the devpts mounted at pts_fd: its master and its slave. */
int stage_open_pty(int pts_fd, int *ret_master, int *ret_slave, struct err *err);

#endif
