/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A user's private network: pasta(1) carries a container's packets as the user's own connections; it needs no
 * right that a user has not. It runs beside the container, its pid in the record's file pasta.pid, and keeps
 * the network namespace alive: so it is ended with the container, by the keeper or by whoever comes after a
 * crash.
 */
#ifndef BOXTOP_CORE_PASTA_H
#define BOXTOP_CORE_PASTA_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

/* Whether it can be used; its path into `to` (PATH_MAX bytes; NULL: only asked), or into *ret_why (may be
 * NULL) why not. */
bool pasta_find(char *to, const char **ret_why);
/* Its command line, for PID ("$PID" for people) with that pid file: arguments, NULL at the end; the caller's
 * to free. */
char **pasta_words(const char *program, const char *pid_file, char *const *ports, const char *pid);
/* Attaches it to the namespaces of `pid`, whose id maps are written and which can still be looked into;
 * returns when packets flow. `record`: the record's path. */
int pasta_start(const char *record, char *const *ports, pid_t pid, struct err *err);
/* Ends the one of record NAME, if there is one. */
void pasta_end(int store_fd, const char *name);

#endif
