/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A program run as a child, and what it says: stdout and stderr as one text, handed over line by line as it
 * comes. It reads nothing, and has a process group of its own: Ctrl-C reaches who started it, who decides.
 */
#ifndef BOXTOP_CLI_CHILD_H
#define BOXTOP_CLI_CHILD_H

#include <signal.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

struct child {
    pid_t pid;
    int pidfd, output;
    struct str text; /* all of it; the owner's, also after child_finish() */
    size_t shown;    /* bytes of it that were handed over */
};

/* argv[0] is the program's path. */
int child_start(struct child *child, char *const *argv, struct err *err);
/* Until it has ended. Returns its exit status, 128+N for signal N. Once *stop is not 0 (NULL: never), and
 * after CHILD_LIMIT_MS, it is told to end by SIGTERM, and after CHILD_GRACE_MS by SIGKILL. */
int child_finish(struct child *child, void (*on_line)(const char *line, void *user), void *user,
                 const volatile sig_atomic_t *stop);
/* Ends it if it still runs. */
void child_free(struct child *child);

#define CHILD_LIMIT_MS 120000
#define CHILD_GRACE_MS 3000

#endif
