/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How soon a kill is known, and whether any is missed. Observers, each a process of its own, all at once: a
 * bare reader of /dev/kmsg, a bare reader of inotify on memory.events, and boxtop's monitor, with the
 * kernel's log and without the right to it. The time of a kill is the kernel's own, of the tracepoint
 * oom:mark_victim.
 *
 * Usage: kills [TRIALS [KILLS GROUPS SECONDS]]       as root, with cgroup v2's memory controller (scripts/vm)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/value.h"
#include "monitor/monitor.h"
#include "base/oom.h"

#define ROOT       "/sys/fs/cgroup"
#define TOP        ROOT "/kills"
#define TRACE      "/sys/kernel/tracing"
#define NS_PER_MS  1000000ull
#define TRIALS_MAX 1000
#define GROUPS_MAX 1000
#define MIB        (1024 * 1024)

enum { OBSERVER_KMSG, OBSERVER_INOTIFY, OBSERVER_BOXTOP, OBSERVER_BLIND, OBSERVERS };
static const char *const names[] = {"bare /dev/kmsg reader", "bare inotify reader", "boxtop",
                                    "boxtop, no CAP_SYSLOG"};

struct shared {
    atomic_int ready, count[OBSERVERS];
    uint64_t seen_ns[OBSERVERS][TRIALS_MAX];
    pid_t pid[TRIALS_MAX];
    /* of the storm, by those that are boxtop */
    atomic_bool stop;
    uint64_t told[OBSERVERS], explained[OBSERVERS], lost[OBSERVERS], cpu_us[OBSERVERS];
    uint64_t told_in[OBSERVERS][GROUPS_MAX];
};
static struct shared *shared;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        die(path);
    close(fd);
}

/* The number behind `key` in a group's file; 0 if there is none. */
static uint64_t field(const char *group, const char *file, const char *key)
{
    char path[256], text[4096];
    snprintf(path, sizeof path, "%s/%s", group, file);
    if (fs_read_at(AT_FDCWD, path, text, sizeof text) < 0)
        return 0;
    const char *at = strstr(text, key);
    return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

static void make_group(const char *group, const char *max)
{
    char path[256];
    if (mkdir(group, 0755) < 0 && errno != EEXIST)
        die(group);
    snprintf(path, sizeof path, "%s/memory.max", group);
    put(path, max);
}

/* A process that is killed for what it allocates. */
static pid_t hog(const char *group)
{
    char path[256];
    pid_t pid = fork();
    if (pid)
        return pid;
    snprintf(path, sizeof path, "%s/cgroup.procs", group);
    put(path, "0");
    char *memory = mmap(NULL, 32 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; memory != MAP_FAILED && i < 32 * MIB; i += 4096)
        memory[i] = 1;
    _exit(1);
}

/* ---- observers ---- */

static void see(int who, uint64_t kills)
{
    uint64_t now = clock_mono_ns();
    for (uint64_t i = (uint64_t)atomic_load(&shared->count[who]); i < kills && i < TRIALS_MAX; i++)
        shared->seen_ns[who][i] = now;
    atomic_store(&shared->count[who], (int)kills);
}

static void ready(void)
{
    atomic_fetch_add(&shared->ready, 1);
}

static void watch_kmsg(void)
{
    char record[8192];
    uint64_t kills = 0;
    int fd = open("/dev/kmsg", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
        die("/dev/kmsg");
    ready();
    while (!atomic_load(&shared->stop)) {
        ssize_t len = read(fd, record, sizeof record - 1);
        if (len <= 0)
            continue;
        record[len] = '\0';
        if (strstr(record, "Killed process"))
            see(OBSERVER_KMSG, ++kills);
    }
}

static void watch_inotify(void)
{
    char buffer[4096];
    int fd = inotify_init1(IN_CLOEXEC);
    int kept = open(TOP "/one/memory.events", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || kept < 0 || inotify_add_watch(fd, TOP "/one/memory.events", IN_MODIFY) < 0)
        die("inotify");
    ready();
    while (!atomic_load(&shared->stop)) {
        if (read(fd, buffer, sizeof buffer) <= 0)
            continue;
        ssize_t len = pread(kept, buffer, sizeof buffer - 1, 0);
        buffer[len > 0 ? len : 0] = '\0';
        const char *at = strstr(buffer, "oom_kill ");
        see(OBSERVER_INOTIFY, at ? strtoull(at + 9, NULL, 10) : 0);
    }
}

static void take_events(int who, struct monitor *monitor)
{
    struct event *list = monitor_events(monitor);
    for (const struct event *e = list; e; e = e->next) {
        int group = -1;
        if (e->kind == EVENT_LOST)
            shared->lost[who]++;
        if (e->kind != EVENT_OOM_KILL)
            continue;
        if (sscanf(e->cgroup, "/kills/s%d", &group) != 1 || group < 0 || group >= GROUPS_MAX)
            continue; /* one of those before the storm */
        shared->told[who] += e->value;
        shared->told_in[who][group] += e->value;
        if (e->oom && e->oom->victim_count)
            shared->explained[who] += e->value;
    }
    event_free_list(list);
}

static void take_snapshot(int who, struct monitor *monitor)
{
    struct snapshot *snapshot = monitor_take(monitor);
    int row = snapshot ? snapshot_find_path(snapshot, "/kills/one") : -1;
    if (row >= 0 && value_is_number(snapshot->rows[row].now->events_oom_kill))
        see(who, snapshot->rows[row].now->events_oom_kill);
    snapshot_free(snapshot);
}

static void drop_syslog(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    syscall(SYS_capget, &header, data);
    data[1].effective &= ~(1u << (CAP_SYSLOG - 32));
    data[1].permitted &= ~(1u << (CAP_SYSLOG - 32));
    data[0].effective &= ~(1u << CAP_SYS_ADMIN); /* which implies it */
    data[0].permitted &= ~(1u << CAP_SYS_ADMIN);
    if (syscall(SYS_capset, &header, data) < 0)
        die("capset");
}

static void watch_boxtop(int who)
{
    struct monitor_options options = {.interval_ms = 1000};
    struct monitor *monitor;
    struct err err;
    struct rusage usage;
    if (who == OBSERVER_BLIND)
        drop_syslog();
    if (monitor_start(&options, &monitor, &err) < 0)
        die(err.text);
    struct pollfd p = {.fd = monitor_fd(monitor), .events = POLLIN};
    poll(&p, 1, -1);
    snapshot_free(monitor_take(monitor));
    getrusage(RUSAGE_SELF, &usage);
    ready();
    while (!atomic_load(&shared->stop)) {
        if (poll(&p, 1, 100) <= 0)
            continue;
        take_snapshot(who, monitor);
        take_events(who, monitor);
    }
    getrusage(RUSAGE_SELF, &usage);
    shared->cpu_us[who] = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
                          (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    monitor_stop(monitor);
}

static void start_observer(int who, pid_t *pids)
{
    int before = atomic_load(&shared->ready);
    pids[who] = fork();
    if (pids[who] == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (who == OBSERVER_KMSG)
            watch_kmsg();
        else if (who == OBSERVER_INOTIFY)
            watch_inotify();
        else
            watch_boxtop(who);
        _exit(0);
    }
    while (atomic_load(&shared->ready) == before) {
        if (waitpid(pids[who], NULL, WNOHANG) == pids[who])
            exit(1);
        usleep(10000);
    }
}

/* ---- one kill after the other ---- */

/* CLOCK_MONOTONIC of the kernel's marking that process, ns; 0: it is not in the trace. */
static uint64_t marked_ns(const char *trace, pid_t pid)
{
    char word[64];
    snprintf(word, sizeof word, "mark_victim: pid=%d", (int)pid);
    for (const char *line = trace; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        size_t len = strcspn(line, "\n");
        const char *at = memmem(line, len, word, strlen(word));
        if (!at || (at[strlen(word)] >= '0' && at[strlen(word)] <= '9'))
            continue;
        const char *time = at;
        while (time > line && time[-1] != ']') /* "hog-143 [000] d..1.  12.345678: mark_victim" */
            time--;
        double seconds = 0;
        char flags[32];
        if (sscanf(time, " %31s %lf:", flags, &seconds) == 2)
            return (uint64_t)(seconds * 1e9);
    }
    return 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void wait_for(int kills, uint64_t until_ns)
{
    while (clock_mono_ns() < until_ns) {
        bool all = true;
        for (int who = 0; who < OBSERVERS; who++)
            all &= atomic_load(&shared->count[who]) >= kills;
        if (all)
            return;
        usleep(1000);
    }
}

static void latencies(int trials)
{
    double ms[OBSERVERS][TRIALS_MAX];
    int count[OBSERVERS] = {0};
    char *trace = NULL;
    put(TRACE "/trace", "");
    for (int i = 0; i < trials; i++) {
        shared->pid[i] = hog(TOP "/one");
        waitpid(shared->pid[i], NULL, 0);
        wait_for(i + 1, clock_mono_ns() + 2000 * NS_PER_MS);
        usleep(150000 + (unsigned)(i * 7919 % 100) * 1000); /* not in step with anybody's ticks */
    }
    if (fs_read_whole_at(AT_FDCWD, TRACE "/trace", 64 * MIB, &trace) < 0)
        die("trace");
    for (int who = 0; who < OBSERVERS; who++)
        for (int i = 0; i < trials; i++) {
            uint64_t killed = marked_ns(trace, shared->pid[i]), seen = shared->seen_ns[who][i];
            if (killed && seen)
                ms[who][count[who]++] = ((double)seen - (double)killed) / NS_PER_MS;
        }
    free(trace);
    printf("from the kill to whoever watches, ms (%d kills, one after the other)\n", trials);
    printf("%-24s %8s %8s %8s %6s\n", "", "median", "p95", "most", "seen");
    for (int who = 0; who < OBSERVERS; who++) {
        qsort(ms[who], (size_t)count[who], sizeof ms[who][0], by_value);
        int n = count[who];
        if (n)
            printf("%-24s %8.2f %8.2f %8.2f %6d\n", names[who], ms[who][n / 2], ms[who][n * 95 / 100],
                   ms[who][n - 1], n);
    }
    if (count[OBSERVER_KMSG] && count[OBSERVER_BOXTOP] && count[OBSERVER_INOTIFY] && count[OBSERVER_BLIND])
        printf("boxtop : /dev/kmsg reader %.2f, without the log : inotify reader %.2f\n",
               ms[OBSERVER_BOXTOP][count[OBSERVER_BOXTOP] / 2] / ms[OBSERVER_KMSG][count[OBSERVER_KMSG] / 2],
               ms[OBSERVER_BLIND][count[OBSERVER_BLIND] / 2] /
                   ms[OBSERVER_INOTIFY][count[OBSERVER_INOTIFY] / 2]);
}

/* ---- a storm ---- */

static void storm(int kills, int groups, int seconds)
{
    char path[64];
    int running = 0, started = 0;
    for (int g = 0; g < groups; g++) {
        snprintf(path, sizeof path, TOP "/s%d", g);
        make_group(path, "1M");
    }
    usleep(500000);
    uint64_t begin = clock_mono_ns(), step = (uint64_t)seconds * 1000 * NS_PER_MS / (uint64_t)kills;
    while (started < kills || running > 0) {
        bool due = started < kills && running < 8 && clock_mono_ns() >= begin + (uint64_t)started * step;
        if (due) {
            snprintf(path, sizeof path, TOP "/s%d", started++ % groups);
            running += hog(path) > 0;
        } else if (waitpid(-1, NULL, WNOHANG) > 0) {
            running--;
        } else {
            usleep(500);
        }
    }
    double took = (double)(clock_mono_ns() - begin) / 1e9;
    sleep(2);
    atomic_store(&shared->stop, true);
    put("/dev/kmsg", "<6>the end"); /* the reader blocks */
    sleep(1);
    uint64_t counted = 0, wrong[OBSERVERS] = {0};
    for (int g = 0; g < groups; g++) {
        snprintf(path, sizeof path, TOP "/s%d", g);
        uint64_t here = field(path, "memory.events", "oom_kill ");
        counted += here;
        for (int who = OBSERVER_BOXTOP; who < OBSERVERS; who++)
            wrong[who] += shared->told_in[who][g] != here;
    }
    printf("\nstorm: %d kills in %d groups, %.1f s (%.0f a second); memory.events count %llu\n", kills,
           groups, took, kills / took, (unsigned long long)counted);
    printf("%-24s %8s %10s %14s %8s %10s\n", "", "told", "explained", "groups wrong", "lost", "CPU s");
    for (int who = OBSERVER_BOXTOP; who < OBSERVERS; who++)
        printf("%-24s %8llu %10llu %14llu %8llu %10.2f\n", names[who], (unsigned long long)shared->told[who],
               (unsigned long long)shared->explained[who], (unsigned long long)wrong[who],
               (unsigned long long)shared->lost[who], (double)shared->cpu_us[who] / 1e6);
}

int main(int argc, char **argv)
{
    int trials = argc > 1 ? atoi(argv[1]) : 50, kills = argc > 2 ? atoi(argv[2]) : 1000;
    int groups = argc > 3 ? atoi(argv[3]) : 100, seconds = argc > 4 ? atoi(argv[4]) : 10;
    pid_t pids[OBSERVERS];
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || trials > TRIALS_MAX || groups > GROUPS_MAX)
        die("kills");
    setvbuf(stdout, NULL, _IOLBF, 0);
    put(ROOT "/cgroup.subtree_control", "+memory +pids");
    if (mkdir(TOP, 0755) < 0 && errno != EEXIST)
        die(TOP);
    put(TOP "/cgroup.subtree_control", "+memory +pids");
    make_group(TOP "/one", "4M");
    mount("tracefs", TRACE, "tracefs", 0, NULL);
    put(TRACE "/trace_clock", "mono");
    put(TRACE "/events/oom/mark_victim/enable", "1");
    for (int who = 0; who < OBSERVERS; who++)
        start_observer(who, pids);
    if (trials)
        latencies(trials);
    storm(kills, groups, seconds);
    for (int who = 0; who < OBSERVERS; who++)
        kill(pids[who], SIGKILL);
    return 0;
}
