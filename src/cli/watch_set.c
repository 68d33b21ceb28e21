/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/watch.h"
#include "cli/watch_find.h"
#include "monitor/monitor.h"

/* The first one is there as soon as the tree has been read. The caller frees. */
static struct snapshot *first_snapshot(struct monitor *monitor)
{
    struct pollfd fd = {.fd = monitor_fd(monitor), .events = POLLIN};
    struct snapshot *snapshot = NULL;
    while (!snapshot && (poll(&fd, 1, -1) >= 0 || errno == EINTR))
        snapshot = monitor_take(monitor);
    return snapshot;
}

/* Whose it is, and where what is set is written to. A manager that is not asked has its own idea of it still.
 */
static void say_whose(const char *word, const struct snapshot *snapshot, const struct sample *row)
{
    const struct identity *identity = row->identity;
    const char *manager = identity ? manager_name(identity->manager) : NULL;
    const char *kind = identity ? identity_kind_name(identity->kind) : NULL;
    fputs("boxtop: set ", stderr);
    output_printable(word, stderr);
    fputs(": ", stderr);
    if (manager)
        fprintf(stderr, "%s's %s, ", manager, kind ? kind : "group");
    output_printable(snapshot->cgroupfs.mount, stderr);
    output_printable(row->path, stderr);
    if (manager && identity->manager != MANAGER_SYSTEMD && identity->manager != MANAGER_BOXTOP)
        fprintf(stderr, " (%s is not told: what it starts anew has its own limits again)", manager);
    fputc('\n', stderr);
}

/* Finds the group that is called so, and keeps its path. */
static int find(const char *word, struct wanted *ret, struct err *err)
{
    struct monitor *monitor;
    int rc = find_word_past(word, ret, err);
    if (rc < 0 || (rc = monitor_start(&(struct monitor_options){0}, &monitor, err)) < 0)
        return rc;
    struct snapshot *snapshot = first_snapshot(monitor);
    rc = snapshot ? find_path(snapshot, ret, true, err) : err_errno(err, "wait for a sample");
    if (rc >= 0)
        say_whose(word, snapshot, &snapshot->rows[rc]);
    snapshot_free(snapshot);
    monitor_restore_limits(monitor, getpid());
    monitor_stop(monitor);
    return rc;
}

int watch_set(int argc, char **argv)
{
    struct wanted wanted;
    struct err err;
    if (argc < 2)
        return STATUS_USAGE;
    if (find(argv[1], &wanted, &err) < 0) {
        err_prefix(&err, "set");
        return command_failed(&err);
    }
    argv[1] = wanted.cgroup;
    return command_again(argv - 1);
}
