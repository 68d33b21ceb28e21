/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands that act on containers one by one.
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "base/str.h"
#include "cli/command.h"
#include "core/container.h"

static const struct option_row no_options[] = {{0}};

/* ---- stop ---- */

struct stop_options {
    int timeout_ms;
};

static int apply_timeout(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct stop_options *o = target;
    uint64_t ms;
    if (parse_duration(value, &ms) < 0 || ms > INT32_MAX)
        return err_set(err, EINVAL, "%s: '%s' is not a time (write 10, 2.5s, 500ms)", row->name, value);
    o->timeout_ms = (int)ms;
    return 0;
}

static const struct option_row stop_options[] = {
    {"--timeout", 't', "SECONDS",
     "how long its stop signal is given before SIGKILL; what run's --stop-timeout said if not given",
     .apply = apply_timeout},
    {0},
};

static int stop_one(struct store *store, const char *name, const void *options, struct err *err)
{
    const struct stop_options *o = options;
    return container_stop(store, name, o->timeout_ms, err);
}

static int stop_run(const struct command *command, int argc, char **argv)
{
    struct stop_options o = {.timeout_ms = CONTAINER_STOP_TIMEOUT};
    int status = command_begin(command, &o, &argc, argv);
    return status >= 0 ? status : command_tidy(command_each(argc, argv, stop_one, &o));
}

const struct command stop_command = {
    .name = "stop",
    .usage = "[-t SECONDS] NAME...",
    .summary = "end containers: their stop signal (SIGTERM), and after a while SIGKILL to all of it",
    .options = stop_options,
    .min_words = 1,
    .max_words = ANY_WORDS,
    .run = stop_run,
};

/* ---- start, restart, rename ---- */

static int start_one(struct store *store, const char *name, const void *options, struct err *err)
{
    (void)options;
    return container_start(store, name, err);
}

static int start_run(const struct command *command, int argc, char **argv)
{
    int status = command_begin(command, NULL, &argc, argv);
    if (status < 0)
        status = command_come_in(STATUS_FAILED);
    return status >= 0 ? status : command_each(argc, argv, start_one, NULL);
}

const struct command start_command = {
    .name = "start",
    .usage = "NAME...",
    .summary = "launch containers that were created or have ended, in the background",
    .options = no_options,
    .min_words = 1,
    .max_words = ANY_WORDS,
    .run = start_run,
};

static int restart_one(struct store *store, const char *name, const void *options, struct err *err)
{
    const struct stop_options *o = options;
    return container_restart(store, name, o->timeout_ms, err);
}

static int restart_run(const struct command *command, int argc, char **argv)
{
    struct stop_options o = {.timeout_ms = CONTAINER_STOP_TIMEOUT};
    int status = command_begin(command, &o, &argc, argv);
    if (status < 0)
        status = command_come_in(STATUS_FAILED);
    return status >= 0 ? status : command_each(argc, argv, restart_one, &o);
}

const struct command restart_command = {
    .name = "restart",
    .usage = "[-t SECONDS] NAME...",
    .summary = "stop containers, and start them",
    .options = stop_options,
    .min_words = 1,
    .max_words = ANY_WORDS,
    .run = restart_run,
};

static int rename_run(const struct command *command, int argc, char **argv)
{
    struct store store;
    struct err err;
    int status = command_begin(command, NULL, &argc, argv);
    if (status >= 0)
        return status;
    if (!command_store(&store))
        return STATUS_FAILED;
    status = store_rename(&store, argv[0], argv[1], &err) < 0 ? command_failed(&err) : STATUS_DONE;
    store_close(&store);
    return status;
}

const struct command rename_command = {
    .name = "rename",
    .usage = "NAME NEW-NAME",
    .summary = "give a container that does not run another name",
    .options = no_options,
    .min_words = 2,
    .max_words = 2,
    .run = rename_run,
};

/* ---- kill ---- */

struct kill_options {
    int signal;
};

static int apply_signal(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct kill_options *o = target;
    if (parse_signal(value, &o->signal) == 0)
        return 0;
    err_set(err, EINVAL, "%s: '%s' is not a signal", row->name, value);
    return err_hint(err, "a name or a number: TERM, SIGKILL, 9");
}

static const struct option_row kill_options[] = {
    {"--signal", 's', "SIGNAL", "which one; SIGKILL if not given", .apply = apply_signal},
    {0},
};

static int kill_one(struct store *store, const char *name, const void *options, struct err *err)
{
    const struct kill_options *o = options;
    return container_kill(store, name, o->signal, err);
}

static int kill_run(const struct command *command, int argc, char **argv)
{
    struct kill_options o = {.signal = SIGKILL};
    int status = command_begin(command, &o, &argc, argv);
    return status >= 0 ? status : command_each(argc, argv, kill_one, &o);
}

const struct command kill_command = {
    .name = "kill",
    .usage = "[-s SIGNAL] NAME...",
    .summary = "send a signal to containers' first processes",
    .options = kill_options,
    .min_words = 1,
    .max_words = ANY_WORDS,
    .run = kill_run,
};

/* ---- pause, resume ---- */

static int pause_one(struct store *store, const char *name, const void *options, struct err *err)
{
    (void)options;
    return container_pause(store, name, true, err);
}

static int pause_run(const struct command *command, int argc, char **argv)
{
    int status = command_begin(command, NULL, &argc, argv);
    return status >= 0 ? status : command_each(argc, argv, pause_one, NULL);
}

const struct command pause_command = {
    .name = "pause",
    .usage = "NAME...",
    .summary = "freeze containers, until resume",
    .options = no_options,
    .min_words = 1,
    .max_words = ANY_WORDS,
    .run = pause_run,
};

static int resume_one(struct store *store, const char *name, const void *options, struct err *err)
{
    (void)options;
    return container_pause(store, name, false, err);
}

static int resume_run(const struct command *command, int argc, char **argv)
{
    int status = command_begin(command, NULL, &argc, argv);
    return status >= 0 ? status : command_each(argc, argv, resume_one, NULL);
}

const struct command resume_command = {
    .name = "resume",
    .usage = "NAME...",
    .summary = "thaw paused containers",
    .options = no_options,
    .min_words = 1,
    .max_words = ANY_WORDS,
    .run = resume_run,
};

/* ---- wait ---- */

static int wait_one(struct store *store, const char *name, const void *options, struct err *err)
{
    int exit_status, rc = container_wait(store, name, &exit_status, err);
    (void)options;
    if (rc < 0)
        return rc;
    printf("%d\n", exit_status);
    fflush(stdout);
    return 0;
}

static int wait_run(const struct command *command, int argc, char **argv)
{
    int status = command_begin(command, NULL, &argc, argv);
    return status >= 0 ? status : command_each(argc, argv, wait_one, NULL);
}

const struct command wait_command = {
    .name = "wait",
    .usage = "NAME...",
    .summary = "wait until containers have ended, and print their exit statuses",
    .options = no_options,
    .min_words = 1,
    .max_words = ANY_WORDS,
    .run = wait_run,
};

/* ---- rm ---- */

struct rm_options {
    bool force;
};

static const struct option_row rm_options[] = {
    {"--force", 'f', NULL, "kill those that run", .offset = offsetof(struct rm_options, force)},
    {0},
};

static int rm_one(struct store *store, const char *name, const void *options, struct err *err)
{
    const struct rm_options *o = options;
    return container_remove(store, name, o->force, err);
}

static int rm_run(const struct command *command, int argc, char **argv)
{
    struct rm_options o = {0};
    int status = command_begin(command, &o, &argc, argv);
    return status >= 0 ? status : command_tidy(command_each(argc, argv, rm_one, &o));
}

const struct command rm_command = {
    .name = "rm",
    .usage = "[-f] NAME...",
    .summary = "remove the records and logs of containers that have ended",
    .options = rm_options,
    .min_words = 1,
    .max_words = ANY_WORDS,
    .run = rm_run,
};
