/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/undo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/cgroup.h"
#include "core/net.h"
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

/* The lease is taken after the record was made: a keeper that died in between has not written down which. */
static void release_leases(struct store *store, const struct container *c)
{
    char owner[SPEC_NAME_SIZE + 24];
    snprintf(owner, sizeof owner, "%s %s", c->name, c->id);
    if (c->lease[0]) {
        net_release(store->fd, c->lease, owner);
        return;
    }
    int fd = openat(store->fd, NET_LEASES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleanup_dir DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            net_release(store->fd, entry->d_name, owner);
}

int undo_resources(struct store *store, const struct container *c, struct err *err)
{
    char alias[SPEC_NAME_SIZE + 40];
    int rc = 0;
    snprintf(alias, sizeof alias, "boxtop:%s:%s", c->name, c->id);
    if (c->cgroup[0])
        rc = cgroup_remove(c->cgroup_mount, c->cgroup, c->id, err);
    else if (c->pid > 0 && c->state != CONTAINER_EXITED)
        rc = end_first_process(c, err);
    /* The link goes with its namespace, but tens of milliseconds later, in a kernel worker. */
    if (rc == 0 && c->host_link[0])
        rc = net_link_delete(c->host_link, alias, err);
    if (rc == 0 && strcmp(c->network, "private") == 0)
        release_leases(store, c);
    return rc;
}
