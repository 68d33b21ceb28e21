/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All of the monitor but its thread, on a directory that imitates a cgroup2 mount, and on recorded trees.
 */
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/value.h"
#include "fake.h"
#include "monitor/sampler.h"

struct world {
    struct fake fake;
    struct eventq events;
    struct sampler sampler;
    struct snapshot *last;
};

static void start_at(struct world *w, const struct cgroupfs *fs, const char *root)
{
    eventq_init(&w->events, EVENTQ_CAP);
    sampler_init(&w->sampler, fs, root, &w->events);
}

static void end(struct world *w)
{
    sampler_fini(&w->sampler);
    eventq_fini(&w->events);
    snapshot_free(w->last);
    w->last = NULL;
}

static int setup(void **state)
{
    static struct world world;
    world = (struct world){0};
    fake_init(&world.fake);
    fake_group(&world.fake, "");
    start_at(&world, &world.fake.fs, "/");
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    end(w);
    fake_fini(&w->fake);
    return 0;
}

/* A full sample. */
static const struct snapshot *tick(struct world *w)
{
    snapshot_free(w->last);
    return w->last = sampler_tick(&w->sampler);
}

/* One that is far enough from the last one for rates. */
static const struct snapshot *tick_later(struct world *w)
{
    usleep(160000);
    return tick(w);
}

/* Whatever the kernel has reported. */
static const struct snapshot *hear(struct world *w)
{
    struct pollfd p = {.fd = sampler_fd(&w->sampler), .events = POLLIN};
    while (poll(&p, 1, 0) == 1)
        sampler_notified(&w->sampler);
    snapshot_free(w->last);
    return w->last = sampler_snapshot(&w->sampler);
}

static const struct sample *row(const struct snapshot *snapshot, const char *path)
{
    int index = snapshot_find_path(snapshot, path);
    assert_true(index >= 0);
    return &snapshot->rows[index];
}

/* All events since the last call as "kind path value file text;..." must be `expected`. */
static void assert_events(struct world *w, const char *expected)
{
    struct str got = {0};
    struct event *list = eventq_take(&w->events);
    for (const struct event *e = list; e; e = e->next) {
        str_addf(&got, "%s%s %s", got.len ? "; " : "", event_name(e->kind), e->cgroup);
        if (e->value)
            str_addf(&got, " %u", (unsigned)e->value);
        if (e->file[0])
            str_addf(&got, " %s=%s", e->file, e->text);
    }
    event_free_list(list);
    assert_string_equal(str_text(&got), expected);
    str_free(&got);
}

static void test_tree(void **state)
{
    struct world *w = *state;
    static const char *const paths[] = {"/", "/a", "/a/b", "/a/b/c", "/a/d", "/b", "/c"};
    static const int parents[] = {-1, 0, 1, 2, 1, 0, 0}, depths[] = {0, 1, 2, 3, 2, 1, 1};
    fake_group(&w->fake, "/c");
    fake_group(&w->fake, "/a");
    fake_group(&w->fake, "/a/d");
    fake_group(&w->fake, "/b");
    fake_group(&w->fake, "/a/b");
    fake_group(&w->fake, "/a/b/c");
    const struct snapshot *s = tick(w);
    assert_int_equal(s->count, COUNT_OF(paths));
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct stat st;
        char path[512];
        snprintf(path, sizeof path, "%s%s", w->fake.fs.mount, paths[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_string_equal(s->rows[i].path, paths[i]);
        assert_string_equal(s->rows[i].name, i ? strrchr(paths[i], '/') + 1 : "/");
        assert_int_equal(s->rows[i].parent, parents[i]);
        assert_int_equal(s->rows[i].depth, depths[i]);
        assert_int_equal(s->rows[i].id, st.st_ino);
        assert_int_equal(snapshot_find_id(s, st.st_ino), (int)i);
        assert_true(isnan(s->rows[i].rate->cpu_percent));
    }
    assert_int_equal(snapshot_find_path(s, "/a/"), -1);
    assert_int_equal(s->serial, 1);
    assert_int_equal(s->sample_serial, 1);
    assert_int_equal(s->interval_ns, 0);
    assert_events(w, "");
}

static void test_rates(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/a");
    tick(w);
    fake_write(&w->fake, "/a", "cpu.stat",
               "usage_usec 11000\nuser_usec 600\nsystem_usec 300\nnr_periods 20\nnr_throttled 6\n"
               "throttled_usec 900\n");
    const struct snapshot *s = tick_later(w);
    const struct sample *a = row(s, "/a");
    double seconds = (double)s->interval_ns / 1e9;
    /* Another unit would be a thousand times off; a busy machine may hold us up between two reads. */
    assert_true(a->rate->cpu_percent > 0.03 / seconds && a->rate->cpu_percent < 30 / seconds);
    assert_true(a->rate->user_percent == 0);
    assert_true(isnan(a->rate->system_percent)); /* it went back */
    assert_true(a->rate->throttled_periods_percent == 50);
    assert_int_equal(a->throttling_row, snapshot_find_path(s, "/a"));
    assert_int_equal(row(s, "/")->throttling_row, -1);
    assert_events(w, "throttled /a");
    assert_true(row(tick_later(w), "/a")->rate->throttled_periods_percent == 0);
    assert_events(w, "");
    fake_write(&w->fake, "/a", "cpu.stat", "usage_usec 12000\nnr_periods 30\nnr_throttled 8\n");
    assert_true(row(tick_later(w), "/a")->rate->throttled_periods_percent == 20);
    assert_events(w, ""); /* now and then is once */
    w->sampler.tree.root->child->told.throttled_s -= 10;
    fake_write(&w->fake, "/a", "cpu.stat", "usage_usec 13000\nnr_periods 40\nnr_throttled 9\n");
    tick_later(w);
    assert_events(w, "throttled /a");
}

/* Two samples at once: the second knows no better rates than the first. */
static void test_rates_keep(void **state)
{
    struct world *w = *state;
    tick(w);
    fake_write(&w->fake, "", "cpu.stat", "usage_usec 50000\n");
    double percent = row(tick_later(w), "/")->rate->cpu_percent;
    assert_true(percent > 0);
    uint64_t then_ns = row(w->last, "/")->now->time_ns;
    const struct sample *root = row(tick(w), "/");
    assert_true(root->rate->cpu_percent == (root->now->time_ns - then_ns < 150000000 ? percent : 0));
}

static void test_effective(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/a");
    fake_group(&w->fake, "/a/b");
    fake_group(&w->fake, "/a/b/c");
    fake_group(&w->fake, "/d");
    fake_write(&w->fake, "/a", "memory.max", "1000\n");
    fake_write(&w->fake, "/a/b", "memory.max", "5000\n");
    fake_write(&w->fake, "/a/b/c", "memory.max", "10\n");
    fake_write(&w->fake, "/a", "cpu.max", "50000 100000\n");
    fake_write(&w->fake, "/a/b", "cpu.max", "max 100000\n");
    fake_write(&w->fake, "/a/b/c", "cpu.max", "80000 100000\n");
    fake_unlink(&w->fake, "", "memory.max");
    fake_unlink(&w->fake, "", "cpu.max");
    const struct snapshot *s = tick(w);
    int a = snapshot_find_path(s, "/a"), c = snapshot_find_path(s, "/a/b/c");
    assert_int_equal(row(s, "/")->effective_memory_max, VALUE_ABSENT);
    assert_int_equal(row(s, "/")->effective_memory_row, -1);
    assert_int_equal(row(s, "/d")->effective_memory_max, VALUE_MAX);
    assert_int_equal(row(s, "/d")->effective_memory_row, -1);
    assert_true(isnan(row(s, "/d")->effective_cpu_percent));
    assert_int_equal(row(s, "/a/b")->effective_memory_max, 1000);
    assert_int_equal(row(s, "/a/b")->effective_memory_row, a);
    assert_int_equal(s->rows[c].effective_memory_max, 10);
    assert_int_equal(s->rows[c].effective_memory_row, c);
    assert_true(s->rows[c].effective_cpu_percent == 50);
    assert_int_equal(s->rows[c].effective_cpu_row, a);
    fake_write(&w->fake, "/a/b/c", "cpu.max", "20000 100000\n");
    s = hear(w);
    assert_true(s->rows[c].effective_cpu_percent == 20);
    assert_int_equal(s->rows[c].effective_cpu_row, c);
}

/* A parent that throttles is named in its children's rows. */
static void test_throttling_ancestor(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/a");
    fake_group(&w->fake, "/a/b");
    tick(w);
    fake_write(&w->fake, "/a", "cpu.stat",
               "usage_usec 1\nnr_periods 20\nnr_throttled 11\nthrottled_usec 600\n");
    const struct snapshot *s = tick_later(w);
    assert_int_equal(row(s, "/a/b")->throttling_row, snapshot_find_path(s, "/a"));
}

static void test_come_and_go(void **state)
{
    struct world *w = *state;
    tick(w);
    fake_group(&w->fake, "/a");
    fake_group(&w->fake, "/a/b"); /* before anybody watches /a */
    const struct snapshot *s = hear(w);
    assert_int_equal(s->count, 3);
    assert_int_equal(s->sample_serial, 1);
    assert_int_equal(row(s, "/a/b")->now->usage_usec, 1000);
    assert_true(isnan(row(s, "/a/b")->rate->cpu_percent));
    assert_events(w, "appeared /a; appeared /a/b");
    fake_group(&w->fake, "/a/c");
    hear(w);
    assert_events(w, "appeared /a/c");
    assert_true(row(tick_later(w), "/a/b")->rate->cpu_percent == 0);
    fake_remove(&w->fake, "/a");
    assert_int_equal(hear(w)->count, 1);
    assert_events(w, "vanished /a/b; vanished /a/c; vanished /a");
}

static void test_made_again(void **state)
{
    struct world *w = *state;
    char old[512], away[512];
    fake_group(&w->fake, "/a");
    uint64_t id = row(tick(w), "/a")->id;
    snprintf(old, sizeof old, "%s/a", w->fake.fs.mount);
    snprintf(away, sizeof away, "%s.old", w->fake.fs.mount); /* its inode stays taken */
    assert_int_equal(rename(old, away), 0);
    fake_group(&w->fake, "/a");
    assert_true(row(hear(w), "/a")->id != id);
    assert_events(w, "vanished /a; appeared /a");
    fs_remove_tree_at(AT_FDCWD, away);
}

static void test_oom_kill(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/a");
    fake_group(&w->fake, "/a/b");
    fake_kills(&w->fake, "/a", 3, 0);
    fake_kills(&w->fake, "/a/b", 3, 3); /* from before */
    fake_kills(&w->fake, "", 3, 0);
    tick(w);
    assert_events(w, "");
    fake_kills(&w->fake, "", 5, 0);
    fake_kills(&w->fake, "/a", 5, 0);
    fake_kills(&w->fake, "/a/b", 5, 5);
    const struct snapshot *s = hear(w);
    assert_int_equal(s->sample_serial, 1);
    assert_int_equal(s->serial, 2);
    assert_int_equal(row(s, "/a")->now->events_oom_kill, 5);
    assert_int_equal(row(s, "/a/b")->now->local_oom_kill, 5);
    struct event *e = eventq_take(&w->events);
    assert_non_null(e);
    assert_int_equal(e->kind, EVENT_OOM_KILL);
    assert_string_equal(e->cgroup, "/a/b");
    assert_int_equal(e->value, 2);
    assert_int_equal(e->total, 5);
    assert_int_equal(e->memory_current, 4096);
    assert_int_equal(e->memory_max, VALUE_MAX);
    assert_null(e->next);
    event_free_list(e);
    tick(w); /* told once */
    assert_events(w, "");
}

/* The group is removed before its own counter was read: its parent's tells. */
static void test_lost_kill(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/a");
    fake_group(&w->fake, "/a/b");
    fake_group(&w->fake, "/a/c");
    tick(w);
    fake_remove(&w->fake, "/a/b");
    hear(w);
    fake_kills(&w->fake, "", 1, 0);
    fake_kills(&w->fake, "/a", 1, 0);
    hear(w);
    tick(w);
    assert_events(w, "vanished /a/b; oom_kill /a/b 1");
    fake_kills(&w->fake, "/a/c", 2, 2); /* and those that are there tell their own */
    fake_kills(&w->fake, "/a", 3, 0);
    fake_kills(&w->fake, "", 3, 0);
    hear(w);
    tick(w);
    assert_events(w, "oom_kill /a/c 2");
}

/* Of a group that is being removed one file may be readable still, and the other not. */
static void test_half_gone(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/a");
    fake_group(&w->fake, "/a/b");
    tick(w);
    fake_kills(&w->fake, "/a/b", 1, 0);
    fake_unlink(&w->fake, "/a/b", "memory.events.local");
    hear(w);
    fake_remove(&w->fake, "/a/b");
    fake_kills(&w->fake, "/a", 1, 0);
    fake_kills(&w->fake, "", 1, 0);
    hear(w);
    tick(w);
    assert_events(w, "oom_kill /a/b 1; vanished /a/b");
}

/* What a group's children have is what it knows that they have. */
static void assert_booked(const struct world *w)
{
    for (const struct group *group = w->sampler.tree.root; group; group = tree_next(group)) {
        struct load sum = {0, 0};
        for (const struct group *child = group->child; child; child = child->sibling) {
            struct load one = load_of(&child->figures->now);
            sum.usage_usec += one.usage_usec;
            sum.memory += one.memory;
        }
        assert_int_equal(group->below.usage_usec, sum.usage_usec);
        assert_int_equal(group->below.memory, sum.memory);
    }
}

/* /a goes while it is read: what was there still is new, the rest as it was. */
static const struct sample *half_read(struct world *w)
{
    fake_unlink(&w->fake, "/a", "cgroup.events");
    fake_unlink(&w->fake, "/a", "memory.current");
    fake_write(&w->fake, "/a", "pids.current", "3\n");
    const struct sample *a = row(tick_later(w), "/a");
    assert_int_equal(a->now->memory_current, 4096);
    assert_int_equal(a->now->populated, 1);
    assert_int_equal(a->now->pids_current, 3);
    return a;
}

/* It goes while it is read, its first file read already: the row is whole. */
static void test_gone_in_mid_read(void **state)
{
    struct world *w = *state;
    w->sampler.tree.pool.left = 0; /* all files are opened anew */
    fake_group(&w->fake, "/a");
    fake_write(&w->fake, "/a", "cgroup.events", "populated 1\nfrozen 0\n");
    tick(w);
    const struct sample *a = half_read(w);
    assert_int_equal(a->now->usage_usec, 1000);
    assert_events(w, "");
    assert_booked(w);
    tick_later(w); /* once more before it is known to have gone */
    assert_booked(w);
    fake_remove(&w->fake, "/a");
    hear(w);
    assert_events(w, "exited /a; vanished /a");
    assert_booked(w);
    fake_mkdir(&w->fake, "/n"); /* and one that is read for the first time: nothing of it */
    fake_write(&w->fake, "/n", "cpu.stat", "usage_usec 1000\nuser_usec 600\nsystem_usec 400\n");
    fake_write(&w->fake, "/n", "pids.current", "2\n");
    hear(w);
    assert_events(w, "appeared /n");
    assert_int_equal(row(w->last, "/n")->now->usage_usec, VALUE_ABSENT);
    assert_int_equal(row(w->last, "/n")->now->pids_current, VALUE_ABSENT);
    assert_int_equal(row(w->last, "/n")->procs, VALUE_ABSENT);
}

/* The same where nothing of events is read, as they are reported. */
static void test_gone_unheard(void **state)
{
    struct world *w = *state;
    w->sampler.tree.pool.spared = true; /* events are held, counters opened anew */
    fake_group(&w->fake, "/a");
    fake_write(&w->fake, "/a", "cgroup.events", "populated 1\nfrozen 0\n");
    fake_mkdir(&w->fake, "/n"); /* goes while it is read by the first sample */
    fake_write(&w->fake, "/n", "cpu.stat", "usage_usec 1000\nuser_usec 600\nsystem_usec 400\n");
    tick(w);
    assert_int_equal(row(w->last, "/n")->now->usage_usec, VALUE_ABSENT);
    half_read(w);
}

/* A kill that the ancestors report before the group itself does is told once, of the group. */
static void test_early_ancestor(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/a");
    fake_group(&w->fake, "/a/b");
    fake_group(&w->fake, "/a/b/c");
    tick(w);
    fake_kills(&w->fake, "/a/b/c", 1, 1);
    fake_kills(&w->fake, "/a/b", 1, 0);
    fake_kills(&w->fake, "/a", 1, 0);
    while (read(w->sampler.tree.inotify_fd, (char[65536]){0}, 65536) > 0)
        continue; /* nobody reported it */
    fake_kills(&w->fake, "", 1, 0);
    hear(w);
    tick(w);
    assert_events(w, "oom_kill /a/b/c 1");
}

/* A group that was made, and in which somebody was killed, before anybody looked: it is told once. */
static void test_unseen_kill(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/a");
    tick(w);
    fake_group(&w->fake, "/a/new");
    fake_kills(&w->fake, "/a/new", 1, 1);
    fake_kills(&w->fake, "/a", 1, 0);
    hear(w);
    assert_events(w, "appeared /a/new; oom_kill /a/new 1");
    fake_group(&w->fake, "/a/other");
    fake_kills(&w->fake, "/a/other", 2, 2);
    fake_kills(&w->fake, "/a", 3, 0);
    tick(w);
    assert_events(w, "appeared /a/other; oom_kill /a/other 2");
    hear(w);
    tick(w);
    assert_events(w, "");
}

static void test_sparse(void **state)
{
    struct world *w = *state;
    uint64_t told = 0, total = 0, begin_ns = clock_mono_ns();
    tick(w);
    for (int i = 1; i <= 50; i++) {
        char text[64];
        snprintf(text, sizeof text, "low 0\nhigh 0\nmax %d\noom 0\noom_kill 0\n", i);
        fake_write(&w->fake, "", "memory.events.local", text);
        hear(w);
    }
    usleep(1000000);
    tick(w);
    struct event *list = eventq_take(&w->events);
    for (const struct event *e = list; e; e = e->next, told++) {
        assert_int_equal(e->kind, EVENT_MAX);
        total += e->value;
    }
    event_free_list(list);
    assert_in_range(told, 2, 1 + (clock_mono_ns() - begin_ns) / 1000000000); /* one a second at the most */
    assert_int_equal(total, 50);
}

static void test_flags(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/a");
    tick(w);
    static const struct {
        const char *text, *events;
    } steps[] = {
        {"populated 1\nfrozen 0\n", "started /a"}, {"populated 1\nfrozen 1\n", "paused /a"},
        {"populated 1\nfrozen 0\n", "resumed /a"}, {"populated 0\nfrozen 0\n", "exited /a"},
        {"populated 1\nfrozen 0\n", "started /a"},
    };
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        fake_write(&w->fake, "/a", "cgroup.events", steps[i].text);
        hear(w);
        assert_events(w, steps[i].events);
    }
    fake_remove(&w->fake, "/a");
    hear(w);
    assert_events(w, "exited /a; vanished /a");
}

static void test_limits(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/a");
    tick(w);
    fake_write(&w->fake, "/a", "memory.max", "1048576\n");
    assert_int_equal(row(hear(w), "/a")->now->memory_max, 1048576);
    assert_events(w, "set /a memory.max=1048576");
    fake_write(&w->fake, "/a", "memory.max", "1048576\n");
    hear(w);
    assert_events(w, "");
    fake_write(&w->fake, "/a", "cpu.max", "20000 100000\n");
    fake_write(&w->fake, "/a", "pids.max", "7\n");
    hear(w);
    assert_events(w, "set /a cpu.max=20000 100000; set /a pids.max=7");
    fake_write(&w->fake, "/a", "unknown.max", "7\n");
    hear(w);
    assert_events(w, "");
}

/* Reading must not report itself. */
static void test_own_reads(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/a");
    tick(w);
    tick(w);
    tick(w);
    char buffer[4096];
    assert_int_equal(read(w->sampler.tree.inotify_fd, buffer, sizeof buffer), -1);
    assert_int_equal(errno, EAGAIN);
}

/* What a controller brings is seen when it is enabled, and what it takes is absent. */
static void test_controllers(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/a");
    fake_unlink(&w->fake, "/a", "pids.current");
    fake_unlink(&w->fake, "/a", "pids.max");
    fake_write(&w->fake, "/a", "cgroup.procs", "1\n22\n333\n");
    const struct sample *a = row(tick(w), "/a");
    assert_int_equal(a->now->pids_current, VALUE_ABSENT);
    assert_int_equal(a->procs, 3);
    fake_write(&w->fake, "/a", "pids.current", "9\n");
    fake_write(&w->fake, "/a", "pids.max", "64\n");
    assert_int_equal(row(tick(w), "/a")->now->pids_current, VALUE_ABSENT); /* remembered as absent */
    fake_write(&w->fake, "", "cgroup.subtree_control", "+pids\n");
    hear(w);
    a = row(tick(w), "/a");
    assert_int_equal(a->now->pids_current, 9);
    assert_int_equal(a->now->pids_max, 64);
    assert_int_equal(a->procs, VALUE_ABSENT);
    fake_remove(&w->fake, "/a");
    hear(w);
    event_free_list(eventq_take(&w->events));
}

/* Without inotify everything is found at the tick. */
static void test_without_watches(void **state)
{
    struct world *w = *state;
    fd_close(&w->sampler.tree.inotify_fd);
    fake_group(&w->fake, "/a");
    tick(w);
    fake_group(&w->fake, "/a/b");
    fake_kills(&w->fake, "/a", 1, 1);
    fake_write(&w->fake, "/a", "cgroup.events", "populated 1\nfrozen 0\n");
    assert_int_equal(tick(w)->count, 3);
    assert_events(w, "appeared /a/b; oom_kill /a 1; started /a");
    fake_remove(&w->fake, "/a");
    assert_int_equal(tick(w)->count, 1);
    assert_events(w, "vanished /a/b; exited /a; vanished /a");
}

static void fake_swap(const struct fake *fake, const char *cgroup, int max, int fail)
{
    char text[64];
    snprintf(text, sizeof text, "high 0\nmax %d\nfail %d\n", max, fail);
    fake_write(fake, cgroup, "memory.swap.events", text);
}

/* The kernel counts them in all groups above, too, and has no local counter. */
static void test_swap_events(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/a");
    fake_group(&w->fake, "/a/b");
    fake_swap(&w->fake, "/a", 7, 7);
    fake_swap(&w->fake, "/a/b", 2, 2);
    const struct sample *b = row(tick(w), "/a/b");
    assert_int_equal(b->now->swap_events_max, 2);
    assert_int_equal(b->now->swap_events_high, 0);
    assert_int_equal(row(w->last, "/")->now->swap_events_max, VALUE_ABSENT);
    assert_events(w, "");

    fake_swap(&w->fake, "/a/b", 5, 5);
    fake_swap(&w->fake, "/a", 10, 10);
    assert_int_equal(row(hear(w), "/a/b")->now->swap_events_max, 5);
    assert_events(w, "swap_max /a/b 3; swap_fail /a/b 3");

    usleep(1100000); /* once a second each */
    fake_swap(&w->fake, "/a/b", 5, 10);
    fake_swap(&w->fake, "/a", 10, 15);
    hear(w);
    assert_events(w, "swap_fail /a/b 5");

    fake_remove(&w->fake, "/a/b"); /* what was counted below is no news above */
    hear(w);
    assert_events(w, "vanished /a/b");
    fake_swap(&w->fake, "/a", 11, 16);
    hear(w);
    assert_events(w, "swap_max /a 1; swap_fail /a 1");
}

/* When descriptors are short, files are opened each time. */
static void test_without_descriptors(void **state)
{
    struct world *w = *state;
    w->sampler.tree.pool.left = 3;
    fake_group(&w->fake, "/a");
    fake_group(&w->fake, "/a/b");
    tick(w);
    assert_int_equal(w->sampler.tree.pool.left, 0);
    fake_kills(&w->fake, "/a/b", 1, 1);
    fake_write(&w->fake, "/a/b", "memory.current", "77\n");
    assert_int_equal(row(tick(w), "/a/b")->now->memory_current, 77);
    assert_events(w, "oom_kill /a/b 1");
    fake_remove(&w->fake, "/a");
    assert_int_equal(hear(w)->count, 1);
}

/* Names are the kernel's bytes; depth has no limit that could be a stack's. */
static void test_odd_names(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/\x1b[31m\xff\n x");
    fake_group(&w->fake, "/..a");
    char path[2048] = "";
    for (int i = 0; i < 300; i++) {
        strcat(path, "/d");
        fake_mkdir(&w->fake, path);
    }
    const struct snapshot *s = tick(w);
    assert_int_equal(s->count, 303);
    assert_int_equal(row(s, path)->depth, 300);
    assert_string_equal(row(s, "/\x1b[31m\xff\n x")->name, "\x1b[31m\xff\n x");
    fake_remove(&w->fake, "/d");
    assert_int_equal(hear(w)->count, 3);
}

static void test_subtree(void **state)
{
    struct world *w = *state;
    fake_group(&w->fake, "/a");
    fake_group(&w->fake, "/a/b");
    end(w);
    start_at(w, &w->fake.fs, "/a");
    const struct snapshot *s = tick(w);
    assert_int_equal(s->count, 2);
    assert_string_equal(s->rows[0].path, "/a");
    assert_string_equal(s->rows[0].name, "a");
    assert_int_equal(s->rows[0].depth, 0);
    fake_remove(&w->fake, "/a");
    assert_int_equal(tick(w)->count, 0);
    assert_events(w, "vanished /a/b; vanished /a");
    fake_group(&w->fake, "/a");
    assert_int_equal(tick(w)->count, 1);
    assert_events(w, "appeared /a");
    char old[512], away[512];
    snprintf(old, sizeof old, "%s/a", w->fake.fs.mount);
    snprintf(away, sizeof away, "%s/away", w->fake.fs.mount);
    assert_int_equal(rename(old, away), 0);
    fake_group(&w->fake, "/a"); /* another one, before anybody looked */
    assert_int_equal(tick(w)->count, 1);
    assert_events(w, "vanished /a; appeared /a");
}

/* The kernel's queue is full: everything is looked at again. */
static void test_overflow(void **state)
{
    struct world *w = *state;
    char most[32];
    uint64_t count;
    fake_group(&w->fake, "/a");
    tick(w);
    assert_true(fs_read_at(AT_FDCWD, "/proc/sys/fs/inotify/max_queued_events", most, sizeof most) > 0);
    assert_int_equal(parse_u64(most, &count), 0);
    if (count > 100000)
        skip();
    for (uint64_t i = 0; i < count; i++)
        fake_write(&w->fake, "", i % 2 ? "one" : "other", "x");
    fake_group(&w->fake, "/b");
    fake_kills(&w->fake, "/a", 1, 1);
    fake_write(&w->fake, "/a", "memory.max", "5\n");
    hear(w);
    assert_events(w, "lost  inotify=");
    assert_int_equal(tick(w)->count, 3);
    assert_events(w, "appeared /b; set /a memory.max=5; oom_kill /a 1");
}

/* From here on the world is a recorded one. */
static void recorded(struct world *w, const char *name)
{
    struct cgroupfs fs = {.layout = CGROUP_LAYOUT_UNIFIED};
    snprintf(fs.mount, sizeof fs.mount, "%s/%s", FIXTURES, name);
    end(w);
    start_at(w, &fs, "/");
}

static void test_recorded_6_1(void **state)
{
    struct world *w = *state;
    recorded(w, "cgroup-6.1");
    const struct snapshot *s = tick(w);
    assert_int_equal(s->count, 4);
    const struct sample *root = row(s, "/"), *web = row(s, "/boxtop/web"), *idle = row(s, "/boxtop/idle");
    assert_int_equal(root->now->memory_current, VALUE_ABSENT);
    assert_true(value_is_number(root->now->usage_usec));
    assert_int_equal(web->now->cpu_quota_usec, 50000);
    assert_int_equal(web->now->nr_throttled, 503);
    assert_int_equal(web->now->throttled_usec, 35098943);
    assert_int_equal(web->now->memory_max, 104857600);
    assert_int_equal(web->now->memory_peak, 104857600);
    assert_int_equal(web->now->swap_max, 0);
    assert_int_equal(web->now->events_max, 69);
    assert_int_equal(web->now->local_oom_kill, 1);
    assert_int_equal(row(s, "/boxtop")->now->events_oom_kill, 1);
    assert_int_equal(row(s, "/boxtop")->now->local_oom_kill, 0);
    assert_int_equal(web->now->local_pids_max, VALUE_ABSENT);
    assert_int_equal(web->now->cpu_some_avg10, 3577);
    assert_int_equal(web->now->cpu_full_usec, 26301407);
    assert_int_equal(web->now->populated, 1);
    assert_int_equal(web->procs, VALUE_ABSENT);
    assert_int_equal(idle->effective_memory_max, 200 << 20);
    assert_int_equal(idle->effective_memory_row, snapshot_find_path(s, "/boxtop"));
    assert_int_equal(idle->now->populated, 0);
}

static void test_recorded_hybrid(void **state)
{
    struct world *w = *state;
    recorded(w, "cgroup-hybrid");
    const struct sample *web = row(tick(w), "/web");
    assert_int_equal(web->now->usage_usec, 1031);
    assert_int_equal(web->now->memory_current, VALUE_ABSENT);
    assert_int_equal(web->now->cpu_quota_usec, VALUE_ABSENT);
    assert_int_equal(web->now->nr_periods, VALUE_ABSENT);
    assert_int_equal(web->now->events_oom_kill, VALUE_ABSENT);
    assert_int_equal(web->effective_memory_max, VALUE_ABSENT);
    assert_int_equal(web->procs, 2);
    assert_true(value_is_number(web->now->cpu_some_usec));
    assert_true(isnan(row(tick(w), "/web")->rate->throttled_periods_percent));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_tree),
        TEST(test_rates),
        TEST(test_rates_keep),
        TEST(test_effective),
        TEST(test_throttling_ancestor),
        TEST(test_come_and_go),
        TEST(test_made_again),
        TEST(test_oom_kill),
        TEST(test_lost_kill),
        TEST(test_half_gone),
        TEST(test_gone_in_mid_read),
        TEST(test_gone_unheard),
        TEST(test_early_ancestor),
        TEST(test_unseen_kill),
        TEST(test_sparse),
        TEST(test_flags),
        TEST(test_limits),
        TEST(test_own_reads),
        TEST(test_controllers),
        TEST(test_without_watches),
        TEST(test_swap_events),
        TEST(test_without_descriptors),
        TEST(test_odd_names),
        TEST(test_subtree),
        TEST(test_overflow),
        TEST(test_recorded_6_1),
        TEST(test_recorded_hybrid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
