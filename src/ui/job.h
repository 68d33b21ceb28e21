/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands that the screen has started: what they write is collected, nobody waits for them. Everything that
 * changes something is such a command, so that it can be shown and run by hand. UI thread; knows no curses.
 */
#ifndef BOXTOP_UI_JOB_H
#define BOXTOP_UI_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "monitor/monitor.h"

struct job {
    pid_t pid; /* 0: none */
    int pid_fd, out_fd;
    char *line; /* as it would be typed; owned */
    struct str output;
};

/* Starts argv[0] (a path) with stdin empty and its output collected. `line`: see above, taken over.
 * `monitor`: whose raised limits it is not to inherit; NULL: none. `steps`: where it tells the steps of a
 * launch (ui/steps.h); -1: nowhere. */
int job_start(struct job *ret, char *const *argv, char *line, const struct monitor *monitor, int steps,
              struct err *err);
/* Takes what has been written; call when out_fd is readable. At most `JOB_OUTPUT` bytes are kept. */
#define JOB_OUTPUT (4u << 20)
void job_read(struct job *job);
/* After pid_fd became readable: the exit status (128+N for a signal). */
int job_reap(struct job *job);
void job_fini(struct job *job);
/* The one line that says what went wrong: the last that begins with "boxtop: ", else the last. `to` gets it
 * without the name. */
void job_error(const struct job *job, char *to, size_t size);
/* Starts argv on a pseudo terminal, as the leader of a session of its own. `path`: the terminal's. */
int job_on_terminal(char *const *argv, const char *path, const struct monitor *monitor, pid_t *ret_pid,
                    int *ret_pid_fd, struct err *err);
/* Of a process that has ended: its exit status (128+N for a signal). */
int job_status(pid_t pid);
/* Runs argv in the foreground with this terminal, which has to be in order. Ends early when `wake_fd` becomes
 * readable. Returns the exit status, or -errno. */
int job_foreground(char *const *argv, int wake_fd, const struct monitor *monitor, struct err *err);

#endif
