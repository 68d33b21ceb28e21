/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/fmt.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/value.h"
#include "cli/command.h"
#include "cli/output.h"
#include "core/cgroup.h"
#include "core/container.h"

struct set_options {
    bool json, yes;
};

static const struct option_row options[] = {
    {"--json", 0, NULL, "one array of {cgroup, knob, before, after}, in the kernel's words",
     .offset = offsetof(struct set_options, json)},
    {"--yes", 'y', NULL, "do not ask, even if something may be killed",
     .offset = offsetof(struct set_options, yes)},
    {0},
};

struct change {
    const struct knob *knob;
    char text[KNOB_TEXT_SIZE], before[KNOB_TEXT_SIZE], after[KNOB_TEXT_SIZE];
};

static int read_change(const char *word, struct change *ret, struct err *err)
{
    cleanup_free char *name = mem_dup(word);
    char *equals = strchr(name, '=');
    if (!equals) {
        err_set(err, EINVAL, "set: '%s' is not KNOB=VALUE", word);
        return err_hint(err, "for example boxtop set web memory.max=64M");
    }
    *equals = '\0';
    ret->knob = knob_find(name);
    int rc = ret->knob ? knob_parse(ret->knob, equals + 1, ret->text, err) : knob_unknown(name, err);
    return rc < 0 ? err_prefix(err, "set") : 0;
}

static uint64_t read_number(int cgroup, const char *file)
{
    char text[64];
    uint64_t value;
    if (fs_read_at(cgroup, file, text, sizeof text) < 0 || parse_u64_or_max(text, &value) < 0)
        return VALUE_ABSENT;
    return value;
}

/* How much swap it could still be given. */
static uint64_t swap_left(int cgroup)
{
    uint64_t max = read_number(cgroup, "memory.swap.max"), used = read_number(cgroup, "memory.swap.current");
    struct sysinfo info;
    if (sysinfo(&info) < 0 || max == VALUE_ABSENT)
        return 0;
    uint64_t free_bytes = (uint64_t)info.freeswap * info.mem_unit;
    if (max == VALUE_MAX || !value_is_number(used))
        return free_bytes;
    uint64_t left = max > used ? max - used : 0;
    return left < free_bytes ? left : free_bytes;
}

/* What the kernel can't take back by reclaiming: it kills for it (the file cache goes first). */
static uint64_t unreclaimable(int cgroup)
{
    static const char *const keys[] = {"anon", "shmem", "kernel"};
    uint64_t bytes = 0, swap = swap_left(cgroup);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        uint64_t value = cgroup_keyed(cgroup, "memory.stat", keys[i]);
        bytes += value_is_number(value) ? value : 0;
    }
    return bytes > swap ? bytes - swap : 0;
}

/* True if something happens at once that one may not want; said in `to`. */
static bool has_consequence(int cgroup, const struct change *change, char *to, size_t size)
{
    char now[FMT_SIZE], limit[FMT_SIZE];
    uint64_t current = read_number(cgroup, "memory.current"), max;
    if (strcmp(change->knob->name, "memory.max") != 0 || parse_u64(change->text, &max) < 0 ||
        !value_is_number(current) || current <= max)
        return false;
    fmt_bytes(now, current);
    fmt_bytes(limit, max);
    if (unreclaimable(cgroup) > max)
        snprintf(to, size,
                 "it uses %s, more than %s, and cannot give back enough: processes will be OOM killed", now,
                 limit);
    else
        snprintf(to, size, "it uses %s, more than %s: the rest is reclaimed, which may take a while", now,
                 limit);
    return true;
}

/* Says on stderr what will happen at once, and asks if somebody is there to answer. False: better not. */
static bool confirmed(int cgroup, const char *name, const struct change *changes, int count, bool yes)
{
    char what[256], answer[16];
    bool any = false;
    for (int i = 0; i < count; i++) {
        if (!has_consequence(cgroup, &changes[i], what, sizeof what))
            continue;
        any = true;
        fputs("boxtop: set ", stderr);
        output_printable(name, stderr);
        fprintf(stderr, " %s: %s\n", changes[i].knob->name, what);
    }
    if (!any || yes || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return true;
    fputs("Set it? [y/N] ", stderr);
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static void print_change(const struct change *change)
{
    char before[KNOB_TEXT_SIZE], after[KNOB_TEXT_SIZE];
    knob_format(change->knob, change->before, before);
    knob_format(change->knob, change->after, after);
    printf("%s: %s -> %s\n", change->knob->name, before[0] ? before : "-", after[0] ? after : "-");
}

static json_t *change_to_json(const struct change *change, const char *path)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "cgroup", path, "knob", change->knob->name, "before",
                     change->before, "after", change->after);
}

/* Writes them in the order they were given. What was done before one failed is reported all the same. */
static int apply_all(int cgroup, const char *path, struct change *changes, int count, bool json)
{
    struct err err;
    json_t *array = json_array();
    int rc = 0;
    for (int i = 0; i < count && rc == 0; i++) {
        struct change *change = &changes[i];
        rc = knob_write(cgroup, change->knob, change->text, change->before, change->after, &err);
        if (rc == 0 && json)
            json_array_append_new(array, change_to_json(change, path));
        else if (rc == 0)
            print_change(change);
    }
    if (json)
        output_json(array, stdout);
    else
        json_decref(array);
    if (rc == 0)
        return STATUS_DONE;
    err_prefix(&err, "%s", path);
    return command_failed(&err);
}

/* A controller that is nowhere on cgroup v2 needs another hint than one that is off in this group. */
static int check_controllers(const struct change *changes, int count, struct err *err)
{
    struct cgroupfs fs;
    cgroupfs_find(&fs, NULL, NULL);
    for (int i = 0; i < count; i++) {
        int controller = changes[i].knob->controller;
        if (controller >= 0 && !(fs.controllers & 1u << controller)) {
            cgroupfs_missing(&fs, (enum controller)controller, err);
            return err_prefix(err, "set %s", changes[i].knob->name);
        }
    }
    return 0;
}

static int set_on(const char *name, struct change *changes, int count, const struct set_options *o)
{
    struct store store;
    struct err err;
    char path[300];
    cleanup_close int cgroup = -1;
    if (!command_store(&store))
        return STATUS_FAILED;
    int rc = container_open_cgroup(&store, name, &cgroup, path, &err);
    store_close(&store);
    if (rc < 0 || check_controllers(changes, count, &err) < 0)
        return command_failed(&err);
    if (!confirmed(cgroup, name, changes, count, o->yes)) {
        fputs("boxtop: nothing was changed\n", stderr);
        return STATUS_FAILED;
    }
    return apply_all(cgroup, path, changes, count, o->json);
}

static int set_run(const struct command *command, int argc, char **argv)
{
    struct set_options o = {0};
    struct err err;
    int status = command_begin(command, &o, &argc, argv);
    if (status >= 0)
        return status;
    cleanup_free struct change *changes = mem_array((size_t)argc, sizeof *changes);
    for (int i = 1; i < argc; i++)
        if (read_change(argv[i], &changes[i - 1], &err) < 0)
            return command_usage(&err);
    return set_on(argv[0], changes, argc - 1, &o);
}

static void list_knobs(FILE *out)
{
    size_t count;
    const struct knob *knobs = knob_table(&count);
    fputs(
        "Knobs are cgroup v2's files; those of run's options have their names too (memory=64M, cpus=0.5).\n",
        out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "  %-18s%s\n", knobs[i].name, knobs[i].help);
}

const struct command set_command = {
    .name = "set",
    .usage = "[--json] [--yes] NAME|CGROUP KNOB=VALUE...",
    .summary = "turn limits of a container or of any cgroup",
    .options = options,
    .min_words = 2,
    .max_words = ANY_WORDS,
    .run = set_run,
    .more_help = list_knobs,
};
