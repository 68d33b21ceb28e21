/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A container's log, written by its keeper line by line: "2026-11-23T12:00:00.123Z stdout text".
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/output.h"
#include "core/proc.h"

#define LINES_LIMIT 10000000 /* more than two files of a log hold */

struct logs_options {
    bool follow, timestamps, tail;
    size_t lines;               /* with `tail`: the last so many of what is there */
    char since[CLOCK_ISO_SIZE]; /* the begin of a line's time, which sorts as text; "": all */
};

static int apply_lines(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct logs_options *o = target;
    uint64_t lines;
    if (parse_u64(value, &lines) < 0 || lines > LINES_LIMIT)
        return err_set(err, EINVAL, "%s: '%s' is not a number of lines", row->name, value);
    o->tail = true;
    o->lines = (size_t)lines;
    return 0;
}

/* "2026-11-23", "2026-11-23T12:00", "2026-11-23T12:00:00.5Z": as much of a time as was said. */
static bool is_time(const char *text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd.ddd";
    size_t len = strlen(text);
    if (len && text[len - 1] == 'Z')
        len--;
    for (size_t i = 0; i < len; i++)
        if (i >= sizeof form - 1 || (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]))
            return false;
    return len == 10 || len == 16 || len == 19 || len > 20;
}

static int apply_since(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct logs_options *o = target;
    uint64_t ms, now_ns = clock_wall_ns();
    if (parse_duration(value, &ms) == 0) {
        clock_iso(o->since, ms < now_ns / 1000000 ? now_ns - ms * 1000000 : 0);
        return 0;
    }
    if (!is_time(value)) {
        err_set(err, EINVAL, "%s: '%s' is no time", row->name, value);
        return err_hint(err, "10m, 2h, 1d ago, or in UTC: 2026-11-23T12:00:00Z");
    }
    str_copy(o->since, sizeof o->since, value);
    o->since[strcspn(o->since, "Z")] = '\0';
    return 0;
}

static const struct option_row options[] = {
    {"--follow", 'f', NULL, "go on until it ends", .offset = offsetof(struct logs_options, follow)},
    {"--lines", 'n', "N", "only the last N lines of what is there", .apply = apply_lines},
    {"--since", 0, "TIME", "only lines since then: 10m, 2h, or 2026-11-23T12:00:00Z", .apply = apply_since},
    {"--timestamps", 't', NULL, "the time in front of each line",
     .offset = offsetof(struct logs_options, timestamps)},
    {0},
};

struct reader {
    const struct logs_options *options;
    int dir, fd;     /* the record's directory; its file that is read now, -1: none yet */
    struct str line; /* what has come of one */
    char **last;     /* with -n, until the end of what is there: a ring of lines */
    size_t seen;
};

/* `line` is "TIME STREAM TEXT"; one that is not is shown as it is. */
static void print_line(const struct logs_options *o, char *line)
{
    char *stream = strchr(line, ' '), *text = stream ? strchr(stream + 1, ' ') : NULL;
    FILE *out = text && strncmp(stream + 1, "stderr ", 7) == 0 ? stderr : stdout;
    size_t len = strlen(line);
    if (out == stderr)
        fflush(stdout);                                      /* in their order, where both go to one place */
    if (isatty(fileno(out)) && len && line[len - 1] == '\r') /* a terminal inside ends its lines so */
        line[len - 1] = '\0';
    if (text && o->timestamps) {
        *stream = '\0';
        fprintf(out, "%s ", line);
    }
    output_lines(text ? text + 1 : line, out);
    fputc('\n', out);
}

static void take_line(struct reader *r, char *line)
{
    const struct logs_options *o = r->options;
    if (strncmp(line, o->since, strlen(o->since)) < 0)
        return;
    if (!r->last) {
        print_line(o, line);
        return;
    }
    char **place = &r->last[r->seen++ % (o->lines + 1)];
    free(*place);
    *place = mem_dup(line);
}

/* From here on lines are printed as they come. */
static void end_tail(struct reader *r)
{
    size_t lines = r->options->lines, size = lines + 1;
    char **last = take_ptr(&r->last);
    if (!last)
        return;
    for (size_t i = r->seen < lines ? 0 : r->seen - lines; i < r->seen; i++)
        print_line(r->options, last[i % size]);
    for (size_t i = 0; i < size; i++)
        free(last[i]);
    free(last);
    fflush(stdout);
}

static void take_bytes(struct reader *r, char *bytes, size_t count)
{
    for (char *end; count && (end = memchr(bytes, '\n', count));) {
        size_t len = (size_t)(end - bytes);
        str_add_bytes(&r->line, bytes, len);
        take_line(r, r->line.text);
        str_clear(&r->line);
        bytes += len + 1;
        count -= len + 1;
    }
    str_add_bytes(&r->line, bytes, count);
}

static void read_to_end(struct reader *r)
{
    char bytes[16384];
    ssize_t got;
    while (r->fd >= 0 && ((got = read(r->fd, bytes, sizeof bytes)) > 0 || (got < 0 && errno == EINTR)))
        if (got > 0)
            take_bytes(r, bytes, (size_t)got);
    fflush(stdout);
}

static int open_file(const struct reader *r, const char *name)
{
    return openat(r->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

/* A log that grew large was renamed, and a new one begun. */
static bool was_replaced(const struct reader *r)
{
    struct stat named, held;
    if (fstatat(r->dir, "log", &named, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    return r->fd < 0 || fstat(r->fd, &held) < 0 || named.st_ino != held.st_ino;
}

static void read_news(struct reader *r)
{
    read_to_end(r);
    while (was_replaced(r)) {
        fd_close(&r->fd);
        r->fd = open_file(r, "log");
        if (r->fd < 0)
            break;
        read_to_end(r);
    }
}

/* Until the keeper, which has written the last line before it ends, is gone. */
static int follow(struct reader *r, const struct container *c, struct err *err)
{
    char path[64], events[4096];
    cleanup_close int keeper = proc_open(c->keeper_pid, c->keeper_start);
    cleanup_close int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    snprintf(path, sizeof path, "/proc/self/fd/%d", r->dir);
    if (watch < 0 || inotify_add_watch(watch, path, IN_MODIFY | IN_CREATE | IN_MOVED_FROM) < 0)
        return err_errno(err, "watch the log of %s", c->name);
    while (keeper >= 0) {
        struct pollfd fds[] = {{.fd = watch, .events = POLLIN}, {.fd = keeper, .events = POLLIN}};
        read_news(r);
        if (ferror(stdout) || (poll(fds, 2, -1) < 0 && errno != EINTR) || fds[1].revents)
            break;
        while (read(watch, events, sizeof events) > 0)
            ;
    }
    read_news(r);
    return 0;
}

static int open_record_of(const struct store *store, const char *name, struct err *err)
{
    int fd = openat(store->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? err_errno(err, "open the log of %s", name) : fd;
}

static int print_log(struct store *store, const char *name, const struct logs_options *o, struct err *err)
{
    struct container c;
    int rc = store_load(store, name, &c, err);
    if (rc < 0)
        return rc;
    cleanup_close int dir = open_record_of(store, name, err);
    struct reader r = {.options = o, .dir = dir, .fd = -1};
    if (dir >= 0) {
        r.last = o->tail ? mem_array(o->lines + 1, sizeof *r.last) : NULL;
        r.fd = open_file(&r, "log.1");
        read_news(&r);
        end_tail(&r);
        rc = o->follow && c.state != CONTAINER_EXITED ? follow(&r, &c, err) : 0;
    }
    fd_close(&r.fd);
    str_free(&r.line);
    container_free(&c);
    return dir < 0 ? dir : rc;
}

static int logs_run(const struct command *command, int argc, char **argv)
{
    struct logs_options o = {0};
    struct store store;
    struct err err;
    int status = command_begin(command, &o, &argc, argv);
    if (status >= 0)
        return status;
    if (!command_store(&store))
        return STATUS_FAILED;
    status = print_log(&store, argv[0], &o, &err) < 0 ? command_failed(&err) : STATUS_DONE;
    store_close(&store);
    return status;
}

const struct command logs_command = {
    .name = "logs",
    .usage = "[-f] [-t] [-n N] [--since TIME] NAME",
    .summary = "what a container said",
    .options = options,
    .min_words = 1,
    .max_words = 1,
    .run = logs_run,
};
