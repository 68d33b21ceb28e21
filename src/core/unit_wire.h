/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What boxtop and boxtop-unit tell each other over a SOCK_SEQPACKET socket in the user's runtime directory:
 * "run this inside", and how it ended. Both are the same user's; either may be of another version.
 */
#ifndef BOXTOP_CORE_UNIT_WIRE_H
#define BOXTOP_CORE_UNIT_WIRE_H

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/un.h>

#include "base/err.h"

#define UNIT_SOCKET "boxtop-unit.sock"

/* The descriptors of a request, in this order. */
enum { UNIT_FD_WORDS, UNIT_FD_PROGRAM, UNIT_FD_DIRECTORY, UNIT_FD_STDIO, UNIT_FD_COUNT = UNIT_FD_STDIO + 3 };

struct unit_request {
    uint32_t version; /* UNIT_VERSION */
    uint32_t arguments,
        variables; /* so many NUL-terminated texts are in the file of words: argv, then environ */
    uint32_t umask;
    struct rlimit limits[RLIM_NLIMITS];
};
#define UNIT_VERSION 1u

/* The answer: first with ended 0 and a pidfd of what was started, then with ended 1. */
struct unit_answer {
    uint32_t ended;
    int32_t status; /* an exit status, 128+N for signal N */
};

/* Directory of the user's own at run time: $XDG_RUNTIME_DIR, else /run/user/UID if it is there; NULL: none.
 * The caller's to free. */
char *unit_runtime_directory(void);
/* Fills the socket's address. */
int unit_address(struct sockaddr_un *ret, struct err *err);
/* One message with `count` descriptors. 0 or -errno. */
int unit_send(int sock, const void *message, size_t size, const int *fds, size_t count);
/* One message of exactly `size` bytes with up to `count` descriptors (closed on exec; the others are -1). 0;
 * -ECONNRESET at its end; -errno. */
int unit_receive(int sock, void *message, size_t size, int *fds, size_t count);

#endif
