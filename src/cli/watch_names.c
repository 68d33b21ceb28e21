/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/container.h"

void names_open(struct names *names)
{
    struct err ignored; /* without a state directory there are no containers, but cgroups to watch */
    *names = (struct names){.store.fd = -1};
    if (store_open(&names->store, &ignored) < 0)
        names->store.fd = -1;
    names_refresh(names);
}

void names_close(struct names *names)
{
    if (names->store.fd >= 0)
        store_close(&names->store);
    free(take_ptr(&names->items));
    names->count = 0;
}

static void remember(struct names *names, const struct container *container)
{
    struct known *item = NULL;
    for (size_t i = 0; i < names->count && !item; i++)
        if (strcmp(names->items[i].cgroup, container->cgroup) == 0)
            item = &names->items[i];
    if (!item) {
        names->items = mem_resize(names->items, names->count + 1, sizeof *names->items);
        item = &names->items[names->count++];
    }
    str_copy(item->name, sizeof item->name, container->name);
    str_copy(item->cgroup, sizeof item->cgroup, container->cgroup);
}

void names_refresh(struct names *names)
{
    struct container *list;
    size_t count;
    struct err ignored;
    if (names->store.fd < 0 || store_list(&names->store, true, &list, &count, &ignored) < 0)
        return;
    names->count = 0;
    for (size_t i = 0; i < count; i++)
        if (list[i].cgroup[0])
            remember(names, &list[i]);
    container_free_list(list, count);
}

void names_learn(struct names *names, const char *cgroup)
{
    struct container container;
    struct err ignored;
    const char *slash = strrchr(cgroup, '/'); /* a container's group is called as it is */
    if (names->store.fd < 0 || !slash || !spec_name_is_valid(slash + 1) ||
        store_load(&names->store, slash + 1, &container, &ignored) < 0)
        return;
    if (strcmp(container.cgroup, cgroup) == 0)
        remember(names, &container);
    container_free(&container);
}

void names_forget(struct names *names, const char *cgroup)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i].cgroup, cgroup) == 0)
            names->items[i--] = names->items[--names->count];
}

const struct known *names_of(const struct names *names, const char *cgroup)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i].cgroup, cgroup) == 0)
            return &names->items[i];
    return NULL;
}

void names_tidy(char *path)
{
    char *to = path;
    for (const char *c = path; *c; c++)
        if (*c != '/' || (c[1] != '/' && c[1] != '\0') || c == path)
            *to++ = *c;
    *to = '\0';
}

static int resolve_cgroup(struct names *names, const char *word, struct wanted *ret, struct err *err)
{
    cleanup_close int fd = -1;
    int rc = container_open_cgroup(&names->store, word, &fd, ret->cgroup, err);
    if (rc == 0)
        names_tidy(ret->cgroup);
    return rc;
}

int names_resolve(struct names *names, const char *word, bool running, struct wanted *ret, struct err *err)
{
    struct container container;
    *ret = (struct wanted){0};
    if (word[0] == '/')
        return resolve_cgroup(names, word, ret, err);
    if (names->store.fd < 0)
        return err_set(err, ENOENT, "no container %s: there is no state directory", word);
    int rc = store_load(&names->store, word, &container, err);
    if (rc < 0)
        return rc;
    str_copy(ret->name, sizeof ret->name, container.name);
    container_free(&container);
    struct err ended;
    rc = resolve_cgroup(names, word, ret, running ? err : &ended);
    return running ? rc : 0;
}
