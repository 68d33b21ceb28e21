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

static int seek(const char *word, struct wanted *ret, struct err *err)
{
    bool path = word[0] == '/';
    *ret = (struct wanted){.sought = !path};
    if (!str_copy(path ? ret->cgroup : ret->name, path ? sizeof ret->cgroup : sizeof ret->name, word))
        return err_set(err, ENAMETOOLONG, "%s: too long for a name", word);
    return 0;
}

int find_word(struct names *names, const char *word, bool running, struct wanted *ret, struct err *err)
{
    int rc = names_resolve(names, word, running, ret, err);
    return rc == -ENOENT && word[0] != '/' ? seek(word, ret, err) : rc;
}

int find_word_past(const char *word, struct wanted *ret, struct err *err)
{
    int rc = seek(word, ret, err);
    if (rc == 0)
        names_tidy(ret->cgroup);
    return rc;
}

int find_missing(const struct wanted *wanted, size_t count, const char *recording, struct err *err)
{
    while (count && wanted->found) {
        wanted++;
        count--;
    }
    if (!count)
        return 0;
    if (wanted->cgroup[0])
        err_set(err, ENOENT, "no group %s in %s", wanted->cgroup, recording);
    else
        err_set(err, ENOENT, "no container %s in %s, and no other group is called so", wanted->name,
                recording);
    return err_hint(err, "boxtop stats --from %s --once lists what was there first", recording);
}

bool find_is_below(const char *path, const char *top)
{
    size_t len = strcmp(top, "/") == 0 ? 0 : strlen(top);
    return strncmp(path, top, len) == 0 && (path[len] == '/' || !path[len]);
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
