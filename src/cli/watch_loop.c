/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch_loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/mem.h"

int watch_open(struct watch *watch, const struct monitor_options *options, struct err *err)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    *watch = (struct watch){.signal_fd = signalfd(-1, &ends, SFD_CLOEXEC)};
    if (watch->signal_fd < 0)
        return err_errno(err, "open a signalfd");
    return monitor_start(options, &watch->monitor, err);
}

void watch_close(struct watch *watch)
{
    if (watch->signal_fd > 0)
        fd_close(&watch->signal_fd);
    monitor_stop(watch->monitor);
    watch->monitor = NULL;
}

enum watch_wake watch_wait(const struct watch *watch, int timeout_ms)
{
    struct pollfd fds[] = {
        {.fd = monitor_fd(watch->monitor), .events = POLLIN},
        {.fd = watch->signal_fd, .events = POLLIN},
        {.fd = watch->hook_fd ? watch->hook_fd : -1, .events = POLLIN},
        {.fd = STDOUT_FILENO}, /* POLLERR: the other end of the pipe was closed */
    };
    if (poll(fds, COUNT_OF(fds), timeout_ms) < 0)
        return WATCH_TIMEOUT;
    if (fds[1].revents || fds[3].revents & (POLLERR | POLLHUP))
        return WATCH_END;
    return fds[0].revents ? WATCH_NEWS : WATCH_TIMEOUT;
}

int watch_flush(struct err *err)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    return errno == EPIPE ? 1 : err_errno(err, "write the output");
}
