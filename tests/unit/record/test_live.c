/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A recording of this machine's own groups against what was live: each sample and each event as the monitor
 * handed them over, and as they are read from the file. Meanwhile groups come and go, and are limited where
 * that can be had. Skipped (77) where no group can be made.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/watch_figure.h"
#include "monitor/monitor.h"
#include "monitor/packdetail.h"
#include "monitor/verdict.h"
#include "record/evidence.h"
#include "record/format.h"
#include "record/player.h"
#include "record/recorder.h"

#define PATIENCE_NS 120000000000ull
#define SAMPLES     (FORMAT_KEY_EVERY + 12) /* past the second key sample */
#define CHILDREN    16

static struct cgroupfs fs;
static char top[64], file[64];
static pid_t children[CHILDREN];
static size_t child_count;

/* ---- groups and who is in them ---- */

static const char *dir_of(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s%s%s", fs.mount, top, name);
    return path;
}

static void make(const char *name)
{
    if (mkdir(dir_of(name), 0755) < 0)
        fail_msg("mkdir %s: %s", dir_of(name), strerror(errno));
}

/* What is not there or not allowed is left as it is. */
static void set(const char *name, const char *knob, const char *value)
{
    cleanup_close int fd = open(dir_of(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)!fs_write_at(fd, knob, value);
}

static void start(const char *name, void (*works)(void))
{
    cleanup_close int fd = open(dir_of(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (fs_write_at(fd, "cgroup.procs", "0") < 0)
            _exit(1);
        close_range(STDERR_FILENO + 1, ~0u, 0); /* the recording's lock */
        works();
        _exit(0);
    }
    assert_true(pid > 0 && child_count < CHILDREN);
    children[child_count++] = pid;
}

static void sleeps(void)
{
    pause();
}

static void spins(void)
{
    for (;;)
        close(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

/* With a network and a host name of its own, where that is allowed. */
static void lives_apart(void)
{
    (void)!unshare(CLONE_NEWNET | CLONE_NEWUTS);
    pause();
}

/* Until memory.max has it; without one it keeps what it has. */
static void eats(void)
{
    enum { SIZE = 48 << 20 };
    char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; memory != MAP_FAILED && i < SIZE; i += 4096)
        memory[i] = 1;
    pause();
}

static void forks(void)
{
    for (int i = 0; i < 100; i++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        if (pid > 0)
            waitpid(pid, NULL, 0);
        usleep(10000);
    }
}

static void end_all(void)
{
    for (size_t i = 0; i < child_count; i++)
        kill(children[i], SIGKILL);
    for (size_t i = 0; i < child_count; i++)
        waitpid(children[i], NULL, 0);
    child_count = 0;
}

/* ---- what happens: a step with each sample ---- */

#define DOCKER "/docker-00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff.scope"

static const char *const names[] = {"/busy",        "/deep/er", "/deep",   "/unit.service", DOCKER,
                                    "/odd\001\377", "/apart",   "/greedy", "/bomb"};

static void begin_to_work(void)
{
    make("/busy");
    set("/busy", "cpu.max", "20000 100000");
    start("/busy", spins);
}

static void go_deep(void)
{
    make("/deep");
    make("/deep/er");
    set("/deep", "memory.high", "64M");
    start("/deep/er", sleeps);
}

static void freeze(void)
{
    set("/deep", "cgroup.freeze", "1");
}

static void thaw(void)
{
    set("/deep", "cgroup.freeze", "0");
}

static void be_called_something(void)
{
    make("/unit.service");
    make(DOCKER);
    make("/odd\001\377");
    start(DOCKER, sleeps);
}

static void live_apart(void)
{
    make("/apart");
    start("/apart", lives_apart);
}

static void be_greedy(void)
{
    make("/greedy");
    set("/greedy", "memory.max", "16M");
    set("/greedy", "memory.swap.max", "0");
    start("/greedy", eats);
}

static void be_many(void)
{
    make("/bomb");
    set("/bomb", "pids.max", "1");
    start("/bomb", forks);
}

/* Of a group that has been there for long: what is set as it is made may be seen as it is found. */
static void turn(void)
{
    set("/busy", "cpu.max", "30000 100000");
}

static void remove_group(const char *name)
{
    uint64_t end_ns = clock_mono_ns() + PATIENCE_NS;
    while (rmdir(dir_of(name)) < 0 && errno == EBUSY && clock_mono_ns() < end_ns)
        usleep(1000);
}

/* The very same names, other groups. */
static void make_again(void)
{
    end_all();
    remove_group("/busy");
    remove_group("/unit.service");
    make("/unit.service");
    begin_to_work();
}

static void end(void)
{
    end_all();
    for (size_t i = 0; i < COUNT_OF(names); i++)
        remove_group(names[i]);
}

static void (*const steps[])(void) = {
    [2] = begin_to_work,         [4] = go_deep,    [6] = freeze,   [9] = thaw,  [10] = be_called_something,
    [12] = live_apart,           [14] = be_greedy, [17] = be_many, [25] = turn, [30] = make_again,
    [FORMAT_KEY_EVERY + 4] = end};

/* ---- what was live ---- */

static struct live {
    struct snapshot *samples[SAMPLES];
    size_t count;
    struct event *events, **last;
} live = {.last = &live.events};

/* All that was made here is looked at closely, as what `record --detail` names. */
static void look(struct monitor *monitor, const struct snapshot *snapshot)
{
    struct detail_look list[COUNT_OF(names) + 1] = {0};
    size_t count = 0;
    for (size_t i = 0; i < snapshot->count && count < COUNT_OF(list); i++)
        if (strncmp(snapshot->rows[i].path, top, strlen(top)) == 0)
            list[count++] = (struct detail_look){snapshot->rows[i].id, DETAIL_ALL};
    monitor_look(monitor, list, count);
}

static struct recorder *open_recorder(void)
{
    struct recorder *recorder = NULL;
    struct err err = {0};
    if (recorder_open(file, &(struct recorder_limits){0}, &recorder, &err) < 0)
        fail_msg("%s", err.text);
    return recorder;
}

/* As boxtop-record does it, but that what it frees is kept. */
static void take(struct monitor *monitor, struct recorder *recorder)
{
    struct err err = {0};
    struct snapshot *snapshot = monitor_take(monitor);
    struct event *events = monitor_events(monitor);
    struct snapshot *before = live.count ? live.samples[live.count - 1] : NULL;
    bool fresh = snapshot && (!before || before->sample_serial != snapshot->sample_serial);
    verdict_of_kills(before, events);
    /* A recorder that has just been opened doesn't know that it has the sample: other processes begin anew.
     */
    if (recorder_write(recorder, fresh ? snapshot : NULL, events, &err) < 0)
        fail_msg("%s", err.text);
    for (*live.last = events; *live.last;)
        live.last = &(*live.last)->next;
    if (!snapshot)
        return;
    look(monitor, snapshot);
    if (fresh)
        live.samples[live.count++] = snapshot_copy(snapshot);
    snapshot_free(snapshot);
}

static void record(void)
{
    struct monitor_options options = {.interval_ms = 100, .rests = true, .root = top};
    struct recorder *recorder = open_recorder();
    struct monitor *monitor;
    struct err err = {0};
    uint64_t end_ns = clock_mono_ns() + PATIENCE_NS;
    assert_int_equal(monitor_start(&options, &monitor, &err), 0);
    while (live.count < SAMPLES && clock_mono_ns() < end_ns) {
        struct pollfd p = {.fd = monitor_fd(monitor), .events = POLLIN};
        size_t before = live.count;
        poll(&p, 1, 1000);
        take(monitor, recorder);
        if (live.count > before && before < COUNT_OF(steps) && steps[before])
            steps[before]();
        if (live.count > before && before == 20) { /* it goes on after a while in the same file */
            recorder_close(recorder);
            recorder = open_recorder();
        }
    }
    monitor_stop(monitor);
    recorder_close(recorder);
    assert_int_equal(live.count, SAMPLES);
}

/* ---- and what was read ---- */

static const char *place;

static void assert_same_json(json_t *a, json_t *b)
{
    if (!json_equal(a, b)) {
        const char *key;
        json_t *value;
        json_object_foreach(a, key, value) if (!json_equal(value, json_object_get(b, key)))
        {
            char *was = json_dumps(value, JSON_ENCODE_ANY),
                 *is = json_dumps(json_object_get(b, key), JSON_ENCODE_ANY);
            print_error("%s: %s was %s, is %s\n", place, key, was, is);
            free(was);
            free(is);
        }
        fail_msg("%s: stats says something else", place);
    }
    json_decref(a);
    json_decref(b);
}

/* Byte by byte, as if nothing had been there before: all of its parts are in it. */
static void assert_same_detail(const struct detail *was, const struct detail *is)
{
    struct str a = {0}, b = {0};
    if (!was != !is)
        fail_msg("%s: a detail %s", place, was ? "is missing" : "that was not there");
    if (!was)
        return;
    pack_detail(was, NULL, &a);
    pack_detail(is, NULL, &b);
    if (a.len != b.len || memcmp(a.text, b.text, a.len) != 0)
        fail_msg("%s: other details", place);
    str_free(&a);
    str_free(&b);
}

static void compare_row(const struct snapshot *was, const struct snapshot *is, size_t i)
{
    static const struct names nobody;
    struct sample *a = (struct sample *)(uintptr_t)&was->rows[i];
    const struct sample *b = &is->rows[i];
    assert_string_equal(a->path, b->path);
    place = a->path;
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->parent, b->parent);
    assert_int_equal(a->depth, b->depth);
    assert_int_equal(a->procs, b->procs);
    assert_memory_equal(a->now, b->now, sizeof *a->now);
    assert_memory_equal(a->rate, b->rate, sizeof *a->rate);
    const struct detail *all = a->detail; /* of all its processes those are kept that use most */
    a->detail = detail_kept(all);
    detail_unref(all);
    assert_same_detail(a->detail, b->detail);
    assert_same_json(figure_object(&(struct figure_of){was, a, &nobody}),
                     figure_object(&(struct figure_of){is, b, &nobody}));
    struct verdict then = verdict_of(was, (int)i), now = verdict_of(is, (int)i);
    assert_int_equal(then.severity, now.severity);
}

static void compare_sample(const struct snapshot *was, const struct snapshot *is)
{
    assert_int_equal(was->serial, is->serial);
    assert_int_equal(was->sample_serial, is->sample_serial);
    assert_int_equal(was->time_ns, is->time_ns);
    assert_int_equal(was->wall_ns, is->wall_ns);
    assert_int_equal(was->interval_ns, is->interval_ns);
    assert_int_equal(was->cost_ns, is->cost_ns);
    assert_int_equal(was->self_rss, is->self_rss);
    assert_memory_equal(&was->self_cpu_percent, &is->self_cpu_percent, sizeof was->self_cpu_percent);
    assert_int_equal(was->cgroupfs.layout, is->cgroupfs.layout);
    assert_int_equal(was->cgroupfs.controllers, is->cgroupfs.controllers);
    assert_string_equal(was->cgroupfs.mount, is->cgroupfs.mount);
    assert_memory_equal(&was->host, &is->host, sizeof was->host);
    assert_int_equal(was->count, is->count);
    for (size_t i = 0; i < was->count; i++)
        compare_row(was, is, i);
}

static struct player *open_player(void)
{
    struct player *player = NULL;
    struct err err = {0};
    if (player_open(file, &player, &err) < 0)
        fail_msg("%s", err.text);
    return player;
}

static void test_samples(void **state)
{
    struct player *player = open_player();
    const struct snapshot *got;
    struct err err = {0};
    (void)state;
    assert_int_equal(player_at(player, 0, &got, &err), 0);
    for (size_t i = 0; i < live.count; i++) {
        compare_sample(live.samples[i], got);
        assert_int_equal(player_step(player, 1, &got, &err), 0);
    }
    compare_sample(live.samples[live.count - 1], got); /* there is none behind it */
    for (size_t i = live.count; i-- > 0;) {            /* and in any order */
        size_t at = i * 31 % live.count;
        assert_int_equal(player_at(player, live.samples[at]->wall_ns, &got, &err), 0);
        compare_sample(live.samples[at], got);
    }
    player_close(player);
}

/* A path that is no text is told as one. */
static void assert_same_text(const char *raw, const char *told)
{
    char shown[1200];
    str_printable(shown, sizeof shown, raw);
    assert_string_equal(shown, told);
}

static void compare_event(const struct event *was, const struct event *is)
{
    cleanup_free char *evidence = evidence_text(was), *evidence_read = evidence_text(is);
    assert_string_equal(event_name(was->kind), event_name(is->kind));
    assert_int_equal(was->wall_ns, is->wall_ns);
    assert_int_equal(was->cgroup_id, is->cgroup_id);
    assert_int_equal(was->value, is->value);
    assert_int_equal(was->total, is->total);
    assert_int_equal(was->memory_current, is->memory_current);
    assert_int_equal(was->memory_max, is->memory_max);
    assert_same_text(was->cgroup, is->cgroup);
    assert_same_text(was->file, is->file);
    assert_same_text(was->text, is->text);
    assert_int_equal(evidence != NULL, evidence_read != NULL);
    if (evidence)
        assert_string_equal(evidence, evidence_read);
}

static void test_events(void **state)
{
    struct player *player = open_player();
    struct event *list, *is;
    struct err err = {0};
    (void)state;
    assert_int_equal(player_events(player, 0, UINT64_MAX, PAST_ALL_KINDS, UINT32_MAX, &list, &err), 0);
    is = list;
    for (const struct event *was = live.events; was; was = was->next, is = is->next) {
        assert_non_null(is);
        compare_event(was, is);
    }
    assert_null(is);
    event_free_list(list);
    player_close(player);
}

/* ---- that there was something to compare ---- */

static unsigned kinds_seen(void)
{
    unsigned kinds = 0;
    for (const struct event *event = live.events; event; event = event->next)
        if (strncmp(event->cgroup, top, strlen(top)) == 0)
            kinds |= 1u << event->kind;
    return kinds;
}

static bool has(const struct snapshot *snapshot, const char *name)
{
    cleanup_free char *path = mem_printf("%s%s", top, name);
    int row = snapshot_find_path(snapshot, path);
    return row >= 0 && snapshot->rows[row].detail;
}

static void test_it_was_worth_it(void **state)
{
    unsigned wanted = 1u << EVENT_APPEARED | 1u << EVENT_VANISHED | 1u << EVENT_STARTED | 1u << EVENT_EXITED |
                      1u << EVENT_PAUSED | 1u << EVENT_RESUMED;
    bool seen[COUNT_OF(names)] = {false};
    (void)state;
    if (access(dir_of("/left/memory.max"), F_OK) == 0)
        wanted |= 1u << EVENT_OOM_KILL | 1u << EVENT_PIDS_MAX | 1u << EVENT_THROTTLED | 1u << EVENT_SET;
    assert_int_equal(kinds_seen() & wanted, wanted);
    for (size_t i = 0; i < live.count; i++)
        for (size_t n = 0; n < COUNT_OF(names); n++)
            seen[n] |= has(live.samples[i], names[n]);
    for (size_t n = 0; n < COUNT_OF(names); n++)
        if (!seen[n])
            fail_msg("nothing was recorded of %s", names[n]);
}

/* ---- around it ---- */

static int set_up(void **state)
{
    static const char *const controllers[] = {"+cpu", "+memory", "+pids", "+io"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(controllers); i++)
        set("", "cgroup.subtree_control", controllers[i]);
    make("/left"); /* says what the others may have */
    record();
    return 0;
}

static int tear_down(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    (void)state;
    end();
    remove_group("/left");
    remove_group("");
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        cleanup_free char *name = mem_printf("%s%s", file, suffixes[i]);
        unlink(name);
    }
    for (size_t i = 0; i < live.count; i++)
        snapshot_free(live.samples[i]);
    event_free_list(live.events);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_samples), cmocka_unit_test(test_events),
                                       cmocka_unit_test(test_it_was_worth_it)};
    cgroupfs_find(&fs, NULL, NULL);
    snprintf(top, sizeof top, "/boxtop-live.%d", (int)getpid());
    snprintf(file, sizeof file, "/tmp/boxtop-live.%d", (int)getpid());
    if (!fs.mount[0] || mkdir(dir_of(""), 0755) < 0) {
        fprintf(stderr, "skipped: no cgroup can be made in a cgroup2 mount here\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
