/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/detail_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define FILES_MAX 400
#define SHUT      (-2) /* a descriptor of what can't be read, like cgroup.kill */

void detail_files_forget(struct detail_files *files, const struct group *group)
{
    if (group && files->of != group->id)
        return;
    for (size_t i = 0; i < files->count; i++)
        if (files->fds[i] >= 0) {
            fd_close(&files->fds[i]);
            files->pool->left++;
        }
    mem_free_list(take_ptr(&files->names));
    free(take_ptr(&files->fds));
    files->count = 0;
    files->of = 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void detail_files_list(struct detail_files *files, const struct group *group,
                       bool (*wanted)(const char *name))
{
    if (files->of == group->id)
        return;
    detail_files_forget(files, NULL);
    int fd = cgread_open_dir(&group->files, ".");
    cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        fd_close(&fd);
        return;
    }
    for (struct dirent *entry; files->count < FILES_MAX && (entry = readdir(dir));)
        if (entry->d_type == DT_REG && wanted(entry->d_name)) {
            mem_list_add(&files->names, mem_dup(entry->d_name));
            files->count++;
        }
    if (files->count)
        qsort(files->names, files->count, sizeof *files->names, by_name);
    files->fds = mem_array(files->count + 1, sizeof *files->fds);
    memset(files->fds, 0xff, files->count * sizeof *files->fds);
    files->of = group->id;
}

/* Until the end: the kernel gives long ones by the page. */
static ssize_t read_whole(int fd, char *to, size_t size)
{
    size_t len = 0;
    ssize_t got = 0;
    while (len < size - 1 && (got = pread(fd, to + len, size - 1 - len, (off_t)len)) > 0) {
        len += (size_t)got;
        if (got < CGREAD_WHOLE)
            break;
    }
    to[len] = '\0';
    return got < 0 ? -errno : (ssize_t)len;
}

ssize_t detail_file_read(const struct group *group, const char *name, char *to, size_t size)
{
    cleanup_close int fd = cgread_open(&group->files, name);
    return fd < 0 ? fd : read_whole(fd, to, size);
}

ssize_t detail_files_read(struct detail_files *files, const struct group *group, size_t i, char *to,
                          size_t size)
{
    if (files->fds[i] >= 0)
        return read_whole(files->fds[i], to, size);
    if (files->fds[i] == SHUT)
        return -EACCES;
    cleanup_close int fd = cgread_open(&group->files, files->names[i]);
    if (fd == -EACCES)
        files->fds[i] = SHUT;
    if (fd < 0)
        return fd;
    ssize_t len = read_whole(fd, to, size);
    if (len >= 0 && files->pool->left > files->pool->share) {
        files->fds[i] = take_fd(&fd);
        files->pool->left--;
    }
    return len;
}
