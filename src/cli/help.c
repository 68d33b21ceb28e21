/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

#define HELP_COLUMN 26 /* where the sentences begin */

static void put_option(const struct option_row *row, FILE *out)
{
    char left[64];
    if (row->letter)
        snprintf(left, sizeof left, "  -%c, %s%s%s", row->letter, row->name, row->arg ? " " : "",
                 row->arg ? row->arg : "");
    else
        snprintf(left, sizeof left, "      %s%s%s", row->name, row->arg ? " " : "", row->arg ? row->arg : "");
    if (strlen(left) >= HELP_COLUMN)
        fprintf(out, "%s\n%*s%s\n", left, HELP_COLUMN, "", row->help);
    else
        fprintf(out, "%-*s%s\n", HELP_COLUMN, left, row->help);
}

void help_command_text(const struct command *command, FILE *out)
{
    fprintf(out, "boxtop %s %s\n  %s\n", command->name, command->usage, command->summary);
    if (command->options && command->options->name)
        fputs("\nOptions:\n", out);
    for (const struct option_row *row = command->options; row && row->name; row++)
        put_option(row, out);
    if (command->more_help) {
        fputc('\n', out);
        command->more_help(out);
    }
}

void help_all(FILE *out)
{
    fputs("boxtop: top for boxes. Without a command it shows every cgroup of the machine, live.\n\n"
          "  boxtop [OPTIONS] [CGROUP]\n",
          out);
    for (size_t i = 0; commands[i]; i++)
        fprintf(out, "  boxtop %-9s%s\n", commands[i]->name, commands[i]->summary);
    fputs("\nboxtop COMMAND --help says more; man boxtop says all. A first container:\n"
          "  boxtop run -it --rm --memory 100M --cpus 0.5 host\n",
          out);
}

static int help_about(const char *name)
{
    const struct command *about = command_find(name);
    if (about && !about->run)
        return command_elsewhere(about,
                                 (char *[]){(char *)"boxtop", (char *)about->name, (char *)"--help", NULL});
    if (about) {
        help_command_text(about, stdout);
        return STATUS_DONE;
    }
    struct err err;
    err_set(&err, EINVAL, "help: there is no command '%s'", name);
    err_hint(&err, "boxtop help lists them");
    return command_usage(&err);
}

static int help_run(const struct command *command, int argc, char **argv)
{
    int status = command_begin(command, NULL, &argc, argv);
    if (status >= 0)
        return status;
    if (argc)
        return help_about(argv[0]);
    help_all(stdout);
    return STATUS_DONE;
}

static const struct option_row no_options[] = {{0}};

const struct command help_command = {
    .name = "help",
    .usage = "[COMMAND]",
    .summary = "what there is, or what a command does",
    .options = no_options,
    .max_words = 1,
    .run = help_run,
};
