/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/filter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/self.h"

#define CACHE          ".seccomp" /* below the state directory: no container's name begins with a dot */
#define CACHE_MAX      64         /* filters; then it begins anew */
#define FILE_NAME_SIZE 160

struct head {
    char magic[8];
    uint32_t flags, count;
};
static const char magic[8] = "bxbpf 1";

/* ---- as a file ---- */

void filter_free(struct filter *filter)
{
    free(filter->code);
    *filter = (struct filter){0};
}

static char *to_bytes(const struct filter *filter, size_t *ret_size)
{
    struct head head = {.flags = filter->flags, .count = (uint32_t)filter->count};
    size_t code = filter->count * sizeof *filter->code;
    char *bytes = mem_alloc(sizeof head + code);
    memcpy(head.magic, magic, sizeof magic);
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, filter->code, code);
    *ret_size = sizeof head + code;
    return bytes;
}

static int write_failed(int rc, struct err *err)
{
    return rc < 0 ? err_set(err, -rc, "write the compiled seccomp filter: %s", strerror(-rc)) : 0;
}

int filter_write(int fd, const struct filter *filter, struct err *err)
{
    size_t size;
    cleanup_free char *bytes = to_bytes(filter, &size);
    return write_failed(fs_write_all(fd, bytes, size), err);
}

int filter_save_at(int dir_fd, const char *name, const struct filter *filter, struct err *err)
{
    size_t size;
    cleanup_free char *bytes = to_bytes(filter, &size);
    return write_failed(fs_replace_at(dir_fd, name, bytes, size), err);
}

int filter_read(int fd, struct filter *ret, struct err *err)
{
    struct head head;
    ssize_t got = pread(fd, &head, sizeof head, 0);
    if (got < 0)
        return err_errno(err, "read the compiled seccomp filter");
    if (got != sizeof head || memcmp(head.magic, magic, sizeof magic) != 0 || head.count == 0 ||
        head.count > BPF_MAXINSNS)
        return err_set(err, EBADMSG, "read the compiled seccomp filter: that is none");
    struct filter filter = {mem_array(head.count, sizeof *filter.code), head.count, head.flags};
    size_t size = head.count * sizeof *filter.code;
    if (pread(fd, filter.code, size, sizeof head) == (ssize_t)size) {
        *ret = filter;
        return 0;
    }
    filter_free(&filter);
    return err_set(err, EBADMSG, "read the compiled seccomp filter: it is cut off");
}

int filter_load_at(int dir_fd, const char *name, struct filter *ret, struct err *err)
{
    cleanup_close int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return fd < 0 ? err_errno(err, "open the compiled seccomp filter") : filter_read(fd, ret, err);
}

/* ---- compiling ---- */

static int memory_file(const char *text, struct err *err)
{
    cleanup_close int fd = memfd_create("boxtop-seccomp", MFD_CLOEXEC);
    int rc = fd < 0 ? -errno : fs_write_all(fd, text, strlen(text));
    if (rc < 0 || lseek(fd, 0, SEEK_SET) < 0)
        return err_set(err, rc < 0 ? -rc : errno, "hand a seccomp profile on: %s", strerror(errno));
    return take_fd(&fd);
}

static int run(const char *program, uint64_t capabilities, int input, int output, int *ret_status,
               struct err *err)
{
    pid_t pid;
    posix_spawn_file_actions_t actions;
    cleanup_free char *caps = mem_printf("%" PRIx64, capabilities);
    char *argv[] = {(char *)"boxtop-seccomp", caps, NULL};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    int rc = posix_spawn(&pid, program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (rc != 0)
        return err_set(err, rc, "execute %s: %s", program, strerror(rc));
    while (waitpid(pid, ret_status, 0) < 0)
        if (errno != EINTR)
            return err_errno(err, "wait for %s", program);
    return 0;
}

/* What it leaves is the filter or, if its status says so, the error that it is. */
static int read_answer(int output, int status, struct filter *ret, struct err *err)
{
    if (status == 0)
        return filter_read(output, ret, err);
    if (pread(output, err, sizeof *err, 0) == sizeof *err && err->code > 0) {
        err->text[sizeof err->text - 1] = err->hint[sizeof err->hint - 1] = '\0';
        return -err->code;
    }
    return err_set(err, EIO, "boxtop-seccomp ended with status %#x", (unsigned)status);
}

int filter_compile(const char *json, uint64_t capabilities, struct filter *ret, struct err *err)
{
    char program[PATH_MAX];
    int status = 0, rc = self_find("boxtop-seccomp", program, err);
    if (rc < 0)
        return rc;
    cleanup_close int input = memory_file(json, err);
    cleanup_close int output = input < 0 ? -1 : memory_file("", err);
    if (output < 0 || run(program, capabilities, input, output, &status, err) < 0)
        return -err->code;
    return read_answer(output, status, ret, err);
}

/* ---- of a file, once ---- */

/* Which file it is, when it last changed, and for whom it was compiled. */
static int open_profile(const char *path, uint64_t capabilities, char *ret_name, struct err *err)
{
    struct stat st;
    cleanup_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_errno(err, "open %s", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, EINVAL, "open %s: it is not a file", path);
    snprintf(ret_name, FILE_NAME_SIZE, "%jx-%jx-%jx-%jx.%lx-%" PRIx64, (uintmax_t)st.st_dev,
             (uintmax_t)st.st_ino, (uintmax_t)st.st_size, (uintmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec,
             capabilities);
    return take_fd(&fd);
}

static int open_cache(int state_fd, struct err *err)
{
    if (mkdirat(state_fd, CACHE, 0700) < 0 && errno != EEXIST)
        return err_errno(err, "make the directory of compiled seccomp filters");
    int fd = openat(state_fd, CACHE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? err_errno(err, "open the directory of compiled seccomp filters") : fd;
}

static void make_room(int cache)
{
    int fd = openat(cache, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), count = 0;
    cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.' && ++count >= CACHE_MAX)
            unlinkat(cache, entry->d_name, 0);
}

static int compile_file(int fd, uint64_t capabilities, struct filter *ret, struct err *err)
{
    cleanup_free char *text = mem_alloc(FILTER_PROFILE_LIMIT);
    ssize_t got = fs_pread(fd, text, FILTER_PROFILE_LIMIT);
    if (got < 0)
        return err_set(err, (int)-got, "read it: %s", strerror((int)-got));
    if (strlen(text) != (size_t)got)
        return err_set(err, EINVAL, "it is no text");
    return filter_compile(text, capabilities, ret, err);
}

int filter_of_file(int state_fd, const char *path, uint64_t capabilities, struct filter *ret, struct err *err)
{
    char name[FILE_NAME_SIZE];
    struct err ignored;
    cleanup_close int fd = open_profile(path, capabilities, name, err);
    cleanup_close int cache = fd < 0 ? -1 : open_cache(state_fd, err);
    if (cache < 0)
        return -err->code;
    if (filter_load_at(cache, name, ret, &ignored) == 0)
        return 0;
    int rc = compile_file(fd, capabilities, ret, err);
    if (rc < 0)
        return err_prefix(err, "seccomp profile %s", path);
    make_room(cache);
    filter_save_at(cache, name, ret, &ignored); /* without it the next launch compiles again */
    return 0;
}
