/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/self.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

int self_find(const char *name, char *to, struct err *err)
{
    /* From the directory of the running program: a build tree has all of them in one, an installed tree may
     * have been moved as a whole. */
    static const char *const near[] = {".", "../libexec/boxtop", "../../bin"};
    static const char *const installed[] = {BOXTOP_BINDIR, BOXTOP_LIBEXECDIR};
    char own[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
    own[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(own, '/');
    for (size_t i = 0; slash && i < COUNT_OF(near); i++)
        if (snprintf(to, PATH_MAX, "%.*s/%s/%s", (int)(slash - own), own, near[i], name) < PATH_MAX &&
            access(to, X_OK) == 0)
            return 0;
    for (size_t i = 0; i < COUNT_OF(installed); i++)
        if (snprintf(to, PATH_MAX, "%s/%s", installed[i], name) < PATH_MAX && access(to, X_OK) == 0)
            return 0;
    err_set(err, ENOENT, "find the program %s: it is neither beside boxtop nor in %s or %s", name,
            installed[0], installed[1]);
    return err_hint(err, "build it with scripts/run, or install with cmake --install");
}
