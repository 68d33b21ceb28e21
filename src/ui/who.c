/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/who.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

static uint64_t namespace_of(const char *process, const char *name)
{
    char path[64], target[64];
    snprintf(path, sizeof path, "/proc/%s/ns/%s", process, name);
    ssize_t len = readlink(path, target, sizeof target - 1);
    target[len > 0 ? len : 0] = '\0';
    const char *open = strchr(target, '[');
    return open ? strtoull(open + 1, NULL, 10) : 0;
}

static void read_namespaces(const char *process, uint64_t *to)
{
    for (int i = 0; i < 8; i++)
        to[i] = namespace_of(process, namespace_names[i]);
}

/* The first processes of a group are enough of its list, however long that is. */
static pid_t first_of(const char *directory)
{
    char path[600], text[64];
    snprintf(path, sizeof path, "%s/cgroup.procs", directory);
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    text[got > 0 ? got : 0] = '\0';
    return (pid_t)strtol(text, NULL, 10);
}

void who_read(struct who *who, uint64_t key, const char *directory, pid_t pid)
{
    char process[16], path[64], command[32] = "";
    *who = (struct who){.key = key, .known = true, .pid = pid ? pid : first_of(directory)};
    read_namespaces("self", who->host);
    if (who->pid <= 0)
        return;
    snprintf(process, sizeof process, "%d", (int)who->pid);
    snprintf(path, sizeof path, "/proc/%s/comm", process);
    if (fs_read_at(AT_FDCWD, path, command, sizeof command) > 0)
        command[strcspn(command, "\n")] = '\0';
    str_printable(who->command, sizeof who->command, command);
    read_namespaces(process, who->namespaces);
}
