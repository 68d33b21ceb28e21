/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/sync.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

struct message {
    enum sync_tag tag;
    int exit_status;
    struct err err;
};

int sync_pair(int ret_fds[2], struct err *err)
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds) < 0)
        return err_errno(err, "make a socket pair");
    return 0;
}

static int send_message(int sock, struct message *m, int fd, const void *more, size_t size)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof fd)];
    } control = {0};
    struct iovec parts[] = {{m, sizeof *m}, {(void *)(uintptr_t)more, size}}; /* sendmsg only reads them */
    struct msghdr header = {.msg_iov = parts, .msg_iovlen = COUNT_OF(parts)};
    if (fd >= 0) {
        header.msg_control = control.bytes;
        header.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&header);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    ssize_t put;
    while ((put = sendmsg(sock, &header, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        ;
    return put < 0 ? -errno : 0;
}

int sync_send(int sock, enum sync_tag tag, int fd, struct err *err)
{
    struct message m = {.tag = tag};
    int rc = send_message(sock, &m, fd, NULL, 0);
    return rc < 0 ? err_set(err, -rc, "tell the container's first process to go on: %s", strerror(-rc)) : 0;
}

int sync_send_ready(int sock, int fd, const void *more, size_t size, struct err *err)
{
    struct message m = {.tag = SYNC_READY};
    int rc = send_message(sock, &m, fd, more, size);
    return rc < 0 ? err_set(err, -rc, "tell the keeper that all is set up: %s", strerror(-rc)) : 0;
}

void sync_fail(int sock, const struct err *failure, int exit_status)
{
    struct message m = {.tag = SYNC_FAILED, .exit_status = exit_status, .err = *failure};
    send_message(sock, &m, -1, NULL, 0);
}

/* 1: a message, 0: end of file, or -errno. */
static int receive(int sock, struct message *m, int *ret_fd, void *more, size_t size)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec parts[] = {{m, sizeof *m}, {more, size}};
    struct msghdr header = {.msg_iov = parts,
                            .msg_iovlen = COUNT_OF(parts),
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes};
    ssize_t got;
    *ret_fd = -1;
    while ((got = recvmsg(sock, &header, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        ;
    if (got < 0)
        return errno == ECONNRESET ? 0 : -errno;
    struct cmsghdr *c = CMSG_FIRSTHDR(&header);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
        c->cmsg_len == CMSG_LEN(sizeof(int)))
        memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
    if (got == 0)
        return 0;
    return (size_t)got >= sizeof *m ? 1 : -EPROTO;
}

static int gone(int rc, int *ret_exit_status, struct err *err)
{
    if (ret_exit_status)
        *ret_exit_status = 125;
    if (rc < 0)
        return err_set(err, -rc, "hear from the other side of the launch: %s", strerror(-rc));
    return err_set(err, ECHILD,
                   "set up the container: its first process ended before it was ready (killed?)");
}

static int wait_for(int sock, enum sync_tag tag, int *ret_fd, void *more, size_t size, int *ret_exit_status,
                    struct err *err)
{
    struct message m = {0};
    cleanup_close int fd = -1;
    int rc = receive(sock, &m, &fd, more, size);
    if (rc <= 0)
        return gone(rc, ret_exit_status, err);
    if (m.tag == tag) {
        if (ret_fd)
            *ret_fd = take_fd(&fd);
        return 0;
    }
    if (m.tag != SYNC_FAILED)
        return gone(-EPROTO, ret_exit_status, err);
    *err = m.err;
    if (ret_exit_status)
        *ret_exit_status = m.exit_status;
    return err->code ? -err->code : -EPROTO;
}

int sync_wait(int sock, enum sync_tag tag, int *ret_fd, int *ret_exit_status, struct err *err)
{
    return wait_for(sock, tag, ret_fd, NULL, 0, ret_exit_status, err);
}

int sync_wait_ready(int sock, int *ret_fd, void *more, size_t size, int *ret_exit_status, struct err *err)
{
    return wait_for(sock, SYNC_READY, ret_fd, more, size, ret_exit_status, err);
}

int sync_wait_exec(int sock, int *ret_exit_status, struct err *err)
{
    struct message m = {0};
    cleanup_close int fd = -1;
    int rc = receive(sock, &m, &fd, NULL, 0);
    if (rc == 0)
        return 0;
    if (rc < 0 || m.tag != SYNC_FAILED)
        return gone(rc < 0 ? rc : -EPROTO, ret_exit_status, err);
    *err = m.err;
    *ret_exit_status = m.exit_status;
    return err->code ? -err->code : -EPROTO;
}
