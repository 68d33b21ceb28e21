/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/undo.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/cgroup.h"
#include "core/network.h"
#include "core/proc.h"
#include "core/sys.h"

/* How long a first process may take to die once it was killed; as long as cgroup_remove() waits. */
#define DEATH_TIMEOUT_MS 10000

/* Without a cgroup the first process is all there is to hold on to: with it its pid namespace ends. */
static int end_first_process(const struct container *c, struct err *err)
{
    cleanup_close int pidfd = proc_open(c->pid, c->pid_start);
    if (pidfd < 0)
        return 0;
    sys_pidfd_send_signal(pidfd, SIGKILL);
    int rc = proc_wait_pidfd(pidfd, DEATH_TIMEOUT_MS);
    return rc < 0 ? err_set(err, -rc, "end the first process of container %s: %s", c->name, strerror(-rc))
                  : 0;
}

int undo_resources(struct store *store, const struct container *c, struct err *err)
{
    int rc = 0;
    if (c->cgroup[0])
        rc = cgroup_remove(c->cgroup_mount, c->cgroup, c->id, err);
    else if (c->pid > 0 && c->state != CONTAINER_EXITED)
        rc = end_first_process(c, err);
    return rc < 0 ? rc : network_undo(store, c, err);
}
