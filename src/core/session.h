/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The time between a process's start and its end, for whoever stays with it: its standard streams are relayed
 * (and logged), the caller's signals passed on, the terminal's size kept. Used by the keeper and by exec.
 */
#ifndef BOXTOP_CORE_SESSION_H
#define BOXTOP_CORE_SESSION_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "core/relay.h"

struct session {
    bool tty, interactive, detached;
    bool interrupted;      /* a signal that asks for the end came to this process */
    int child_stdio[3];    /* given to the child; closed here by session_started() */
    int in, out, error;    /* our ends; with a terminal all through `master` */
    int master;            /* -1: no terminal */
    int signals;           /* signalfd */
    struct logfile *log;   /* NULL: none. Not owned */
    struct attach *attach; /* the same */
};

/* Blocks the signals that are read from a descriptor from now on, makes the pipes (none with a terminal: the
 * child opens that). */
int session_open(struct session *session, bool tty, bool interactive, bool detached, struct err *err);
/* After the child has executed its command: lets go of its ends; `master` is its terminal's, -1: none. */
void session_started(struct session *session, int master);
/* Relays until the process has ended (pidfd). A second SIGINT or SIGTERM calls kill_all(user): the first
 * process of a container hears only signals it has a handler for. */
void session_run(struct session *session, int pidfd, void (*kill_all)(void *user), void *user);
/* Sleeps while nothing runs. False: it was interrupted before that, or `stop(user)`, asked at the begin and
 * whenever SESSION_WAKE comes, said so. */
#define SESSION_WAKE SIGURG /* ignored where nobody waits for it */
bool session_sleep(struct session *session, unsigned ms, bool (*stop)(void *user), void *user);
void session_close(struct session *session);
/* A wait status as an exit status: its own, or 128 + signal. */
int session_exit_status(int code, int status);

#endif
