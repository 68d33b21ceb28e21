/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a sample of N groups costs, against a floor in the same run: the same files of the same groups, and
 * the same of the machine (/proc/stat and so on), kept open, read by a bare loop of pread(2). And what it
 * costs at rest, when 50 of the groups are busy, against those 50 alone. Each is a process of its own; they
 * take turns, so that a busy machine hits all.
 *
 * Usage: sample [-c] [N...]     as root, in a cgroup2 mount (scripts/vm: all controllers). N: 100 1000 10000
 *   -c: ends with 1 if a limit of the table at the end is not held
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cgroupfs.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/self.h"
#include "monitor/hostinfo.h"
#include "monitor/sampler.h"

#define PER_PARENT 100
#define ROUNDS     9
#define PAUSE_US   160000 /* far enough for rates */
#define BUSY       50

static struct cgroupfs fs;
static bool failed;
static char top[48], top_few[64]; /* of this run, so that two can be at it */
static char iter_program[PATH_MAX];

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return values[count / 2];
}

enum kind { BARE, ALL, REST, BARE_WALK, WALK };

/* ---- the groups ---- */

struct groups {
    const char *top; /* from the mount, "/..." */
    int count;
    pid_t busy[BUSY];
};

static void parent_path(const struct groups *g, char *to, size_t size, int i)
{
    snprintf(to, size, "%s%s/p%03d", fs.mount, g->top, i / PER_PARENT);
}

static void group_path(const struct groups *g, char *to, size_t size, int i)
{
    snprintf(to, size, "%s%s/p%03d/g%02d", fs.mount, g->top, i / PER_PARENT, i % PER_PARENT);
}

/* Those that are not here are not measured. */
static void enable_all(const char *path)
{
    static const char *const controllers[] = {"+cpu", "+memory", "+pids", "+io"};
    char file[512];
    snprintf(file, sizeof file, "%s/cgroup.subtree_control", path);
    for (size_t i = 0; i < COUNT_OF(controllers); i++) {
        int fd = open(file, O_WRONLY | O_CLOEXEC);
        if (fd < 0 ||
            (write(fd, controllers[i], strlen(controllers[i])) < 0 && errno != ENOENT && errno != EINVAL))
            die(file);
        close(fd);
    }
}

static void make_group(const char *path)
{
    if (mkdir(path, 0755) < 0)
        die(path);
}

static void groups_make(struct groups *g, const char *name, int count)
{
    char path[512];
    *g = (struct groups){name, count, {0}};
    snprintf(path, sizeof path, "%s%s", fs.mount, name);
    enable_all(fs.mount);
    make_group(path);
    enable_all(path);
    for (int i = 0; i < count; i++) {
        parent_path(g, path, sizeof path, i);
        if (i % PER_PARENT == 0) {
            make_group(path);
            enable_all(path);
        }
        group_path(g, path, sizeof path, i);
        make_group(path);
    }
}

static void remove_group(const char *path)
{
    for (int tries = 0; rmdir(path) < 0 && errno == EBUSY && tries < 1000; tries++)
        usleep(10000);
}

static void groups_remove(struct groups *g)
{
    char path[512];
    for (int i = 0; i < BUSY; i++)
        if (g->busy[i]) {
            kill(g->busy[i], SIGKILL);
            waitpid(g->busy[i], NULL, 0);
        }
    for (int i = g->count - 1; i >= 0; i--) {
        group_path(g, path, sizeof path, i);
        remove_group(path);
        parent_path(g, path, sizeof path, i);
        if (i % PER_PARENT == 0)
            remove_group(path);
    }
    snprintf(path, sizeof path, "%s%s", fs.mount, g->top);
    remove_group(path);
}

/* A fiftieth of a CPU each would be all of it: they do little, and often. */
static void be_busy(const char *group)
{
    char path[600], pid[32];
    snprintf(path, sizeof path, "%s/cgroup.procs", group);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (fs_write_at(AT_FDCWD, path, pid) < 0)
        die(path);
    for (;;) {
        for (volatile int i = 0; i < 20000; i++)
            continue;
        usleep(50000);
    }
}

/* Evenly among all. */
static void groups_busy(struct groups *g)
{
    char path[512];
    for (int i = 0; i < BUSY && i < g->count; i++) {
        group_path(g, path, sizeof path, (int)((long)i * g->count / BUSY));
        if ((g->busy[i] = fork()) == 0)
            be_busy(path);
    }
}

/* ---- the floor ---- */

static struct {
    int *fds;
    size_t count, cap;
} bare;

static void bare_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno != ENOENT)
        die(path);
    if (fd < 0)
        return;
    if (bare.count == bare.cap)
        bare.fds = mem_resize(bare.fds, bare.cap = bare.cap ? bare.cap * 2 : 64, sizeof *bare.fds);
    bare.fds[bare.count++] = fd;
}

static void bare_add(const char *directory)
{
    char path[600];
    for (int file = 0; file < CGFILE_FIRST_NOTIFIED; file++) {
        snprintf(path, sizeof path, "%s/%s", directory, cgfile_name((enum cgfile)file));
        bare_file(path);
    }
}

static void bare_open(const struct groups *g)
{
    char path[512];
    for (int file = 0; file < HOSTFILE_COUNT; file++)
        bare_file(hostinfo_path(file));
    snprintf(path, sizeof path, "%s%s", fs.mount, g->top);
    bare_add(path);
    for (int i = 0; i < g->count; i++) {
        group_path(g, path, sizeof path, i);
        bare_add(path);
        parent_path(g, path, sizeof path, i);
        if (i % PER_PARENT == 0)
            bare_add(path);
    }
}

static void bare_round(void)
{
    char text[4096];
    for (size_t i = 0; i < bare.count; i++)
        if (pread(bare.fds[i], text, sizeof text, 0) < 0)
            die("pread");
}

/* The iterator alone. */
static struct cgiter bare_iter;

static void wait_for_iter(struct cgiter *iter)
{
    for (int i = 0; iter->state == CGITER_STARTING && i < 600; i++) {
        usleep(100000);
        cgiter_walk(iter);
    }
}

static void bare_walk_open(const struct groups *g)
{
    char path[512];
    struct err err;
    snprintf(path, sizeof path, "%s%s", fs.mount, g->top);
    cleanup_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cgiter_init(&bare_iter);
    if (self_find("boxtop-iter", iter_program, &err) == 0)
        cgiter_want(&bare_iter, iter_program, fd, (size_t)(g->count + g->count / PER_PARENT + 1));
    wait_for_iter(&bare_iter);
    bare.count = bare_iter.count;
}

/* ---- boxtop ---- */

static struct {
    struct sampler sampler;
    struct eventq events;
    struct snapshot *last;
} boxtop;

static void boxtop_tick(void)
{
    struct snapshot *snapshot = sampler_tick(&boxtop.sampler);
    snapshot_free(boxtop.last);
    boxtop.last = snapshot;
}

static void boxtop_open(const char *name, enum kind kind)
{
    struct err err;
    eventq_init(&boxtop.events, EVENTQ_CAP);
    sampler_init(&boxtop.sampler, &fs, name, &boxtop.events);
    sampler_rest(&boxtop.sampler, kind == REST);
    if (kind == WALK && self_find("boxtop-iter", iter_program, &err) == 0) {
        sampler_walk(&boxtop.sampler, iter_program, 1);
        boxtop_tick();
        boxtop_tick();
        wait_for_iter(&boxtop.sampler.iter);
    }
    for (int i = 0; i < 6; i++) { /* until those at rest are */
        boxtop_tick();
        usleep(PAUSE_US);
    }
}

/* ---- who is measured, each in a process of its own ---- */

struct player {
    pid_t pid;
    int fd;
    double ms[ROUNDS];
};

struct answer {
    double ms;
    size_t reads;
};

static void play(enum kind kind, const struct groups *g, int fd)
{
    char go;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (kind == BARE)
        bare_open(g);
    else if (kind == BARE_WALK)
        bare_walk_open(g);
    else
        boxtop_open(g->top, kind);
    while (write(fd, &(struct answer){0, bare.count}, sizeof(struct answer)) > 0 && read(fd, &go, 1) == 1) {
        double start = cpu_ms();
        if (kind == BARE)
            bare_round();
        else if (kind == BARE_WALK)
            cgiter_walk(&bare_iter);
        else
            boxtop_tick();
        struct answer answer = {cpu_ms() - start, bare.count};
        if (write(fd, &answer, sizeof answer) < 0 || read(fd, &go, 1) != 1)
            break;
    }
    _exit(0);
}

static struct answer player_answer(const struct player *player)
{
    struct answer answer;
    if (read(player->fd, &answer, sizeof answer) != sizeof answer)
        die("one of the measured");
    return answer;
}

static size_t player_start(struct player *player, enum kind kind, const struct groups *g)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0 || (player->pid = fork()) < 0)
        die("start");
    if (player->pid == 0) {
        close(fds[0]);
        play(kind, g, fds[1]);
    }
    close(fds[1]);
    player->fd = fds[0];
    return player_answer(player).reads;
}

static void player_round(struct player *player, int round)
{
    if (write(player->fd, "g", 1) < 0)
        die("start a round");
    player->ms[round] = player_answer(player).ms;
    if (write(player->fd, "g", 1) < 0)
        die("end a round");
    player_answer(player);
}

static void player_end(struct player *player)
{
    kill(player->pid, SIGKILL);
    close(player->fd);
    waitpid(player->pid, NULL, 0);
}

/* ---- exact: the system calls of one sample ---- */

/* Counts what a child calls between two of its stops. */
static long count_calls(pid_t pid)
{
    long stops = 0;
    int status;
    ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    for (;;) {
        if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0 || waitpid(pid, &status, 0) < 0 ||
            !WIFSTOPPED(status))
            die("trace");
        if (WSTOPSIG(status) == SIGSTOP)
            return stops / 2; /* in and out of each; the child's own kill(2) is one more, taken off below */
        stops += WSTOPSIG(status) == (SIGTRAP | 0x80);
    }
}

static long calls_of_sample(void)
{
    int status;
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        boxtop_open(top, ALL);
        usleep(PAUSE_US);
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        boxtop_tick();
        raise(SIGSTOP);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    long calls = count_calls(pid);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return calls;
}

/* ---- the table ---- */

static void hold(const char *what, double ratio, double limit)
{
    bool holds = ratio <= limit;
    printf("  %-62s %6.2f  (at most %.1f)%s\n", what, ratio, limit, holds ? "" : "  NOT HELD");
    failed |= !holds;
}

static void take_turns(struct player *players, size_t count)
{
    for (int round = 0; round < ROUNDS; round++) {
        usleep(PAUSE_US);
        for (size_t i = 0; i < count; i++)
            player_round(&players[i], round);
    }
}

static void measure_all(int count)
{
    struct groups g;
    struct player players[2];
    groups_make(&g, top, count);
    size_t reads = player_start(&players[0], BARE, &g);
    player_start(&players[1], ALL, &g);
    take_turns(players, COUNT_OF(players));
    double floor = median(players[0].ms, ROUNDS), all = median(players[1].ms, ROUNDS);
    printf("%d groups, each read: floor %.3f ms (%zu reads), boxtop %.3f ms\n", count, floor, reads, all);
    hold("files, against the floor", all / floor, 1.3);
    player_end(&players[0]);
    player_end(&players[1]);
    if (count <= 1000)
        printf("  system calls of a sample: %ld\n", calls_of_sample());
    groups_remove(&g);
}

static void measure_rest(int count)
{
    struct groups few, many;
    struct player players[2];
    groups_make(&few, top_few, BUSY);
    groups_make(&many, top, count);
    groups_busy(&few);
    groups_busy(&many);
    player_start(&players[0], REST, &few);
    player_start(&players[1], REST, &many);
    take_turns(players, COUNT_OF(players));
    double some = median(players[0].ms, ROUNDS), all = median(players[1].ms, ROUNDS);
    printf("%d groups, %d busy: %.3f ms; those alone: %.3f ms\n", count, BUSY, all, some);
    hold("at rest, against the busy ones alone", all / some, 3);
    player_end(&players[0]);
    player_end(&players[1]);
    groups_remove(&few);
    groups_remove(&many);
}

/* All groups are known to the walk, and what 50 of them do. */
static void measure_walk(int count)
{
    struct groups g;
    struct player players[2];
    groups_make(&g, top, count);
    if (player_start(&players[0], BARE_WALK, &g) == 0) {
        puts("  the kernel's iterator can't be used here");
    } else {
        player_start(&players[1], WALK, &g);
        take_turns(players, COUNT_OF(players));
        double floor = median(players[0].ms, ROUNDS), walk = median(players[1].ms, ROUNDS);
        printf("%d groups, by the iterator: floor %.3f ms, boxtop %.3f ms\n", count, floor, walk);
        hold("iterator, against the floor", walk / floor, 1.5);
        player_end(&players[1]);
    }
    player_end(&players[0]);
    groups_remove(&g);
}

static void measure(int count)
{
    measure_all(count);
    if (count >= 1000) /* of few groups the files are read */
        measure_walk(count);
    measure_rest(count);
}

static void raise_limit(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    if (limit.rlim_max < 300000)
        limit.rlim_cur = limit.rlim_max = 300000;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) { /* more than the hard limit is not everybody's to have */
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    static const int sizes[] = {100, 1000, 10000};
    bool check = argc > 1 && strcmp(argv[1], "-c") == 0;
    int first = check ? 2 : 1;
    snprintf(top, sizeof top, "/bench-sample.%d", (int)getpid());
    snprintf(top_few, sizeof top_few, "%s-few", top);
    cgroupfs_find(&fs, NULL, NULL);
    raise_limit();
    if (first == argc)
        for (size_t i = 0; i < COUNT_OF(sizes); i++)
            measure(sizes[i]);
    for (int i = first; i < argc; i++)
        measure(atoi(argv[i]));
    return check && failed;
}
