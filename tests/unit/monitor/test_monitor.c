/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor with its thread, on a directory that imitates a cgroup2 mount.
 */
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "fake.h"
#include "monitor/monitor.h"

#define SLOW_MS     3600000 /* an interval that no test waits for */
#define PATIENCE_MS 10000

struct world {
    struct fake fake;
    struct monitor *monitor;
};

static int setup(void **state)
{
    static struct world world;
    world = (struct world){0};
    fake_init(&world.fake);
    fake_group(&world.fake, "");
    fake_group(&world.fake, "/a");
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    monitor_stop(w->monitor);
    fake_fini(&w->fake);
    return 0;
}

static void start(struct world *w, uint64_t interval_ms, const char *root)
{
    struct monitor_options options = {.interval_ms = interval_ms, .root = root, .cgroupfs = &w->fake.fs};
    struct err err;
    assert_int_equal(monitor_start(&options, &w->monitor, &err), 0);
}

/* The next snapshot; fails when none comes. */
static struct snapshot *next(struct world *w)
{
    for (uint64_t start_ns = clock_mono_ns(); clock_mono_ns() - start_ns < PATIENCE_MS * 1000000ull;) {
        struct pollfd p = {.fd = monitor_fd(w->monitor), .events = POLLIN};
        poll(&p, 1, PATIENCE_MS);
        struct snapshot *snapshot = monitor_take(w->monitor);
        if (snapshot)
            return snapshot;
    }
    fail_msg("no snapshot");
    return NULL;
}

/* Waits for an event of that kind, and frees what comes before it. */
static void await_event(struct world *w, enum event_kind kind, const char *cgroup)
{
    for (uint64_t start_ns = clock_mono_ns(); clock_mono_ns() - start_ns < PATIENCE_MS * 1000000ull;) {
        struct pollfd p = {.fd = monitor_fd(w->monitor), .events = POLLIN};
        poll(&p, 1, PATIENCE_MS);
        snapshot_free(monitor_take(w->monitor));
        struct event *list = monitor_events(w->monitor);
        bool found = false;
        for (const struct event *event = list; event; event = event->next)
            found |= event->kind == kind && strcmp(event->cgroup, cgroup) == 0;
        event_free_list(list);
        if (found)
            return;
    }
    fail_msg("no event %s of %s", event_name(kind), cgroup);
}

static void test_first(void **state)
{
    struct world *w = *state;
    start(w, SLOW_MS, NULL);
    struct snapshot *s = next(w);
    assert_int_equal(s->serial, 1);
    assert_int_equal(s->count, 2);
    assert_true(isnan(s->rows[1].rate->cpu_percent));
    assert_true(s->cost_ns > 0 && s->self_rss > 0);
    assert_string_equal(s->cgroupfs.mount, w->fake.fs.mount);
    snapshot_free(s);
    assert_null(monitor_events(w->monitor));
}

static void test_ticks(void **state)
{
    struct world *w = *state;
    start(w, 100, "/a/");
    for (uint64_t last = 0; last < 3;) { /* on a busy machine some may be missed, or late */
        struct snapshot *s = next(w);
        assert_true(s->sample_serial > last);
        assert_int_equal(s->count, 1);
        assert_string_equal(s->rows[0].path, "/a");
        last = s->sample_serial;
        if (last > 1)
            assert_true(s->interval_ns > 0 && !(s->rows[0].rate->cpu_percent > 0));
        snapshot_free(s);
    }
}

/* A kill is seen when it happens, long before the next sample. */
static void test_hurries(void **state)
{
    struct world *w = *state;
    start(w, SLOW_MS, NULL);
    snapshot_free(next(w));
    fake_kills(&w->fake, "/a", 1, 1);
    uint64_t kills = 0;
    while (kills != 1) {
        struct snapshot *s = next(w);
        assert_int_equal(s->sample_serial, 1);
        kills = s->rows[snapshot_find_path(s, "/a")].now->events_oom_kill;
        snapshot_free(s);
    }
    fake_kills(&w->fake, "/a", 2, 2);
    await_event(w, EVENT_OOM_KILL, "/a");
    fake_group(&w->fake, "/b");
    await_event(w, EVENT_APPEARED, "/b");
    fake_remove(&w->fake, "/b");
    await_event(w, EVENT_VANISHED, "/b");
}

static void test_poke_and_interval(void **state)
{
    struct world *w = *state;
    start(w, SLOW_MS, NULL);
    snapshot_free(next(w));
    monitor_poke(w->monitor);
    struct snapshot *s = next(w);
    assert_int_equal(s->sample_serial, 2);
    assert_true(s->interval_ns >= 90000000);
    snapshot_free(s);
    monitor_set_interval(w->monitor, 100);
    for (uint64_t i = 3; i <= 5; i++) {
        s = next(w);
        assert_true(s->sample_serial >= i);
        snapshot_free(s);
    }
}

static void test_bad_roots(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *root, *text;
        int code;
    } rows[] = {
        {"/nosuch", "watch the cgroup /nosuch: there is none of that name", ENOENT},
        {"/cpu.stat", "watch the cgroup /cpu.stat: there is none of that name", ENOENT},
        {"a", "watch the cgroup a: not a path from the cgroup2 mount", EINVAL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct monitor_options options = {.root = rows[i].root, .cgroupfs = &w->fake.fs};
        struct err err;
        assert_int_equal(monitor_start(&options, &w->monitor, &err), -rows[i].code);
        assert_string_equal(err.text, rows[i].text);
    }
    assert_null(w->monitor);
}

/* A machine without cgroup v2: no rows, but the host. */
static void test_no_cgroup2(void **state)
{
    struct world *w = *state;
    struct cgroupfs none = {0};
    struct monitor_options options = {.interval_ms = SLOW_MS, .cgroupfs = &none};
    struct err err;
    assert_int_equal(monitor_start(&options, &w->monitor, &err), 0);
    struct snapshot *s = next(w);
    assert_int_equal(s->count, 0);
    assert_true(s->host.memory_total > 0);
    snapshot_free(s);
}

static volatile sig_atomic_t in_monitor;
static pthread_t main_thread;

static void on_signal(int number)
{
    (void)number;
    in_monitor |= !pthread_equal(pthread_self(), main_thread);
}

/* Signals are not for the monitor's thread, and the caller's mask stays as it was. */
static void test_signals(void **state)
{
    struct world *w = *state;
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t before, after;
    main_thread = pthread_self();
    sigaction(SIGUSR1, &action, NULL);
    sigprocmask(SIG_BLOCK, NULL, &before);
    start(w, 100, NULL);
    sigprocmask(SIG_BLOCK, NULL, &after);
    assert_int_equal(sigismember(&before, SIGUSR1), sigismember(&after, SIGUSR1));
    sigaddset(&after, SIGUSR1); /* nobody but the monitor's thread could take it now */
    sigprocmask(SIG_SETMASK, &after, NULL);
    for (int i = 0; i < 20; i++) {
        kill(getpid(), SIGUSR1);
        usleep(5000);
    }
    assert_false(in_monitor);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

/* A process spawned while the monitor runs is none the wiser. */
static void test_limits_of_children(void **state)
{
    struct world *w = *state;
    struct rlimit before, now;
    struct rlimit low = {.rlim_cur = 256};
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    low.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    start(w, SLOW_MS, NULL);
    getrlimit(RLIMIT_NOFILE, &now);
    assert_true(now.rlim_cur > low.rlim_cur);
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    monitor_restore_limits(w->monitor, child);
    assert_int_equal(prlimit(child, RLIMIT_NOFILE, NULL, &now), 0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_int_equal(now.rlim_cur, low.rlim_cur);
    assert_int_equal(now.rlim_max, low.rlim_max);
    setrlimit(RLIMIT_NOFILE, &before);
}

/* Stopped while snapshots and events are waiting; and nothing at all. */
static void test_stop(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 20; i++) {
        start(w, 100, NULL);
        fake_group(&w->fake, "/b");
        usleep(i * 500u);
        monitor_poke(w->monitor);
        fake_remove(&w->fake, "/b");
        monitor_stop(w->monitor);
        w->monitor = NULL;
    }
    monitor_stop(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_first),     TEST(test_ticks),      TEST(test_hurries), TEST(test_poke_and_interval),
        TEST(test_bad_roots), TEST(test_no_cgroup2), TEST(test_signals), TEST(test_limits_of_children),
        TEST(test_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
