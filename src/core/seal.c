/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/seal.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/mounts.h"

void seal_self(char *const argv[])
{
    struct statvfs fs;
    struct err ignored;
    if (geteuid() != 0 || statvfs("/proc/self/exe", &fs) < 0 || fs.f_flag & ST_RDONLY)
        return;
    cleanup_close int copy = mounts_copy(AT_FDCWD, "/proc/self/exe", false, MOUNT_ATTR_RDONLY, &ignored);
    if (copy >= 0)
        execveat(copy, "", argv, environ, AT_EMPTY_PATH);
}
