/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The sampler at rest: what it does not read, and that nothing is missed by it. And snapshots that are used
 * again: they say what new ones would.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/value.h"
#include "fake.h"
#include "monitor/assemble.h"
#include "monitor/sampler.h"

#define LEAVES 60
#define CALM   5 /* ticks until all are at rest */

struct world {
    struct fake fake;
    struct eventq events;
    struct sampler sampler;
    struct snapshot *last;
    uint64_t begun_ns, begun_before_ns; /* the last sample, and the one before */
    unsigned root_usec;                 /* something runs all the time: who asks, if nobody else */
};

static void use_cpu(const struct world *w, const char *cgroup, unsigned usec)
{
    char text[128];
    snprintf(text, sizeof text, "usage_usec %u\nuser_usec 600\nsystem_usec 400\n", usec);
    fake_write(&w->fake, cgroup, "cpu.stat", text);
}

/* What was used before must say what a new one says. */
static void compare_with_new(struct world *w, const struct snapshot *now)
{
    struct snapshot *new = assemble(&w->sampler.tree, NULL);
    assert_int_equal(now->count, new->count);
    for (size_t i = 0; i < now->count; i++) {
        const struct sample *a = &now->rows[i], *b = &new->rows[i];
        assert_string_equal(a->path, b->path);
        assert_memory_equal(&a->now, &b->now, sizeof a->now);
        assert_memory_equal(&a->rate, &b->rate, sizeof a->rate);
        assert_ptr_equal(a->identity, b->identity);
        assert_ptr_equal(a->detail, b->detail);
        assert_int_equal(a->effective_memory_max, b->effective_memory_max);
        assert_int_equal(a->effective_memory_row, b->effective_memory_row);
        assert_int_equal(a->throttling_row, b->throttling_row);
    }
    snapshot_free(new);
}

/* Far enough from the last one for rates. */
static const struct snapshot *tick(struct world *w)
{
    use_cpu(w, "", w->root_usec += 100);
    usleep(160000);
    w->begun_before_ns = w->begun_ns;
    w->begun_ns = clock_mono_ns();
    struct snapshot *now = sampler_tick(&w->sampler);
    compare_with_new(w, now);
    snapshot_free(w->last);
    return w->last = now;
}

/* One between two samples. */
static void hurried(struct world *w)
{
    struct snapshot *now = sampler_snapshot(&w->sampler);
    compare_with_new(w, now);
    snapshot_free(now);
}

static const struct sample *row(const struct snapshot *snapshot, const char *path)
{
    int index = snapshot_find_path(snapshot, path);
    assert_true(index >= 0);
    return &snapshot->rows[index];
}

static const char *leaf(char *to, int i)
{
    sprintf(to, "/top/g%02d", i);
    return to;
}

static int setup(void **state)
{
    static struct world world;
    char path[32];
    world = (struct world){0};
    fake_init(&world.fake);
    fake_group(&world.fake, "");
    fake_group(&world.fake, "/top");
    use_cpu(&world, "/top", 1000 * LEAVES);
    fake_write(&world.fake, "/top", "memory.current", "245760\n"); /* 60 * 4096 */
    for (int i = 0; i < LEAVES; i++)
        fake_group(&world.fake, leaf(path, i));
    eventq_init(&world.events, EVENTQ_CAP);
    sampler_init(&world.sampler, &world.fake.fs, "/", &world.events);
    sampler_rest(&world.sampler, true);
    for (int i = 0; i < CALM; i++)
        tick(&world);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    snapshot_free(w->last);
    sampler_fini(&w->sampler);
    eventq_fini(&w->events);
    fake_fini(&w->fake);
    return 0;
}

/* As many as have their turn, and no more. */
static void test_rests(void **state)
{
    struct world *w = *state;
    tick(w);
    assert_true(w->sampler.sampled_count < LEAVES / 3);
    assert_true(w->sampler.sampled_count > 0);
}

/* A figure that another one is shown of, by a sample too close for rates, and that is then what it was. */
static void test_there_and_back(void **state)
{
    struct world *w = *state;
    sampler_rest(&w->sampler, false);
    tick(w);
    fake_write(&w->fake, "/top/g07", "memory.current", "8192\n");
    struct snapshot *close = sampler_tick(&w->sampler);
    compare_with_new(w, close);
    assert_int_equal(row(close, "/top/g07")->now->memory_current, 8192);
    snapshot_free(close);
    fake_write(&w->fake, "/top/g07", "memory.current", "4096\n");
    assert_int_equal(row(tick(w), "/top/g07")->now->memory_current, 4096);
}

/* A counter that no other tells of is found when it is the group's turn. */
static void test_turns(void **state)
{
    struct world *w = *state;
    char path[32];
    for (int i = 0; i < LEAVES; i++)
        fake_write(&w->fake, leaf(path, i), "pids.current", "7\n");
    for (int i = 0; i < LEAVES / 8 + 2; i++)
        tick(w);
    for (int i = 0; i < LEAVES; i++)
        assert_int_equal(row(w->last, leaf(path, i))->now->pids_current, 7);
}

/* Without the pids controller tasks are counted: of a group that works with each sample if somebody looks,
 * else with each fourth. */
static void test_counted(void **state)
{
    struct world *w = *state;
    unsigned usec = 2000;
    fake_group(&w->fake, "/top/new");
    fake_unlink(&w->fake, "/top/new", "pids.current");
    fake_write(&w->fake, "/top/new", "cgroup.events", "populated 1\nfrozen 0\n");
    fake_write(&w->fake, "/top/new", "cgroup.procs", "1\n22\n");
    for (int i = 0; i < CALM; i++) {
        use_cpu(w, "/top/new", usec += 500);
        tick(w);
    }
    assert_int_equal(row(w->last, "/top/new")->procs, 2);
    fake_write(&w->fake, "/top/new", "cgroup.procs", "1\n22\n333\n");
    int ticks = 0;
    for (; ticks < 5 && row(w->last, "/top/new")->procs != 3; ticks++) {
        use_cpu(w, "/top/new", usec += 500);
        tick(w);
    }
    assert_in_range(ticks, 1, 4);
    struct detail_look *list = mem_array(1, sizeof *list);
    *list = (struct detail_look){row(w->last, "/top/new")->id, DETAIL_SHOWN};
    sampler_look(&w->sampler, list, 1);
    for (int i = 0; i < 4; i++) {
        fake_write(&w->fake, "/top/new", "cgroup.procs", i % 2 ? "1\n" : "1\n22\n");
        assert_int_equal(row(tick(w), "/top/new")->procs, i % 2 ? 1 : 2);
    }
}

/* What is shown is what is. */
static void test_shown(void **state)
{
    struct world *w = *state;
    char path[32];
    struct detail_look *list = mem_array(3, sizeof *list);
    for (int i = 0; i < 3; i++)
        list[i] = (struct detail_look){row(w->last, leaf(path, 7 + i))->id, DETAIL_SHOWN};
    fake_write(&w->fake, "/top/g08", "pids.current", "9\n");
    assert_true(sampler_look(&w->sampler, list, 3)); /* at once */
    struct snapshot *now = sampler_snapshot(&w->sampler);
    assert_int_equal(row(now, "/top/g08")->now->pids_current, 9);
    assert_null(row(now, "/top/g08")->detail);
    snapshot_free(now);
    for (int round = 10; round < 14; round++) { /* and with each sample */
        char text[16];
        snprintf(text, sizeof text, "%d\n", round);
        for (int i = 0; i < 3; i++)
            fake_write(&w->fake, leaf(path, 7 + i), "pids.current", text);
        tick(w);
        for (int i = 0; i < 3; i++)
            assert_int_equal(row(w->last, leaf(path, 7 + i))->now->pids_current, round);
    }
}

/* Who begins to work is found by what its parent has used more, in the same sample, and its rate is that of
 * the time since the last one. So much that it is not what children may have used since the sample began,
 * however long that is held up. */
#define USED 100000000u
static void test_woken(void **state)
{
    struct world *w = *state;
    char path[32];
    usleep(900000); /* an average over this would be a quarter of it */
    tick(w);
    for (int i = LEAVES - 1; i >= 0; i -= 20) {
        use_cpu(w, leaf(path, i), 1000 + USED);
        use_cpu(w, "/top", 1000 * LEAVES + USED * (unsigned)((LEAVES - 1 - i) / 20 + 1));
        const struct snapshot *s = tick(w);
        double most = (double)(clock_mono_ns() - w->begun_before_ns) / 1e9, used = USED / 1e6 * 100;
        double percent = row(s, path)->rate->cpu_percent;
        assert_int_equal(row(s, path)->now->usage_usec, 1000 + USED);
        assert_true(percent > used / most * 0.999 && percent < used / 0.15);
    }
}

/* Memory likewise, grown or given back. */
static void test_memory(void **state)
{
    struct world *w = *state;
    fake_write(&w->fake, "/top/g40", "memory.current", "8388608\n");
    fake_write(&w->fake, "/top", "memory.current", "8630272\n");
    w->sampler.turn = 0;
    assert_int_equal(row(tick(w), "/top/g40")->now->memory_current, 8388608);
    for (int i = 0; i < CALM; i++)
        tick(w);
    fake_write(&w->fake, "/top/g40", "memory.current", "4096\n");
    fake_write(&w->fake, "/top", "memory.current", "245760\n");
    w->sampler.turn = 0; /* not its own */
    assert_int_equal(row(tick(w), "/top/g40")->now->memory_current, 4096);
}

/* Groups come and go, and limits are written, between samples: the rows are those of a new snapshot. */
static void test_changes(void **state)
{
    struct world *w = *state;
    char path[32];
    for (int i = 0; i < 6; i++) {
        tick(w); /* the tree is as it was: the same snapshot again */
        fake_write(&w->fake, leaf(path, 50 + i % 3), "pids.max", i % 2 ? "8\n" : "9\n");
        sampler_notified(&w->sampler);
        hurried(w);
        fake_remove(&w->fake, leaf(path, i));
        tick(w);
        fake_group(&w->fake, leaf(path, i));
        fake_write(&w->fake, "/top", "memory.max", i % 2 ? "1048576\n" : "max\n");
        fake_write(&w->fake, leaf(path, 30 + i), "pids.max", "5\n");
        sampler_notified(&w->sampler);
        hurried(w);
        const struct snapshot *s = tick(w);
        assert_int_equal(row(s, leaf(path, 30 + i))->now->pids_max, 5);
        assert_int_equal(row(s, "/top/g50")->effective_memory_max, i % 2 ? 1048576 : VALUE_MAX);
    }
}

/* Of whom the kernel would not report, as descriptors are short, is read each time. */
static void test_deaf(void **state)
{
    struct world *w = *state;
    w->sampler.tree.pool.left = 0;
    fake_group(&w->fake, "/top/z");
    sampler_notified(&w->sampler);
    for (int i = 0; i < CALM; i++)
        tick(w);
    for (int round = 20; round < 24; round++) {
        char text[16];
        snprintf(text, sizeof text, "%d\n", round);
        fake_write(&w->fake, "/top/z", "pids.current", text);
        assert_int_equal(row(tick(w), "/top/z")->now->pids_current, round);
    }
}

/* A snapshot may outlive its maker. */
static void test_outlives(void **state)
{
    struct world *w = *state;
    struct snapshot *a = sampler_snapshot(&w->sampler), *b = sampler_snapshot(&w->sampler);
    sampler_fini(&w->sampler);
    assert_int_equal(a->count, b->count);
    snapshot_free(a);
    assert_string_equal(b->rows[0].path, "/");
    snapshot_free(b);
    sampler_init(&w->sampler, &w->fake.fs, "/", &w->events); /* for the teardown */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rests), TEST(test_turns),          TEST(test_counted), TEST(test_shown),
        TEST(test_woken), TEST(test_memory),         TEST(test_changes), TEST(test_outlives),
        TEST(test_deaf),  TEST(test_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
