/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The files of the group whose figures were read last, by name and held open: who is looked at is looked at
 * again. The monitor's thread only.
 */
#ifndef BOXTOP_MONITOR_DETAIL_FILES_H
#define BOXTOP_MONITOR_DETAIL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "monitor/tree.h"

struct detail_files {
    uint64_t of;  /* the group's id; 0: nobody's */
    char **names; /* sorted */
    int *fds;     /* of each; negative: it is not held */
    size_t count;
    struct fdpool *pool; /* what is held is taken from it */
};

/* Closes and forgets them, if they are this group's (NULL: whosever): the next reading lists them anew. */
void detail_files_forget(struct detail_files *files, const struct group *group);
/* They are the group's: lists those that `wanted` wants, unless they were its before. */
void detail_files_list(struct detail_files *files, const struct group *group,
                       bool (*wanted)(const char *name));
/* What a file of a group says, what fits of it; the length, or negative. */
ssize_t detail_file_read(const struct group *group, const char *name, char *to, size_t size);
/* The same of the i-th. */
ssize_t detail_files_read(struct detail_files *files, const struct group *group, size_t i, char *to,
                          size_t size);

#endif
