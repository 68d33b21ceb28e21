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

/* The row of the group that is called so. Boxtop's own container goes before others'. -ENOENT: none;
 * -ENOTUNIQ: several, and the line says which. */
int find_called(const struct snapshot *snapshot, const char *word, struct err *err);
/* The row of what a word stands for: of its path, else of its name; -1. */
int find_wanted(const struct snapshot *snapshot, const struct wanted *wanted);
/* Looks for a name, and `keeps` its group's path in place of it. Errors as of find_called(). */
int find_path(const struct snapshot *snapshot, struct wanted *wanted, bool keeps, struct err *err);

#endif
