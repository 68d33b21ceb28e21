/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leftovers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cgroupfs.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/network.h"
#include "core/unit.h"

#define MIN_AGE_S 10

struct search {
    struct cgroupfs fs;
    const struct container *known;
    size_t known_count;
    void (*tell)(const char *what, void *user);
    void *user;
    int count;
};

/* The names in a directory, but for the hidden ones; NULL if there are none. */
static char **names_in(int fd)
{
    char **names = NULL;
    cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            mem_list_add(&names, mem_dup(entry->d_name));
    return names;
}

static void tell(struct search *s, const char *kind, const char *name)
{
    cleanup_free char *what = mem_printf("%s %s", kind, name);
    s->tell(what, s->user);
    s->count++;
}

static bool is_known_cgroup(const struct search *s, const char *path)
{
    for (size_t i = 0; i < s->known_count; i++)
        if (strcmp(s->known[i].cgroup, path) == 0)
            return true;
    return false;
}

/* Another state directory's launch is between making its cgroup and starting its first process for
 * milliseconds. */
static bool is_old(int base_fd, const char *name)
{
    struct stat st;
    uint64_t now = clock_wall_ns() / 1000000000;
    return fstatat(base_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && now > (uint64_t)st.st_ctime + MIN_AGE_S;
}

/* rmdir takes no cgroup that has processes or children, and none of its files. */
static void remove_cgroups(struct search *s, int base_fd, char **names)
{
    for (char **name = names; name && *name; name++) {
        cleanup_free char *path = mem_printf("%s/%s", s->fs.base, *name);
        if (!is_known_cgroup(s, path) && is_old(base_fd, *name) &&
            unlinkat(base_fd, *name, AT_REMOVEDIR) == 0)
            tell(s, "cgroup", path);
    }
}

static int open_base(struct cgroupfs *fs)
{
    cgroupfs_find(fs, NULL, NULL);
    unit_locate(fs);
    cleanup_free char *path = mem_printf("%s%s", fs->mount, fs->base);
    return fs->mount[0] ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

int leftovers_remove(struct store *store, void (*tell_of)(const char *what, void *user), void *user,
                     struct err *err)
{
    struct container *known;
    struct err ignored;
    struct search search = {.tell = tell_of, .user = user};
    cleanup_close int base_fd = open_base(&search.fs);
    /* First what is there, then what is known: a record is written before what it names is made, so whoever
     * is launching now is known by then. */
    cleanup_list char **cgroups = names_in(fcntl(base_fd, F_DUPFD_CLOEXEC, 0));
    int rc = store_list(store, true, &known, &search.known_count, err);
    if (rc < 0)
        return rc;
    search.known = known;
    remove_cgroups(&search, base_fd, cgroups);
    if (network_sweep(&ignored) > 0)
        tell(&search, "bridge", BRIDGE_NAME);
    container_free_list(known, search.known_count);
    return search.count;
}
