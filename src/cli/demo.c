/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The talk's proof in one command: boxtop is run as its user would run it, and what it promises is measured
 * from outside, in the kernel's own files.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "base/cgroupfs.h"
#include "base/clock.h"
#include "base/fmt.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/self.h"
#include "base/str.h"
#include "cli/child.h"
#include "cli/command.h"
#include "cli/output.h"

#define PROBE_INSIDE "/run/boxtop-probe"
#define HOST_SIZE    65
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
/* A measurement begins when the loop has had this much: then it runs for sure. */
#define BUSY_US        50000
#define BUSY_LIMIT_NS  (30 * NS_PER_S)
#define LEFT_LIMIT_NS  (10 * NS_PER_S)
#define OOM_STATUS     (128 + SIGKILL)
#define SET_INSIDE     "set-inside"
#define NO_CONTROLLERS 0
#define NEEDS(c)       (1u << CONTROLLER_##c)

struct demo {
    bool json, color, marks, utf8;
    char name[32], program[PATH_MAX], probe[PATH_MAX], host[HOST_SIZE];
    struct cgroupfs fs;
    unsigned proofs, failed, missing; /* missing: bits of controllers */
    size_t mounts;                    /* of the host, before */
    /* the container, once it runs */
    bool made;
    int cgroup, first, keeper; /* directory and pidfds; -1: none */
    pid_t pid;
    char cgroup_path[PATH_MAX], link[IF_NAMESIZE], gateway[48];
};

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
    interrupted = signal;
}

/* ---- what is said ---- */

static void say(const struct demo *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(const struct demo *d, const char *format, ...)
{
    va_list args;
    if (d->json)
        return;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

static void prove_json(const char *step, bool ok, const char *expected, const char *measured)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:b}", "step", step, "expected", expected, "measured", measured, "ok", ok);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    json_decref(object);
}

/* One line of proof. */
static void prove(struct demo *d, const char *step, bool ok, const char *expected, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
static void prove(struct demo *d, const char *step, bool ok, const char *expected, const char *format, ...)
{
    char measured[512], shown[1024];
    const char *mark = d->utf8 ? (ok ? "\u2713" : "\u2717") : (ok ? "ok" : "FAILED");
    va_list args;
    va_start(args, format);
    vsnprintf(measured, sizeof measured, format, args);
    va_end(args);
    d->proofs++;
    d->failed += !ok;
    str_printable(shown, sizeof shown, measured);
    if (d->json) {
        prove_json(step, ok, expected, shown);
        return;
    }
    say(d, "  %s%s%s %s: expected %s, measured %s", d->color ? (ok ? "\033[32m" : "\033[31m") : "", mark,
        d->color ? "\033[0m" : "", step, expected, shown);
}

static void prove_error(struct demo *d, const char *step, const char *expected, const struct err *err)
{
    prove(d, step, false, expected, "%s%s%s%s", err->text, err->hint[0] ? " (" : "", err->hint,
          err->hint[0] ? ")" : "");
}

static void say_line(const char *line, void *user)
{
    char shown[2048];
    str_printable(shown, sizeof shown, line);
    say(user, "    %s", shown);
}

static void say_nothing(const char *line, void *user)
{
    (void)line, (void)user;
}

/* ---- what is run ---- */

/* Up to the first NULL. Whoever wants to can copy the line: it is what is run. */
static int start(struct demo *d, struct child *child, const char *const *words, struct err *err)
{
    char *argv[48] = {d->program};
    struct str line = {0};
    for (size_t i = 0; words[i] && i + 2 < COUNT_OF(argv); i++)
        argv[i + 1] = (char *)words[i]; /* posix_spawn leaves them as they are */
    str_add_shell_list(&line, argv + 1);
    say(d, "  $ boxtop %s", str_text(&line));
    str_free(&line);
    return child_start(child, argv, err);
}

/* Runs boxtop with these words and says what it says. Returns its exit status, 125 if it could not be run;
 * *ret_text (may be NULL) is the caller's. */
static int run(struct demo *d, const char *const *words, bool loud, char **ret_text)
{
    struct child child;
    struct err err;
    if (start(d, &child, words, &err) < 0) {
        prove_error(d, "boxtop can be run", "a child process", &err);
        return STATUS_ENGINE_FAILED;
    }
    int status = child_finish(&child, loud ? say_line : say_nothing, d, &interrupted);
    if (ret_text)
        *ret_text = mem_dup(str_text(&child.text));
    child_free(&child);
    return status;
}

#define RUN(d, loud, ret_text, ...) run(d, (const char *const[]){__VA_ARGS__, NULL}, loud, ret_text)
#define EXEC(d, ret_text, ...)      RUN(d, true, ret_text, "exec", (d)->name, PROBE_INSIDE, __VA_ARGS__)

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

static size_t count_mounts(void)
{
    cleanup_free char *text = NULL;
    size_t count = 0;
    if (fs_read_whole_at(AT_FDCWD, "/proc/self/mountinfo", 16 << 20, &text) < 0)
        return 0;
    for (const char *c = text; (c = strchr(c, '\n')); c++)
        count++;
    return count;
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
    cgroupfs_describe(&d->fs, cgroups, sizeof cgroups);
    say(d, "  %s, Linux %s, %s", d->host, machine.release, cgroups);
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

/* Its options, as far as this machine has the controllers for them: the steps that need the others say so. */
static void make(struct demo *d)
{
    cleanup_free char *volume = mem_printf("%s:" PROBE_INSIDE ":ro", d->probe), *text = NULL;
    const char *words[32] = {"run",   "-d",        "--name",  d->name, "--hostname",
                             d->name, "--network", "private", "-v",    volume};
    static const struct {
        unsigned needs;
        const char *words[4];
    } limits[] = {
        {NEEDS(MEMORY), {"-m", MEMORY_MAX, "--memory-swap", MEMORY_MAX}},
        {NEEDS(CPU), {"--cpus", CPUS}},
        {NEEDS(PIDS), {"--pids-limit", PIDS_MAX}},
    };
    size_t count = 10;
    for (size_t i = 0; i < COUNT_OF(limits); i++)
        for (size_t j = 0; j < 4 && limits[i].words[j] && d->fs.controllers & limits[i].needs; j++)
            words[count++] = limits[i].words[j];
    words[count++] = "host";
    words[count++] = PROBE_INSIDE;
    words[count++] = "sleep";
    uint64_t begin = clock_mono_ns();
    int status = run(d, words, true, NULL);
    double ms = (double)(clock_mono_ns() - begin) / 1e6;
    d->made = status == 0 && RUN(d, false, &text, "inspect", "--json", d->name) == 0 && learn(d, text);
    if (d->made)
        prove(d, "a container is made", true, "a running process", "process %d after %.1f ms", (int)d->pid,
              ms);
    else
        prove(d, "a container is made", false, "a running process", "exit status %d", status);
}

static void explain(struct demo *d)
{
    cleanup_free char *text = NULL;
    size_t count = 0;
    int status = RUN(d, true, &text, "inspect", "--explain", d->name);
    for (const char *c = text; c && (c = strstr(c, "\n#")); c++)
        count++;
    prove(d, "how it was made", status == 0 && count > 10, "each step as shell lines", "%zu steps",
          count + 1);
}

static void prove_limit(struct demo *d, const char *file, const char *expected)
{
    char text[64] = "", what[80];
    ssize_t len = fs_read_at(d->cgroup, file, text, sizeof text);
    snprintf(what, sizeof what, "the kernel's %s", file);
    prove(d, what, len > 0 && strcmp(first_line(text), expected) == 0, expected, "%s",
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
    prove(d, "exit status of the allocation", status == OOM_STATUS, "137 (SIGKILL)", "%d", status);
    prove(d, "memory.events, oom_kill", kills_after == kills + 1, "one more",
          "%" PRIu64 " before, %" PRIu64 " after", kills, kills_after);
    prove(d, "memory.events, max", hits_after > hits, "more", "%" PRIu64 " before, %" PRIu64 " after", hits,
          hits_after);
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

/* Over MEASURE_S while the loop runs. The start of `exec` itself is no part of it: on a slow machine that
 * takes long. */
static void measure_cpu(const struct demo *d, struct cpu_sample *from, struct cpu_sample *to)
{
    struct cpu_sample idle = sample_cpu(d);
    do {
        rest_ms(20);
        *from = sample_cpu(d);
    } while (!interrupted && from->usage_us < idle.usage_us + BUSY_US &&
             from->time_ns < idle.time_ns + BUSY_LIMIT_NS);
    do
        rest_ms(100);
    while (!interrupted && clock_mono_ns() < from->time_ns + MEASURE_S * NS_PER_S);
    *to = sample_cpu(d);
}

static void spin(struct demo *d)
{
    struct child child;
    struct cpu_sample from, to;
    struct err err;
    char expected[32];
    snprintf(expected, sizeof expected, "%d %% +-%d", CPU_PERCENT, CPU_MARGIN);
    prove_limit(d, "cpu.max", "50000 100000");
    if (start(d, &child, (const char *const[]){"exec", d->name, PROBE_INSIDE, "spin", SPIN_S, NULL}, &err) <
        0) {
        prove_error(d, "CPU of the busy loop", expected, &err);
        return;
    }
    measure_cpu(d, &from, &to);
    child_finish(&child, say_line, d, &interrupted);
    child_free(&child);
    double seconds = (double)(to.time_ns - from.time_ns) / 1e9;
    double percent = (double)(to.usage_us - from.usage_us) / 1e6 / seconds * 100;
    prove(d, "CPU of the busy loop", fabs(percent - CPU_PERCENT) <= CPU_MARGIN, expected,
          "%.1f %% over %.1f s", percent, seconds);
    prove(d, "throttled periods", to.throttled > from.throttled, "some", "%" PRIu64 " of %" PRIu64,
          to.throttled - from.throttled, to.periods - from.periods);
}

static void fork_many(struct demo *d)
{
    cleanup_free char *text = NULL;
    unsigned made = 0, wanted = 0;
    prove_limit(d, "pids.max", PIDS_MAX);
    EXEC(d, &text, "forks", FORKS);
    bool said = text && sscanf(text, "%u of %u", &made, &wanted) == 2;
    prove(d, "processes started", said && made > 0 && made < (unsigned)atoi(PIDS_MAX), "fewer than " PIDS_MAX,
          "%u of %u", made, wanted);
}

static void ping(struct demo *d)
{
    cleanup_free char *text = NULL;
    int status = EXEC(d, &text, "ping", d->gateway);
    prove(d, "the host's end of the link answers", status == 0, "an answer", "%s",
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
    prove(d, "processes seen inside", status == 0 && seen == 2 && own == 2, "2: the first one and ps itself",
          "%zu", seen);
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
    prove(d, what, text && strcmp(first_line(text), expected) == 0, expected, "%s", text ? text : "nothing");
}

static void name_itself(struct demo *d)
{
    char host[HOST_SIZE] = "";
    prove_inside_name(d, "hostname inside", d->name);
    say(d, "  $ nsenter -t %d -u hostname " SET_INSIDE, (int)d->pid);
    int rc = set_hostname_inside(d, SET_INSIDE);
    if (rc < 0)
        say(d, "    %s", strerror(-rc));
    prove_inside_name(d, "hostname inside, once set", SET_INSIDE);
    gethostname(host, sizeof host - 1);
    prove(d, "hostname of the host", strcmp(host, d->host) == 0, d->host, "%s", host);
}

/* ---- the end ---- */

static bool runs(int pidfd)
{
    struct pollfd waited = {.fd = pidfd, .events = POLLIN};
    return pidfd >= 0 && poll(&waited, 1, 0) == 0;
}

struct left {
    size_t cgroups, links, mounts, processes;
};

static struct left count_left(const struct demo *d)
{
    size_t mounts = count_mounts();
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

/* Not interrupted: it is what an interruption comes to. */
static void clean_up(struct demo *d)
{
    int signal = interrupted;
    interrupted = 0;
    if (d->made) {
        int stopped = RUN(d, true, NULL, "stop", d->name);
        prove(d, "the container stops", stopped == 0, "exit status 0", "%d", stopped);
    }
    RUN(d, d->made, NULL, "rm", "-f", d->name);
    bool record = RUN(d, true, NULL, "inspect", d->name) == 0;
    struct left left = wait_for_nothing(d);
    prove(d, "what is left", left.cgroups + left.links + left.mounts + left.processes + record == 0,
          "nothing", "%zu cgroups, %zu links, %zu mounts, %zu processes, %d records", left.cgroups,
          left.links, left.mounts, left.processes, record);
    if (!interrupted)
        interrupted = signal;
}

static const struct step {
    const char *title;
    unsigned needs; /* controllers */
    void (*run)(struct demo *d);
} steps[] = {
    {"The machine", NO_CONTROLLERS, show_machine},
    {"A container of the host's own root: 100 MB, no swap, half a CPU, its own network", NO_CONTROLLERS,
     make},
    {"How it was made", NO_CONTROLLERS, explain},
    {"Allocate 200 MB inside", NEEDS(MEMORY), allocate},
    {"Keep a CPU busy inside", NEEDS(CPU), spin},
    {"Start 100 processes inside", NEEDS(PIDS), fork_many},
    {"Ping the host from inside", NO_CONTROLLERS, ping},
    {"List the processes inside", NO_CONTROLLERS, list_processes},
    {"Set a hostname inside", NO_CONTROLLERS, name_itself},
    {"Clean up", NO_CONTROLLERS, clean_up},
};

/* Whether the step can be done here; says what is missing. */
static bool has_controllers(struct demo *d, const struct step *step)
{
    struct err err;
    for (unsigned i = 0; i < CONTROLLER_COUNT; i++) {
        if (!(step->needs & 1u << i) || d->fs.controllers & 1u << i)
            continue;
        cgroupfs_missing(&d->fs, (enum controller)i, &err);
        d->missing |= 1u << i;
        prove(d, step->title, false, "a limit", "%s", err.text);
        return false;
    }
    return true;
}

static void walk(struct demo *d)
{
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        bool wanted = steps[i].run == clean_up || i < 2 || d->made;
        if (!wanted || (interrupted && steps[i].run != clean_up))
            continue;
        say(d, "%s%zu. %s", i ? "\n" : "", i + 1, steps[i].title);
        if (has_controllers(d, &steps[i]))
            steps[i].run(d);
    }
}

static bool is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

static int begin(struct demo *d, struct err *err)
{
    unsigned random = 0;
    const char *no_color = getenv("NO_COLOR");
    d->color = isatty(STDOUT_FILENO) && !(no_color && *no_color);
    d->utf8 = is_utf8();
    d->cgroup = d->first = d->keeper = -1;
    if (getrandom(&random, 3, 0) < 0)
        random = (unsigned)getpid();
    snprintf(d->name, sizeof d->name, "demo-%06x", random & 0xffffff);
    gethostname(d->host, sizeof d->host - 1);
    cgroupfs_find(&d->fs, NULL, NULL);
    d->mounts = count_mounts();
    int rc = self_find("boxtop", d->program, err);
    return rc < 0 ? rc : self_find("boxtop-probe", d->probe, err);
}

static int end(const struct demo *d)
{
    fd_close(&(int){d->cgroup});
    fd_close(&(int){d->first});
    fd_close(&(int){d->keeper});
    say(d, "\n%u of %u held", d->proofs - d->failed, d->proofs);
    if (d->missing) {
        struct err err;
        err_set(&err, ENOTSUP,
                "demo: this machine's cgroup v2 lacks controllers, so not all of it could be shown");
        err_hint(&err, "see all of it in a VM: scripts/run --vm demo");
        command_failed(&err);
    }
    if (interrupted)
        return 128 + interrupted;
    return d->failed ? STATUS_FAILED : STATUS_DONE;
}

struct demo_options {
    bool json;
};

static const struct option_row options[] = {
    {"--json", 0, NULL, "one object a line: step, expected, measured, ok",
     .offset = offsetof(struct demo_options, json)},
    {0},
};

static int demo_run(const struct command *command, int argc, char **argv)
{
    struct demo_options o = {0};
    struct demo d = {0};
    struct err err;
    int status = command_begin(command, &o, &argc, argv);
    if (status >= 0)
        return status;
    d.json = o.json;
    if (begin(&d, &err) < 0)
        return command_failed(&err);
    struct sigaction action = {.sa_handler = on_signal};
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        sigaction(signals[i], &action, NULL);
    walk(&d);
    return end(&d);
}

const struct command demo_command = {
    .name = "demo",
    .usage = "[--json]",
    .summary = "the proof: limits that bite, a network, namespaces, and nothing left behind",
    .options = options,
    .run = demo_run,
};
