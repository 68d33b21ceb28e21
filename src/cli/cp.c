/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/command.h"

static const struct option_row cp_options[] = {
    {"--archive", 'a', NULL, "with owners and setuid bits", .offset = offsetof(struct cp_flags, exact)},
    {"--follow-link", 'L', NULL, "what a link at SRC leads to, not the link",
     .offset = offsetof(struct cp_flags, follow)},
    {0},
};

static int run(const struct command *command, int argc, char **argv)
{
    (void)command, (void)argc;
    return command_image(argv - 2); /* argv[-2] is the program, argv[-1] "cp" */
}

static void more(FILE *out)
{
    fputs(
        "As docker's: a directory goes into a directory that is there, else becomes it; SRC/. is what is in\n"
        "it; links are copied. - is a tar archive on standard output or input. What is copied belongs to "
        "who\n"
        "copies it, inside to root. The container has to run, or to be paused.\n",
        out);
}

const struct command cp_command = {
    .name = "cp",
    .usage = "[-a] [-L] NAME:SRC DST|- | SRC|- NAME:DST",
    .summary = "copy files out of a container, or into it",
    .options = cp_options,
    .min_words = 2,
    .max_words = 2,
    .run = run,
    .more_help = more,
};
