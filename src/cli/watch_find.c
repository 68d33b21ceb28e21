/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch_find.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define SHOWN 3 /* candidates in an error's line */

static bool is_called(const struct sample *row, const char *word)
{
    return row->identity ? identity_is_called(row->identity, word) : strcmp(row->name, word) == 0;
}

static bool is_own(const struct sample *row, const char *word)
{
    const struct identity *identity = row->identity;
    return identity && identity->manager == MANAGER_BOXTOP && identity->kind == KIND_CONTAINER &&
           strcmp(identity->label, word) == 0;
}

/* Which they are: by path, as that is what tells them apart. */
static int several(const struct snapshot *snapshot, const char *word, size_t count, struct err *err)
{
    struct str list = {0};
    size_t shown = 0;
    for (size_t i = 0; i < snapshot->count && shown < SHOWN; i++) {
        const struct sample *row = &snapshot->rows[i];
        if (!is_called(row, word))
            continue;
        const char *manager = row->identity ? manager_name(row->identity->manager) : NULL;
        str_addf(&list, "%s%s", shown++ ? ", " : "", row->path);
        if (manager)
            str_addf(&list, " (%s)", manager);
    }
    if (count > shown)
        str_addf(&list, ", and %zu more", count - shown);
    err_set(err, ENOTUNIQ, "%s: %zu groups are called so: %s", word, count, str_text(&list));
    str_free(&list);
    return err_hint(err, "give the path of one");
}

int find_called(const struct snapshot *snapshot, const char *word, struct err *err)
{
    size_t count = 0, own_count = 0;
    int found = -1, own = -1;
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct sample *row = &snapshot->rows[i];
        if (!is_called(row, word))
            continue;
        count++;
        found = (int)i;
        if (is_own(row, word)) {
            own_count++;
            own = (int)i;
        }
    }
    if (own_count == 1)
        return own;
    if (count == 1)
        return found;
    if (count)
        return several(snapshot, word, count, err);
    err_set(err, ENOENT, "no container %s, and no other group is called so", word);
    return err_hint(err, "boxtop stats --once lists them");
}

int find_wanted(const struct snapshot *snapshot, const struct wanted *wanted)
{
    struct err ignored;
    if (wanted->cgroup[0])
        return snapshot_find_path(snapshot, wanted->cgroup);
    int row = find_called(snapshot, wanted->name, &ignored);
    return row < 0 ? -1 : row;
}

int find_path(const struct snapshot *snapshot, struct wanted *wanted, bool keeps, struct err *err)
{
    int row = find_called(snapshot, wanted->name, err);
    if (row >= 0 && keeps && !str_copy(wanted->cgroup, sizeof wanted->cgroup, snapshot->rows[row].path))
        return err_set(err, ENAMETOOLONG, "%s: the path of its group is too long", wanted->name);
    return row;
}
