/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/trigger.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/mem.h"

/* So long without a word is calm: what comes then is news. */
#define CALM_NS (5 * 1000000000ull)

static const char *const files[TRIGGERS] = {"cpu.pressure", "memory.pressure", "io.pressure"};
/* A tenth of the time, in microseconds; a shorter window is not everybody's to have. */
static const char *const words[] = {"some 50000 500000", "some 200000 2000000"};

/* Nothing but a cgroup's file is written to. A descriptor without a trigger would always be ready. */
static int open_one(const char *directory, const char *file)
{
    char path[PATH_MAX];
    struct statfs fs;
    if (snprintf(path, sizeof path, "%s/%s", directory, file) >= (int)sizeof path)
        return -1;
    cleanup_close int fd = open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type != CGROUP2_SUPER_MAGIC)
        return -1;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (write(fd, words[i], strlen(words[i])) > 0)
            return take_fd(&fd);
    return -1;
}

void triggers_init(struct triggers *triggers)
{
    *triggers = (struct triggers){.fd = {-1, -1, -1}};
}

unsigned triggers_open(struct triggers *triggers, const char *directory)
{
    for (int i = 0; i < TRIGGERS; i++)
        triggers->fd[i] = open_one(directory, files[i]);
    return triggers_count(triggers);
}

void triggers_close(struct triggers *triggers)
{
    for (int i = 0; i < TRIGGERS; i++)
        triggers_drop(triggers, i);
}

int triggers_find(const struct triggers *triggers, int fd)
{
    for (int i = 0; i < TRIGGERS; i++)
        if (fd >= 0 && triggers->fd[i] == fd)
            return i;
    return -1;
}

bool triggers_fired(struct triggers *triggers, int which, uint64_t now_ns)
{
    uint64_t before_ns = triggers->fired_ns[which];
    triggers->fired_ns[which] = now_ns;
    return before_ns == 0 || now_ns - before_ns > CALM_NS;
}

void triggers_drop(struct triggers *triggers, int which)
{
    fd_close(&triggers->fd[which]);
}

unsigned triggers_count(const struct triggers *triggers)
{
    unsigned count = 0;
    for (int i = 0; i < TRIGGERS; i++)
        count += triggers->fd[i] >= 0;
    return count;
}
