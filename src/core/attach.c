/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/attach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

#define NAME "attach.sock"

/* A record's path may be longer than a socket's may be. */
static struct sockaddr_un address_of(int dir_fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/" NAME, dir_fd);
    return address;
}

static int bind_to(int fd, const struct sockaddr_un *address)
{
    return bind(fd, (const struct sockaddr *)address, sizeof *address);
}

int attach_open(struct attach *attach, int dir_fd)
{
    struct sockaddr_un address = address_of(dir_fd);
    *attach = (struct attach){.dir = dir_fd};
    for (int i = 0; i < ATTACH_CLIENTS; i++)
        attach->clients[i] = -1;
    attach->listening = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int rc = bind_to(attach->listening, &address);
    if (rc < 0 && errno == EADDRINUSE && unlinkat(dir_fd, NAME, 0) == 0) /* of a life before */
        rc = bind_to(attach->listening, &address);
    if (rc == 0 && listen(attach->listening, ATTACH_CLIENTS) == 0)
        return 0;
    rc = -errno;
    fd_close(&attach->listening);
    return rc;
}

void attach_close(struct attach *attach)
{
    for (int i = 0; i < ATTACH_CLIENTS; i++)
        fd_close(&attach->clients[i]);
    fd_close(&attach->listening);
    unlinkat(attach->dir, NAME, 0);
}

int attach_send(int fd, enum attach_tag tag, const void *bytes, size_t count)
{
    char letter = (char)tag;
    struct iovec parts[] = {{&letter, 1}, {(void *)bytes, count}}; /* sendmsg only reads them */
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = COUNT_OF(parts)};
    return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

void attach_say(struct attach *attach, enum stream stream, const char *bytes, size_t count)
{
    for (int i = 0; i < ATTACH_CLIENTS; i++)
        if (attach->clients[i] >= 0 &&
            attach_send(attach->clients[i], stream == STREAM_STDERR ? ATTACH_STDERR : ATTACH_STDOUT, bytes,
                        count) < 0)
            fd_close(&attach->clients[i]);
}

void attach_poll(const struct attach *attach, bool full, struct pollfd to[ATTACH_POLLED])
{
    for (int i = 0; i < ATTACH_CLIENTS; i++)
        to[i] = (struct pollfd){.fd = full ? -1 : attach->clients[i], .events = POLLIN};
    to[ATTACH_CLIENTS] = (struct pollfd){.fd = attach->listening, .events = POLLIN};
}

/* The directory lets nobody else in; this is for one whose mode somebody has changed. */
static bool is_allowed(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == 0 || peer.uid == geteuid());
}

static void take_client(struct attach *attach)
{
    cleanup_close int fd = accept4(attach->listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    for (int i = 0; i < ATTACH_CLIENTS && fd >= 0 && is_allowed(fd); i++)
        if (attach->clients[i] < 0) {
            attach->clients[i] = take_fd(&fd);
            return;
        }
}

static void take_message(char tag, const char *bytes, size_t count, struct relay *input, int master)
{
    struct winsize size;
    if (tag == ATTACH_INPUT && input->to >= 0) {
        memcpy(input->bytes, bytes, count);
        input->begin = 0;
        input->end = count;
    } else if (tag == ATTACH_END && input->close_to) {
        fd_close(&input->to);
    } else if (tag == ATTACH_SIZE && count == sizeof size && master >= 0) {
        memcpy(&size, bytes, sizeof size);
        ioctl(master, TIOCSWINSZ, &size);
    }
}

static void listen_to(int *client, struct relay *input, int master)
{
    char message[1 + ATTACH_BYTES];
    ssize_t got = recv(*client, message, sizeof message, 0);
    if (got > 0)
        take_message(message[0], message + 1, (size_t)got - 1, input, master);
    else if (got == 0 || (errno != EAGAIN && errno != EINTR))
        fd_close(client);
}

void attach_run(struct attach *attach, const struct pollfd polled[ATTACH_POLLED], struct relay *input,
                int master)
{
    for (int i = 0; i < ATTACH_CLIENTS && input->begin == input->end; i++)
        if (polled[i].revents && attach->clients[i] == polled[i].fd)
            listen_to(&attach->clients[i], input, master);
    if (polled[ATTACH_CLIENTS].revents)
        take_client(attach);
}

int attach_connect(int dir_fd)
{
    struct sockaddr_un address = address_of(dir_fd);
    cleanup_close int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -errno;
    return take_fd(&fd);
}
