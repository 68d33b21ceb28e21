/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop-seccomp CAPABILITIES: compiles the profile on standard input (JSON) for a container that keeps these
 * (a mask, hexadecimal). Standard output gets the filter, or the struct err that says why not, and the status
 * tells which (core/filter.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "seccomp/profile.h"

static int compile(uint64_t capabilities, struct err *err)
{
    json_error_t where;
    struct filter filter = {0};
    json_t *profile = json_loadfd(STDIN_FILENO, JSON_REJECT_DUPLICATES, &where);
    if (!profile)
        return err_set(err, EINVAL, "line %d: %s", where.line, where.text);
    int rc = profile_compile(profile, capabilities, &filter, err);
    json_decref(profile);
    if (rc == 0)
        rc = filter_write(STDOUT_FILENO, &filter, err);
    filter_free(&filter);
    return rc;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    if (argc != 2 || isatty(STDOUT_FILENO))
        return 2;
    if (compile(strtoull(argv[1], NULL, 16), &err) == 0)
        return 0;
    fs_write_all(STDOUT_FILENO, (const char *)&err, sizeof err);
    return 1;
}
