/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's iterator against the files, on this machine's own cgroup2 mount: same figures. Skipped (77)
 * where it can't be used: not root, no types of the kernel's, no libbpf when this was built.
 */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/value.h"
#include "monitor/sampler.h"

#define PATIENCE_NS 60000000000ull
#define GROUPS      40

/* One reads files, the other walks. */
struct reader {
    struct eventq events;
    struct sampler sampler;
    struct snapshot *last;
};

static struct cgroupfs fs;
static char top[64];
static struct reader by_files, by_walk;
static pid_t busy;

static const char *dir_of(int i)
{
    static char path[512];
    snprintf(path, sizeof path, i < 0 ? "%s%s" : "%s%s/g%02d", fs.mount, top, i);
    return path;
}

static void open_reader(struct reader *reader)
{
    eventq_init(&reader->events, EVENTQ_CAP);
    sampler_init(&reader->sampler, &fs, top, &reader->events);
}

static void tick(struct reader *reader)
{
    struct snapshot *now = sampler_tick(&reader->sampler);
    snapshot_free(reader->last);
    reader->last = now;
}

static void close_reader(struct reader *reader)
{
    snapshot_free(reader->last);
    sampler_fini(&reader->sampler);
    eventq_fini(&reader->events);
}

static void keep_busy(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY);
    if (fs_write_at(fd, "cgroup.procs", "0") < 0)
        _exit(1);
    alarm(300);
    for (;;)
        close(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

/* What there is of them here; the test goes on with less. */
static void enable(const char *dir)
{
    static const char *const controllers[] = {"+cpu", "+memory", "+pids"};
    cleanup_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < COUNT_OF(controllers); i++)
        (void)!fs_write_at(fd, "cgroup.subtree_control", controllers[i]);
}

static void finish(void)
{
    if (busy > 0) {
        kill(busy, SIGKILL);
        waitpid(busy, NULL, 0);
    }
    for (int i = GROUPS; i >= -1; i--)
        for (int tries = 0; rmdir(dir_of(i)) < 0 && access(dir_of(i), F_OK) == 0 && tries < 1000; tries++)
            usleep(10000);
    close_reader(&by_files);
    close_reader(&by_walk);
}

/* False: it can't be used here. */
static bool begin(void)
{
    uint64_t end_ns = clock_mono_ns() + PATIENCE_NS;
    enable(fs.mount);
    enable(dir_of(-1));
    for (int i = 0; i < GROUPS; i++)
        assert_int_equal(mkdir(dir_of(i), 0755), 0);
    if ((busy = fork()) == 0)
        keep_busy(dir_of(0));
    open_reader(&by_files);
    open_reader(&by_walk);
    sampler_walk(&by_walk.sampler, BINARY_DIR "/boxtop-iter", 1);
    do {
        tick(&by_walk);
        usleep(50000);
    } while (!by_walk.last->walked && by_walk.sampler.iter.state != CGITER_FAILED &&
             clock_mono_ns() < end_ns);
    tick(&by_files);
    return by_walk.last->walked;
}

static struct counters figures(const struct reader *reader, int i)
{
    int row = snapshot_find_path(reader->last, dir_of(i) + strlen(fs.mount));
    assert_true(row >= 0);
    return *reader->last->rows[row].now;
}

/* What only grows is between what the files said before and after. */
static void assert_between(uint64_t before, uint64_t at, uint64_t after)
{
    if (at < before || at > after)
        print_error("%llu <= %llu <= %llu\n", (unsigned long long)before, (unsigned long long)at,
                    (unsigned long long)after);
    assert_true(before <= at && at <= after);
}

static void compare(int i)
{
    tick(&by_files);
    struct counters before = figures(&by_files, i);
    tick(&by_walk);
    struct counters at = figures(&by_walk, i);
    tick(&by_files);
    struct counters after = figures(&by_files, i);
    assert_between(before.usage_usec, at.usage_usec, after.usage_usec);
    assert_between(before.nr_periods, at.nr_periods, after.nr_periods);
    assert_between(before.nr_throttled, at.nr_throttled, after.nr_throttled);
    assert_between(before.throttled_usec, at.throttled_usec, after.throttled_usec);
    assert_between(before.memory_peak, at.memory_peak, after.memory_peak);
    assert_between(before.cpu_some_usec, at.cpu_some_usec, after.cpu_some_usec);
    assert_between(before.memory_full_usec, at.memory_full_usec, after.memory_full_usec);
    /* Its parts are shared out by who reads, and add up to it. */
    assert_true(at.user_usec + at.system_usec + 2 >= at.usage_usec &&
                at.user_usec + at.system_usec <= at.usage_usec);
    assert_true(at.user_usec > before.user_usec / 2 && at.user_usec < after.user_usec * 2 + 100000);
    assert_int_equal(at.pids_current, before.pids_current);
    assert_int_equal(value_is_number(at.memory_current), value_is_number(before.memory_current));
    assert_int_equal(value_is_number(at.swap_current), value_is_number(before.swap_current));
    assert_int_equal(value_is_number(at.nr_bursts), value_is_number(before.nr_bursts));
}

/* Of a group where nothing happens all figures are the same to the last digit. */
static void compare_idle(int i)
{
    struct counters file = figures(&by_files, i), walk = figures(&by_walk, i);
    file.time_ns = walk.time_ns = 0;
    assert_memory_equal(&file, &walk, sizeof file);
}

static void test_same_figures(void **state)
{
    (void)state;
    for (int round = 0; round < 8; round++) {
        usleep(200000);
        compare(0);
        compare(-1);
        for (int i = 1; i < GROUPS; i++)
            compare_idle(i);
    }
    assert_true(by_walk.last->walked);
    /* of those at rest nothing was read */
    assert_true(by_walk.sampler.sampled_count < GROUPS / 2);
}

/* The kernel's order is another then, and one has no record yet. */
static void test_come_and_go(void **state)
{
    (void)state;
    for (int i = 10; i < 20; i++) {
        assert_int_equal(rmdir(dir_of(i)), 0);
        tick(&by_walk);
        assert_int_equal(mkdir(dir_of(i), 0755), 0);
        sampler_notified(&by_walk.sampler);
        sampler_notified(&by_files.sampler);
        compare(0);
        for (int j = 1; j < GROUPS; j++)
            compare_idle(j);
    }
    assert_true(by_walk.last->walked);
}

/* More than there is room for: the files serve until the walk has more. */
static void test_gone(void **state)
{
    (void)state;
    by_walk.sampler.iter.capacity = 8; /* as if it had been made for so many */
    tick(&by_walk);
    for (uint64_t end_ns = clock_mono_ns() + PATIENCE_NS;
         !by_walk.last->walked && clock_mono_ns() < end_ns;) {
        compare(0);
        usleep(50000);
    }
    assert_true(by_walk.last->walked);
    assert_int_equal(by_walk.sampler.iter.count, GROUPS + 1);
    compare(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_figures),
        cmocka_unit_test(test_come_and_go),
        cmocka_unit_test(test_gone),
    };
    cgroupfs_find(&fs, NULL, NULL);
    snprintf(top, sizeof top, "/boxtop-cgiter.%d", (int)getpid());
    if (geteuid() != 0 || !fs.mount[0] || access(BINARY_DIR "/boxtop-iter", X_OK) < 0 ||
        access("/sys/kernel/btf/vmlinux", R_OK) < 0 || mkdir(dir_of(-1), 0755) < 0) {
        puts("skip: the kernel's iterator can't be used here");
        return 77;
    }
    bool usable = begin();
    int failed = usable ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
    finish();
    if (!usable)
        puts("skip: the kernel does not let it be loaded");
    return usable ? failed : 77;
}
