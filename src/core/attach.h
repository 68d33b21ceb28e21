/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Others at a container's streams: attach.sock in its record, a SOCK_SEQPACKET on which the keeper says what
 * the container says, and hears what it is to read. A message is a tag and bytes. Who does not read is
 * dropped: the container never waits for anybody.
 */
#ifndef BOXTOP_CORE_ATTACH_H
#define BOXTOP_CORE_ATTACH_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/relay.h"

#define ATTACH_CLIENTS 8
#define ATTACH_POLLED  (ATTACH_CLIENTS + 1)
#define ATTACH_BYTES   8192 /* of one message, without its tag */

enum attach_tag {
    ATTACH_STDOUT = 'o', /* keeper -> client */
    ATTACH_STDERR = 'e',
    ATTACH_INPUT = 'i', /* client -> keeper */
    ATTACH_END = 'c',   /* of the input */
    ATTACH_SIZE = 'w',  /* struct winsize */
};

struct attach {
    int dir, listening;          /* the record (not owned) */
    int clients[ATTACH_CLIENTS]; /* -1: none */
};

/* 0 or -errno. */
int attach_open(struct attach *attach, int dir_fd);
void attach_close(struct attach *attach);
void attach_say(struct attach *attach, enum stream stream, const char *bytes, size_t count);
/* What to poll for; with `full` nobody is listened to: what came before has not been read yet. */
void attach_poll(const struct attach *attach, bool full, struct pollfd to[ATTACH_POLLED]);
/* After poll(): takes at most one message of input into `input`; `master` -1: no terminal. */
void attach_run(struct attach *attach, const struct pollfd polled[ATTACH_POLLED], struct relay *input,
                int master);

/* The other side: a connection to the record's keeper, or -errno. */
int attach_connect(int dir_fd);
int attach_send(int fd, enum attach_tag tag, const void *bytes, size_t count);

#endif
