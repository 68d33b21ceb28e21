/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch_loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/mem.h"

int watch_open(struct watch *watch, uint64_t interval_ms, struct err *err)
{
    struct monitor_options options = {.interval_ms = interval_ms};
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    *watch = (struct watch){.signal_fd = signalfd(-1, &ends, SFD_CLOEXEC)};
    if (watch->signal_fd < 0)
        return err_errno(err, "open a signalfd");
    return monitor_start(&options, &watch->monitor, err);
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
        {.fd = STDOUT_FILENO}, /* POLLERR: the other end of the pipe was closed */
    };
    if (poll(fds, COUNT_OF(fds), timeout_ms) < 0)
        return WATCH_TIMEOUT;
    if (fds[1].revents || fds[2].revents & (POLLERR | POLLHUP))
        return WATCH_END;
    return fds[0].revents ? WATCH_NEWS : WATCH_TIMEOUT;
}

int watch_flush(struct err *err)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    return errno == EPIPE ? 1 : err_errno(err, "write the output");
}

static void print_help(const struct option_row *table, const char *usage, const char *about)
{
    printf("usage: boxtop %s\n%s\n\n", usage, about);
    for (; table->name; table++) {
        char option[64];
        int len = table->letter ? snprintf(option, sizeof option, "-%c, ", table->letter)
                                : snprintf(option, sizeof option, "    ");
        snprintf(option + len, sizeof option - (size_t)len, "%s%s%s", table->name, table->arg ? " " : "",
                 table->arg ? table->arg : "");
        printf("  %-24s %s\n", option, table->help);
    }
}

int watch_options(const struct option_row *table, const char *usage, const char *about, void *target,
                  int argc, char **argv, int *ret_status)
{
    struct err err;
    int count = options_parse_mixed(table, target, argc - 1, argv + 1, &err);
    if (count >= 0)
        return count;
    *ret_status = 2;
    if (count == OPTIONS_HELP) {
        print_help(table, usage, about);
        *ret_status = 0;
    } else {
        err_prefix(&err, "%s", argv[0]);
        err_print(&err, stderr);
    }
    return -1;
}

int watch_failed(const struct err *err)
{
    err_print(err, stderr);
    return 1;
}
