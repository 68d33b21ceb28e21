/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <jansson.h>

#include "base/nearest.h"
#include "base/self.h"
#include "base/str.h"
#include "core/cgroup.h"
#include "core/seal.h"
#include "core/unit.h"

#define VIEW  "boxtop-view"
#define IMAGE "boxtop-image"

const struct command *const commands[] = {
    &run_command,
    &create_command,
    &start_command,
    &restart_command,
    &rename_command,
    &exec_command,
    &attach_command,
    &ps_command,
    &inspect_command,
    &logs_command,
    &set_command,
    &stats_command,
    &events_command,
    &metrics_command,
    &record_command,
    &replay_command,
    &stop_command,
    &kill_command,
    &pause_command,
    &resume_command,
    &wait_command,
    &rm_command,
    &prune_command,
    &doctor_command,
    &cp_command,
    &demo_command,
    &image_command,
    &help_command,
    NULL,
};

/* Both watch, and so need what the small program has not: the monitor's thread. */
const struct command stats_command = {
    .name = "stats",
    .usage = "[--once] [--json] [NAME|CGROUP...]",
    .summary = "figures of cgroups, each second",
    .max_words = ANY_WORDS,
};
const struct command events_command = {
    .name = "events",
    .usage = "[--json|--csv] [--from FILE] [NAME|CGROUP...]",
    .summary = "what happens, as it happens: OOM kills, throttling, starts, ends, changed limits",
    .max_words = ANY_WORDS,
};

const struct command record_command = {
    .name = "record",
    .usage = "[OPTIONS] FILE",
    .summary = "write what every cgroup does into a file, to be looked at later",
    .min_words = 1,
    .max_words = 1,
    .program = "boxtop-record",
};
const struct command replay_command = {
    .name = "replay",
    .usage = "[OPTIONS] FILE",
    .summary = "look at a recording on the screen, as if it were now",
    .min_words = 1,
    .max_words = 1,
    .program = "boxtop-replay",
};
const struct command metrics_command = {
    .name = "metrics",
    .usage = "[--listen [ADDRESS:]PORT] [OPTIONS]",
    .summary = "answer Prometheus with every cgroup's figures",
    .program = "boxtop-metrics",
};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

int command_failed(const struct err *err)
{
    fflush(stdout); /* what was done first is said first */
    err_print(err, stderr);
    return STATUS_FAILED;
}

int command_usage(const struct err *err)
{
    command_failed(err);
    return STATUS_USAGE;
}

void command_note(const char *line)
{
    struct err note = {0};
    str_copy(note.text, sizeof note.text, line);
    err_print(&note, stderr);
}

bool command_store(struct store *ret)
{
    struct err err;
    if (store_open(ret, &err) == 0) {
        ret->say = command_note;
        return true;
    }
    command_failed(&err);
    return false;
}

/* 0, or -EINVAL with a line. */
static int check_words(const struct command *command, int count, char **argv, struct err *err)
{
    if (count >= command->min_words && count <= command->max_words)
        return 0;
    if (count < command->min_words)
        err_set(err, EINVAL, "%s: too few words", command->name);
    else
        err_set(err, EINVAL, "%s: '%s' is one word too many", command->name, argv[command->max_words]);
    return err_hint(err, "usage: boxtop %s %s", command->name, command->usage);
}

int command_begin(const struct command *command, void *options, int *argc, char **argv)
{
    struct err err;
    int count = options_parse_mixed(command->options, options, *argc, argv, &err);
    if (count == OPTIONS_HELP) {
        help_command_text(command, stdout);
        return STATUS_DONE;
    }
    if (count < 0)
        err_prefix(&err, "%s", command->name);
    if (count < 0 || check_words(command, count, argv, &err) < 0)
        return command_usage(&err);
    *argc = count;
    argv[count] = NULL;
    return -1;
}

int command_tidy(int status)
{
    struct cgroupfs fs;
    cgroupfs_find(&fs, NULL, NULL);
    cgroup_remove_base(&fs);
    return status;
}

int command_each(int argc, char **argv,
                 int (*act)(struct store *store, const char *name, const void *options, struct err *err),
                 const void *options)
{
    struct store store;
    int status = STATUS_DONE;
    if (!command_store(&store))
        return STATUS_FAILED;
    for (int i = 0; i < argc; i++) {
        struct err err = {0};
        if (act(&store, argv[i], options, &err) < 0)
            status = command_failed(&err);
    }
    store_close(&store);
    return status;
}

int command_come_in(int failed)
{
    struct err err = {0};
    int status, rc = unit_come_in(&status, &err);
    if (rc < 0)
        command_failed(&err);
    return rc < 0 ? failed : rc > 0 ? status : -1;
}

/* Becomes another program of ours; returns only if it can't. */
static int become(const char *program, char **argv)
{
    char path[PATH_MAX];
    struct err err;
    if (self_find(program, path, &err) == 0) {
        execv(path, argv);
        err_errno(&err, "execute %s", path);
    }
    return command_failed(&err);
}

int command_elsewhere(const struct command *command, char **argv)
{
    return become(command && command->program ? command->program : VIEW, argv);
}

int command_again(char **argv)
{
    return become("boxtop", argv);
}

int command_image(char **argv)
{
    return become(IMAGE, argv);
}

static int unknown_command(const char *word)
{
    struct err err;
    struct nearest near = nearest_init(word);
    for (size_t i = 0; commands[i]; i++)
        nearest_try(&near, commands[i]->name);
    err_set(&err, EINVAL, "unknown command '%s'", word);
    if (near.best)
        err_hint(&err, "did you mean boxtop %s?", near.best);
    else
        err_hint(&err, "boxtop help lists the commands; a cgroup's path begins with /");
    command_failed(&err);
    return STATUS_USAGE;
}

/* What the caller reads from us must be whole, or not be a success. */
int command_end(int status)
{
    struct err err;
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    if (!errno)
        errno = EIO; /* an earlier write failed, its reason is gone */
    err_errno(&err, "write to standard output");
    err_print(&err, stderr);
    return status ? status : STATUS_FAILED;
}

/* So that nobody can choose keys that fall on each other. The library would open /dev/urandom for it. */
static void seed_json(void)
{
    size_t seed;
    if (getrandom(&seed, sizeof seed, 0) == sizeof seed)
        json_object_seed(seed);
}

int command_main(int argc, char **argv)
{
    seed_json();
    const char *word = argc > 1 ? argv[1] : "";
    if (strcmp(word, "--version") == 0) {
        puts("boxtop " BOXTOP_VERSION);
        return command_end(STATUS_DONE);
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        help_all(stdout);
        return command_end(STATUS_DONE);
    }
    /* No command: the screen, perhaps with options, perhaps of one cgroup. */
    if (!word[0] || word[0] == '-' || word[0] == '/')
        return command_elsewhere(NULL, argv);
    const struct command *command = command_find(word);
    if (!command)
        return unknown_command(word);
    if (!command->run)
        return command_elsewhere(command, argv);
    if (command->sealed)
        seal_self(argv);
    return command_end(command->run(command, argc - 2, argv + 2));
}
