/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/parse.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/when.h"
#include "cli/command.h"
#include "cli/watch_csv.h"
#include "cli/watch_figure.h"
#include "cli/watch_find.h"
#include "cli/watch_loop.h"
#include "cli/watch_names.h"
#include "cli/watch_past.h"
#include "cli/watch_self.h"

#define NAME_WIDTH_MAX 48

struct stats {
    bool once, json, csv, self, batch, all;
    bool has_head;  /* of the CSV */
    uint64_t count; /* 0: without end */
    uint64_t interval_ms;
    const struct figure *sort; /* NULL: tree order */
    const char *from;          /* a recording; NULL: what is */
    const char *at;
    uint64_t at_ns;        /* its sample of then; 0: all of them */
    struct wanted *wanted; /* what was named; none: everything */
    size_t wanted_count;
    struct names names;
    struct detail_look *look; /* what the monitor was asked to look at */
    size_t look_count;
};

static int apply_count(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct stats *stats = target;
    if (parse_u64(value, &stats->count) < 0 || stats->count == 0)
        return err_set(err, EINVAL, "%s %s: not a number of 1 or more", row->name, value);
    return 0;
}

static int apply_interval(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct stats *stats = target;
    if (parse_duration(value, &stats->interval_ms) < 0 || stats->interval_ms < 100 ||
        stats->interval_ms > 3600000)
        return err_set(err, EINVAL, "%s %s: not a time from 100ms to 1h", row->name, value);
    return 0;
}

static int apply_at(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct stats *stats = target;
    stats->at = value;
    if (when_parse(value, clock_wall_ns(), &stats->at_ns) == 0)
        return 0;
    err_set(err, EINVAL, "%s %s: not a time", row->name, value);
    return err_hint(err, WHEN_HINT);
}

static int apply_sort(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct stats *stats = target;
    struct nearest near = nearest_init(value);
    stats->sort = NULL;
    if (strcmp(value, "tree") == 0)
        return 0;
    for (const struct figure *f = figures; f->key; f++) {
        if (!f->sort)
            continue;
        if (strcmp(f->sort, value) == 0) {
            stats->sort = f;
            return 0;
        }
        nearest_try(&near, f->sort);
    }
    err_set(err, EINVAL, "%s %s: no such figure", row->name, value);
    return near.best ? err_hint(err, "did you mean %s?", near.best) : err_hint(err, "%s", row->help);
}

static const struct option_row options[] = {
    {"--once", 0, NULL, "one table, of two samples an interval apart", NULL, offsetof(struct stats, once)},
    {"--json", 0, NULL, "objects: an array with --once, else one a line", NULL, offsetof(struct stats, json)},
    {"--all", 'a', NULL, "every figure of the groups that are named, one a line", NULL,
     offsetof(struct stats, all)},
    {"--csv", 0, NULL, "lines of comma-separated values; what is absent is empty", NULL,
     offsetof(struct stats, csv)},
    {"--self", 0, NULL, "what this watching costs, instead of what it sees", NULL,
     offsetof(struct stats, self)},
    {"--batch", 'b', NULL, "tables one after another, as systemd-cgtop -b: what it does anyway", NULL,
     offsetof(struct stats, batch)},
    {"--count", 'n', "N", "end after N tables", apply_count, 0},
    {"--interval", 'd', "TIME", "between samples: 1s, 500ms", apply_interval, 0},
    {"--sort", 's', "FIGURE", "tree (default), cpu, throttled, stalled, memory, peak, oom, pids", apply_sort,
     0},
    {"--from", 0, "FILE", "what a recording has (boxtop record), sample after sample", NULL,
     offsetof(struct stats, from)},
    {"--at", 0, "TIME", "with --from: as it was then (10m ago, 14:05, 2026-11-23T14:05:30Z)", apply_at, 0},
    {0},
};

static int resolve_all(struct stats *stats, int count, char **words, struct err *err)
{
    stats->wanted = mem_array((size_t)count, sizeof *stats->wanted);
    for (int i = 0; i < count; i++) {
        struct wanted *wanted = &stats->wanted[i];
        int rc = stats->from ? find_word_past(words[i], wanted, err)
                             : find_word(&stats->names, words[i], true, wanted, err);
        if (rc < 0)
            return err_prefix(err, "stats");
        stats->wanted_count++;
    }
    return 0;
}

/* A row to print and what it is sorted by. */
struct line {
    struct figure_of of;
    double order;
};

static int by_order(const void *a, const void *b)
{
    const struct line *one = a, *other = b;
    if (one->order != other->order)
        return one->order < other->order ? 1 : -1;
    return one->of.row < other->of.row ? -1 : 1;
}

/* Names that are none of our containers' get their group's path, once: made again elsewhere it is another. In
 * a recording they are looked for in each sample. */
static int settle(struct stats *stats, const struct snapshot *snapshot, struct err *err)
{
    for (size_t i = 0; i < stats->wanted_count; i++) {
        struct wanted *wanted = &stats->wanted[i];
        int rc = wanted->cgroup[0] ? 0 : find_path(snapshot, wanted, !stats->from, err);
        if (rc < 0 && !(rc == -ENOENT && stats->from))
            return err_prefix(err, "stats");
        wanted->found = wanted->found || find_wanted(snapshot, wanted) >= 0;
    }
    return 0;
}

/* The rows that are wanted: in the order in which they were named, or all in tree order, unless another order
 * was asked for. The caller frees. */
static struct line *lines_of(const struct stats *stats, const struct snapshot *snapshot, size_t *ret_count)
{
    size_t most = stats->wanted_count ? stats->wanted_count : snapshot->count, count = 0;
    struct line *lines = mem_array(most, sizeof *lines);
    for (size_t i = 0; i < most; i++) {
        int row = stats->wanted_count ? find_wanted(snapshot, &stats->wanted[i]) : (int)i;
        if (row < 0)
            continue;
        struct figure_of of = {snapshot, &snapshot->rows[row], &stats->names};
        lines[count++] = (struct line){of, stats->sort ? figure_order(stats->sort, &of) : 0};
    }
    if (stats->sort)
        qsort(lines, count, sizeof *lines, by_order);
    *ret_count = count;
    return lines;
}

#define JSON_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(6))

static void print_json(const struct stats *stats, const struct line *lines, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, figure_object(&lines[i].of));
    if (stats->once) {
        json_dumpf(array, stdout, JSON_FLAGS);
        putchar('\n');
    }
    for (size_t i = 0; i < count && !stats->once; i++) {
        json_dumpf(json_array_get(array, i), stdout, JSON_FLAGS);
        putchar('\n');
    }
    json_decref(array);
}

static void print_csv_head(struct stats *stats)
{
    if (stats->has_head)
        return;
    stats->has_head = true;
    for (const struct figure *f = figures; f->key; f++)
        csv_text(stdout, f == figures, f->key);
    csv_end(stdout);
}

/* A value in an object, as in "memory.events/max", is a field; so is a whole object: its JSON. */
static void print_csv(struct stats *stats, const struct line *lines, size_t count)
{
    print_csv_head(stats);
    for (size_t i = 0; i < count; i++) {
        for (const struct figure *f = figures; f->key; f++) {
            json_t *value = f->value(&lines[i].of, f->offset);
            if (json_is_object(value) || json_is_array(value)) {
                cleanup_free char *text = json_dumps(value, JSON_FLAGS);
                json_decref(value);
                value = json_string(text);
            }
            csv_value(stdout, f == figures, value);
        }
        csv_end(stdout);
    }
}

/* In tree order a group stands below its parent, by its last name; else it needs its whole path. */
static void label_of(const struct stats *stats, const struct figure_of *of, char *to, size_t size)
{
    const struct known *known = names_of(of->names, of->row->path);
    bool tree = !stats->sort && stats->wanted_count == 0;
    size_t indent = tree ? (size_t)of->row->depth * 2 : 0;
    if (indent > size / 2)
        indent = size / 2;
    memset(to, ' ', indent);
    str_printable(to + indent, size - indent, known ? known->name : tree ? of->row->name : of->row->path);
}

/* Columns a terminal shows for a label: characters, not bytes. */
static int width_of(const char *label)
{
    int width = 0;
    for (; *label; label++)
        width += ((unsigned char)*label & 0xc0) != 0x80;
    return width;
}

static void print_row(const char *label, int label_width, const struct figure_of *of)
{
    printf("%s%*s", label, label_width - width_of(label), "");
    for (const struct figure *f = figures; f->key; f++) {
        char text[FIGURE_TEXT];
        if (!f->title)
            continue;
        if (of)
            figure_text(f, of, text);
        printf(" %*s", f->width, of ? text : f->title);
    }
    putchar('\n');
}

static void print_table(const struct stats *stats, const struct line *lines, size_t count)
{
    char label[NAME_WIDTH_MAX];
    int widest = (int)strlen("CGROUP");
    for (size_t i = 0; i < count; i++) {
        label_of(stats, &lines[i].of, label, sizeof label);
        widest = width_of(label) > widest ? width_of(label) : widest;
    }
    print_row("CGROUP", widest, NULL);
    for (size_t i = 0; i < count; i++) {
        label_of(stats, &lines[i].of, label, sizeof label);
        print_row(label, widest, &lines[i].of);
    }
    if (!stats->once)
        putchar('\n');
}

/* "memory.stat.anon 4096": keys in objects are put behind each other, items of arrays by their place. */
static void print_all(const char *key, const json_t *value)
{
    char inner[512];
    const char *name, *dot = key[0] ? "." : "";
    json_t *item;
    size_t index;
    if (json_is_object(value)) {
        json_object_foreach((json_t *)(uintptr_t)value, name, item)
        {
            snprintf(inner, sizeof inner, "%s%s%s", key, dot, name);
            print_all(inner, item);
        }
    } else if (json_is_array(value)) {
        json_array_foreach(value, index, item)
        {
            snprintf(inner, sizeof inner, "%s%s%zu", key, dot, index);
            print_all(inner, item);
        }
    } else if (json_is_string(value)) {
        printf("%s %s\n", key, json_string_value(value)); /* escaped when it was made */
    } else {
        cleanup_free char *text = json_dumps(value, JSON_FLAGS | JSON_ENCODE_ANY);
        printf("%s %s\n", key, json_is_null(value) || !text ? "-" : text);
    }
}

static void print_lists(const struct stats *stats, const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *object = figure_object(&lines[i].of);
        print_all("", object);
        json_decref(object);
        if (!stats->once || i + 1 < count)
            putchar('\n');
    }
}

/* As print_snapshot(): a row, always. */
static size_t print_self(struct stats *stats, const struct snapshot *snapshot)
{
    if (stats->json) {
        json_t *object = self_object(snapshot);
        json_dumpf(object, stdout, JSON_FLAGS);
        putchar('\n');
        json_decref(object);
        return 1;
    }
    for (size_t i = 0; i < SELF_FIGURES && !stats->has_head; i++)
        csv_text(stdout, i == 0, self_keys[i]);
    if (!stats->has_head)
        csv_end(stdout);
    stats->has_head = true;
    for (size_t i = 0; i < SELF_FIGURES; i++)
        csv_value(stdout, i == 0, self_value(snapshot, i));
    csv_end(stdout);
    return 1;
}

/* Returns how many rows there were. */
static size_t print_snapshot(struct stats *stats, const struct snapshot *snapshot)
{
    size_t count;
    if (stats->self)
        return print_self(stats, snapshot);
    names_refresh(&stats->names);
    cleanup_free struct line *lines = lines_of(stats, snapshot, &count);
    if (stats->json)
        print_json(stats, lines, count);
    else if (stats->csv)
        print_csv(stats, lines, count);
    else if (stats->all)
        print_lists(stats, lines, count);
    else if (count || stats->wanted_count == 0)
        print_table(stats, lines, count);
    return count;
}

/* Groups that were named are looked at as a whole, of all others the network of containers; what a table does
 * not show is not read. */
static void look(struct stats *stats, struct monitor *monitor, const struct snapshot *snapshot)
{
    size_t count = 0;
    if (!stats->json && !stats->all)
        return;
    struct detail_look *list = mem_array(stats->wanted_count + 1, sizeof *list);
    for (size_t i = 0; i < stats->wanted_count; i++) {
        int row = snapshot_find_path(snapshot, stats->wanted[i].cgroup);
        if (row >= 0)
            list[count++] = (struct detail_look){snapshot->rows[row].id, DETAIL_ALL};
    }
    if (!stats->wanted_count)
        list[count++] = (struct detail_look){0, DETAIL_NET};
    bool same = count == stats->look_count;
    for (size_t i = 0; i < count && same; i++)
        same = list[i].id == stats->look[i].id;
    if (!same)
        monitor_look(monitor, list, count);
    free(stats->look);
    stats->look = list;
    stats->look_count = count;
}

/* Prints each full sample from the second on: rates need two. Ends with 0, or a negative errno. */
static int stream(struct stats *stats, const struct watch *watch, struct err *err)
{
    uint64_t printed = 0, sample = 1;
    int rc = 0;
    while (rc == 0 && (stats->count == 0 || printed < stats->count) && watch_wait(watch, -1) != WATCH_END) {
        struct snapshot *snapshot = monitor_take(watch->monitor);
        event_free_list(monitor_events(watch->monitor));
        if (snapshot && (rc = settle(stats, snapshot, err)) == 0)
            look(stats, watch->monitor, snapshot);
        if (rc == 0 && snapshot && snapshot->sample_serial > sample) {
            sample = snapshot->sample_serial;
            size_t rows = print_snapshot(stats, snapshot);
            printed++;
            rc = watch_flush(err);
            if (rows == 0 && stats->wanted_count && rc == 0)
                rc = stats->once ? err_set(err, ENOENT, "stats: the cgroup has gone") : 1;
        }
        snapshot_free(snapshot);
    }
    return rc < 0 ? rc : 0;
}

/* Each sample of a recording, or the one of a time. */
static int stream_past(struct stats *stats, void *player, struct err *err)
{
    const struct snapshot *snapshot;
    uint64_t printed = 0, before = UINT64_MAX, first, last;
    int rc = watch_past->span(player, &first, &last, err);
    if (rc == 0 && stats->at)
        rc = when_parse(stats->at, last, &stats->at_ns); /* as seen from its end */
    if (rc == 0)
        rc = watch_past->at(player, stats->at_ns, &snapshot, err);
    while (rc == 0 && snapshot->wall_ns != before && (rc = settle(stats, snapshot, err)) == 0) {
        size_t rows = print_snapshot(stats, snapshot);
        if (rows == 0 && stats->at_ns && stats->wanted_count)
            return err_set(err, ENOENT, "stats: no such cgroup was there then");
        printed += rows > 0;
        before = snapshot->wall_ns;
        rc = watch_flush(err);
        if (rc == 0 && (stats->at_ns || (stats->count && printed == stats->count)))
            return 0;
        if (rc == 0)
            rc = watch_past->step(player, 1, &snapshot, err);
    }
    if (rc == 0 && (rc = find_missing(stats->wanted, stats->wanted_count, stats->from, err)) < 0)
        err_prefix(err, "stats");
    return rc < 0 ? rc : 0;
}

static int run_past(struct stats *stats, int count, char **words)
{
    void *player = NULL;
    struct err err;
    signal(SIGPIPE, SIG_IGN);
    names_open(&stats->names);
    int rc = resolve_all(stats, count, words, &err);
    if (rc == 0 && (rc = watch_past->open(stats->from, &player, &err)) == 0) {
        rc = stream_past(stats, player, &err);
        watch_past->close(player);
    }
    names_close(&stats->names);
    free(stats->wanted);
    return rc < 0 ? command_failed(&err) : STATUS_DONE;
}

static int run(struct stats *stats, int count, char **words)
{
    struct watch watch = {0};
    struct err err;
    names_open(&stats->names);
    int rc = resolve_all(stats, count, words, &err);
    if (rc == 0 &&
        (rc = watch_open(&watch,
                         &(struct monitor_options){.interval_ms = stats->interval_ms, .pressed = stats->self},
                         &err)) == 0)
        rc = stream(stats, &watch, &err);
    watch_close(&watch);
    names_close(&stats->names);
    free(stats->wanted);
    free(stats->look);
    return rc < 0 ? command_failed(&err) : STATUS_DONE;
}

int watch_stats(int argc, char **argv)
{
    struct stats stats = {.interval_ms = 1000};
    struct command command = stats_command;
    command.options = options;
    argc--;
    int status = command_begin(&command, &stats, &argc, argv + 1);
    if (status >= 0)
        return status;
    if (stats.json && stats.csv) {
        struct err err;
        err_set(&err, EINVAL, "stats: --json and --csv exclude each other");
        return command_usage(&err);
    }
    if (stats.all && (stats.csv || stats.json || argc == 0)) {
        struct err err;
        err_set(&err, EINVAL, "stats: --all is for groups that are named, without --json and --csv");
        return command_usage(&err);
    }
    if (stats.from && !watch_past) { /* boxtop-view hands these on before they come here */
        struct err err;
        err_set(&err, ENOTSUP, "stats: this program reads no recordings");
        return command_failed(&err);
    }
    if (stats.once)
        stats.count = 1;
    return stats.from ? run_past(&stats, argc, argv + 1) : run(&stats, argc, argv + 1);
}
