/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/attach.h"

int logfile_open(struct logfile *log, int dir_fd)
{
    struct stat st;
    log->dir = dir_fd;
    log->len[STREAM_STDOUT] = log->len[STREAM_STDERR] = 0;
    log->fd = openat(dir_fd, "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log->fd < 0 || fstat(log->fd, &st) < 0)
        return -errno;
    log->size = (size_t)st.st_size; /* of a life before */
    return 0;
}

/* A container that prints without end fills two files, not the machine. */
static void rotate(struct logfile *log)
{
    renameat(log->dir, "log", log->dir, "log.1");
    fd_close(&log->fd);
    log->fd = openat(log->dir, "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    log->size = 0;
}

static void write_line(struct logfile *log, enum stream stream)
{
    static const char *const names[STREAM_COUNT] = {"stdout", "stderr"};
    char front[CLOCK_ISO_SIZE + 16], time[CLOCK_ISO_SIZE];
    clock_iso(time, clock_wall_ns());
    int len = snprintf(front, sizeof front, "%s %s ", time, names[stream]);
    char end[] = "\n";
    struct iovec parts[] = {{front, (size_t)len}, {log->text[stream], log->len[stream]}, {end, 1}};
    ssize_t put = writev(log->fd, parts, COUNT_OF(parts));
    log->len[stream] = 0;
    if (put > 0)
        log->size += (size_t)put;
    if (log->size > LOG_FILE_LIMIT)
        rotate(log);
}

void logfile_write(struct logfile *log, enum stream stream, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != '\n')
            log->text[stream][log->len[stream]++] = bytes[i];
        if (bytes[i] == '\n' || log->len[stream] == sizeof log->text[stream])
            write_line(log, stream);
    }
}

void logfile_close(struct logfile *log)
{
    for (enum stream s = 0; s < STREAM_COUNT; s++)
        if (log->len[s])
            write_line(log, s);
    fd_close(&log->fd);
}

struct pollfd relay_poll(const struct relay *relay)
{
    if (relay->begin < relay->end)
        return (struct pollfd){.fd = relay->to, .events = POLLOUT};
    return (struct pollfd){.fd = relay->ended ? -1 : relay->from, .events = POLLIN};
}

static void end(struct relay *relay)
{
    relay->ended = true;
    if (relay->close_to)
        fd_close(&relay->to);
}

/* False when there is nothing (more) to read. A terminal's master says EIO once nobody has its slave open. */
static bool fill(struct relay *relay)
{
    ssize_t got = read(relay->from, relay->bytes, RELAY_BYTES);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (got <= 0) {
        end(relay);
        return false;
    }
    if (relay->log)
        logfile_write(relay->log, relay->stream, relay->bytes, (size_t)got);
    if (relay->attach)
        attach_say(relay->attach, relay->stream, relay->bytes, (size_t)got);
    relay->begin = 0;
    relay->end = relay->to >= 0 ? (size_t)got : 0;
    return true;
}

static void empty(struct relay *relay)
{
    ssize_t put = write(relay->to, relay->bytes + relay->begin, relay->end - relay->begin);
    if (put < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (put < 0) { /* nobody reads any more: go on for the log */
        relay->begin = relay->end = 0;
        if (relay->log)
            relay->to = -1;
        else
            end(relay);
        return;
    }
    relay->begin += (size_t)put;
}

void relay_run(struct relay *relay, short revents)
{
    if (!revents)
        return;
    if (relay->begin == relay->end)
        fill(relay);
    if (relay->begin < relay->end)
        empty(relay);
}

void relay_drain(struct relay *relay)
{
    /* Bounded: what a descendant that outlived the first process still writes is not waited for. */
    for (int i = 0; i < 1024 && !relay->ended; i++) {
        if (relay->begin == relay->end) {
            struct pollfd p = {.fd = relay->from, .events = POLLIN};
            if (poll(&p, 1, 0) <= 0 || !fill(relay))
                break;
        }
        while (relay->begin < relay->end && relay->to >= 0) {
            struct pollfd p = {.fd = relay->to, .events = POLLOUT};
            if (poll(&p, 1, 1000) <= 0)
                break;
            empty(relay);
        }
        relay->begin = relay->end = 0;
    }
}
