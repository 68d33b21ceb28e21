/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where tours are: NAME.tour in the user's directory and in boxtop's, or a path.
 */
#include "ui/tour.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/str.h"

#define TOUR_BYTES (1u << 20)
#define ENDING     ".tour"

/* The directories that are searched, the user's own first; NULL: no more. The caller's. */
static char *directory(size_t index)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    switch (index) {
    case 0:
        return config && *config ? mem_printf("%s/boxtop/tours", config)
                                 : mem_printf("%s/.config/boxtop/tours", home ? home : "");
    case 1:
        return mem_dup(BOXTOP_DATADIR "/tours");
    case 2:
        return mem_dup(BOXTOP_TOURS);
    default:
        return NULL;
    }
}

static int load_path(struct tour *ret, const char *path, struct err *err)
{
    cleanup_free char *text = NULL;
    ssize_t len = fs_read_whole_at(AT_FDCWD, path, TOUR_BYTES, &text);
    if (len < 0)
        return err_set(err, (int)-len, "read the tour %s: %s", path, strerror((int)-len));
    return tour_parse(ret, path, text, err);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t add_names(const char *where, char ***names, size_t count)
{
    cleanup_dir DIR *dir = opendir(where);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        size_t len = strlen(entry->d_name), end = sizeof ENDING - 1;
        if (len <= end || strcmp(entry->d_name + len - end, ENDING) != 0)
            continue;
        mem_list_add(names, mem_printf("%.*s", (int)(len - end), entry->d_name));
        count++;
    }
    return count;
}

/* Sorted; may be NULL. */
static char **all_names(size_t *ret_count)
{
    char **names = NULL;
    *ret_count = 0;
    for (size_t i = 0;; i++) {
        cleanup_free char *where = directory(i);
        if (!where)
            break;
        *ret_count = add_names(where, &names, *ret_count);
    }
    if (*ret_count)
        qsort(names, *ret_count, sizeof *names, compare);
    return names;
}

int tour_load(struct tour *ret, const char *name, struct err *err)
{
    if (strchr(name, '/'))
        return load_path(ret, name, err);
    for (size_t i = 0;; i++) {
        cleanup_free char *where = directory(i);
        if (!where)
            break;
        cleanup_free char *path = mem_printf("%s/%s" ENDING, where, name);
        int rc = load_path(ret, path, err);
        if (rc != -ENOENT && rc != -ENOTDIR)
            return rc;
    }
    size_t count;
    cleanup_list char **names = all_names(&count);
    struct nearest nearest = nearest_init(name);
    for (size_t i = 0; i < count; i++)
        nearest_try(&nearest, names[i]);
    err_set(err, ENOENT, "no tour is called %s", name);
    return nearest.best ? err_hint(err, "did you mean %s?", nearest.best)
                        : err_hint(err, "boxtop demo --list says which there are");
}

void tour_list(void (*each)(void *data, const char *name, const char *title), void *data)
{
    size_t count;
    cleanup_list char **names = all_names(&count);
    for (size_t i = 0; i < count; i++) {
        struct tour tour = {0};
        struct err err;
        if (i && strcmp(names[i], names[i - 1]) == 0)
            continue;
        int rc = tour_load(&tour, names[i], &err);
        each(data, names[i], rc < 0 ? "" : tour.title);
        tour_free(&tour);
    }
}
