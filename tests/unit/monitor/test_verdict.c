/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Each rule of the verdict: the figures that make it so, just not so, and the line that it says.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/oom.h"
#include "base/value.h"
#include "monitor/cgparse.h"
#include "monitor/detail_draft.h"
#include "monitor/rate.h"
#include "monitor/verdict.h"

#define MIB (1024ull * 1024)

enum { ROOT, BOX, WEB, ROWS };

/* A machine where all is well: "/", "/box", "/box/web\033". */
static struct snapshot *calm(void)
{
    static const char *const paths[] = {"/", "/box", "/box/web\033"};
    struct snapshot *s = mem_alloc(sizeof *s + ROWS * sizeof s->rows[0]);
    s->count = ROWS;
    s->host.cpus = 2;
    s->host.cpu_percent = 10;
    for (int i = 0; i < ROWS; i++) {
        struct sample *row = &s->rows[i];
        row->path = paths[i];
        row->name = i ? strrchr(paths[i], '/') + 1 : "/";
        row->parent = i - 1;
        row->depth = i;
        cgparse_absent_all(&sample_own(row)->now);
        rate_unknown(&sample_own(row)->rate);
        row->effective_memory_row = row->effective_cpu_row = row->throttling_row = -1;
        row->effective_memory_max = VALUE_MAX;
        sample_own(row)->now.populated = 1;
        sample_own(row)->now.frozen = 0;
        sample_own(row)->now.memory_current = 40 * MIB;
        sample_own(row)->now.pids_current = 3;
        sample_own(row)->rate.cpu_percent = 7.5;
    }
    return s;
}

static void none(struct snapshot *s)
{
    (void)s;
}

static void unknown(struct snapshot *s)
{
    sample_own(&s->rows[WEB])->rate.cpu_percent = NAN;
}

static void idle(struct snapshot *s)
{
    sample_own(&s->rows[WEB])->rate.cpu_percent = 0.05;
}

static void empty(struct snapshot *s)
{
    sample_own(&s->rows[WEB])->now.populated = 0;
    sample_own(&s->rows[WEB])->rate.cpu_percent = NAN;
}

static void frozen(struct snapshot *s)
{
    sample_own(&s->rows[WEB])->now.frozen = 1;
}

static void frozen_above(struct snapshot *s)
{
    sample_own(&s->rows[BOX])->now.frozen = sample_own(&s->rows[WEB])->now.frozen = 1;
}

static void killed(struct snapshot *s)
{
    sample_own(&s->rows[WEB])->rate.oom_kill_per_s = 1;
    sample_own(&s->rows[WEB])->now.populated = 0;
    s->rows[WEB].effective_memory_max = 60 * MIB;
}

static void forks(struct snapshot *s)
{
    sample_own(&s->rows[WEB])->now.pids_max = 3;
    sample_own(&s->rows[WEB])->rate.pids_max_per_s = 4;
}

static void forks_above(struct snapshot *s)
{
    sample_own(&s->rows[BOX])->now.pids_max = 3;
    sample_own(&s->rows[BOX])->rate.pids_max_per_s = 4;
}

static void near_pids(struct snapshot *s)
{
    sample_own(&s->rows[BOX])->now.pids_max = 100;
    sample_own(&s->rows[BOX])->now.pids_current = 90;
}

static void not_near_pids(struct snapshot *s)
{
    near_pids(s);
    sample_own(&s->rows[BOX])->now.pids_current = 89;
}

static void quota(struct sample *row, double periods)
{
    sample_own(row)->now.cpu_quota_usec = 50000;
    sample_own(row)->now.cpu_period_usec = 100000;
    sample_own(row)->rate.throttled_periods_percent = periods;
    sample_own(row)->rate.throttled_cpus = 0.5;
}

static void throttled(struct snapshot *s)
{
    quota(&s->rows[WEB], 98);
    s->rows[WEB].throttling_row = WEB;
}

static void throttled_a_bit(struct snapshot *s)
{
    quota(&s->rows[WEB], 4.9);
    s->rows[WEB].throttling_row = WEB;
}

static void throttled_above(struct snapshot *s)
{
    quota(&s->rows[BOX], 98);
    s->rows[BOX].throttling_row = s->rows[WEB].throttling_row = BOX;
    sample_own(&s->rows[WEB])->rate.cpu_some_percent = 51;
    sample_own(&s->rows[WEB])->rate.stalled_percent = 50;
}

static void sleeps_below_throttled(struct snapshot *s)
{
    throttled_above(s);
    sample_own(&s->rows[WEB])->rate.cpu_some_percent = sample_own(&s->rows[WEB])->rate.stalled_percent = 0;
}

static void throttled_above_without_psi(struct snapshot *s)
{
    throttled_above(s);
    sample_own(&s->rows[WEB])->rate.cpu_some_percent = sample_own(&s->rows[WEB])->rate.stalled_percent = NAN;
}

static void high(struct snapshot *s)
{
    sample_own(&s->rows[WEB])->now.memory_high = 32 * MIB;
    sample_own(&s->rows[WEB])->rate.high_per_s = 120;
    sample_own(&s->rows[WEB])->rate.memory_some_percent = 45;
}

static void high_above(struct snapshot *s)
{
    sample_own(&s->rows[BOX])->now.memory_high = 32 * MIB;
    sample_own(&s->rows[BOX])->rate.high_per_s = 1.5;
    sample_own(&s->rows[WEB])->rate.memory_some_percent = 6;
}

static void high_above_of_others(struct snapshot *s)
{
    high_above(s);
    sample_own(&s->rows[WEB])->rate.memory_some_percent = 0;
}

static void max(struct snapshot *s)
{
    sample_own(&s->rows[WEB])->now.memory_max = 40 * MIB;
    s->rows[WEB].effective_memory_max = 40 * MIB;
    s->rows[WEB].effective_memory_row = WEB;
    sample_own(&s->rows[WEB])->rate.max_per_s = 12;
    sample_own(&s->rows[WEB])->rate.memory_some_percent = 3;
}

static void near_max(struct snapshot *s)
{
    max(s);
    sample_own(&s->rows[WEB])->rate.max_per_s = 0;
    sample_own(&s->rows[WEB])->now.memory_current = 36 * MIB;
}

static void not_near_max(struct snapshot *s)
{
    near_max(s);
    sample_own(&s->rows[WEB])->now.memory_current = 35 * MIB;
}

static void near_max_above(struct snapshot *s)
{
    sample_own(&s->rows[BOX])->now.memory_max = 42 * MIB;
    s->rows[WEB].effective_memory_max = 42 * MIB;
    s->rows[WEB].effective_memory_row = BOX;
    sample_own(&s->rows[WEB])->now.memory_current = MIB;
}

static void swapping(struct snapshot *s)
{
    sample_own(&s->rows[WEB])->now.swap_current = 12 * MIB;
    sample_own(&s->rows[WEB])->rate.swap_bytes_per_s = 2.0 * MIB;
    sample_own(&s->rows[WEB])->rate.memory_some_percent = 31;
}

static void swapped_out_long_ago(struct snapshot *s)
{
    sample_own(&s->rows[WEB])->now.swap_current = 12 * MIB;
    sample_own(&s->rows[WEB])->rate.swap_bytes_per_s = 0;
    sample_own(&s->rows[WEB])->rate.memory_some_percent = 0;
}

static void io(struct snapshot *s)
{
    sample_own(&s->rows[WEB])->rate.io_some_percent = 45.4;
}

static void io_on_device(struct snapshot *s)
{
    io(s);
    struct detail_draft *draft = detail_draft_new();
    static const struct detail_device devices[] = {
        {8, 0, "sda", .rbytes_per_s = 4096, .wbytes_per_s = NAN, .max_rbps = VALUE_MAX, .max_wbps = VALUE_MAX,
         .max_riops = VALUE_MAX, .max_wiops = VALUE_MAX},
        {254, 1, "dm-1", .rbytes_per_s = 0, .wbytes_per_s = 3.0 * 1024 * 1024, .max_rbps = VALUE_MAX,
         .max_wbps = 3145728, .max_riops = VALUE_MAX, .max_wiops = VALUE_MAX},
    };
    for (size_t i = 0; i < COUNT_OF(devices); i++)
        memcpy(detail_draft_add(&draft->devices, sizeof devices[0]), &devices[i], sizeof devices[0]);
    s->rows[WEB].detail = detail_draft_finish(draft);
}

static void starved(struct snapshot *s)
{
    sample_own(&s->rows[WEB])->rate.cpu_some_percent = 60;
    sample_own(&s->rows[WEB])->now.cpu_weight = 100;
    s->host.cpu_percent = 200;
}

static void alone(struct snapshot *s)
{
    starved(s);
    sample_own(&s->rows[WEB])->rate.cpu_percent = 195;
}

static void alone_on_half(struct snapshot *s)
{
    alone(s);
    s->host.cpus = 4;
}

/* Who does not use its swap, or gives it back: what is said of it. */
static void swapping_back(struct snapshot *s)
{
    swapping(s);
    sample_own(&s->rows[WEB])->rate.swap_bytes_per_s = -2.0 * MIB;
}

static void waiting_for_swap(struct snapshot *s)
{
    swapping(s);
    sample_own(&s->rows[WEB])->rate.swap_bytes_per_s = 0.5;
}

/* A kernel that counts who forked, not whose limit it was; and one where no limit is known. */
static void forks_counted_here(struct snapshot *s)
{
    sample_own(&s->rows[BOX])->now.pids_max = 3;
    sample_own(&s->rows[WEB])->rate.pids_max_per_s = 0.2;
}

static void forks_without_limit(struct snapshot *s)
{
    sample_own(&s->rows[WEB])->rate.pids_max_per_s = 4;
    sample_own(&s->rows[WEB])->now.pids_max = VALUE_ABSENT;
}

static void none_allowed(struct snapshot *s)
{
    sample_own(&s->rows[WEB])->now.pids_max = 0;
}

static void throttled_by_unknown(struct snapshot *s)
{
    throttled(s);
    sample_own(&s->rows[WEB])->rate.throttled_cpus = NAN;
}

static void killed_now_and_then(struct snapshot *s)
{
    killed(s);
    sample_own(&s->rows[WEB])->rate.oom_kill_per_s = 0.2;
}

static void starved_by_unknown(struct snapshot *s)
{
    starved(s);
    s->host.cpu_percent = NAN;
}

static void add_devices(struct snapshot *s, const struct detail_device *devices, size_t count)
{
    struct detail_draft *draft = detail_draft_new();
    for (size_t i = 0; i < count; i++)
        memcpy(detail_draft_add(&draft->devices, sizeof devices[0]), &devices[i], sizeof devices[0]);
    s->rows[WEB].detail = detail_draft_finish(draft);
}

static void io_on_idle_device(struct snapshot *s)
{
    static const struct detail_device idle_one = {.major = 8, .name = "sda", .rbytes_per_s = NAN};
    io(s);
    add_devices(s, &idle_one, 1);
}

static void io_on_either_device(struct snapshot *s)
{
    static const struct detail_device both[] = {{8, 0, "", .rbytes_per_s = 4096, .max_rbps = VALUE_MAX,
                                                 .max_wbps = VALUE_MAX, .max_riops = 9,
                                                 .max_wiops = VALUE_MAX},
                                                {8, 16, "sdb", .wbytes_per_s = 4096}};
    io(s);
    add_devices(s, both, COUNT_OF(both));
}

/* By who is not there: -1 is nobody. */
static const struct {
    void (*so)(struct snapshot *s);
    enum verdict_id id;
    enum verdict_severity severity;
    int by;
    const char *text;
} cases[] = {
    {none, VERDICT_FINE, SEVERITY_QUIET, -1, "fine: 7.5% of one CPU, 40M of memory"},
    {unknown, VERDICT_UNKNOWN, SEVERITY_QUIET, -1, "not known yet: rates need two samples"},
    {idle, VERDICT_IDLE, SEVERITY_QUIET, -1, "idle: 40M of memory"},
    {empty, VERDICT_EMPTY, SEVERITY_QUIET, -1, "empty: no process in it or below"},
    {frozen, VERDICT_FROZEN, SEVERITY_NOTE, WEB, "frozen: nothing in it runs"},
    {frozen_above, VERDICT_FROZEN, SEVERITY_NOTE, BOX, "frozen with box: nothing in it runs"},
    {killed, VERDICT_OOM_KILLED, SEVERITY_BAD, -1, "OOM killed: 40M used of 60M"},
    {forks, VERDICT_FORKS_REFUSED, SEVERITY_BAD, WEB, "forks refused by its own pids.max: 3 of 3"},
    {forks_above, VERDICT_FORKS_REFUSED, SEVERITY_WARN, BOX, "forks refused by the pids.max of box: 3 of 3"},
    {near_pids, VERDICT_NEAR_PIDS, SEVERITY_NOTE, BOX, "near the pids.max of box: 90 of 100"},
    {not_near_pids, VERDICT_FINE, SEVERITY_QUIET, -1, "fine: 7.5% of one CPU, 40M of memory"},
    {throttled, VERDICT_THROTTLED, SEVERITY_BAD, WEB,
     "throttled by its own cpu.max (50% of one CPU): 98% of periods, 0.50 CPUs lost"},
    {throttled_a_bit, VERDICT_FINE, SEVERITY_QUIET, -1, "fine: 7.5% of one CPU, 40M of memory"},
    {throttled_above, VERDICT_THROTTLED_ABOVE, SEVERITY_BAD, BOX,
     "throttled by the cpu.max of box (50% of one CPU): 98% of periods, 0.50 CPUs lost, this one stalled 50% "
     "of "
     "the time"},
    {sleeps_below_throttled, VERDICT_FINE, SEVERITY_QUIET, -1, "fine: 7.5% of one CPU, 40M of memory"},
    {throttled_above_without_psi, VERDICT_THROTTLED_ABOVE, SEVERITY_WARN, BOX,
     "throttled by the cpu.max of box (50% of one CPU): 98% of periods, 0.50 CPUs lost"},
    {high, VERDICT_RECLAIM_HIGH, SEVERITY_BAD, WEB,
     "reclaiming against its own memory.high: 40M of 32M, 120 hits/s, waits 45% of the time"},
    {high_above, VERDICT_RECLAIM_HIGH, SEVERITY_WARN, BOX,
     "reclaiming against the memory.high of box: 40M of 32M, 1.5 hits/s, waits 6% of the time"},
    {high_above_of_others, VERDICT_FINE, SEVERITY_QUIET, -1, "fine: 7.5% of one CPU, 40M of memory"},
    {max, VERDICT_RECLAIM_MAX, SEVERITY_WARN, WEB,
     "reclaiming against its own memory.max: 40M of 40M, 12 hits/s, waits 3% of the time"},
    {near_max, VERDICT_NEAR_MAX, SEVERITY_NOTE, WEB, "near its own memory.max: 36M of 40M (90%)"},
    {not_near_max, VERDICT_FINE, SEVERITY_QUIET, -1, "fine: 7.5% of one CPU, 35M of memory"},
    {near_max_above, VERDICT_NEAR_MAX, SEVERITY_NOTE, BOX, "near the memory.max of box: 40M of 42M (95%)"},
    {swapping, VERDICT_SWAPPING, SEVERITY_BAD, -1,
     "swapping: 12M in swap, 2.0M/s more, waits 31% of the time for memory"},
    {swapping_back, VERDICT_SWAPPING, SEVERITY_BAD, -1,
     "swapping: 12M in swap, 2.0M/s less, waits 31% of the time for memory"},
    {waiting_for_swap, VERDICT_SWAPPING, SEVERITY_BAD, -1,
     "swapping: 12M in swap, waits 31% of the time for memory"},
    {forks_counted_here, VERDICT_FORKS_REFUSED, SEVERITY_BAD, BOX,
     "forks refused by the pids.max of box: 3 of 3"},
    {forks_without_limit, VERDICT_FORKS_REFUSED, SEVERITY_BAD, WEB,
     "forks refused by its own pids.max: 3 of -"},
    {none_allowed, VERDICT_FINE, SEVERITY_QUIET, -1, "fine: 7.5% of one CPU, 40M of memory"},
    {throttled_by_unknown, VERDICT_THROTTLED, SEVERITY_BAD, WEB,
     "throttled by its own cpu.max (50% of one CPU): 98% of periods"},
    {killed_now_and_then, VERDICT_OOM_KILLED, SEVERITY_BAD, -1, "OOM killed: 40M used of 60M"},
    {starved_by_unknown, VERDICT_STARVED, SEVERITY_WARN, -1,
     "starved by its neighbours: waits for a CPU 60% of the time, not throttled, weight 100"},
    {io_on_idle_device, VERDICT_IO, SEVERITY_BAD, -1, "waiting for io: 45% of the time"},
    {io_on_either_device, VERDICT_IO, SEVERITY_BAD, -1,
     "waiting for io on device 8:0: 45% of the time, reads 4.0K/s, writes 0/s (it has an io.max)"},
    {swapped_out_long_ago, VERDICT_FINE, SEVERITY_QUIET, -1, "fine: 7.5% of one CPU, 40M of memory"},
    {io, VERDICT_IO, SEVERITY_BAD, -1, "waiting for io: 45% of the time"},
    {io_on_device, VERDICT_IO, SEVERITY_BAD, -1,
     "waiting for io on dm-1: 45% of the time, reads 0/s, writes 3.0M/s (it has an io.max)"},
    {starved, VERDICT_STARVED, SEVERITY_WARN, -1,
     "starved by its neighbours: waits for a CPU 60% of the time, not throttled; uses 8%, others 192%, "
     "weight 100"},
    {alone, VERDICT_SHORT, SEVERITY_NOTE, -1,
     "short of CPUs: uses 98% of the 2 there are, waits for one 60% of the time"},
    {alone_on_half, VERDICT_FINE, SEVERITY_QUIET, -1, "fine: 195.0% of one CPU, 40M of memory"},
};

static void test_cases(void **state)
{
    (void)state;
    bool seen[VERDICT_COUNT] = {false};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[VERDICT_TEXT];
        struct snapshot *s = calm();
        cases[i].so(s);
        struct verdict verdict = verdict_of(s, WEB);
        verdict_text(s, WEB, &verdict, NULL, text);
        assert_string_equal(text, cases[i].text);
        assert_string_equal(verdict_name(verdict.id), verdict_name(cases[i].id));
        assert_int_equal(verdict.severity, cases[i].severity);
        assert_int_equal(verdict.by, cases[i].by);
        seen[verdict.id] = true;
        snapshot_free(s);
    }
    for (int id = 0; id < VERDICT_COUNT; id++)
        if (!seen[id])
            fail_msg("no case for %s", verdict_name((enum verdict_id)id));
}

/* ---- from where on it is so: the figure just below, and at it ---- */

static void own_periods(struct snapshot *s, double percent)
{
    throttled(s);
    quota(&s->rows[WEB], percent);
}

static void periods_above(struct snapshot *s, double percent)
{
    throttled_above(s);
    quota(&s->rows[BOX], percent);
}

static void waits_above(struct snapshot *s, double percent)
{
    throttled_above(s);
    sample_own(&s->rows[WEB])->rate.cpu_some_percent = percent;
    sample_own(&s->rows[WEB])->rate.stalled_percent = 0;
}

static void stalled_above(struct snapshot *s, double percent)
{
    throttled_above(s);
    sample_own(&s->rows[WEB])->rate.stalled_percent = percent;
}

static void high_waits(struct snapshot *s, double percent)
{
    high_above(s);
    sample_own(&s->rows[WEB])->rate.memory_some_percent = percent;
}

static void swap_waits(struct snapshot *s, double percent)
{
    swapped_out_long_ago(s);
    sample_own(&s->rows[WEB])->rate.memory_some_percent = percent;
}

static void swap_moves(struct snapshot *s, double bytes_per_s)
{
    swapped_out_long_ago(s);
    sample_own(&s->rows[WEB])->rate.swap_bytes_per_s = bytes_per_s;
}

static void swap_is_empty(struct snapshot *s, double bytes_per_s)
{
    swap_moves(s, bytes_per_s);
    sample_own(&s->rows[WEB])->now.swap_current = 0;
}

static void io_waits(struct snapshot *s, double percent)
{
    sample_own(&s->rows[WEB])->rate.io_some_percent = percent;
}

static void cpu_waits(struct snapshot *s, double percent)
{
    starved(s);
    sample_own(&s->rows[WEB])->rate.cpu_some_percent = percent;
}

static void others_use(struct snapshot *s, double percent)
{
    starved(s);
    s->host.cpu_percent = 7.5 + percent;
}

static void uses(struct snapshot *s, double percent)
{
    sample_own(&s->rows[WEB])->rate.cpu_percent = percent;
}

static void all_use(struct snapshot *s, double percent)
{
    alone(s);
    s->host.cpu_percent = percent;
}

static void alone_waits(struct snapshot *s, double percent)
{
    alone(s);
    sample_own(&s->rows[WEB])->rate.cpu_some_percent = percent;
}

#define FINE_THEN VERDICT_FINE, SEVERITY_QUIET
static const struct {
    void (*so)(struct snapshot *s, double value);
    double value;
    enum verdict_id id;
    enum verdict_severity severity;
} edges[] = {
    {own_periods, 4.99, FINE_THEN},
    {own_periods, 5, VERDICT_THROTTLED, SEVERITY_WARN},
    {own_periods, 24.99, VERDICT_THROTTLED, SEVERITY_WARN},
    {own_periods, 25, VERDICT_THROTTLED, SEVERITY_BAD},
    {periods_above, 4.99, FINE_THEN},
    {periods_above, 5, VERDICT_THROTTLED_ABOVE, SEVERITY_BAD},
    {waits_above, 4.99, FINE_THEN},
    {waits_above, 5, VERDICT_THROTTLED_ABOVE, SEVERITY_WARN},
    {stalled_above, 24.99, VERDICT_THROTTLED_ABOVE, SEVERITY_WARN},
    {stalled_above, 25, VERDICT_THROTTLED_ABOVE, SEVERITY_BAD},
    {high_waits, 4.99, FINE_THEN},
    {high_waits, 5, VERDICT_RECLAIM_HIGH, SEVERITY_WARN},
    {high_waits, 29.99, VERDICT_RECLAIM_HIGH, SEVERITY_WARN},
    {high_waits, 30, VERDICT_RECLAIM_HIGH, SEVERITY_BAD},
    {swap_waits, 4.99, FINE_THEN},
    {swap_waits, 5, VERDICT_SWAPPING, SEVERITY_WARN},
    {swap_waits, 29.99, VERDICT_SWAPPING, SEVERITY_WARN},
    {swap_waits, 30, VERDICT_SWAPPING, SEVERITY_BAD},
    {swap_moves, 65535, FINE_THEN},
    {swap_moves, 65536, VERDICT_SWAPPING, SEVERITY_WARN},
    {swap_moves, -65535, FINE_THEN},
    {swap_moves, -65536, VERDICT_SWAPPING, SEVERITY_WARN},
    {swap_is_empty, -65536, FINE_THEN},
    {io_waits, 9.99, FINE_THEN},
    {io_waits, 10, VERDICT_IO, SEVERITY_WARN},
    {io_waits, 29.99, VERDICT_IO, SEVERITY_WARN},
    {io_waits, 30, VERDICT_IO, SEVERITY_BAD},
    {cpu_waits, 19.99, FINE_THEN},
    {cpu_waits, 20, VERDICT_STARVED, SEVERITY_WARN},
    {others_use, 9.99, FINE_THEN},
    {all_use, 179.9, FINE_THEN},
    {all_use, 180, VERDICT_SHORT, SEVERITY_NOTE},
    {alone_waits, 19.99, FINE_THEN},
    {alone_waits, 20, VERDICT_SHORT, SEVERITY_NOTE},
    {others_use, 10, VERDICT_STARVED, SEVERITY_WARN},
    {uses, 0.0999, VERDICT_IDLE, SEVERITY_QUIET},
    {uses, 0.1, FINE_THEN},
};

static void test_edges(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(edges); i++) {
        struct snapshot *s = calm();
        edges[i].so(s, edges[i].value);
        struct verdict verdict = verdict_of(s, WEB);
        if (verdict.id != edges[i].id || verdict.severity != edges[i].severity)
            fail_msg("edge %zu, at %g: %s, %d", i, edges[i].value, verdict_name(verdict.id),
                     (int)verdict.severity);
        snapshot_free(s);
    }
}

/* Who waits in the root waits for what is below it: it has no neighbours. */
static void test_root(void **state)
{
    (void)state;
    struct snapshot *s = calm();
    s->host.cpu_percent = 200;
    sample_own(&s->rows[ROOT])->rate.cpu_some_percent = 60;
    assert_int_equal(verdict_of(s, ROOT).id, VERDICT_SHORT);
    s->host.cpu_percent = 100;
    assert_int_equal(verdict_of(s, ROOT).id, VERDICT_FINE);
    snapshot_free(s);
}

/* Noted where there is evidence of a kill in a group that is known. */
static void test_kills(void **state)
{
    (void)state;
    struct snapshot *s = calm();
    struct oom evidence[2];
    struct event events[] = {{.cgroup_id = 12}, {.cgroup_id = 99}, {.cgroup_id = 12}};
    for (size_t i = 0; i < COUNT_OF(evidence); i++)
        oom_unknown(&evidence[i]);
    for (int i = 0; i < ROWS; i++)
        s->rows[i].id = 10 + (uint64_t)i;
    for (size_t i = 0; i + 1 < COUNT_OF(events); i++) {
        events[i].next = &events[i + 1];
        events[i + 1].oom = &evidence[i];
    }
    verdict_of_kills(s, events);
    assert_null(events[0].oom);
    assert_string_equal(evidence[0].verdict, "");
    assert_string_equal(evidence[1].verdict, "fine: 7.5% of one CPU, 40M of memory");
    verdict_of_kills(NULL, events);
    snapshot_free(s);
}

/* A name is the kernel's bytes; nothing raw is in the line. */
static void test_hostile_name(void **state)
{
    (void)state;
    char text[VERDICT_TEXT], name[300];
    struct snapshot *s = calm();
    memset(name, '\033', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    s->rows[BOX].name = name;
    frozen_above(s);
    struct verdict verdict = verdict_of(s, WEB);
    verdict_text(s, WEB, &verdict, NULL, text);
    assert_null(strchr(text, '\033'));
    assert_true(strlen(text) < VERDICT_TEXT);
    snapshot_free(s);
}

/* Nothing is known: no line is made up of it. */
static void test_all_absent(void **state)
{
    (void)state;
    char text[VERDICT_TEXT];
    struct snapshot *s = calm();
    for (int i = 0; i < ROWS; i++) {
        cgparse_absent_all(&sample_own(&s->rows[i])->now);
        rate_unknown(&sample_own(&s->rows[i])->rate);
    }
    s->host.cpu_percent = NAN;
    for (int i = 0; i < ROWS; i++) {
        struct verdict verdict = verdict_of(s, i);
        assert_int_equal(verdict.id, VERDICT_UNKNOWN);
        verdict_text(s, i, &verdict, NULL, text);
        assert_null(strstr(text, "nan"));
    }
    snapshot_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases), cmocka_unit_test(test_edges),        cmocka_unit_test(test_root),
        cmocka_unit_test(test_kills), cmocka_unit_test(test_hostile_name), cmocka_unit_test(test_all_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
