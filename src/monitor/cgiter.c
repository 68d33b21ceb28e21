/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/cgiter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/value.h"
#include "monitor/cgparse.h"

#define ROOM_MIN 512
#define ROOM_MAX (1u << 20)

extern char **environ;

void cgiter_init(struct cgiter *iter)
{
    *iter = (struct cgiter){.socket = -1, .link_fd = -1};
}

static void reap(struct cgiter *iter)
{
    if (iter->pid && waitpid(iter->pid, NULL, WNOHANG) != 0) /* or somebody else has reaped it */
        iter->pid = 0;
}

static size_t size_of(const struct cgiter *iter)
{
    size_t size = iter->capacity * sizeof *iter->records, page = (size_t)sysconf(_SC_PAGESIZE);
    return (size + page - 1) / page * page;
}

static void leave(struct cgiter *iter, enum cgiter_state state)
{
    if (iter->records)
        munmap((void *)iter->records, size_of(iter));
    iter->records = NULL;
    iter->count = 0;
    iter->state = state;
    fd_close(&iter->socket);
    fd_close(&iter->link_fd);
}

void cgiter_fini(struct cgiter *iter)
{
    leave(iter, CGITER_OFF);
    reap(iter);
    free(take_ptr(&iter->index));
}

/* The child starts with nothing blocked: this thread has all signals blocked. */
static int spawn(const char *program, size_t room, int dir_fd, int socket, pid_t *ret_pid)
{
    char groups[24];
    char *argv[] = {(char *)program, groups, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    snprintf(groups, sizeof groups, "%zu", room);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, dir_fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, socket, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int rc = posix_spawn(ret_pid, program, &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return rc;
}

void cgiter_want(struct cgiter *iter, const char *program, int dir_fd, size_t groups)
{
    int pair[2];
    reap(iter);
    if (iter->pid || iter->state == CGITER_FAILED || iter->state == CGITER_STARTING ||
        (iter->state == CGITER_READY && groups < iter->capacity))
        return;
    leave(iter, CGITER_FAILED);
    size_t room = groups + groups / 8; /* all of it is mapped at once */
    room = room < ROOM_MIN ? ROOM_MIN : room;
    if (dir_fd < 0 || room > ROOM_MAX || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return;
    iter->socket = pair[0];
    iter->capacity = room;
    if (spawn(program, room, dir_fd, pair[1], &iter->pid) == 0)
        iter->state = CGITER_STARTING;
    else
        iter->pid = 0;
    close(pair[1]);
}

/* 0: it has not come yet; negative: it won't. */
static int receive(struct cgiter *iter, int fds[2])
{
    char byte;
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(2 * sizeof(int))];
    } control;
    struct iovec data = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t len = recvmsg(iter->socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (len != 1 || !head || head->cmsg_type != SCM_RIGHTS || head->cmsg_len != CMSG_LEN(2 * sizeof(int)))
        return -1;
    memcpy(fds, CMSG_DATA(head), 2 * sizeof(int));
    return 1;
}

static void start(struct cgiter *iter)
{
    int fds[2] = {-1, -1};
    int rc = receive(iter, fds);
    if (rc == 0)
        return;
    void *map = rc < 0 ? MAP_FAILED : mmap(NULL, size_of(iter), PROT_READ, MAP_SHARED, fds[1], 0);
    fd_close(&fds[1]);
    if (map == MAP_FAILED) {
        fd_close(&fds[0]);
        leave(iter, CGITER_FAILED);
        return;
    }
    fd_close(&iter->socket);
    iter->link_fd = fds[0];
    iter->records = map;
    iter->state = CGITER_READY;
    while (iter->index_size < iter->capacity * 2)
        iter->index_size = iter->index_size ? iter->index_size * 2 : 1024;
    iter->index = mem_resize(iter->index, iter->index_size, sizeof *iter->index);
}

static int iterator_of(int link_fd)
{
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.iter_create.link_fd = (uint32_t)link_fd;
    return (int)syscall(SYS_bpf, BPF_ITER_CREATE, &attr, sizeof attr.iter_create);
}

/* It says nothing in words: reading it is what walks. */
static bool walk(const struct cgiter *iter)
{
    char text[64];
    cleanup_close int fd = iterator_of(iter->link_fd);
    ssize_t len;
    if (fd < 0)
        return false;
    while ((len = read(fd, text, sizeof text)) > 0 || (len < 0 && errno == EINTR))
        continue;
    return len == 0;
}

bool cgiter_walk(struct cgiter *iter)
{
    reap(iter);
    if (iter->state == CGITER_STARTING)
        start(iter);
    if (iter->state != CGITER_READY)
        return false;
    uint64_t session = iter->records[0].session;
    if (!walk(iter) || iter->records[0].session == session) {
        leave(iter, CGITER_FAILED);
        return false;
    }
    iter->time_ns = clock_mono_ns();
    session = iter->records[0].session;
    for (iter->count = 1; iter->count < iter->capacity && iter->records[iter->count].session == session;)
        iter->count++;
    iter->indexed = false;
    return true;
}

/* ---- finding ---- */

static size_t slot_of(const struct cgiter *iter, uint64_t id)
{
    return (size_t)(id * 0x9e3779b97f4a7c15u >> 32) & (iter->index_size - 1);
}

static void make_index(struct cgiter *iter)
{
    memset(iter->index, 0xff, iter->index_size * sizeof *iter->index);
    for (size_t i = 0; i < iter->count; i++) {
        size_t slot = slot_of(iter, iter->records[i].id);
        while (iter->index[slot] >= 0)
            slot = (slot + 1) & (iter->index_size - 1);
        iter->index[slot] = (int)i;
    }
    iter->indexed = true;
}

static int find(struct cgiter *iter, uint64_t id)
{
    if (!iter->indexed)
        make_index(iter);
    for (size_t slot = slot_of(iter, id); iter->index[slot] >= 0; slot = (slot + 1) & (iter->index_size - 1))
        if (iter->records[iter->index[slot]].id == id)
            return iter->index[slot];
    return -1;
}

const struct iterrecord *cgiter_find(struct cgiter *iter, uint64_t id, int *hint)
{
    if ((size_t)*hint >= iter->count ||
        iter->records[*hint].id != id) { /* the order is another, or it is new */
        int at = find(iter, id);
        if (at < 0)
            return NULL;
        *hint = at;
    }
    return &iter->records[*hint];
}

bool cgiter_is_same(const struct iterrecord *record)
{
    return record->changed != record->session;
}

/* ---- figures ---- */

static void set(uint64_t *figure, uint64_t value)
{
    if (value_is_number(*figure))
        *figure = value;
}

/* What of `total` is `part`'s share of both; no overflow for a century of nanoseconds. */
static uint64_t share(uint64_t part, uint64_t other, uint64_t total)
{
    __extension__ typedef unsigned __int128 wide;
    return part + other ? (uint64_t)((wide)part * total / (part + other)) : 0;
}

/* As the kernel does for cpu.stat: the sum is exact, its parts are counted by the tick, and none goes back
 * (kernel/sched/cputime.c, cputime_adjust). */
static void fill_parts(const struct iterrecord *record, struct counters *to)
{
    uint64_t usage = record->usage_ns / 1000, user = to->user_usec, system = to->system_usec;
    if (!value_is_number(user) || !value_is_number(system) || user + system >= usage)
        return;
    uint64_t new_system =
        record->user_ns ? share(record->system_ns, record->user_ns, record->usage_ns) / 1000 : usage;
    if (!record->system_ns)
        new_system = 0;
    new_system = new_system < system ? system : new_system;
    if (usage - new_system < user)
        new_system = usage - user;
    to->system_usec = new_system;
    to->user_usec = usage - new_system;
}

void cgiter_fill(const struct iterrecord *record, struct counters *to)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    set(&to->usage_usec, record->usage_ns / 1000);
    set(&to->nice_usec, record->nice_ns / 1000);
    fill_parts(record, to);
    set(&to->nr_periods, record->nr_periods);
    set(&to->nr_throttled, record->nr_throttled);
    set(&to->throttled_usec, record->throttled_ns / 1000);
    set(&to->nr_bursts, record->nr_bursts);
    set(&to->burst_usec, record->burst_ns / 1000);
    set(&to->memory_current, record->memory_pages * page);
    set(&to->memory_peak, record->peak_pages * page);
    set(&to->swap_current, record->swap_pages * page);
    set(&to->pids_current, record->pids);
}

uint32_t cgiter_pressed(const struct iterrecord *record, struct counters *to)
{
    static const enum cgfile file[ITER_PRESSURES] = {CGFILE_IO_PRESSURE,     CGFILE_IO_PRESSURE,
                                                     CGFILE_MEMORY_PRESSURE, CGFILE_MEMORY_PRESSURE,
                                                     CGFILE_CPU_PRESSURE,    CGFILE_CPU_PRESSURE};
    const uint64_t *totals[ITER_PRESSURES] = {&to->io_some_usec,     &to->io_full_usec,
                                              &to->memory_some_usec, &to->memory_full_usec,
                                              &to->cpu_some_usec,    &to->cpu_full_usec};
    uint64_t *averages[ITER_PRESSURES] = {&to->io_some_avg10,     &to->io_full_avg10,  &to->memory_some_avg10,
                                          &to->memory_full_avg10, &to->cpu_some_avg10, &to->cpu_full_avg10};
    uint32_t files = 0;
    for (int i = 0; i < ITER_PRESSURES; i++)
        if (value_is_number(*totals[i]) &&
            (record->pressure_ns[i] / 1000 > *totals[i] || record->pressure_avg10[i] * 100 >> 11))
            files |= 1u << file[i];
    for (int i = 0; i < ITER_PRESSURES; i++)
        if (!(files & 1u << file[i]))
            set(averages[i], 0);
    return files;
}
