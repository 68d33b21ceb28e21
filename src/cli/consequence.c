/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/consequence.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "base/cgroupfs.h"
#include "base/fmt.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/value.h"
#include "core/cgroup.h"

static uint64_t read_number(int cgroup, const char *file)
{
    char text[64];
    uint64_t value;
    if (fs_read_at(cgroup, file, text, sizeof text) < 0 || parse_u64_or_max(text, &value) < 0)
        return VALUE_ABSENT;
    return value;
}

static uint64_t stat_bytes(int cgroup, const char *key)
{
    uint64_t value = cgroup_keyed(cgroup, "memory.stat", key);
    return value_is_number(value) ? value : 0;
}

/* How much swap it could still be given. */
static uint64_t swap_left(int cgroup)
{
    uint64_t max = read_number(cgroup, "memory.swap.max"), used = read_number(cgroup, "memory.swap.current");
    struct sysinfo info;
    if (sysinfo(&info) < 0 || max == VALUE_ABSENT)
        return 0;
    uint64_t free_bytes = (uint64_t)info.freeswap * info.mem_unit;
    if (max == VALUE_MAX || !value_is_number(used))
        return free_bytes;
    uint64_t left = max > used ? max - used : 0;
    return left < free_bytes ? left : free_bytes;
}

/* The file cache goes first, then what there is swap for; the kernel kills for the rest. */
static enum consequence of_memory_max(int cgroup, uint64_t max, char *to)
{
    char used[FMT_SIZE], limit[FMT_SIZE], anon[FMT_SIZE], shmem[FMT_SIZE], kernel[FMT_SIZE], swap[FMT_SIZE];
    uint64_t current = read_number(cgroup, "memory.current");
    if (!value_is_number(current) || current <= max)
        return CONSEQUENCE_NONE;
    uint64_t a = stat_bytes(cgroup, "anon"), s = stat_bytes(cgroup, "shmem"),
             k = stat_bytes(cgroup, "kernel");
    uint64_t free_swap = swap_left(cgroup), stays = a + s + k > free_swap ? a + s + k - free_swap : 0;
    fmt_bytes(used, current);
    fmt_bytes(limit, max);
    if (stays <= max) {
        snprintf(to, CONSEQUENCE_SIZE,
                 "it uses %s, more than %s: the rest is reclaimed, which may take a while", used, limit);
        return CONSEQUENCE_NOTE;
    }
    snprintf(
        to, CONSEQUENCE_SIZE,
        "it uses %s, more than %s, and cannot give back enough (%s anonymous, %s shared or tmpfs, %s the "
        "kernel's; %s of swap is free): processes will be OOM killed",
        used, limit, fmt_bytes(anon, a), fmt_bytes(shmem, s), fmt_bytes(kernel, k),
        fmt_bytes(swap, free_swap));
    return CONSEQUENCE_HARM;
}

static enum consequence of_memory_high(int cgroup, uint64_t high, char *to)
{
    char used[FMT_SIZE], limit[FMT_SIZE];
    uint64_t current = read_number(cgroup, "memory.current");
    if (!value_is_number(current) || current <= high)
        return CONSEQUENCE_NONE;
    snprintf(to, CONSEQUENCE_SIZE,
             "it uses %s, more than %s: it is reclaimed from, and slowed down as long as it has more",
             fmt_bytes(used, current), fmt_bytes(limit, high));
    return CONSEQUENCE_NOTE;
}

static enum consequence of_pids_max(int cgroup, uint64_t max, char *to)
{
    uint64_t current = read_number(cgroup, "pids.current");
    if (!value_is_number(current) || current <= max)
        return CONSEQUENCE_NONE;
    snprintf(to, CONSEQUENCE_SIZE,
             "it has %" PRIu64 " tasks, more than %" PRIu64
             ": they stay, and none can be forked until it has fewer",
             current, max);
    return CONSEQUENCE_NOTE;
}

static enum consequence of_idle(int cgroup, uint64_t idle, char *to)
{
    uint64_t weight = read_number(cgroup, "cpu.weight");
    if (idle != 1 || weight == 100 || !value_is_number(weight) || read_number(cgroup, "cpu.idle") == 1)
        return CONSEQUENCE_NONE;
    snprintf(to, CONSEQUENCE_SIZE, "its cpu.weight, %" PRIu64 ", is lost: it will be 100 after cpu.idle=0",
             weight);
    return CONSEQUENCE_NOTE;
}

/* Who freezes what he stands in can't thaw it. */
static enum consequence of_freeze(const char *path, uint64_t freeze, char *to)
{
    char own[300];
    size_t len = strlen(path);
    if (freeze != 1 || cgroupfs_of_pid(0, own, sizeof own) < 0 || strncmp(own, path, len) != 0 ||
        (own[len] && own[len] != '/' && len > 1))
        return CONSEQUENCE_NONE;
    snprintf(to, CONSEQUENCE_SIZE,
             "this session is in there: it freezes too, and nothing in it can undo that");
    return CONSEQUENCE_HARM;
}

enum consequence consequence_of(int cgroup_fd, const char *path, const struct knob *knob, const char *text,
                                char *to)
{
    static const struct {
        const char *knob;
        enum consequence (*of)(int cgroup, uint64_t value, char *to);
    } rows[] = {{"memory.max", of_memory_max},
                {"memory.high", of_memory_high},
                {"pids.max", of_pids_max},
                {"cpu.idle", of_idle}};
    uint64_t value;
    if (parse_u64(text, &value) < 0)
        return CONSEQUENCE_NONE;
    if (strcmp(knob->name, "cgroup.freeze") == 0)
        return of_freeze(path, value, to);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].knob, knob->name) == 0)
            return rows[i].of(cgroup_fd, value, to);
    return CONSEQUENCE_NONE;
}

int consequence_make_room(int cgroup_fd, const struct knob *knob, const char *text, struct err *err)
{
    uint64_t max, current = 0;
    char bytes[32], used[FMT_SIZE], limit[FMT_SIZE];
    if (strcmp(knob->name, "memory.max") != 0 || parse_u64(text, &max) < 0)
        return 0;
    for (int tries = 0; tries < 5; tries++) {
        current = read_number(cgroup_fd, "memory.current");
        if (!value_is_number(current) || current <= max)
            return 0;
        snprintf(bytes, sizeof bytes, "%" PRIu64, current - max);
        int rc = fs_write_at(cgroup_fd, "memory.reclaim", bytes);
        if (rc < 0 && rc != -EAGAIN)
            return err_set(err, -rc, "memory.reclaim: %s", strerror(-rc));
    }
    current = read_number(cgroup_fd, "memory.current");
    if (current <= max)
        return 0;
    err_set(err, ENOMEM, "memory.max: it still uses %s after reclaiming, more than %s: nothing was changed",
            fmt_bytes(used, current), fmt_bytes(limit, max));
    return err_hint(err, "without --gently the kernel would kill for it");
}
