/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands: one row each serves the dispatcher, help and the man page. Exit status: 0 done, 1 failed, 2
 * wrong usage; run and exec pass on the command's own, or 125..127.
 */
#ifndef BOXTOP_CLI_COMMAND_H
#define BOXTOP_CLI_COMMAND_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/options.h"
#include "core/store.h"

enum { STATUS_DONE = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_ENGINE_FAILED = 125 };

#define ANY_WORDS INT_MAX

struct command {
    const char *name;    /* "stop" */
    const char *usage;   /* what follows it: "[OPTIONS] NAME..." */
    const char *summary; /* a sentence, no full stop */
    const struct option_row *options;
    int min_words, max_words; /* beside options; max_words may be ANY_WORDS */
    /* Gets the words behind its name; returns the exit status. NULL: another program of ours has the command.
     */
    int (*run)(const struct command *command, int argc, char **argv);
    void (*more_help)(FILE *out); /* what --help shows below the options; may be NULL */
    bool sealed;                  /* it joins a container: from a read-only image of boxtop (core/seal.h) */
    const char *program;          /* without `run`: which one has it; NULL: boxtop-view */
};

extern const struct command run_command, create_command, start_command, restart_command, rename_command,
    attach_command, exec_command, ps_command, inspect_command, logs_command, set_command, stop_command,
    kill_command, pause_command, resume_command, wait_command, rm_command, prune_command, stats_command,
    events_command, metrics_command, record_command, replay_command, cp_command, doctor_command, demo_command,
    image_command, help_command;
extern const struct command *const commands[]; /* in the order of help; ends with NULL */

const struct command *command_find(const char *name); /* NULL: no such command */
/* main() of boxtop. */
int command_main(int argc, char **argv);

/* Reads the options wherever they stand; *argc and argv become the other words. Returns -1 to go on, or the
 * exit status with which to end: help was shown, or the usage was wrong and that was said. */
int command_begin(const struct command *command, void *options, int *argc, char **argv);
/* What a program of ours ends with: `status`, unless what it wrote to stdout could not be written. */
int command_end(int status);
/* Says on stderr what went wrong. Each returns the status it is named after. */
int command_failed(const struct err *err);
int command_usage(const struct err *err);
/* The store, or false: that was said. */
bool command_store(struct store *ret);
/* What people should know besides, on standard error: for store.say. */
void command_note(const char *line);

/* Becomes the program that has the command (NULL: the screen), with these arguments (argv[0] "boxtop");
 * returns only if it can't. */
int command_elsewhere(const struct command *command, char **argv);
/* Becomes boxtop itself, as above. */
int command_again(char **argv);
/* Becomes boxtop-image with these arguments ("boxtop", "image", ...); returns only if it can't. */
int command_image(char **argv);
/* Imports the source *root (core/image.h), unless it was: *root becomes the image's name. What went wrong was
 * said if err->code is not set. */
int command_import(char **root, struct err *err);

/* What a user starts from outside of boxtop's delegated unit runs inside of it (core/unit.h): then this
 * returns the exit status with which it ended there, or `failed` if it could not be. -1: go on. */
int command_come_in(int failed);

/* The options of cp, which boxtop-image runs. */
struct cp_flags {
    bool exact, follow;
};

/* After containers were ended: the cgroup that they stand in goes if none does any more. Returns `status`. */
int command_tidy(int status);
/* Calls act for each of the words; says what failed and goes on. Returns the exit status. */
int command_each(int argc, char **argv,
                 int (*act)(struct store *store, const char *name, const void *options, struct err *err),
                 const void *options);

void help_command_text(const struct command *command, FILE *out);
void help_all(FILE *out);

#endif
