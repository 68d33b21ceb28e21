/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <stdio.h>

#include "cli/command.h"
#include "core/container.h"
#include "core/leftovers.h"

static const struct option_row no_options[] = {{0}};

static int remove_ended(struct store *store)
{
    struct container *list;
    size_t count;
    struct err err;
    int status = STATUS_DONE;
    if (store_list(store, false, &list, &count, &err) < 0)
        return command_failed(&err);
    for (size_t i = 0; i < count; i++) {
        if (list[i].state != CONTAINER_EXITED || !container_is_at_rest(&list[i]))
            continue;
        if (container_remove(store, list[i].name, false, &err) < 0)
            status = command_failed(&err);
        else
            printf("removed container %s\n", list[i].name);
    }
    container_free_list(list, count);
    return status;
}

static void tell(const char *what, void *user)
{
    (void)user;
    printf("removed %s\n", what);
}

static int prune_run(const struct command *command, int argc, char **argv)
{
    struct store store;
    struct err err;
    int status = command_begin(command, NULL, &argc, argv);
    if (status >= 0)
        return status;
    if (!command_store(&store))
        return STATUS_FAILED;
    int swept = store_sweep(&store, &err);
    if (swept < 0)
        status = command_failed(&err);
    else if (swept)
        printf("cleaned up after %d killed keeper%s\n", swept, swept == 1 ? "" : "s");
    int ended = remove_ended(&store);
    if (leftovers_remove(&store, tell, NULL, &err) < 0)
        ended = command_failed(&err);
    store_close(&store);
    return command_tidy(status > 0 ? status : ended);
}

const struct command prune_command = {
    .name = "prune",
    .usage = "",
    .summary = "remove all that has ended, and what a crash has left",
    .options = no_options,
    .run = prune_run,
};
