/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A root file system made by the distribution's own tools, where they are installed: mmdebstrap or
 * debootstrap for Debian and its kin, dnf for Fedora and its kin.
 */
#ifndef BOXTOP_IMAGE_BUILD_H
#define BOXTOP_IMAGE_BUILD_H

#include <stdbool.h>

#include "base/err.h"

struct build {
    const char *suite;     /* Debian's; NULL */
    const char *release;   /* Fedora's; NULL. One of the two is not */
    char *const *packages; /* beside the smallest set; ends with NULL */
};

/* Whether it can begin: exactly one kind, and names that are no options. */
int build_check(const struct build *build, struct err *err);
/* What the tools say goes to stderr. The tree comes as a tar archive out of *ret_output, whose other end
 * process *ret_pid holds; `directory` (a path, empty) may be used for what goes in between. */
int build_begin(const struct build *build, const char *directory, int *ret_output, int *ret_pid,
                struct err *err);
/* When all of it has been read, or nothing more is to be (`stop`): it is ended. -EIO: it failed, and said
 * why. */
int build_end(int pid, bool stop, struct err *err);

#endif
