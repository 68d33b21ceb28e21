/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The evidence of the last OOM kill in a container's cgroup, as its record keeps it: whose limit, who, what
 * filled the memory.
 */
#ifndef BOXTOP_CORE_OOMNOTE_H
#define BOXTOP_CORE_OOMNOTE_H

#include <jansson.h>
#include <sys/types.h>

#include "base/oom.h"

/* What the kernel's log says of the last kill in `cgroup` (a path from the mount) or below, or of the process
 * `first_pid`; where it can't be read, or says nothing, what the group's own counters do. The caller's to
 * free(). Waits for the log's line, which comes after the kill, for 50 ms at the most. */
struct oom *oomnote_take(int cgroup_fd, const char *cgroup, pid_t first_pid);

/* As `events --json` has it, each text by `text`: jsontext for a record, jsontext_shown for people. NULL is
 * null. */
json_t *oomnote_to_json(const struct oom *oom, json_t *(*text)(const char *));
/* What a record has; NULL if that is nothing. The caller's to free(). */
struct oom *oomnote_from_json(const json_t *json);

#endif
