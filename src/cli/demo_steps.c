/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/demo.h"

#define PROBE_INSIDE "/run/boxtop-probe"
#define NS_PER_S     1000000000ull

#define MEMORY_MAX  "100M"
#define ALLOCATION  "200M"
#define CPUS        "0.5"
#define PIDS_MAX    "64"
#define FORKS       "100"
#define CPU_PERCENT 50
#define CPU_MARGIN  5
#define SPIN_S      "5"
#define MEASURE_S   3
#define ATTEMPTS    2
/* A measurement begins when the loop has had this much: then it runs for sure. */
#define BUSY_US       50000
#define BUSY_LIMIT_NS (30 * NS_PER_S)
#define LEFT_LIMIT_NS (10 * NS_PER_S)
#define OOM_STATUS    (128 + SIGKILL)
#define SET_INSIDE    "set-inside"
#define NEEDS(c)      (1u << CONTROLLER_##c)

/* Only what may take long is stopped by an interruption: a launch cut off half-way would be more to clean up.
 */
#define RUN(d, loud, ret_text, ...)                                                                          \
    demo_run(d, (const char *const[]){__VA_ARGS__, NULL}, loud, NULL, ret_text)
#define EXEC(d, ret_text, ...)                                                                               \
    demo_run(d, (const char *const[]){"exec", (d)->name, PROBE_INSIDE, __VA_ARGS__, NULL}, true,             \
             &demo_interrupted, ret_text)

/* ---- what is measured ---- */

/* A key of a file of the container's cgroup; 0 if it is not there: what is proven is that it grows. */
static uint64_t counter(const struct demo *d, const char *file, const char *key)
{
    char text[8192];
    if (fs_read_at(d->cgroup, file, text, sizeof text) < 0)
        return 0;
    for (char *save = NULL, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        if (str_starts(line, key) && line[strlen(key)] == ' ')
            return strtoull(line + strlen(key), NULL, 10);
    return 0;
}

size_t demo_count_mounts(void)
{
    cleanup_free char *text = NULL;
    size_t count = 0;
    if (fs_read_whole_at(AT_FDCWD, "/proc/self/mountinfo", 16 << 20, &text) < 0)
        return 0;
    for (const char *c = text; (c = strchr(c, '\n')); c++)
        count++;
    return count;
}

static bool runs(int pidfd)
{
    struct pollfd waited = {.fd = pidfd, .events = POLLIN};
    return pidfd >= 0 && poll(&waited, 1, 0) == 0;
}

/* Without newline and what comes after. */
static char *first_line(char *text)
{
    text[strcspn(text, "\n")] = '\0';
    return text;
}

/* ---- steps ---- */

static void show_machine(struct demo *d)
{
    struct utsname machine;
    char cgroups[256];
    uname(&machine);
    cgroupfs_describe(&d->fs, NULL, cgroups, sizeof cgroups);
    demo_say(d, "  %s, Linux %s, %s", d->host, machine.release, cgroups);
}

static int open_pidfd(const json_t *container, const char *key, pid_t *ret_pid)
{
    *ret_pid = (pid_t)json_integer_value(json_object_get(container, key));
    return *ret_pid > 0 ? pidfd_open(*ret_pid, 0) : -1;
}

static void copy_text(char *to, size_t size, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    str_copy(to, size, text ? text : "");
}

/* What `inspect --json` says of the container, and what is held open to see it end. */
static bool learn(struct demo *d, const char *text)
{
    pid_t keeper;
    json_t *array = json_loads(text, 0, NULL), *container = json_array_get(array, 0),
           *network = json_object_get(container, "network");
    char cgroup[300];
    copy_text(cgroup, sizeof cgroup, container, "cgroup");
    copy_text(d->gateway, sizeof d->gateway, network, "gateway");
    copy_text(d->link, sizeof d->link, network, "host_link");
    d->first = open_pidfd(container, "pid", &d->pid);
    d->keeper = open_pidfd(container, "keeper_pid", &keeper);
    json_decref(array);
    snprintf(d->cgroup_path, sizeof d->cgroup_path, "%s%s", d->fs.mount, cgroup);
    if (cgroup[0])
        d->cgroup = open(d->cgroup_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return d->first >= 0 && d->keeper >= 0;
}

/* The words of `boxtop run`, with limits as far as this machine has the controllers for them: the steps that
 * need the others say so. */
static void make_words(const struct demo *d, const char *volume, const char **words)
{
    static const struct {
        unsigned needs;
        const char *words[4];
    } limits[] = {
        {NEEDS(MEMORY), {"-m", MEMORY_MAX, "--memory-swap", MEMORY_MAX}},
        {NEEDS(CPU), {"--cpus", CPUS}},
        {NEEDS(PIDS), {"--pids-limit", PIDS_MAX}},
    };
    const char *const front[] = {"run",   "-d",        "--name",  d->name, "--hostname",
                                 d->name, "--network", "private", "-v",    volume};
    const char *const end[] = {"host", PROBE_INSIDE, "sleep", NULL};
    for (size_t i = 0; i < COUNT_OF(front); i++)
        *words++ = front[i];
    for (size_t i = 0; i < COUNT_OF(limits); i++)
        for (size_t j = 0; j < 4 && limits[i].words[j] && d->fs.controllers & limits[i].needs; j++)
            *words++ = limits[i].words[j];
    for (size_t i = 0; i < COUNT_OF(end); i++)
        *words++ = end[i];
}

static void make(struct demo *d)
{
    cleanup_free char *volume = mem_printf("%s:" PROBE_INSIDE ":ro", d->probe), *said = NULL, *known = NULL;
    const char *words[32];
    make_words(d, volume, words);
    uint64_t begin = clock_mono_ns();
    int status = demo_run(d, words, true, NULL, &said);
    double ms = (double)(clock_mono_ns() - begin) / 1e6;
    d->made = status == 0 && RUN(d, false, &known, "inspect", "--json", d->name) == 0 && learn(d, known);
    if (d->made)
        demo_prove(d, "a container is made", true, "a running process", "process %d after %.1f ms",
                   (int)d->pid, ms);
    else
        demo_prove(d, "a container is made", false, "a running process", "exit status %d: %s", status,
                   said ? first_line(said) : "");
}

static void explain(struct demo *d)
{
    cleanup_free char *text = NULL;
    size_t count = 0;
    int status = RUN(d, true, &text, "inspect", "--explain", d->name);
    for (const char *c = text; c && (c = strstr(c, "\n#")); c++)
        count++;
    demo_prove(d, "how it was made", status == 0 && count > 10, "each step as shell lines", "%zu steps",
               count + 1);
}

static void prove_limit(struct demo *d, const char *file, const char *expected)
{
    char text[64] = "", what[80];
    ssize_t len = fs_read_at(d->cgroup, file, text, sizeof text);
    snprintf(what, sizeof what, "the kernel's %s", file);
    demo_prove(d, what, len > 0 && strcmp(first_line(text), expected) == 0, expected, "%s",
               len < 0 ? strerror((int)-len) : text);
}

static void allocate(struct demo *d)
{
    prove_limit(d, "memory.max", "104857600");
    prove_limit(d, "memory.swap.max", "0");
    uint64_t kills = counter(d, "memory.events", "oom_kill"), hits = counter(d, "memory.events", "max");
    int status = EXEC(d, NULL, "alloc", ALLOCATION);
    uint64_t kills_after = counter(d, "memory.events", "oom_kill"),
             hits_after = counter(d, "memory.events", "max");
    demo_prove(d, "exit status of the allocation", status == OOM_STATUS, "137 (SIGKILL)", "%d", status);
    demo_prove(d, "memory.events, oom_kill", kills_after == kills + 1, "one more",
               "%" PRIu64 " before, %" PRIu64 " after", kills, kills_after);
    demo_prove(d, "memory.events, max", hits_after > hits, "more", "%" PRIu64 " before, %" PRIu64 " after",
               hits, hits_after);
}

struct cpu_sample {
    uint64_t time_ns, usage_us, periods, throttled;
};

static struct cpu_sample sample_cpu(const struct demo *d)
{
    return (struct cpu_sample){
        .usage_us = counter(d, "cpu.stat", "usage_usec"),
        .periods = counter(d, "cpu.stat", "nr_periods"),
        .throttled = counter(d, "cpu.stat", "nr_throttled"),
        .time_ns = clock_mono_ns(),
    };
}

static void rest_ms(unsigned ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000l}, NULL);
}

/* Over MEASURE_S while the loop (a pidfd) runs. The start of `exec` itself is no part of it: on a slow
 * machine that takes long. */
static void measure_cpu(const struct demo *d, int loop, struct cpu_sample *from, struct cpu_sample *to)
{
    struct cpu_sample idle = sample_cpu(d);
    do {
        rest_ms(20);
        *from = sample_cpu(d);
    } while (!demo_interrupted && runs(loop) && from->usage_us < idle.usage_us + BUSY_US &&
             from->time_ns < idle.time_ns + BUSY_LIMIT_NS);
    do
        rest_ms(100);
    while (!demo_interrupted && runs(loop) && clock_mono_ns() < from->time_ns + MEASURE_S * NS_PER_S);
    *to = sample_cpu(d);
}

/* Returns what part of a CPU it had, in percent. */
static double spin_once(struct demo *d, struct cpu_sample *from, struct cpu_sample *to)
{
    struct child child;
    if (!demo_start(d, &child, (const char *const[]){"exec", d->name, PROBE_INSIDE, "spin", SPIN_S, NULL}))
        return 0;
    measure_cpu(d, child.pidfd, from, to);
    child_finish(&child, demo_line, d, &demo_interrupted);
    child_free(&child);
    return (double)(to->usage_us - from->usage_us) * 1e5 / (double)(to->time_ns - from->time_ns);
}

static void spin(struct demo *d)
{
    struct cpu_sample from = {0}, to = {.time_ns = 1};
    double percent = 0;
    char expected[32];
    snprintf(expected, sizeof expected, "%d %% +-%d", CPU_PERCENT, CPU_MARGIN);
    prove_limit(d, "cpu.max", "50000 100000");
    for (int i = 0; i < ATTEMPTS && percent < CPU_PERCENT - CPU_MARGIN && !demo_interrupted; i++) {
        if (i)
            demo_say(d, "    %.1f %%: others kept the CPUs too busy to give it its half; once more", percent);
        percent = spin_once(d, &from, &to);
    }
    demo_prove(d, "CPU of the busy loop", fabs(percent - CPU_PERCENT) <= CPU_MARGIN, expected,
               "%.1f %% over %.1f s", percent, (double)(to.time_ns - from.time_ns) / 1e9);
    demo_prove(d, "throttled periods", to.throttled > from.throttled, "some", "%" PRIu64 " of %" PRIu64,
               to.throttled - from.throttled, to.periods - from.periods);
}

static void fork_many(struct demo *d)
{
    cleanup_free char *text = NULL;
    unsigned made = 0, wanted = 0;
    prove_limit(d, "pids.max", PIDS_MAX);
    EXEC(d, &text, "forks", FORKS);
    bool said = text && sscanf(text, "%u of %u", &made, &wanted) == 2;
    demo_prove(d, "processes started", said && made > 0 && made < (unsigned)atoi(PIDS_MAX),
               "fewer than " PIDS_MAX, "%u of %u", made, wanted);
}

static void ping(struct demo *d)
{
    cleanup_free char *text = NULL;
    int status = EXEC(d, &text, "ping", d->gateway);
    demo_prove(d, "the host's end of the link answers", status == 0, "an answer", "%s",
               text && *text ? first_line(text) : "nothing");
}

static void list_processes(struct demo *d)
{
    cleanup_free char *text = NULL;
    size_t seen = 0, own = 0;
    char *save = NULL;
    int status = EXEC(d, &text, "ps");
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        seen++;
        own += strstr(line, " boxtop-probe") != NULL;
    }
    demo_prove(d, "processes seen inside", status == 0 && seen == 2 && own == 2,
               "2: the first one and ps itself", "%zu", seen);
}

/* As `nsenter -t PID -u hostname NAME` does it. 0 or -errno. */
static int set_hostname_inside(const struct demo *d, const char *name)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        /* Who is not root has the right only in the container's user namespace. */
        if (setns(d->first, CLONE_NEWUTS) < 0 && setns(d->first, CLONE_NEWUSER | CLONE_NEWUTS) < 0)
            _exit(errno);
        _exit(sethostname(name, strlen(name)) < 0 ? errno : 0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return -errno;
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

static void prove_inside_name(struct demo *d, const char *what, const char *expected)
{
    cleanup_free char *text = NULL;
    EXEC(d, &text, "hostname");
    demo_prove(d, what, text && strcmp(first_line(text), expected) == 0, expected, "%s",
               text ? text : "nothing");
}

static void name_itself(struct demo *d)
{
    char host[sizeof d->host] = "";
    prove_inside_name(d, "hostname inside", d->name);
    demo_say(d, "  $ nsenter -t %d -u hostname " SET_INSIDE, (int)d->pid);
    int rc = set_hostname_inside(d, SET_INSIDE);
    if (rc < 0)
        demo_say(d, "    %s", strerror(-rc));
    prove_inside_name(d, "hostname inside, once set", SET_INSIDE);
    gethostname(host, sizeof host - 1);
    demo_prove(d, "hostname of the host", strcmp(host, d->host) == 0, d->host, "%s", host);
}

/* ---- the end ---- */

struct left {
    size_t cgroups, links, mounts, processes;
};

static struct left count_left(const struct demo *d)
{
    size_t mounts = demo_count_mounts();
    return (struct left){
        .cgroups = d->cgroup_path[0] && access(d->cgroup_path, F_OK) == 0,
        .links = d->link[0] && if_nametoindex(d->link) != 0,
        .mounts = mounts > d->mounts ? mounts - d->mounts : 0,
        .processes = (size_t)runs(d->first) + (size_t)runs(d->keeper),
    };
}

/* The keeper's own end comes a moment after the record's. */
static struct left wait_for_nothing(const struct demo *d)
{
    uint64_t deadline = clock_mono_ns() + LEFT_LIMIT_NS;
    struct left left;
    do {
        left = count_left(d);
        if (left.cgroups + left.links + left.mounts + left.processes == 0)
            break;
        rest_ms(20);
    } while (clock_mono_ns() < deadline);
    return left;
}

static void clean_up(struct demo *d)
{
    int stopped = -1;
    if (d->made) {
        stopped = RUN(d, true, NULL, "stop", d->name);
        demo_prove(d, "the container stops", stopped == 0, "exit status 0", "%d", stopped);
    }
    if (stopped == 0)
        RUN(d, true, NULL, "rm", d->name);
    else
        RUN(d, false, NULL, "rm", "-f", d->name);
    bool record = RUN(d, true, NULL, "inspect", d->name) == 0;
    struct left left = wait_for_nothing(d);
    demo_prove(d, "what is left", left.cgroups + left.links + left.mounts + left.processes + record == 0,
               "nothing", "%zu cgroups, %zu links, %zu mounts, %zu processes, %d records", left.cgroups,
               left.links, left.mounts, left.processes, record);
}

const struct demo_step demo_steps[] = {
    {"The machine", 0, STEP_ALWAYS, show_machine},
    {"A container of the host's own root: 100 MB, no swap, half a CPU, its own network", 0, STEP_ALWAYS,
     make},
    {"How it was made", 0, STEP_MADE, explain},
    {"Allocate 200 MB inside", NEEDS(MEMORY), STEP_MADE, allocate},
    {"Keep a CPU busy inside", NEEDS(CPU), STEP_MADE, spin},
    {"Start 100 processes inside", NEEDS(PIDS), STEP_MADE, fork_many},
    {"Ping the host from inside", 0, STEP_MADE, ping},
    {"List the processes inside", 0, STEP_MADE, list_processes},
    {"Set a hostname inside", 0, STEP_MADE, name_itself},
    {"Clean up", 0, STEP_ALWAYS, clean_up},
    {0},
};
