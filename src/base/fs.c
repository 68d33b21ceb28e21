/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

ssize_t fs_pread(int fd, char *to, size_t size)
{
    size_t len = 0;
    while (len < size) {
        ssize_t got = pread(fd, to + len, size - len, (off_t)len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        len += (size_t)got;
    }
    if (len == size)
        return -EFBIG;
    to[len] = '\0';
    return (ssize_t)len;
}

ssize_t fs_read_at(int dirfd, const char *name, char *to, size_t size)
{
    cleanup_close int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fs_pread(fd, to, size);
}

ssize_t fs_read_whole_at(int dirfd, const char *name, size_t limit, char **ret_text)
{
    cleanup_close int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct str text = {0};
    char chunk[4096];
    ssize_t got;
    while ((got = read(fd, chunk, sizeof chunk)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || text.len + (size_t)got > limit) {
            int rc = got < 0 ? -errno : -EFBIG;
            str_free(&text);
            return rc;
        }
        str_add_bytes(&text, chunk, (size_t)got);
    }
    ssize_t len = (ssize_t)text.len;
    *ret_text = text.text ? text.text : mem_dup("");
    return len;
}

int fs_write_at(int dirfd, const char *name, const char *text)
{
    cleanup_close int fd = openat(dirfd, name, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t put = write(fd, text, strlen(text));
    return put < 0 ? -errno : 0;
}

int fs_write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t put = write(fd, bytes, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -errno;
        bytes += put;
        len -= (size_t)put;
    }
    return 0;
}

int fs_create_at(int dirfd, const char *name, const char *text, size_t len)
{
    cleanup_close int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return fd < 0 ? -errno : fs_write_all(fd, text, len);
}

static bool temporary_name(char to[NAME_MAX + 1], const char *name)
{
    return snprintf(to, NAME_MAX + 1, ".%s.%d", name, (int)getpid()) <= NAME_MAX;
}

int fs_replace_begin_at(int dirfd, const char *name, const char *text, size_t len)
{
    char temporary[NAME_MAX + 1];
    if (!temporary_name(temporary, name))
        return -ENAMETOOLONG;
    cleanup_close int fd =
        openat(dirfd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int rc = fs_write_all(fd, text, len);
    if (rc < 0)
        unlinkat(dirfd, temporary, 0);
    return rc;
}

int fs_replace_end_at(int dirfd, const char *name)
{
    char temporary[NAME_MAX + 1];
    if (!temporary_name(temporary, name))
        return -ENAMETOOLONG;
    if (renameat(dirfd, temporary, dirfd, name) == 0)
        return 0;
    int rc = -errno;
    unlinkat(dirfd, temporary, 0);
    return rc;
}

int fs_replace_at(int dirfd, const char *name, const char *text, size_t len)
{
    int rc = fs_replace_begin_at(dirfd, name, text, len);
    return rc < 0 ? rc : fs_replace_end_at(dirfd, name);
}

int fs_mkdirs(const char *path, mode_t mode)
{
    cleanup_free char *copy = mem_dup(path);
    for (char *c = copy + 1; *c; c++) {
        if (*c != '/')
            continue;
        *c = '\0';
        if (mkdir(copy, mode) < 0 && errno != EEXIST)
            return -errno;
        *c = '/';
    }
    return mkdir(copy, mode) < 0 && errno != EEXIST ? -errno : 0;
}

int fs_remove_tree_at(int dirfd, const char *name)
{
    if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -errno;
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    /* Overlay's work directory has no permissions at all. */
    if (fd < 0 && errno == EACCES && fchmodat(dirfd, name, 0700, 0) == 0)
        fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    cleanup_dir DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return -ENOMEM;
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int rc = fs_remove_tree_at(fd, entry->d_name);
        if (rc < 0)
            return rc;
    }
    return unlinkat(dirfd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}
