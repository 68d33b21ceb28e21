/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What passes between a container and the world: bytes from one descriptor to another, on the way into the
 * log, which tells stdout from stderr, has a time on each line, and is bounded.
 */
#ifndef BOXTOP_CORE_RELAY_H
#define BOXTOP_CORE_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

struct attach;

#define LOG_FILE_LIMIT (8u << 20) /* bytes; then "log" becomes "log.1" and a new one begins */

enum stream { STREAM_STDOUT, STREAM_STDERR, STREAM_COUNT };

struct logfile {
    int dir, fd; /* the record's directory (not owned); "log" in it */
    size_t size;
    /* What has come of a line that has not ended. The texts come last, and are not touched before there is
     * one. */
    size_t len[STREAM_COUNT];
    char text[STREAM_COUNT][4096];
};

/* Lines as "2026-11-23T12:00:00.123Z stdout text". */
int logfile_open(struct logfile *log, int dir_fd);
void logfile_write(struct logfile *log, enum stream stream, const char *bytes, size_t count);
void logfile_close(struct logfile *log); /* writes what is left of unended lines */

#define RELAY_BYTES 8192

struct relay {
    int from, to;          /* to -1: only into the log. Not owned unless `close_to` */
    struct logfile *log;   /* NULL: not logged */
    struct attach *attach; /* who else is told; NULL: nobody */
    enum stream stream;
    bool close_to; /* at the end of `from`, close `to`: the other side is to see the end */
    bool ended;
    char *bytes; /* RELAY_BYTES, not owned: what has come from begin to end */
    size_t begin, end;
};

/* What to poll for: fd -1 if nothing. */
struct pollfd relay_poll(const struct relay *relay);
/* Moves what can be moved without waiting, after poll() said `revents`. */
void relay_run(struct relay *relay, short revents);
/* Moves what is still there, without waiting for more than is in `from` now. */
void relay_drain(struct relay *relay);

#endif
