/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop-view: the screen, and the commands that watch. boxtop executes it with its own arguments.
 */
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/watch.h"
#include "ui/ui.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} watchers[] = {{"stats", watch_stats}, {"events", watch_events}, {"set", watch_set}};

/* What reads recordings are other programs. */
static bool has_option(char **argv, const char *name)
{
    size_t len = strlen(name);
    for (; *argv; argv++)
        if (strncmp(*argv, name, len) == 0 && (!(*argv)[len] || (*argv)[len] == '='))
            return true;
    return false;
}

int main(int argc, char **argv)
{
    bool command = argc > 1 && argv[1][0] != '-' && argv[1][0] != '/';
    if (has_option(argv, command ? "--from" : "--replay"))
        return command_elsewhere(command ? &record_command : &replay_command, argv);
    for (size_t i = 0; argc > 1 && i < COUNT_OF(watchers); i++)
        if (strcmp(argv[1], watchers[i].name) == 0)
            return watchers[i].run(argc - 1, argv + 1);
    return ui_main(argc, argv, NULL);
}
