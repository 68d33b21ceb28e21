/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/stopwatch.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

#define FILE_NAME "steps"

void stopwatch_init(struct stopwatch *ret, size_t count)
{
    *ret = (struct stopwatch){.count = count};
    void *page =
        mmap(NULL, count * sizeof *ret->ns, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED)
        ret->ns = page;
}

void stopwatch_fini(struct stopwatch *stopwatch)
{
    if (stopwatch->ns)
        munmap(stopwatch->ns, stopwatch->count * sizeof *stopwatch->ns);
    *stopwatch = (struct stopwatch){0};
}

void stopwatch_take(const struct stopwatch *stopwatch, size_t index, uint64_t begin_ns)
{
    if (stopwatch->ns && index < stopwatch->count)
        stopwatch->ns[index] = clock_mono_ns() - begin_ns;
}

void stopwatch_save(const struct stopwatch *stopwatch, int record)
{
    if (!stopwatch->ns)
        return;
    cleanup_close int fd =
        openat(record, FILE_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0)
        fs_write_all(fd, (const char *)stopwatch->ns, stopwatch->count * sizeof *stopwatch->ns);
}

void stopwatch_load(int record, uint64_t *ret_ns, size_t count)
{
    size_t size = count * sizeof *ret_ns;
    struct stat st;
    for (size_t i = 0; i < count; i++)
        ret_ns[i] = STOPWATCH_UNKNOWN;
    cleanup_close int fd = openat(record, FILE_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (size_t)st.st_size != size)
        return;
    cleanup_free uint64_t *read = mem_alloc(size);
    if (pread(fd, read, size, 0) == (ssize_t)size)
        memcpy(ret_ns, read, size);
}

uint64_t stopwatch_total(int record, size_t *ret_count)
{
    cleanup_free char *text = NULL;
    uint64_t total = 0;
    *ret_count = 0;
    if (fs_read_whole_at(record, FILE_NAME, 1 << 20, &text) < 0)
        return 0;
    for (char *at = text; *at; at += *at == '\n', ++*ret_count) {
        char *begin = at;
        total += strtoull(at, &at, 10);
        if (at == begin)
            return 0;
    }
    return total;
}
