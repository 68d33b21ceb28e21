/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"

#define STOPPED_MS 1000

void outlet_open(struct outlet *ret, int target)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", target);
    *ret = (struct outlet){.fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), .target = target};
}

void outlet_close(struct outlet *outlet)
{
    fd_close(&outlet->fd);
    str_free(&outlet->pending);
    outlet->done = 0;
}

bool outlet_busy(const struct outlet *outlet)
{
    return outlet->done < outlet->pending.len;
}

static void forget(struct outlet *outlet)
{
    str_clear(&outlet->pending);
    outlet->done = 0;
}

void outlet_drain(struct outlet *outlet)
{
    int fd = outlet->fd >= 0 ? outlet->fd : outlet->target;
    while (outlet_busy(outlet)) {
        ssize_t put = write(fd, outlet->pending.text + outlet->done, outlet->pending.len - outlet->done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && errno == EAGAIN && outlet->fd >= 0)
            return;
        /* One that was left non-blocking by whoever had it before. */
        if (put < 0 && errno == EAGAIN && poll(&(struct pollfd){fd, POLLOUT, 0}, 1, STOPPED_MS) > 0)
            continue;
        /* It is gone: the loop will see it. */
        if (put < 0)
            break;
        outlet->done += (size_t)put;
    }
    forget(outlet);
}

void outlet_write(struct outlet *outlet, const char *bytes, size_t len)
{
    str_add_bytes(&outlet->pending, bytes, len);
    outlet_drain(outlet);
}

void outlet_flush(struct outlet *outlet)
{
    while (outlet_busy(outlet)) {
        if (poll(&(struct pollfd){outlet->fd, POLLOUT, 0}, 1, STOPPED_MS) <= 0) {
            tcflush(outlet->target, TCOFLUSH);
            forget(outlet);
            return;
        }
        outlet_drain(outlet);
    }
}
