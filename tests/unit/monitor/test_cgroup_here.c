/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor on this machine's own cgroup2 mount: a group is made, kept busy, seen, and removed. Skipped
 * (77) where none can be made.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/cgroupfs.h"
#include "base/clock.h"
#include "base/fs.h"
#include "monitor/monitor.h"

#define PATIENCE_NS 60000000000ull

static char name[64], dir[400];
static pid_t child;

/* The busy process goes in by itself and ends with the test. */
static void keep_busy(void)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY);
    if (fs_write_at(fd, "cgroup.procs", "0") < 0)
        _exit(1);
    alarm(30);
    for (;;)
        continue;
}

static int setup(void **state)
{
    struct cgroupfs fs;
    (void)state;
    cgroupfs_find(&fs, NULL, NULL);
    snprintf(name, sizeof name, "/boxtop-test.%d", (int)getpid());
    snprintf(dir, sizeof dir, "%s%s", fs.mount, name);
    return fs.mount[0] && mkdir(dir, 0755) == 0 && rmdir(dir) == 0 ? 0 : -1;
}

static struct sample row_of(const struct snapshot *snapshot)
{
    int index = snapshot ? snapshot_find_path(snapshot, name) : -1;
    return index < 0 ? (struct sample){0} : snapshot->rows[index];
}

static unsigned kinds_of(struct event *list)
{
    unsigned kinds = 0;
    for (const struct event *event = list; event; event = event->next)
        kinds |= strcmp(event->cgroup, name) == 0 ? 1u << event->kind : 0;
    event_free_list(list);
    return kinds;
}

static void test_seen(void **state)
{
    (void)state;
    struct monitor_options options = {.interval_ms = 100};
    struct monitor *monitor;
    struct err err;
    const unsigned all =
        1u << EVENT_APPEARED | 1u << EVENT_STARTED | 1u << EVENT_EXITED | 1u << EVENT_VANISHED;
    unsigned seen = 0;
    double most = 0;
    uint64_t made_ns = 0;
    assert_int_equal(monitor_start(&options, &monitor, &err), 0);
    for (uint64_t start_ns = clock_mono_ns(); seen != all && clock_mono_ns() - start_ns < PATIENCE_NS;) {
        struct pollfd p = {.fd = monitor_fd(monitor), .events = POLLIN};
        poll(&p, 1, 1000);
        struct snapshot *snapshot = monitor_take(monitor);
        seen |= kinds_of(monitor_events(monitor));
        struct sample row = row_of(snapshot);
        most = row.path && row.rate->cpu_percent > most ? row.rate->cpu_percent : most;
        if (snapshot && !made_ns) {
            assert_int_equal(mkdir(dir, 0755), 0);
            made_ns = clock_mono_ns();
            if ((child = fork()) == 0)
                keep_busy();
        }
        if (child > 0 && most > 1) {
            kill(child, SIGKILL);
            assert_int_equal(waitpid(child, NULL, 0), child);
            while (rmdir(dir) < 0 && errno == EBUSY)
                usleep(1000);
            child = 0;
        }
        snapshot_free(snapshot);
    }
    monitor_stop(monitor);
    assert_int_equal(seen, all);
    assert_true(most > 1 && most < 10000); /* a busy machine may hold us up between two reads */
}

static int teardown(void **state)
{
    (void)state;
    if (child > 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    rmdir(dir);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_seen)};
    if (setup(NULL) < 0) {
        fprintf(stderr, "skipped: no cgroup can be made in a cgroup2 mount here\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, teardown);
}
