/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The one channel between the keeper and the container's first process while it is set up: a SOCK_SEQPACKET
 * pair, closed on exec. Each message is a tag, maybe an error, maybe one descriptor. End of file means that
 * the other side is gone, or, for the keeper after SYNC_EXEC, that the command was executed.
 */
#ifndef BOXTOP_CORE_SYNC_H
#define BOXTOP_CORE_SYNC_H

#include <stddef.h>

#include "base/err.h"

enum sync_tag {
    SYNC_MAPPED = 1, /* keeper -> stage: id maps are written; may carry the id-mapped root mount */
    SYNC_MOUNT,      /* keeper -> stage: the next of the mounts with other owners */
    SYNC_MOUNTED,    /* stage -> keeper: your hooks may run now */
    SYNC_HOOKED,     /* keeper -> stage: they have */
    SYNC_LINKED,     /* keeper -> stage: eth0 is in your namespace */
    SYNC_READY,      /* stage -> keeper: all is set up but the last exec; may carry the pty's master */
    SYNC_EXEC,       /* keeper -> stage: you are recorded, go */
    SYNC_FAILED,     /* stage -> keeper: the error and the exit status that goes with it */
};

/* A connected pair: the keeper's end, the stage's end. */
int sync_pair(int ret_fds[2], struct err *err);
/* fd -1: none. */
int sync_send(int sock, enum sync_tag tag, int fd, struct err *err);
/* SYNC_READY, with the `size` bytes at `more` (how long the steps took). */
int sync_send_ready(int sock, int fd, const void *more, size_t size, struct err *err);
void sync_fail(int sock, const struct err *failure, int exit_status);
/* Waits for `tag`. 0; a negative errno with the other side's error in *err (and its *ret_exit_status, 125 if
 * it just went away); ret_fd and ret_exit_status may be NULL. */
int sync_wait(int sock, enum sync_tag tag, int *ret_fd, int *ret_exit_status, struct err *err);
/* The same for SYNC_READY. */
int sync_wait_ready(int sock, int *ret_fd, void *more, size_t size, int *ret_exit_status, struct err *err);
/* Waits for the end of file that tells that the command was executed. As sync_wait(). */
int sync_wait_exec(int sock, int *ret_exit_status, struct err *err);

#endif
