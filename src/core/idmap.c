/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"

#define IDS_FIRST 524288u
#define IDS_LAST  1879048191u
#define IDS_EACH  65536u

void idmap_choose(const char *name, char *to)
{
    uint32_t hash = 2166136261u; /* FNV-1a: the same name gets the same ids again */
    if (geteuid() != 0) {
        snprintf(to, IDMAP_SIZE, "0 %u 1", (unsigned)geteuid());
        return;
    }
    for (const char *c = name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    uint32_t slots = (IDS_LAST - IDS_FIRST + 1) / IDS_EACH;
    snprintf(to, IDMAP_SIZE, "0 %u %u", IDS_FIRST + hash % slots * IDS_EACH, IDS_EACH);
}

int idmap_write(pid_t pid, const char *map, struct err *err)
{
    /* A single own id may be mapped without privilege only after setgroups is given up (EPERM otherwise). */
    static const char *const files[] = {"setgroups", "uid_map", "gid_map"};
    char path[64], group_map[IDMAP_SIZE];
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    cleanup_close int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (geteuid() != 0)
        snprintf(group_map, sizeof group_map, "0 %u 1", (unsigned)getegid());
    for (size_t i = geteuid() == 0 ? 1 : 0; i < COUNT_OF(files); i++) {
        const char *text = i == 0 ? "deny" : i == 2 && geteuid() != 0 ? group_map : map;
        int rc = fs_write_at(dir, files[i], text);
        if (rc < 0)
            return err_set(err, -rc, "write %s of the container's user namespace: %s", files[i],
                           strerror(-rc));
    }
    return 0;
}
