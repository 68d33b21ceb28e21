/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/stopwatch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define FILE_NAME "steps"

void stopwatch_init(struct stopwatch *ret, size_t count, int told)
{
    *ret = (struct stopwatch){.ns = mem_array(count, sizeof *ret->ns), .count = count, .told = told};
}

void stopwatch_fini(struct stopwatch *stopwatch)
{
    free(stopwatch->ns);
    *stopwatch = (struct stopwatch){.told = -1};
}

void stopwatch_take(const struct stopwatch *stopwatch, size_t index, uint64_t begin_ns)
{
    if (index < stopwatch->count)
        stopwatch->ns[index] = clock_mono_ns() - begin_ns;
}

/* Who does not read in time misses some: a launch waits for nobody. */
void stopwatch_tell(const struct stopwatch *stopwatch, size_t index, unsigned kind, bool failed)
{
    if (stopwatch->told < 0 || !stopwatch->ns || index >= stopwatch->count)
        return;
    struct stopwatch_step step = {stopwatch->ns[index], kind, failed};
    send(stopwatch->told, &step, sizeof step, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void stopwatch_save(const struct stopwatch *stopwatch, int record)
{
    struct str text = {0};
    cleanup_close int fd = -1;
    for (size_t i = 0; i < stopwatch->count; i++)
        str_add_number(&text, stopwatch->ns[i], '\n');
    fd = openat(record, FILE_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0)
        fs_write_all(fd, str_text(&text), text.len);
    str_free(&text);
}

void stopwatch_load(int record, uint64_t *ret_ns, size_t count)
{
    cleanup_free char *text = NULL;
    size_t lines = 0;
    for (size_t i = 0; i < count; i++)
        ret_ns[i] = STOPWATCH_UNKNOWN;
    if (fs_read_whole_at(record, FILE_NAME, 1 << 20, &text) < 0)
        return;
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    if (lines != count)
        return;
    char *at = text;
    for (size_t i = 0; i < count; i++, at += *at == '\n')
        ret_ns[i] = strtoull(at, &at, 10);
}
