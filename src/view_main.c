/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop-view: the screen, and the commands that watch. boxtop executes it with its own arguments.
 */
#include <string.h>

#include "base/mem.h"
#include "cli/watch.h"
#include "ui/ui.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {{"stats", watch_stats}, {"events", watch_events}};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < COUNT_OF(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return ui_main(argc, argv);
}
