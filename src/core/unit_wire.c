/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit_wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

char *unit_runtime_directory(void)
{
    const char *given = getenv("XDG_RUNTIME_DIR");
    if (given && given[0])
        return mem_dup(given);
    char *path = mem_printf("/run/user/%u", (unsigned)geteuid());
    if (access(path, X_OK) == 0)
        return path;
    free(path);
    return NULL;
}

int unit_address(struct sockaddr_un *ret, struct err *err)
{
    cleanup_free char *directory = unit_runtime_directory();
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (!directory)
        return err_set(err, ENOENT, "find the user's runtime directory: XDG_RUNTIME_DIR is not set");
    if (snprintf(ret->sun_path, sizeof ret->sun_path, "%s/" UNIT_SOCKET, directory) >=
        (int)sizeof ret->sun_path)
        return err_set(err, ENAMETOOLONG, "the socket %s/" UNIT_SOCKET ": its path is too long", directory);
    return 0;
}

int unit_send(int sock, const void *message, size_t size, const int *fds, size_t count)
{
    union {
        char bytes[CMSG_SPACE(UNIT_FD_COUNT * sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec part = {.iov_base = (void *)message, .iov_len = size};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (count) {
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE(count * sizeof *fds);
        struct cmsghdr *c = CMSG_FIRSTHDR(&header);
        *c = (struct cmsghdr){
            .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(count * sizeof *fds)};
        memcpy(CMSG_DATA(c), fds, count * sizeof *fds);
    }
    return sendmsg(sock, &header, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* All that came are taken, those that nobody asked for too: else they would stay open. */
static void take_fds(struct msghdr *header, int *fds, size_t count)
{
    size_t taken = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (taken < count)
                fds[taken++] = fd;
            else
                close(fd);
        }
    }
}

int unit_receive(int sock, void *message, size_t size, int *fds, size_t count)
{
    union {
        char bytes[CMSG_SPACE(UNIT_FD_COUNT * sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec part = {.iov_base = message, .iov_len = size};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes};
    for (size_t i = 0; i < count; i++)
        fds[i] = -1;
    ssize_t got;
    while ((got = recvmsg(sock, &header, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        ;
    if (got < 0)
        return -errno;
    take_fds(&header, fds, count);
    if (got == (ssize_t)size && !(header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
        return 0;
    for (size_t i = 0; i < count; i++)
        fd_close(&fds[i]);
    return got == 0 ? -ECONNRESET : -EBADMSG;
}
