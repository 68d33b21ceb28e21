/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which cgroup is which container's, and what the words of a command line mean. Knows ended containers as
 * long as nobody took their place: their last events still have names.
 */
#ifndef BOXTOP_CLI_WATCH_NAMES_H
#define BOXTOP_CLI_WATCH_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/store.h"

struct known {
    char name[SPEC_NAME_SIZE], cgroup[300];
};

struct names {
    struct store store; /* fd -1: there is none; then there are no containers */
    struct known *items;
    size_t count;
};

void names_open(struct names *names);
void names_close(struct names *names);
/* Reads all records again, and forgets those that are no more. */
void names_refresh(struct names *names);
/* Reads the record of the container that this cgroup, just made, is probably of. */
void names_learn(struct names *names, const char *cgroup);
void names_forget(struct names *names, const char *cgroup);
/* The container whose own cgroup that is, or NULL. Good until the next refresh. */
const struct known *names_of(const struct names *names, const char *cgroup);

/* What a word stands for: a container's name, or a cgroup's path. */
struct wanted {
    char name[300];   /* empty: a path was given */
    char cgroup[300]; /* from the mount; of a container that does not run: empty */
    bool sought;      /* a name that none of our containers has: its group is looked for (watch_find.h) */
    bool found;       /* in a recording: there was such a group */
};
/* "/a//b/" -> "/a/b", as the monitor's paths are; "" stays. */
void names_tidy(char *path);
/* Resolves a word. -ENOENT with a line. `running`: a container has to run. */
int names_resolve(struct names *names, const char *word, bool running, struct wanted *ret, struct err *err);

#endif
