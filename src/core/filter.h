/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A seccomp filter that is not the built-in one: docker's or OCI's JSON, compiled by boxtop-seccomp (in
 * libexec: it links libseccomp, which no launch does) and kept as BPF, so that it is compiled once.
 */
#ifndef BOXTOP_CORE_FILTER_H
#define BOXTOP_CORE_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include <linux/filter.h>

#include "base/err.h"

#define FILTER_PROFILE_LIMIT (1u << 20) /* bytes of JSON */

/* Owns its code. count 0: none. */
struct filter {
    struct sock_filter *code;
    size_t count;
    unsigned flags; /* SECCOMP_FILTER_FLAG_* */
};

void filter_free(struct filter *filter);
/* As a file. What is read was written by us; it is checked all the same, and the kernel checks the code. */
int filter_write(int fd, const struct filter *filter, struct err *err);
int filter_read(int fd, struct filter *ret, struct err *err);
/* The same, by name below a directory; replaced as one step. -ENOENT: there is none. */
int filter_save_at(int dir_fd, const char *name, const struct filter *filter, struct err *err);
int filter_load_at(int dir_fd, const char *name, struct filter *ret, struct err *err);

/* Compiles JSON text for a container that keeps these capabilities (core/capability.h): runs boxtop-seccomp.
 */
int filter_compile(const char *json, uint64_t capabilities, struct filter *ret, struct err *err);
/* That of the file `path`; kept below state_fd, the state directory, until the file changes. */
int filter_of_file(int state_fd, const char *path, uint64_t capabilities, struct filter *ret,
                   struct err *err);

#endif
