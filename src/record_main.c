/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop-record: writes what happens into a recording, and has the commands that read one. boxtop executes it
 * with its own arguments.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/parse.h"
#include "cli/command.h"
#include "cli/watch.h"
#include "cli/watch_find.h"
#include "cli/watch_loop.h"
#include "cli/watch_past.h"
#include "monitor/verdict.h"
#include "record/busy.h"
#include "record/player_past.h"
#include "record/recorder.h"

#define WORDS_MAX  32
#define BUSY_USUAL 8

struct record {
    uint64_t interval_ms, pid; /* pid: it ends with that process; 0: with none */
    struct recorder_limits limits;
    const char *words[WORDS_MAX]; /* of --detail */
    struct wanted wanted[WORDS_MAX];
    size_t word_count;
    uint64_t busy_most;
};

static int apply_interval(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct record *record = target;
    if (parse_duration(value, &record->interval_ms) < 0 || record->interval_ms < 100 ||
        record->interval_ms > 3600000)
        return err_set(err, EINVAL, "%s %s: not a time from 100ms to 1h", row->name, value);
    return 0;
}

static int apply_keep(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct record *record = target;
    if (parse_duration(value, &record->limits.keep_ms) < 0 || record->limits.keep_ms < 60000)
        return err_set(err, EINVAL, "%s %s: not a time of a minute or more (write 7d, 12h)", row->name,
                       value);
    return 0;
}

static int apply_max_size(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct record *record = target;
    uint64_t least = 16 << 20;
    if (parse_size(value, &record->limits.max_bytes) < 0 || record->limits.max_bytes < least)
        return err_set(err, EINVAL, "%s %s: not a size of 16M or more (write 1G, or max)", row->name, value);
    return 0;
}

static int apply_while(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct record *record = target;
    if (parse_u64(value, &record->pid) < 0 || !record->pid || record->pid > INT_MAX)
        return err_set(err, EINVAL, "%s %s: not a process's number", row->name, value);
    return 0;
}

static int apply_detail(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct record *record = target;
    if (record->word_count == WORDS_MAX)
        return err_set(err, EINVAL, "%s %s: %d groups have been named already", row->name, value, WORDS_MAX);
    record->words[record->word_count++] = value;
    return 0;
}

static int apply_busy(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct record *record = target;
    if (parse_u64(value, &record->busy_most) < 0 || record->busy_most > BUSY_MAX)
        return err_set(err, EINVAL, "%s %s: not a number up to %d", row->name, value, BUSY_MAX);
    return 0;
}

static const struct option_row options[] = {
    {"--interval", 'd', "TIME", "between samples: 1s (default), 500ms", apply_interval, 0},
    {"--keep", 0, "TIME", "what is older goes: 7d, 12h; if not given, nothing does", apply_keep, 0},
    {"--max-size", 0, "SIZE", "of the file: the oldest goes first; 1G if not given", apply_max_size, 0},
    {"--detail", 0, "NAME|CGROUP",
     "with devices, network, processes, namespaces of that group; may be repeated", apply_detail, 0},
    {"--busy", 0, "N",
     "with those of the N groups that use or wait most: 8 if not given, 64 at most; 0: of none", apply_busy,
     0},
    {"--while", 0, "PID", "end when that process does", apply_while, 0},
    {0},
};

/* ---- what is looked at closely ---- */

/* What the monitor was told last. */
struct looking {
    const struct record *record;
    struct monitor *monitor;
    struct busy busy;
    uint64_t ids[WORDS_MAX + BUSY_MAX];
    size_t count;
};

/* Namespaces hardly change and are many files: they are for who was named. */
static void look_at(struct looking *looking, const uint64_t *ids, size_t count, size_t named)
{
    struct detail_look list[WORDS_MAX + BUSY_MAX];
    bool same = count == looking->count;
    for (size_t i = 0; i < count; i++) {
        list[i] = (struct detail_look){ids[i], i < named ? DETAIL_ALL : DETAIL_ALL & ~DETAIL_NAMESPACES};
        same = same && looking->ids[i] == ids[i];
        looking->ids[i] = ids[i];
    }
    looking->count = count;
    if (!same)
        monitor_look(looking->monitor, list, count);
}

/* A group that was named and is made again is looked at again. */
static void look(struct looking *looking, const struct snapshot *snapshot)
{
    const struct record *record = looking->record;
    uint64_t ids[WORDS_MAX + BUSY_MAX];
    size_t count = 0, named;
    for (size_t i = 0; i < record->word_count; i++) {
        int row = find_wanted(snapshot, &record->wanted[i]);
        if (row >= 0)
            ids[count++] = snapshot->rows[row].id;
    }
    named = count;
    busy_choose(&looking->busy, snapshot, record->busy_most);
    for (size_t i = 0; i < looking->busy.count; i++)
        ids[count++] = looking->busy.ids[i];
    look_at(looking, ids, count, named);
}

/* Those of --detail, by the first snapshot, before there is a file. 1: it is to end before. */
static int find_words(struct record *record, const struct watch *watch, struct err *err)
{
    struct names names;
    int rc = 0;
    names_open(&names);
    for (size_t i = 0; i < record->word_count && rc == 0; i++)
        rc = find_word(&names, record->words[i], false, &record->wanted[i], err);
    names_close(&names);
    struct snapshot *snapshot = NULL;
    while (rc == 0 && record->word_count && !snapshot && watch_wait(watch, -1) != WATCH_END)
        snapshot = monitor_take(watch->monitor);
    bool ends = rc == 0 && record->word_count && !snapshot;
    for (size_t i = 0; i < record->word_count && snapshot && rc >= 0; i++)
        if (record->wanted[i].sought)
            rc = find_path(snapshot, &record->wanted[i], true, err);
    snapshot_free(snapshot);
    return rc < 0 ? err_prefix(err, "record: --detail") : ends;
}

/* ---- recording ---- */

/* Until SIGINT or SIGTERM, or the end of a process: what has come until then is written. */
static int serve(const struct record *record, const struct watch *watch, int pid_fd,
                 struct recorder *recorder, struct err *err)
{
    struct looking looking = {.record = record, .monitor = watch->monitor};
    struct pollfd fds[] = {{.fd = monitor_fd(watch->monitor), .events = POLLIN},
                           {.fd = watch->signal_fd, .events = POLLIN},
                           {.fd = pid_fd, .events = POLLIN}};
    struct snapshot *last = NULL;
    int rc = 0;
    bool ends = false;
    while (rc == 0 && !ends && (poll(fds, COUNT_OF(fds), -1) >= 0 || errno == EINTR)) {
        ends = fds[1].revents || fds[2].revents;
        struct snapshot *snapshot = monitor_take(watch->monitor);
        struct event *events = monitor_events(watch->monitor);
        verdict_of_kills(last, events);
        rc = recorder_write(recorder, snapshot, events, err);
        event_free_list(events);
        if (snapshot) {
            look(&looking, snapshot);
            snapshot_free(last);
            last = snapshot;
        }
    }
    snapshot_free(last);
    return rc;
}

/* -1: there is none to wait for. */
static int open_process(const struct record *record, int *ret_fd, struct err *err)
{
    *ret_fd = record->pid ? (int)syscall(SYS_pidfd_open, (pid_t)record->pid, 0) : -1;
    return record->pid && *ret_fd < 0 ? err_errno(err, "record: wait for process %d", (int)record->pid) : 0;
}

static int run(struct record *record, const char *path, struct err *err)
{
    struct watch watch = {0};
    struct monitor_options watched = {.interval_ms = record->interval_ms, .rests = true};
    struct recorder *recorder = NULL;
    cleanup_close int pid_fd = -1;
    int rc = open_process(record, &pid_fd, err);
    if (rc == 0 && (rc = watch_open(&watch, &watched, err)) == 0)
        rc = find_words(record, &watch, err);
    if (rc == 0)
        rc = recorder_open(path, &record->limits, &recorder, err);
    if (rc == 0)
        rc = serve(record, &watch, pid_fd, recorder, err);
    watch_close(&watch);
    recorder_close(recorder);
    return rc < 0 ? rc : 0;
}

int main(int argc, char **argv)
{
    watch_past = &player_past;
    if (argc > 1 && strcmp(argv[1], "stats") == 0)
        return command_end(watch_stats(argc - 1, argv + 1));
    if (argc > 1 && strcmp(argv[1], "events") == 0)
        return command_end(watch_events(argc - 1, argv + 1));
    struct record record = {
        .interval_ms = 1000, .limits.max_bytes = UINT64_C(1) << 30, .busy_most = BUSY_USUAL};
    struct command command = record_command;
    struct err err;
    command.options = options;
    int count = argc > 1 ? argc - 2 : 0; /* "boxtop record ..." */
    char **words = argv + argc - count;
    int status = command_begin(&command, &record, &count, words);
    if (status < 0)
        status = run(&record, words[0], &err) < 0 ? command_failed(&err) : STATUS_DONE;
    return command_end(status);
}
