/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Groups by the names that people and other managers have for them, as far as a snapshot has those:
 * containers of any engine, pods, units. Pure.
 */
#ifndef BOXTOP_CLI_WATCH_FIND_H
#define BOXTOP_CLI_WATCH_FIND_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/watch_names.h"
#include "monitor/snapshot.h"

/* What a word stands for now, as far as that is known without a snapshot: a path, a container of ours, else a
 * name that is sought. -ENOENT with a line: a path that is not there. `running`: a container has to run. */
int find_word(struct names *names, const char *word, bool running, struct wanted *ret, struct err *err);
/* The same in a recording: what is no path is sought, in each sample anew. */
int find_word_past(const char *word, struct wanted *ret, struct err *err);
/* -ENOENT with a line that names the first word that no group of a recording is called; 0: there is none. */
int find_missing(const struct wanted *wanted, size_t count, const char *recording, struct err *err);
/* A group itself, or one below it. */
bool find_is_below(const char *path, const char *top);
/* The row of the group that is called so. Boxtop's own container goes before others'. -ENOENT: none;
 * -ENOTUNIQ: several, and the line says which. */
int find_called(const struct snapshot *snapshot, const char *word, struct err *err);
/* The row of what a word stands for: of its path, else of its name; -1. */
int find_wanted(const struct snapshot *snapshot, const struct wanted *wanted);
/* Looks for a name, and `keeps` its group's path beside it. Errors as of find_called(). */
int find_path(const struct snapshot *snapshot, struct wanted *wanted, bool keeps, struct err *err);

#endif
