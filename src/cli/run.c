/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/command.h"
#include "cli/output.h"
#include "core/container.h"
#include "core/image.h"
#include "core/stopwatch.h"
#include "core/user.h"

/* Says what kept the engine from it, if something did; the command's own status is no error of ours. Wrong
 * usage is 125 here too: 2 may be the command's own. */
static int ended(int status, const struct err *err)
{
    if (err->code)
        command_failed(err);
    return status;
}

static int explain(struct spec *spec)
{
    struct str text = {0};
    container_explain(spec, NULL, &text);
    output_lines(str_text(&text), stdout);
    str_free(&text);
    return STATUS_DONE;
}

/* A source is imported first; then all of it is checked. */
static int complete(struct spec *spec, struct err *err)
{
    if (spec->ignored) {
        struct err said;
        err_set(&said, 0, "config.json: what the specification does not know was ignored, as it says: %s",
                spec->ignored);
        err_print(&said, stderr);
    }
    if (spec->bundle)
        return spec_validate(spec, err);
    int rc = image_is_source(spec->root) ? command_import(&spec->root, err) : 0;
    return rc < 0 ? rc : spec_validate(spec, err);
}

static int create(struct spec *spec)
{
    struct store store;
    struct err err = {0};
    if (!command_store(&store))
        return STATUS_FAILED;
    int rc = container_create(&store, spec, &err);
    store_close(&store);
    if (rc < 0)
        return command_failed(&err);
    puts(spec->name);
    return STATUS_DONE;
}

static int launch(struct spec *spec)
{
    struct store store;
    struct err err = {0};
    if (store_open(&store, &err) < 0)
        return ended(STATUS_ENGINE_FAILED, &err);
    store.say = command_note;
    int status = container_run(&store, spec, &err);
    store_close(&store);
    if (spec->detach && status == 0 && !err.code)
        puts(spec->name);
    return ended(status, &err);
}

/* The socket that each step is told to (core/stopwatch.h) comes as standard input, the one that is not closed
 * at the start; nothing is read from it. It and its variable are for this process alone. */
static int take_steps(void)
{
    if (!getenv(STOPWATCH_TOLD))
        return -1;
    unsetenv(STOPWATCH_TOLD);
    cleanup_close int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (fd >= 0 && dup2(null, STDIN_FILENO) < 0)
        fd_close(&fd);
    return fd;
}

static int run_run(const struct command *command, int argc, char **argv)
{
    struct spec spec;
    struct err err = {0};
    bool explained, help;
    int status = STATUS_DONE;
    spec_init(&spec);
    cleanup_close int steps = take_steps();
    if (spec_parse(&spec, argc, argv, &explained, &help, &err) < 0)
        status = ended(STATUS_ENGINE_FAILED, &err);
    else if (help)
        help_command_text(command, stdout);
    else if (!explained && (status = command_come_in(STATUS_ENGINE_FAILED)) >= 0)
        ; /* it was run, in there */
    else if (complete(&spec, &err) < 0)
        status = ended(STATUS_ENGINE_FAILED, &err);
    else if (explained)
        status = explain(&spec);
    else
        spec.steps = take_fd(&steps), status = launch(&spec);
    spec_free(&spec);
    return status;
}

static void run_more(FILE *out)
{
    fputs("ROOT: `host` (the machine's own root, read-only below a throw-away layer: nothing to\n"
          "download), a directory, the name of an image (boxtop image ls; a path has a slash), or what is\n"
          "imported first, once: a tar archive, oci:DIR[:TAG], docker-archive:FILE, docker://NAME. Without\n"
          "COMMAND: the image's own, else /bin/sh. Exit status: the command's own; 128+N if signal N ended "
          "it (137\n"
          "after an OOM kill); 125 boxtop failed, 126 the command can't be executed, 127 it wasn't found.\n",
          out);
}

const struct command run_command = {
    .name = "run",
    .usage = "[OPTIONS] ROOT [COMMAND [ARG...]] | --bundle DIR [OPTIONS]",
    .summary = "launch a container",
    .options = spec_options,
    .run = run_run,
    .more_help = run_more,
};

static int create_run(const struct command *command, int argc, char **argv)
{
    struct spec spec;
    struct err err = {0};
    bool explained, help;
    int status;
    spec_init(&spec);
    if (spec_parse(&spec, argc, argv, &explained, &help, &err) < 0)
        status = command_usage(&err);
    else if (help)
        status = (help_command_text(command, stdout), STATUS_DONE);
    else if (complete(&spec, &err) < 0)
        status = command_failed(&err);
    else
        status = explained ? explain(&spec) : create(&spec);
    spec_free(&spec);
    return status;
}

const struct command create_command = {
    .name = "create",
    .usage = "[OPTIONS] ROOT [COMMAND [ARG...]]",
    .summary = "make a container's record, for start",
    .options = spec_options,
    .run = create_run,
    .more_help = run_more,
};

/* ---- attach ---- */

struct attach_options {
    bool no_input;
};

static const struct option_row attach_options[] = {
    {"--no-stdin", 0, NULL, "only look", .offset = offsetof(struct attach_options, no_input)},
    {0},
};

static int attach_run(const struct command *command, int argc, char **argv)
{
    struct attach_options o = {0};
    struct store store;
    struct err err = {0};
    int exit_status = STATUS_DONE, status = command_begin(command, &o, &argc, argv);
    if (status >= 0)
        return status;
    if (!command_store(&store))
        return STATUS_FAILED;
    status = container_attach(&store, argv[0], !o.no_input, &exit_status, &err) < 0 ? command_failed(&err)
                                                                                    : exit_status;
    store_close(&store);
    return status;
}

static void attach_more(FILE *out)
{
    fputs(
        "Ctrl-P Ctrl-Q leaves it as it is. What it said before is in its log. It reads what is typed if it\n"
        "was run with -i. Exit status: the container's, if it ends meanwhile.\n",
        out);
}

const struct command attach_command = {
    .name = "attach",
    .usage = "[--no-stdin] NAME",
    .summary = "see what a running container says, and type to it",
    .options = attach_options,
    .min_words = 1,
    .max_words = 1,
    .run = attach_run,
    .more_help = attach_more,
};

struct exec_reading {
    bool interactive, tty;
    const char *workdir, *user;
    char **env;
};

static int apply_env(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct exec_reading *reading = target;
    int rc = spec_add_env(&reading->env, value, err);
    return rc < 0 ? err_prefix(err, "%s", row->name) : 0;
}

static int apply_user(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct exec_reading *reading = target;
    reading->user = value;
    if (user_text_is_valid(value))
        return 0;
    err_set(err, EINVAL, "%s: '%s' is not USER[:GROUP]", row->name, value);
    return err_hint(err, "each a name or a number: www-data, 1000, 1000:100");
}

static const struct option_row exec_options[] = {
    {"--interactive", 'i', NULL, "keep standard input open",
     .offset = offsetof(struct exec_reading, interactive)},
    {"--tty", 't', NULL, "give it a terminal", .offset = offsetof(struct exec_reading, tty)},
    {"--env", 'e', "KEY=VALUE", "an environment variable; KEY alone: yours", .apply = apply_env},
    {"--user", 'u', "USER[:GROUP]", "who runs it; who runs the container if not given", .apply = apply_user},
    {"--workdir", 'w', "DIR", "where the command starts, inside",
     .offset = offsetof(struct exec_reading, workdir)},
    {0},
};

static int execute(const struct exec_reading *reading, char **argv)
{
    struct store store;
    struct err err = {0};
    struct exec_options options = {.interactive = reading->interactive,
                                   .tty = reading->tty,
                                   .workdir = reading->workdir,
                                   .user = reading->user,
                                   .env = reading->env};
    if (store_open(&store, &err) < 0)
        return ended(STATUS_ENGINE_FAILED, &err);
    int status = container_exec(&store, argv[0], argv + 1, &options, &err);
    store_close(&store);
    return ended(status, &err);
}

static int exec_words(const struct command *command, struct exec_reading *reading, int argc, char **argv,
                      struct err *err)
{
    int used = options_parse(command->options, reading, argc, argv, err);
    if (used < 0)
        return used == OPTIONS_HELP ? used : err_prefix(err, "exec");
    if (argc - used >= 2)
        return used;
    err_set(err, EINVAL, "exec: too few words");
    return err_hint(err, "usage: boxtop exec %s", command->usage);
}

static int exec_run(const struct command *command, int argc, char **argv)
{
    struct exec_reading reading = {0};
    struct err err = {0};
    int used = exec_words(command, &reading, argc, argv, &err), status = STATUS_DONE;
    if (used == OPTIONS_HELP)
        help_command_text(command, stdout);
    else if (used < 0 || (status = command_come_in(STATUS_ENGINE_FAILED)) < 0)
        status = used < 0 ? ended(STATUS_ENGINE_FAILED, &err) : execute(&reading, argv + used);
    mem_free_list(reading.env);
    return status;
}

const struct command exec_command = {
    .name = "exec",
    .usage = "[OPTIONS] NAME COMMAND [ARG...]",
    .summary = "run a command inside a running container",
    .options = exec_options,
    .run = exec_run,
    .sealed = true,
};
