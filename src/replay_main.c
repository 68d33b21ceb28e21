/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop-replay: the screen, of a recording. boxtop executes it with its own arguments: `boxtop replay FILE`,
 * or the screen's with --replay FILE among them.
 */
#include <string.h>

#include "cli/command.h"
#include "record/player_past.h"
#include "ui/ui.h"

struct replay {
    const char *at, *theme;
};

static const struct option_row options[] = {
    {"--at", 0, "TIME", "begin then: 10m ago (from its end), 14:05, 2026-11-23T14:05:30Z", NULL,
     offsetof(struct replay, at)},
    {"--theme", 0, "NAME|FILE", "as of the screen", NULL, offsetof(struct replay, theme)},
    {0},
};

/* The command is the screen with some options. */
static int replay(int count, char **words)
{
    struct replay replay = {0};
    struct command command = replay_command;
    char name[] = "boxtop", file[] = "--replay", at[] = "--at", theme[] = "--theme";
    char *arguments[8] = {name, file};
    int argc = 2;
    command.options = options;
    int status = command_begin(&command, &replay, &count, words);
    if (status >= 0)
        return command_end(status);
    arguments[argc++] = words[0];
    if (replay.at) {
        arguments[argc++] = at;
        arguments[argc++] = (char *)(uintptr_t)replay.at;
    }
    if (replay.theme) {
        arguments[argc++] = theme;
        arguments[argc++] = (char *)(uintptr_t)replay.theme;
    }
    return ui_main(argc, arguments, &player_past);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "replay") == 0)
        return replay(argc - 2, argv + 2);
    return ui_main(argc, argv, &player_past);
}
