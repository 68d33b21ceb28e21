/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/snapshot.h"

#include <stdlib.h>
#include <string.h>

int snapshot_find_path(const struct snapshot *snapshot, const char *path)
{
    for (size_t i = 0; i < snapshot->count; i++)
        if (strcmp(snapshot->rows[i].path, path) == 0)
            return (int)i;
    return -1;
}

int snapshot_find_id(const struct snapshot *snapshot, uint64_t id)
{
    for (size_t i = 0; i < snapshot->count; i++)
        if (snapshot->rows[i].id == id)
            return (int)i;
    return -1;
}

void snapshot_free(struct snapshot *snapshot)
{
    for (size_t i = 0; snapshot && i < snapshot->count; i++) {
        identity_unref(snapshot->rows[i].identity);
        detail_unref(snapshot->rows[i].detail);
    }
    free(snapshot);
}
