/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/cgread.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/value.h"

/* Some 4 KiB of kernel memory each, as the kernel keeps a page for an open file that was read: enough for ten
 * thousand groups. */
#define KEPT_MAX 150000
/* Left for everybody else in this process. */
#define KEPT_RESERVE 192

void fdpool_init(struct fdpool *pool)
{
    struct rlimit now, wanted = {KEPT_MAX + KEPT_RESERVE, KEPT_MAX + KEPT_RESERVE};
    *pool = (struct fdpool){0};
    if (getrlimit(RLIMIT_NOFILE, &now) < 0)
        return;
    pool->before = now;
    if (now.rlim_max >= wanted.rlim_max)
        wanted.rlim_max = wanted.rlim_cur = now.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &wanted) < 0) { /* more than the hard limit is root's to have */
        wanted.rlim_cur = wanted.rlim_max = now.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &wanted) < 0)
            wanted = now;
    }
    if (wanted.rlim_cur > KEPT_RESERVE)
        pool->left = (long)(wanted.rlim_cur - KEPT_RESERVE);
    if (pool->left > KEPT_MAX)
        pool->left = KEPT_MAX;
    pool->share = pool->left / 2;
}

void cgread_init(struct cgread *files, struct fdpool *pool, int dirfd, const char *path)
{
    *files = (struct cgread){.dirfd = dirfd, .path = path, .procs_fd = -1};
    for (int i = 0; i < CGFILE_KEPT_COUNT; i++)
        files->fd[i] = -1;
    if (pool->left > pool->share)
        pool->left--;
    else
        fd_close(&files->dirfd);
}

static void give_back(int *fd, struct fdpool *pool)
{
    if (*fd >= 0)
        pool->left++;
    fd_close(fd);
}

void cgread_fini(struct cgread *files, struct fdpool *pool)
{
    for (int i = 0; i < CGFILE_KEPT_COUNT; i++)
        give_back(&files->fd[i], pool);
    give_back(&files->procs_fd, pool);
    give_back(&files->dirfd, pool);
}

void cgread_close_walked(struct cgread *files, struct fdpool *pool)
{
    for (int file = 0; file < CGFILE_FIRST_NOTIFIED; file++)
        give_back(&files->fd[file], pool);
}

void cgread_probe(struct cgread *files)
{
    files->absent = 0;
}

/* A descriptor of `name` in the group; -errno. */
static int open_in(const struct cgread *files, const char *name, int flags)
{
    char path[PATH_MAX];
    int dirfd = files->dirfd;
    if (dirfd < 0) {
        if (snprintf(path, sizeof path, "%s/%s", files->path, name) >= (int)sizeof path)
            return -ENAMETOOLONG;
        name = path;
        dirfd = AT_FDCWD;
    }
    int fd = openat(dirfd, name, flags | O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int cgread_open(const struct cgread *files, const char *name)
{
    return open_in(files, name, O_NONBLOCK);
}

int cgread_open_dir(const struct cgread *files, const char *name)
{
    return open_in(files, name, O_DIRECTORY);
}

/* The kernel gives these small texts whole at the first read. One that fills the buffer is none of them. */
static ssize_t read_once(int fd, char *to)
{
    ssize_t len;
    while ((len = pread(fd, to, CGREAD_SIZE, 0)) < 0 && errno == EINTR)
        continue;
    if (len < 0)
        return -errno;
    if (len == CGREAD_SIZE)
        return -EFBIG;
    to[len] = '\0';
    return len;
}

/* cpu.stat is in every group: where it can't be found there is no group any more. Everything else may just
 * have been taken away with its controller, which reads ENODEV too. */
static enum cgread_result failed(struct cgread *files, struct fdpool *pool, enum cgfile file)
{
    if (file < CGFILE_KEPT_COUNT)
        give_back(&files->fd[file], pool);
    if (file == CGFILE_CPU_STAT)
        return CGREAD_GONE;
    files->absent |= 1u << file;
    return CGREAD_ABSENT;
}

/* A file that is read each time keeps its descriptor. One that reports its changes is read seldom, but has to
 * be held: the kernel forgets to report on an inode that is not in memory. O_PATH does, without a page. */
static void keep(struct cgread *files, struct fdpool *pool, enum cgfile file, int *fd)
{
    if (file >= CGFILE_KEPT_COUNT || (pool->spared && file < CGFILE_CPU_PRESSURE) || pool->left <= 0 ||
        cgread_is_kept(files, file))
        return;
    int kept = file < CGFILE_FIRST_NOTIFIED ? take_fd(fd) : open_in(files, cgfile_name(file), O_PATH);
    if (kept < 0)
        return;
    files->fd[file] = kept;
    pool->left--;
}

static ssize_t read_opened(struct cgread *files, struct fdpool *pool, enum cgfile file, char *to)
{
    cleanup_close int fd = open_in(files, cgfile_name(file), 0);
    if (fd < 0)
        return fd;
    ssize_t len = read_once(fd, to);
    if (len >= 0)
        keep(files, pool, file, &fd);
    return len;
}

enum cgread_result cgread_text(struct cgread *files, struct fdpool *pool, enum cgfile file, char *to)
{
    if (files->absent & 1u << file)
        return CGREAD_ABSENT;
    bool read_again = file < CGFILE_FIRST_NOTIFIED && cgread_is_kept(files, file);
    ssize_t len = read_again ? read_once(files->fd[file], to) : read_opened(files, pool, file, to);
    if (len >= 0)
        return CGREAD_OK;
    if (len == -EMFILE || len == -ENFILE) { /* others took them: this file is there, but not this time */
        pool->left = 0;
        return CGREAD_ABSENT;
    }
    return failed(files, pool, file);
}

bool cgread_other(const struct cgread *files, const char *name, char *to)
{
    cleanup_close int fd = open_in(files, name, 0);
    return fd >= 0 && read_once(fd, to) >= 0;
}

enum cgread_result cgread_file(struct cgread *files, struct fdpool *pool, enum cgfile file,
                               struct counters *to)
{
    char text[CGREAD_SIZE];
    enum cgread_result result = cgread_text(files, pool, file, text);
    if (result == CGREAD_OK)
        cgparse(file, text, to);
    else if (result == CGREAD_ABSENT)
        cgparse_absent(file, to);
    return result;
}

/* The list's descriptor, kept while there is room for those that report. */
static int open_procs(struct cgread *files, struct fdpool *pool)
{
    if (files->procs_fd >= 0)
        return files->procs_fd;
    int fd = open_in(files, "cgroup.procs", 0);
    if (fd >= 0 && pool->left > pool->share) {
        files->procs_fd = fd;
        pool->left--;
    }
    return fd;
}

static void close_procs(const struct cgread *files, int fd)
{
    if (fd != files->procs_fd)
        fd_close(&fd);
}

static ssize_t read_lines(int fd, char *to, size_t size, off_t at)
{
    ssize_t len;
    while ((len = pread(fd, to, size, at)) < 0 && errno == EINTR)
        continue;
    return len;
}

uint64_t cgread_procs(struct cgread *files, struct fdpool *pool)
{
    char chunk[CGREAD_SIZE];
    int fd = open_procs(files, pool);
    uint64_t lines = 0;
    ssize_t len = fd < 0 ? -1 : CGREAD_WHOLE;
    for (off_t at = 0; len >= CGREAD_WHOLE; at += len) {
        len = read_lines(fd, chunk, sizeof chunk, at);
        for (ssize_t i = 0; i < len; i++)
            lines += chunk[i] == '\n';
    }
    close_procs(files, fd);
    return len < 0 ? VALUE_ABSENT : lines;
}

bool cgread_first_procs(struct cgread *files, struct fdpool *pool, char *to, size_t size)
{
    int fd = open_procs(files, pool);
    ssize_t len = fd < 0 ? -1 : read_lines(fd, to, size - 1, 0);
    close_procs(files, fd);
    to[len > 0 ? len : 0] = '\0';
    char *end = strrchr(to, '\n'); /* the number behind it may be cut */
    to[end ? end + 1 - to : 0] = '\0';
    return len >= 0;
}
