/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who a command runs as: "USER[:GROUP]", each a number or a name in the container's own /etc/passwd and
 * /etc/group. Those are read below its root and by nobody's name service: what stands in them is the
 * container's.
 */
#ifndef BOXTOP_CORE_USER_H
#define BOXTOP_CORE_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct user {
    uid_t uid;
    gid_t gid;
    gid_t *groups; /* gid among them */
    size_t group_count;
    char *home; /* of passwd; "/" for a number that is not in there */
};

/* What a user is called in /etc/passwd below `root`; NULL: it is not in there. The caller's to free. */
char *user_name_of(int root, uid_t uid);
/* Whether it reads as USER[:GROUP]; nothing is looked up. */
bool user_text_is_valid(const char *text);
/* Looks it up below `root`. A number need not be known there; without GROUP its groups are those of the user.
 */
int user_find(struct user *ret, int root, const char *text, struct err *err);
/* Becomes it, for good, and gives it the pipes or the terminal that are to be its standard streams. */
int user_become(const struct user *user, const int stdio[3], struct err *err);
void user_free(struct user *user);

#endif
