/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A directory that imitates a cgroup2 mount: made by the test, changed by it as the kernel would.
 */
#ifndef BOXTOP_TESTS_FAKE_H
#define BOXTOP_TESTS_FAKE_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cgroupfs.h"
#include "base/fs.h"
#include "base/str.h"

#define FAKE_FRONT "/tmp/boxtop-fake."

struct fake {
    struct cgroupfs fs;
};

static inline void fake_init(struct fake *fake)
{
    char path[] = FAKE_FRONT "XXXXXX";
    if (!mkdtemp(path))
        abort();
    *fake = (struct fake){.fs.layout = CGROUP_LAYOUT_UNIFIED};
    str_copy(fake->fs.mount, sizeof fake->fs.mount, path);
}

static inline void fake_fini(struct fake *fake)
{
    if (str_starts(fake->fs.mount, FAKE_FRONT))
        fs_remove_tree_at(AT_FDCWD, fake->fs.mount);
}

/* Writes a file of a group in one write(2), as the kernel's change of it. */
static inline void fake_write(const struct fake *fake, const char *cgroup, const char *file, const char *text)
{
    char path[1024];
    snprintf(path, sizeof path, "%s%s/%s", fake->fs.mount, cgroup, file);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || fs_write_all(fd, text, strlen(text)) < 0)
        abort();
    close(fd);
}

static inline void fake_unlink(const struct fake *fake, const char *cgroup, const char *file)
{
    char path[1024];
    snprintf(path, sizeof path, "%s%s/%s", fake->fs.mount, cgroup, file);
    unlink(path);
}

/* A bare directory. */
static inline void fake_mkdir(const struct fake *fake, const char *cgroup)
{
    char path[1024];
    snprintf(path, sizeof path, "%s%s", fake->fs.mount, cgroup);
    if (mkdir(path, 0700) < 0)
        abort();
}

/* A group with the files that a leaf with cpu, memory and pids has. */
static inline void fake_group(const struct fake *fake, const char *cgroup)
{
    static const char *const files[][2] = {
        {"cpu.stat", "usage_usec 1000\nuser_usec 600\nsystem_usec 400\nnr_periods 10\nnr_throttled 1\n"
                     "throttled_usec 500\n"},
        {"cpu.max", "max 100000\n"},
        {"memory.current", "4096\n"},
        {"memory.max", "max\n"},
        {"memory.high", "max\n"},
        {"memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n"},
        {"memory.events.local", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n"},
        {"pids.current", "2\n"},
        {"pids.max", "max\n"},
        {"pids.events", "max 0\n"},
        {"cgroup.events", "populated 0\nfrozen 0\n"},
        {"cgroup.subtree_control", "\n"},
    };
    if (strcmp(cgroup, "") != 0)
        fake_mkdir(fake, cgroup);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        fake_write(fake, cgroup, files[i][0], files[i][1]);
}

static inline void fake_kills(const struct fake *fake, const char *cgroup, int summed, int local)
{
    char text[128];
    snprintf(text, sizeof text, "low 0\nhigh 0\nmax 0\noom 0\noom_kill %d\noom_group_kill 0\n", summed);
    fake_write(fake, cgroup, "memory.events", text);
    snprintf(text, sizeof text, "low 0\nhigh 0\nmax 0\noom 0\noom_kill %d\noom_group_kill 0\n", local);
    fake_write(fake, cgroup, "memory.events.local", text);
}

static inline void fake_remove(const struct fake *fake, const char *cgroup)
{
    char path[1024];
    snprintf(path, sizeof path, "%s%s", fake->fs.mount, cgroup);
    if (fs_remove_tree_at(AT_FDCWD, path) < 0)
        abort();
}

#endif
