/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/mem.h"

int kmsg_open(bool all)
{
    struct stat st;
    cleanup_close int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 11)) /* containers have other things of that name */
        return -ENODEV;
    return lseek(fd, 0, all ? SEEK_SET : SEEK_END) < 0 ? -errno : take_fd(&fd);
}

ssize_t kmsg_read(int fd, char *to, size_t size)
{
    ssize_t len;
    while ((len = read(fd, to, size)) < 0 && errno == EINTR)
        continue;
    if (len >= 0 || errno == EAGAIN)
        return len > 0 ? len : 0;
    return -errno;
}
