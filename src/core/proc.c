/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"

uint64_t proc_start_time(pid_t pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (pid <= 0 || fs_read_at(AT_FDCWD, path, text, sizeof text) < 0)
        return 0;
    char *at = strrchr(text, ')'); /* the command may hold blanks and parentheses */
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at + 1, NULL, 10) : 0;
}

int proc_open(pid_t pid, uint64_t start_time)
{
    cleanup_close int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (fd < 0)
        return pid > 0 ? -errno : -ESRCH;
    /* Compared after opening: from here on the descriptor can't come to mean another process. */
    if (proc_start_time(pid) != start_time)
        return -ESRCH;
    return take_fd(&fd);
}

void proc_namespaces(pid_t pid, const char *const names[NAMESPACE_COUNT], uint64_t ret[NAMESPACE_COUNT])
{
    for (int i = 0; i < NAMESPACE_COUNT; i++) {
        char path[64];
        struct stat st;
        snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, names[i]);
        ret[i] = stat(path, &st) == 0 ? st.st_ino : 0;
    }
}

void proc_boot_id(char *to)
{
    if (fs_read_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", to, 40) < 0)
        to[0] = '\0';
    to[strcspn(to, "\n")] = '\0';
}

int proc_wait_pidfd(int pidfd, int timeout_ms)
{
    struct pollfd p = {.fd = pidfd, .events = POLLIN};
    int rc;
    while ((rc = poll(&p, 1, timeout_ms)) < 0 && errno == EINTR)
        ;
    return rc < 0 ? -errno : rc == 0 ? -ETIMEDOUT : 0;
}
