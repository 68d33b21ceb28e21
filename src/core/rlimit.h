/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Resource limits of processes (setrlimit(2)) by their names: "nofile", "RLIMIT_NOFILE".
 */
#ifndef BOXTOP_CORE_RLIMIT_H
#define BOXTOP_CORE_RLIMIT_H

#include <sys/resource.h>

#include "base/err.h"

struct rlimit_row {
    int resource;
    rlim_t soft, hard; /* RLIM_INFINITY: none */
};

int rlimit_find(const char *name);     /* -1: there is none of that name */
const char *rlimit_name(int resource); /* "nofile" */
/* "nofile=1024:4096", "core=0", "memlock=unlimited": as --ulimit has it. */
int rlimit_parse(const char *text, struct rlimit_row *ret, struct err *err);
/* "1024:4096", "unlimited:unlimited". `to` has 64 bytes. */
void rlimit_text(const struct rlimit_row *limit, char *to);
/* Makes room for a hard limit that is above what this process has; its children inherit that. It takes root
 * of the machine. */
int rlimit_make_room(const struct rlimit_row *limit, struct err *err);
/* Of this process. */
int rlimit_set(const struct rlimit_row *limit, struct err *err);

#endif
