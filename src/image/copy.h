/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Files and directories from one place to another, through a pipe: one end may be a process that has joined a
 * container's namespaces. Neither end trusts the other or what it finds: names are looked up one by one below
 * a directory that is held, links are copied and never followed, what is neither file, directory nor link is
 * left out, and no library is called that loads anything from where the process is.
 */
#ifndef BOXTOP_IMAGE_COPY_H
#define BOXTOP_IMAGE_COPY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "base/err.h"

#define COPY_NAME_MAX 4096

/* What goes through the pipe before each one's name, link and contents. */
struct copy_item {
    mode_t mode; /* type and permissions; 0: the end */
    uid_t uid;
    gid_t gid;
    uint32_t name_size, link_size; /* bytes, without a NUL */
    uint64_t size;                 /* of a file */
    struct timespec mtime;
    char name[COPY_NAME_MAX], link[COPY_NAME_MAX]; /* not sent as they are */
};

int copy_put(int to, const struct copy_item *item, struct err *err);
/* Checks it: a relative name without "..", a type that is copied. */
int copy_get(int from, struct copy_item *ret, struct err *err);

/* A path on one side. root AT_FDCWD: this process's own; else nothing above that directory is ever reached.
 */
struct copy_place {
    int root;
    const char *path;
};

/* Sends what is at `from`: the item itself, then what is in it, then the end. The first name is the path's
 * last part, or "." if it ends with "/.". With `follow` a link there is what it leads to. *ret_left_out
 * counts what is none of file, directory and link. */
int copy_send(const struct copy_place *from, bool follow, int to, unsigned *ret_left_out, struct err *err);

/* Receives it at `to`, as docker's cp does: into a directory that is there, else under that name. `exact`:
 * owners, and setuid bits; otherwise all belongs to who receives. `inside`: `to` has to be a directory, and
 * the names are as they are sent. */
int copy_receive(const struct copy_place *to, bool exact, bool inside, int from, struct err *err);

/* The same stream to or from a tar archive. */
int copy_to_tar(int from, int tar, struct err *err);
int copy_from_tar(int tar, int to, struct err *err);

#endif
