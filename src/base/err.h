/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An error is a value of fixed size: it lives on the caller's stack, needs no freeing, and can be sent whole
 * through the socket from a container's first process. Functions that can fail return 0 (or something useful
 * >= 0) or a negative errno, and fill the `struct err *` passed last. Libraries never print; the outermost
 * caller calls err_print() once. Safe in any thread, and between clone and exec (nothing here allocates).
 */
#ifndef BOXTOP_BASE_ERR_H
#define BOXTOP_BASE_ERR_H

#include <stdio.h>

struct err {
    int code;       /* positive errno; 0: no error */
    char text[512]; /* what was being done, on what: why */
    char hint[256]; /* what to do about it; may be empty */
};

/* Each returns -code, so that failing is one line: return err_errno(err, "open %s", path); */
int err_set(struct err *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* As err_set(errno), with ": strerror" appended. */
int err_errno(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says where the error was met: puts "format: " in front of the text. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Sets the hint. */
int err_hint(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes "boxtop: text (hint)\n" as one line, control bytes escaped: nothing raw reaches a terminal. */
void err_print(const struct err *err, FILE *out);

#endif
