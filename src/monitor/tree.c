/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"

/* A directory's entry that is one itself. */
struct found {
    char *name;
    uint64_t id;
};

struct found_list {
    struct found *items;
    size_t count, cap;
};

static struct group **bucket_of(struct tree *tree, int wd)
{
    return &tree->by_wd[(unsigned)wd % TREE_BUCKETS];
}

struct group *tree_by_wd(const struct tree *tree, int wd)
{
    struct group *group = tree->by_wd[(unsigned)wd % TREE_BUCKETS];
    while (group && group->wd != wd)
        group = group->wd_next;
    return group;
}

/* The watch is set on the open directory, by way of /proc: a path could mean another one by now. */
static void watch(struct tree *tree, struct group *group, int dirfd)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", dirfd);
    int wd =
        tree->inotify_fd < 0
            ? -1
            : inotify_add_watch(tree->inotify_fd, path,
                                IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR);
    if (wd < 0 || tree_by_wd(tree, wd)) /* none left; or a bind mount shows one directory twice */
        return;
    group->wd = wd;
    tree->unwatched--;
    group->wd_next = *bucket_of(tree, wd);
    *bucket_of(tree, wd) = group;
}

static void unwatch(struct tree *tree, struct group *group)
{
    if (group->wd < 0) {
        tree->unwatched--;
        return;
    }
    struct group **at = bucket_of(tree, group->wd);
    while (*at != group)
        at = &(*at)->wd_next;
    *at = group->wd_next;
    inotify_rm_watch(tree->inotify_fd, group->wd);
}

/* With its path as yet, and nothing else. */
static struct group *group_alloc(const struct tree *tree, const struct group *parent, const char *name)
{
    const char *above = parent ? parent->path : tree->root_path;
    size_t mount = strlen(tree->mount), len = parent && strcmp(above, "/") == 0 ? 0 : strlen(above);
    size_t size = mount + len + (parent ? 1 + strlen(name) : 0) + 1;
    struct group *group = mem_alloc(sizeof *group + size);
    snprintf(group->file_path, size, "%s%.*s%s%s", tree->mount, (int)len, above, parent ? "/" : "",
             parent ? name : "");
    group->path = group->file_path + mount;
    group->name = strrchr(group->path, '/');
    group->name += group->name[1] != '\0';
    return group;
}

/* Makes the group of an open directory, which it takes. */
static struct group *group_new(struct tree *tree, struct group *parent, const char *name, int dirfd,
                               uint64_t id)
{
    struct group *group = group_alloc(tree, parent, name);
    group->parent = parent;
    group->id = id;
    group->depth = parent ? parent->depth + 1 : 0;
    group->look = tree->look = true;
    group->wd = group->row = -1;
    group->procs = group->host_oom_kill = VALUE_ABSENT;
    group->figures = figures_new();
    tree->unwatched++;
    watch(tree, group, dirfd);
    cgread_init(&group->files, &tree->pool, dirfd, group->file_path);
    tree->count++;
    tree->shape++;
    return group;
}

static void group_free(struct tree *tree, struct group *group)
{
    unwatch(tree, group);
    cgread_fini(&group->files, &tree->pool);
    tree->count--;
    tree->shape++;
    told_fini(&group->told);
    figures_unref(group->figures);
    figures_unref(group->rated);
    identity_unref(group->identity);
    detail_unref(group->detail);
    free(group->namespaces);
    free(group->brink);
    free(group);
}

/* True if `path` is the group's or below it; *ret_same: it is the group's. */
static bool leads_to(const struct group *group, const char *path, bool *ret_same)
{
    size_t len = strcmp(group->path, "/") == 0 ? 0 : strlen(group->path);
    *ret_same = strcmp(group->path, path) == 0;
    return *ret_same || (strncmp(group->path, path, len) == 0 && path[len] == '/');
}

struct group *tree_find(const struct tree *tree, const char *path, bool *ret_exact)
{
    struct group *found = tree->root;
    *ret_exact = false;
    if (!found || !leads_to(found, path, ret_exact))
        return NULL;
    for (struct group *child = found->child; child && !*ret_exact;) {
        if (leads_to(child, path, ret_exact)) {
            found = child;
            child = child->child;
        } else {
            child = child->sibling;
        }
    }
    return found;
}

void tree_touch(struct tree *tree, const struct group *group)
{
    if (group->row >= 0)
        tree->touched[group->row] = tree->serial;
}

static int64_t number(uint64_t value)
{
    return value_is_number(value) ? (int64_t)value : 0;
}

struct load load_of(const struct counters *counters)
{
    return (struct load){number(counters->usage_usec), number(counters->memory_current)};
}

struct counters *group_write(struct group *group)
{
    return &figures_own(&group->figures)->now;
}

void tree_load(struct group *group, const struct load *before)
{
    struct load now = load_of(&group->figures->now);
    if (!group->parent)
        return;
    group->parent->below.usage_usec += now.usage_usec - before->usage_usec;
    group->parent->below.memory += now.memory - before->memory;
}

struct group *tree_next(const struct group *group)
{
    return group->child ? group->child : tree_after(group);
}

struct group *tree_after(const struct group *group)
{
    while (group && !group->sibling)
        group = group->parent;
    return group ? group->sibling : NULL;
}

static struct group *deepest(struct group *group)
{
    while (group->child)
        group = group->child;
    return group;
}

static void remove_one(struct tree *tree, struct group *group, bool tell)
{
    struct load last = load_of(&group->figures->now);
    if (tell)
        tree->vanished(tree->context, group);
    cgparse_absent_all(group_write(group));
    tree_load(group, &last);
    group_free(tree, group);
}

/* Removes a group that was taken out of its parent's list, with all that is below it, children first. Without
 * recursion: a tree may be deeper than a stack. */
static void remove_subtree(struct tree *tree, struct group *top, bool tell)
{
    while (top->child) {
        struct group *group = deepest(top);
        group->parent->child = group->sibling;
        remove_one(tree, group, tell);
    }
    remove_one(tree, top, tell);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct found *)a)->name, ((const struct found *)b)->name);
}

static void add_found(struct found_list *list, const struct dirent *entry)
{
    if (list->count == list->cap)
        list->items =
            mem_resize(list->items, list->cap = list->cap ? list->cap * 2 : 16, sizeof *list->items);
    list->items[list->count++] = (struct found){mem_dup(entry->d_name), entry->d_ino};
}

/* The kernel goes on behind the entry that it gave last, and where that one was removed meanwhile, it may
 * give the one before it again. */
static void drop_repeated(struct found_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (count && strcmp(list->items[count - 1].name, list->items[i].name) == 0)
            free(list->items[i].name);
        else
            list->items[count++] = list->items[i];
    list->count = count;
}

/* The directories in a group's directory, sorted by name. False if it can't be read: it is going. */
static bool find_children(const struct group *group, struct found_list *ret)
{
    int fd = cgread_open_dir(&group->files, ".");
    cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        fd_close(&fd);
        return false;
    }
    for (struct dirent *entry; (entry = readdir(dir));)
        if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            add_found(ret, entry);
    if (ret->count)
        qsort(ret->items, ret->count, sizeof *ret->items, by_name);
    drop_repeated(ret);
    return true;
}

static void free_found(struct found_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].name);
    free(list->items);
}

/* NULL: it has gone already, or became another one since the directory was read (which reports that). */
static struct group *open_child(struct tree *tree, struct group *parent, const struct found *found)
{
    struct stat st;
    cleanup_close int fd = cgread_open_dir(&parent->files, found->name);
    if (fd < 0 || fstat(fd, &st) < 0 || st.st_ino != found->id)
        return NULL;
    return group_new(tree, parent, found->name, take_fd(&fd), found->id);
}

static void vanish(struct tree *tree, struct group **at)
{
    struct group *group = *at;
    *at = group->sibling;
    remove_subtree(tree, group, true);
}

/* Walks the children there were and those there are side by side, both sorted. */
static bool merge(struct tree *tree, struct group *group, const struct found_list *list)
{
    struct group **at = &group->child;
    size_t i = 0;
    bool changed = false;
    while (*at || i < list->count) {
        const struct found *found = i < list->count ? &list->items[i] : NULL;
        int order = !*at ? 1 : !found ? -1 : strcmp((*at)->name, found->name);
        if (order == 0 && (*at)->id == found->id) {
            at = &(*at)->sibling;
            i++;
        } else if (order <= 0) {
            vanish(tree, at);
            changed = true;
        } else {
            struct group *child = open_child(tree, group, found);
            i++;
            if (!child)
                continue;
            child->sibling = *at;
            *at = child;
            at = &child->sibling;
            tree->appeared(tree->context, child);
            changed = true;
        }
    }
    return changed;
}

static bool look_at(struct tree *tree, struct group *group)
{
    struct found_list list = {0};
    group->look = false;
    bool changed = find_children(group, &list) && merge(tree, group, &list);
    free_found(&list);
    return changed;
}

/* The root is looked at by its path: nobody reports that it was removed or made again. */
static bool check_root(struct tree *tree)
{
    cleanup_free char *path = mem_printf("%s%s", tree->mount, tree->root_path);
    struct stat st;
    bool there = tree->mount[0] && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    bool changed = false;
    if (tree->root && (!there || st.st_ino != tree->root->id)) {
        vanish(tree, &tree->root);
        changed = true;
    }
    if (there && !tree->root) {
        cleanup_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            return changed;
        tree->root = group_new(tree, NULL, NULL, take_fd(&fd), st.st_ino);
        tree->appeared(tree->context, tree->root);
        changed = true;
    }
    return changed;
}

void tree_init(struct tree *tree, const char *mount, const char *root_path)
{
    *tree = (struct tree){.inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), .shape = 1, .serial = 1};
    str_copy(tree->mount, sizeof tree->mount, mount);
    tree->root_path = mem_dup(root_path);
    tree->by_wd = mem_array(TREE_BUCKETS, sizeof(struct group *));
    fdpool_init(&tree->pool);
}

void tree_fini(struct tree *tree)
{
    if (tree->root)
        remove_subtree(tree, take_ptr(&tree->root), false);
    fd_close(&tree->inotify_fd);
    free(take_ptr(&tree->root_path));
    free(take_ptr(&tree->by_wd));
    free(take_ptr(&tree->by_row));
    free(take_ptr(&tree->touched));
}

void tree_report(struct tree *tree, struct group *group)
{
    group->look = tree->look = true;
}

bool tree_refresh(struct tree *tree, enum tree_scope scope)
{
    if (scope == TREE_REPORTED && !tree->look)
        return false;
    bool changed = check_root(tree);
    if (scope == TREE_DUE && !tree->look && !tree->unwatched)
        return changed;
    tree->look = false;
    /* A group that appears stands behind its parent, so that this comes to it as well. */
    for (struct group *group = tree->root; group; group = tree_next(group))
        if (group->look || scope == TREE_ALL || (scope == TREE_DUE && group->wd < 0))
            changed |= look_at(tree, group);
    return changed;
}
