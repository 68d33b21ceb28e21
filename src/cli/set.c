/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/consequence.h"
#include "cli/output.h"
#include "core/container.h"
#include "core/property.h"

struct set_options {
    bool json, yes, gently;
};

static const struct option_row options[] = {
    {"--json", 0, NULL, "one array of {cgroup, knob, before, after}, in the kernel's words",
     .offset = offsetof(struct set_options, json)},
    {"--gently", 0, NULL, "memory.max below use: reclaim first, and change nothing if that is not enough",
     .offset = offsetof(struct set_options, gently)},
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

/* Says on stderr what will happen at once, and asks if somebody is there to answer. False: better not. */
static bool confirmed(int cgroup, const char *path, const char *name, const struct change *changes, int count,
                      bool yes)
{
    char what[CONSEQUENCE_SIZE], answer[16];
    bool harm = false;
    for (int i = 0; i < count; i++) {
        enum consequence c = consequence_of(cgroup, path, changes[i].knob, changes[i].text, what);
        harm |= c == CONSEQUENCE_HARM;
        if (c == CONSEQUENCE_NONE)
            continue;
        fputs("boxtop: set ", stderr);
        output_printable(name, stderr);
        fprintf(stderr, " %s: %s\n", changes[i].knob->name, what);
    }
    if (!harm || yes)
        return true;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        fputs("boxtop: set: " SET_REFUSED "\n", stderr);
        return false;
    }
    fputs("Set it? [y/N] ", stderr);
    if (fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
        return true;
    fputs("boxtop: nothing was changed\n", stderr);
    return false;
}

/* Of a knob with a line for each device, the one that was written. */
static void format_one(const struct change *change, const char *kernel_text, char *to)
{
    char one[KNOB_TEXT_SIZE], shown[KNOB_TEXT_SIZE];
    size_t len = strcspn(change->text, " ");
    knob_pick(change->knob, change->text, kernel_text, one);
    knob_format(change->knob, one, shown);
    if (change->text[len] && strcmp(one, kernel_text) != 0)
        snprintf(to, KNOB_TEXT_SIZE, "%.*s %.*s", (int)len, change->text, KNOB_TEXT_SIZE - 40, shown);
    else
        str_copy(to, KNOB_TEXT_SIZE, shown);
}

static void print_change(const struct change *change)
{
    char before[KNOB_TEXT_SIZE], after[KNOB_TEXT_SIZE];
    format_one(change, change->before, before);
    format_one(change, change->after, after);
    printf("%s: %s -> %s\n", change->knob->name, before[0] ? before : "-", after[0] ? after : "-");
}

static json_t *change_to_json(const struct change *change, const char *path)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "cgroup", path, "knob", change->knob->name, "before",
                     change->before, "after", change->after);
}

/* A unit's limit is set by systemd, which would write its own again at the next occasion; the line says so.
 * What it refuses is no reason to go behind its back. -ENOENT: this one is nothing of systemd's. */
static int through_systemd(int cgroup, const char *path, const char *name, struct change *change,
                           struct err *err)
{
    struct property property;
    char line[2 * PROPERTY_LINE];
    if (property_of(path, change->knob, change->text, &property) < 0)
        return -ENOENT;
    if (knob_read(cgroup, change->knob, change->before) < 0)
        change->before[0] = '\0';
    int rc = property_set(&property, err);
    if (rc == -ENOTSUP)
        return -ENOENT;
    property_line(&property, line);
    if (rc < 0)
        return err_prefix(err, "%s", line);
    fputs("boxtop: set ", stderr);
    output_printable(name, stderr);
    fprintf(stderr, " %s: through systemd: ", change->knob->name);
    output_printable(line, stderr);
    fputc('\n', stderr);
    return knob_read(cgroup, change->knob, change->after);
}

/* Writes them in the order they were given. What was done before one failed is reported all the same. */
static int apply_all(int cgroup, const char *path, const char *name, struct change *changes, int count,
                     bool json)
{
    struct err err;
    json_t *array = json_array();
    int rc = 0;
    for (int i = 0; i < count && rc == 0; i++) {
        struct change *change = &changes[i];
        rc = through_systemd(cgroup, path, name, change, &err);
        if (rc == -ENOENT)
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

/* One of others' that is called so is found by who watches; the name stands first there. */
static int set_elsewhere(int argc, char **argv, const struct set_options *o)
{
    static char set[] = "set", program[] = "boxtop", json[] = "--json", gently[] = "--gently",
                yes[] = "--yes";
    cleanup_free char **words = mem_array((size_t)argc + 6, sizeof *words);
    int count = 0;
    words[count++] = program;
    words[count++] = set;
    words[count++] = argv[0];
    if (o->json)
        words[count++] = json;
    if (o->gently)
        words[count++] = gently;
    if (o->yes)
        words[count++] = yes;
    memcpy(words + count, argv + 1, (size_t)(argc - 1) * sizeof *words);
    return command_elsewhere(&set_command, words);
}

/* Returns the exit status; -1: none of our containers is called so. */
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
    if (rc == -ENOENT && name[0] != '/')
        return -1;
    if (rc < 0 || check_controllers(changes, count, &err) < 0)
        return command_failed(&err);
    for (int i = 0; i < count && o->gently; i++)
        if (consequence_make_room(cgroup, changes[i].knob, changes[i].text, &err) < 0) {
            err_prefix(&err, "set %s", path);
            return command_failed(&err);
        }
    if (!confirmed(cgroup, path, name, changes, count, o->yes))
        return STATUS_FAILED;
    return apply_all(cgroup, path, name, changes, count, o->json);
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
    status = set_on(argv[0], changes, argc - 1, &o);
    return status < 0 ? set_elsewhere(argc, argv, &o) : status;
}

static void list_knobs(FILE *out)
{
    size_t count;
    const struct knob *knobs = knob_table(&count);
    fputs(
        "Knobs are cgroup v2's files; those of run's options have their names too (memory=64M, cpus=0.5).\n",
        out);
    for (size_t i = 0; i < count; i++)
        if (knob_title(&knobs[i]))
            fprintf(out, "  %-25s%s (Linux %s%s%s)\n", knob_title(&knobs[i]), knobs[i].help, knobs[i].since,
                    knobs[i].fallback[0] ? "; at first " : "", knobs[i].fallback);
}

const struct command set_command = {
    .name = "set",
    .usage = "[--json] [--gently] [--yes] NAME|CGROUP KNOB=VALUE...",
    .summary = "turn limits of a container or of any group: by its path, or as others call it",
    .options = options,
    .min_words = 2,
    .max_words = ANY_WORDS,
    .run = set_run,
    .more_help = list_knobs,
};
