/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/verdict.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "base/oom.h"
#include "monitor/effective.h"

/* From where on a figure is worth a line, in percent unless said. */
#define THROTTLED_PERIODS     5
#define THROTTLED_BADLY       25 /* what alerts use */
#define SUFFERS               5  /* of the time stalled or waiting: what is above concerns this group */
#define WAITS_IO              10
#define WAITS_MEMORY          5
#define WAITS_BADLY           30
#define STARVED               20
#define OTHERS_USE            10 /* of one CPU */
#define BUSY                  90 /* of all CPUs */
#define NEAR                  90 /* of a limit */
#define IDLE                  0.1
#define SWAP_BYTES_PER_SECOND (64 * 1024)

/* What a rule is asked about; `by` and the severity are the rule's to change. */
struct question {
    const struct snapshot *snapshot;
    const struct sample *row;
    int index;
    struct verdict verdict;
    words_fn *words; /* NULL: English */
};

static const struct sample *above(const struct question *q, const struct sample *row)
{
    return row->parent < 0 ? NULL : &q->snapshot->rows[row->parent];
}

static const struct sample *by_row(const struct question *q)
{
    return q->verdict.by < 0 ? q->row : &q->snapshot->rows[q->verdict.by];
}

static int index_of(const struct question *q, const struct sample *row)
{
    return (int)(row - q->snapshot->rows);
}

static double part_of(uint64_t used, uint64_t limit)
{
    if (!value_is_number(used) || !value_is_number(limit) || limit == 0)
        return NAN;
    return (double)used / (double)limit * 100;
}

static void bad_if(struct question *q, bool bad)
{
    if (bad)
        q->verdict.severity = SEVERITY_BAD;
}

/* ---- texts ---- */

static void add(const struct question *q, char *to, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void add(const struct question *q, char *to, const char *format, ...)
{
    size_t len = strlen(to);
    va_list list;
    va_start(list, format);
    vsnprintf(to + len, VERDICT_TEXT - len, words_say(q->words, format), list);
    va_end(list);
}

#define NAME 64
/* Who has the limit that it is because of, if that is not the group itself; else NULL. */
static const char *other(const struct question *q, char *to)
{
    const struct sample *by = by_row(q);
    if (by == q->row)
        return NULL;
    str_printable(to, NAME, by->identity ? by->identity->label : by->name);
    return to;
}

static const char *bytes(char *to, double value)
{
    return fmt_bytes(to, value > 0 ? (uint64_t)value : 0);
}

/* ---- rules: whether it applies, and what it says ---- */

static bool is_frozen(struct question *q)
{
    if (q->row->now->frozen != 1)
        return false;
    const struct sample *top = q->row;
    for (const struct sample *r = q->row; r && r->now->frozen == 1; r = above(q, r))
        top = r;
    q->verdict.by = index_of(q, top);
    return true;
}

static void say_frozen(const struct question *q, char *to)
{
    char name[NAME];
    const char *by = other(q, name);
    add(q, to, by ? N_("frozen with %s: nothing in it runs") : N_("frozen: nothing in it runs"), by);
}

static bool is_oom_killed(struct question *q)
{
    return q->row->rate->oom_kill_per_s > 0;
}

static void say_oom_killed(const struct question *q, char *to)
{
    char used[FMT_SIZE], limit[FMT_SIZE];
    add(q, to, N_("OOM killed: %s used of %s"), fmt_bytes(used, q->row->now->memory_current),
        fmt_bytes(limit, q->row->effective_memory_max));
}

static bool is_empty(struct question *q)
{
    return q->row->now->populated == 0;
}

static void say_empty(const struct question *q, char *to)
{
    add(q, to, N_("empty: no process in it or below"));
}

static bool is_unknown(struct question *q)
{
    return isnan(q->row->rate->cpu_percent);
}

static void say_unknown(const struct question *q, char *to)
{
    add(q, to, N_("not known yet: rates need two samples"));
}

/* Kernels before 6.11 count in the group that forked, later ones in the group whose limit it was. */
static bool are_forks_refused(struct question *q)
{
    int limit = effective_of(q->snapshot, q->index, EFFECTIVE_PIDS_MAX).row;
    if (q->row->rate->pids_max_per_s > 0) {
        q->verdict.by = limit < 0 ? q->index : limit;
        return true;
    }
    if (limit < 0 || !(q->snapshot->rows[limit].rate->pids_max_per_s > 0))
        return false;
    q->verdict.by = limit;
    q->verdict.severity = SEVERITY_WARN;
    return true;
}

static void say_forks_refused(const struct question *q, char *to)
{
    char used[FMT_SIZE], limit[FMT_SIZE], name[NAME];
    const struct sample *by = by_row(q);
    const char *whose = other(q, name);
    add(q, to, whose ? N_("forks refused by the %s of %s") : N_("forks refused by its own %s"), "pids.max",
        whose);
    add(q, to, N_(": %s of %s"), fmt_count(used, by->now->pids_current), fmt_count(limit, by->now->pids_max));
}

static bool is_throttled(struct question *q)
{
    q->verdict.by = q->index;
    bad_if(q, q->row->rate->throttled_periods_percent >= THROTTLED_BADLY);
    return q->row->rate->throttled_periods_percent >= THROTTLED_PERIODS;
}

static void say_throttled(const struct question *q, char *to)
{
    char name[NAME];
    const struct counters *now = by_row(q)->now;
    const struct rates *rate = by_row(q)->rate;
    double quota = part_of(now->cpu_quota_usec, now->cpu_period_usec);
    const char *whose = other(q, name);
    add(q, to, whose ? N_("throttled by the %s of %s") : N_("throttled by its own %s"), "cpu.max", whose);
    if (!isnan(quota))
        add(q, to, N_(" (%.0f%% of one CPU)"), quota);
    if (!isnan(rate->throttled_periods_percent))
        add(q, to, N_(": %.0f%% of periods"), rate->throttled_periods_percent);
    if (!isnan(rate->throttled_cpus))
        add(q, to, N_(", %.2f CPUs lost"), rate->throttled_cpus);
    if (whose && !isnan(q->row->rate->stalled_percent))
        add(q, to, N_(", this one stalled %.0f%% of the time"), q->row->rate->stalled_percent);
}

/* The quota above concerns a group that would run: one that sleeps does not wait for it. */
static bool is_throttled_above(struct question *q)
{
    int by = q->row->throttling_row;
    if (by < 0 || by == q->index ||
        !(q->snapshot->rows[by].rate->throttled_periods_percent >= THROTTLED_PERIODS))
        return false;
    const struct rates *rate = q->row->rate;
    double waits = isnan(rate->cpu_some_percent) ? rate->cpu_percent : rate->cpu_some_percent;
    q->verdict.by = by;
    bad_if(q, rate->stalled_percent >= THROTTLED_BADLY);
    return waits >= SUFFERS;
}

/* Self or an ancestor whose counter of that event goes up; NULL: none. An ancestor's concerns a group that
 * waits. */
static const struct sample *reclaimed_by(const struct question *q, size_t rate_offset)
{
    for (const struct sample *r = q->row; r; r = above(q, r)) {
        bool waits = r == q->row || q->row->rate->memory_some_percent >= WAITS_MEMORY;
        if (waits && *(const double *)(const void *)((const char *)r->rate + rate_offset) > 0)
            return r;
    }
    return NULL;
}

static bool reclaims(struct question *q, size_t rate_offset)
{
    const struct sample *by = reclaimed_by(q, rate_offset);
    if (!by)
        return false;
    q->verdict.by = index_of(q, by);
    bad_if(q, q->row->rate->memory_some_percent >= WAITS_BADLY);
    return true;
}

static bool reclaims_high(struct question *q)
{
    return reclaims(q, offsetof(struct rates, high_per_s));
}

static bool reclaims_max(struct question *q)
{
    return reclaims(q, offsetof(struct rates, max_per_s));
}

static void say_reclaim(const struct question *q, char *to)
{
    char used[FMT_SIZE], limit[FMT_SIZE], name[NAME];
    const struct sample *by = by_row(q);
    bool high = q->verdict.id == VERDICT_RECLAIM_HIGH;
    const char *whose = other(q, name);
    add(q, to, whose ? N_("reclaiming against the %s of %s") : N_("reclaiming against its own %s"),
        high ? "memory.high" : "memory.max", whose);
    add(q, to, N_(": %s of %s, %.3g hits/s"), fmt_bytes(used, by->now->memory_current),
        fmt_bytes(limit, high ? by->now->memory_high : by->now->memory_max),
        high ? by->rate->high_per_s : by->rate->max_per_s);
    if (!isnan(q->row->rate->memory_some_percent))
        add(q, to, N_(", waits %.0f%% of the time"), q->row->rate->memory_some_percent);
}

static bool is_swapping(struct question *q)
{
    const struct rates *rate = q->row->rate;
    uint64_t swap = q->row->now->swap_current;
    bad_if(q, rate->memory_some_percent >= WAITS_BADLY);
    return value_is_number(swap) && swap > 0 &&
           (fabs(rate->swap_bytes_per_s) >= SWAP_BYTES_PER_SECOND ||
            rate->memory_some_percent >= WAITS_MEMORY);
}

static void say_swapping(const struct question *q, char *to)
{
    char swap[FMT_SIZE], change[FMT_SIZE];
    double per_s = q->row->rate->swap_bytes_per_s;
    double waits = q->row->rate->memory_some_percent;
    add(q, to, N_("swapping: %s in swap"), fmt_bytes(swap, q->row->now->swap_current));
    if (fabs(per_s) >= 1)
        add(q, to, per_s > 0 ? N_(", %s/s more") : N_(", %s/s less"), bytes(change, fabs(per_s)));
    if (!isnan(waits))
        add(q, to, N_(", waits %.0f%% of the time for memory"), waits);
}

static bool waits_for_io(struct question *q)
{
    bad_if(q, q->row->rate->io_some_percent >= WAITS_BADLY);
    return q->row->rate->io_some_percent >= WAITS_IO;
}

static double or_zero(double value)
{
    return isnan(value) ? 0 : value;
}

/* The device that moved most; NULL: that is not known. */
static const struct detail_device *busiest(const struct detail *detail)
{
    const struct detail_device *best = NULL;
    double most = 0;
    for (size_t i = 0; detail && i < detail->device_count; i++) {
        const struct detail_device *d = &detail->devices[i];
        double moved = or_zero(d->rbytes_per_s) + or_zero(d->wbytes_per_s);
        if (moved > most) {
            most = moved;
            best = d;
        }
    }
    return best;
}

/* Behind what it waits for: how much of the time, if that is known. */
static void add_of_time(const struct question *q, char *to)
{
    if (!isnan(q->row->rate->io_some_percent))
        add(q, to, N_("%.0f%% of the time"), q->row->rate->io_some_percent);
}

static void say_io(const struct question *q, char *to)
{
    char read[FMT_SIZE], written[FMT_SIZE], device[32];
    const struct detail_device *d = busiest(q->row->detail);
    if (!d) {
        add(q, to, N_("waiting for io: "));
        add_of_time(q, to);
        return;
    }
    snprintf(device, sizeof device, "%u:%u", d->major, d->minor);
    if (d->name[0])
        add(q, to, N_("waiting for io on %s: "), d->name);
    else
        add(q, to, N_("waiting for io on device %s: "), device);
    add_of_time(q, to);
    add(q, to, N_(", reads %s/s, writes %s/s"), bytes(read, or_zero(d->rbytes_per_s)),
        bytes(written, or_zero(d->wbytes_per_s)));
    if (d->max_rbps != VALUE_MAX || d->max_wbps != VALUE_MAX || d->max_riops != VALUE_MAX ||
        d->max_wiops != VALUE_MAX)
        add(q, to, N_(" (it has an io.max)"));
}

/* The limit that binds may be an ancestor's: it is that one's use that counts. */
static bool is_near_max(struct question *q)
{
    q->verdict.by = q->row->effective_memory_row;
    const struct counters *now = by_row(q)->now;
    return q->verdict.by >= 0 && part_of(now->memory_current, now->memory_max) >= NEAR;
}

/* "near its own memory.max". */
static void add_near(const struct question *q, const char *limit, char *to)
{
    char name[NAME];
    const char *whose = other(q, name);
    add(q, to, whose ? N_("near the %s of %s") : N_("near its own %s"), limit, whose);
}

static void say_near_max(const struct question *q, char *to)
{
    char used[FMT_SIZE], limit[FMT_SIZE];
    const struct counters *now = by_row(q)->now;
    add_near(q, "memory.max", to);
    add(q, to, N_(": %s of %s (%.0f%%)"), fmt_bytes(used, now->memory_current),
        fmt_bytes(limit, now->memory_max), part_of(now->memory_current, now->memory_max));
}

/* Who waits for a CPU and is not throttled waits for others. */
static bool is_starved(struct question *q)
{
    double others = q->snapshot->host.cpu_percent - q->row->rate->cpu_percent;
    return q->row->parent >= 0 && q->row->rate->cpu_some_percent >= STARVED &&
           (isnan(others) || others >= OTHERS_USE);
}

static void say_starved(const struct question *q, char *to)
{
    double waits = q->row->rate->cpu_some_percent;
    double others = q->snapshot->host.cpu_percent - q->row->rate->cpu_percent;
    add(q, to, N_("starved by its neighbours"));
    if (!isnan(waits))
        add(q, to, N_(": waits for a CPU %.0f%% of the time, not throttled"), waits);
    if (!isnan(others))
        add(q, to, N_("; uses %.0f%%, others %.0f%%"), q->row->rate->cpu_percent, others);
    if (value_is_number(q->row->now->cpu_weight))
        add(q, to, N_(", weight %llu"), (unsigned long long)q->row->now->cpu_weight);
}

/* One that has nearly all the machine, or is all of it, waits for itself. */
static bool is_short(struct question *q)
{
    const struct host *host = &q->snapshot->host;
    return host->cpus && host->cpu_percent >= BUSY * host->cpus && q->row->rate->cpu_some_percent >= STARVED;
}

static void say_short(const struct question *q, char *to)
{
    unsigned cpus = q->snapshot->host.cpus;
    add(q, to, N_("short of CPUs: uses %.0f%% of the %u there are, waits for one %.0f%% of the time"),
        q->row->rate->cpu_percent / cpus, cpus, q->row->rate->cpu_some_percent);
}

static bool is_near_pids(struct question *q)
{
    q->verdict.by = effective_of(q->snapshot, q->index, EFFECTIVE_PIDS_MAX).row;
    const struct counters *now = by_row(q)->now;
    return q->verdict.by >= 0 && part_of(now->pids_current, now->pids_max) >= NEAR;
}

static void say_near_pids(const struct question *q, char *to)
{
    char used[FMT_SIZE], limit[FMT_SIZE];
    const struct counters *now = by_row(q)->now;
    add_near(q, "pids.max", to);
    add(q, to, N_(": %s of %s"), fmt_count(used, now->pids_current), fmt_count(limit, now->pids_max));
}

static bool is_idle(struct question *q)
{
    return q->row->rate->cpu_percent < IDLE;
}

static void say_idle(const struct question *q, char *to)
{
    char used[FMT_SIZE];
    add(q, to, N_("idle"));
    if (value_is_number(q->row->now->memory_current))
        add(q, to, N_(": %s of memory"), fmt_bytes(used, q->row->now->memory_current));
}

static bool is_fine(struct question *q)
{
    (void)q;
    return true;
}

static void say_fine(const struct question *q, char *to)
{
    char used[FMT_SIZE];
    add(q, to, N_("fine: %.1f%% of one CPU"), q->row->rate->cpu_percent);
    if (value_is_number(q->row->now->memory_current))
        add(q, to, N_(", %s of memory"), fmt_bytes(used, q->row->now->memory_current));
}

/* The first that applies is it. */
static const struct rule {
    const char *name;
    enum verdict_severity severity; /* unless the rule says otherwise */
    bool (*applies)(struct question *q);
    void (*say)(const struct question *q, char *to);
} rules[] = {
    [VERDICT_FROZEN] = {"frozen", SEVERITY_NOTE, is_frozen, say_frozen},
    [VERDICT_OOM_KILLED] = {"oom_killed", SEVERITY_BAD, is_oom_killed, say_oom_killed},
    [VERDICT_EMPTY] = {"empty", SEVERITY_QUIET, is_empty, say_empty},
    [VERDICT_UNKNOWN] = {"unknown", SEVERITY_QUIET, is_unknown, say_unknown},
    [VERDICT_FORKS_REFUSED] = {"forks_refused", SEVERITY_BAD, are_forks_refused, say_forks_refused},
    [VERDICT_THROTTLED] = {"throttled", SEVERITY_WARN, is_throttled, say_throttled},
    [VERDICT_THROTTLED_ABOVE] = {"throttled_above", SEVERITY_WARN, is_throttled_above, say_throttled},
    [VERDICT_RECLAIM_HIGH] = {"reclaim_high", SEVERITY_WARN, reclaims_high, say_reclaim},
    [VERDICT_RECLAIM_MAX] = {"reclaim_max", SEVERITY_WARN, reclaims_max, say_reclaim},
    [VERDICT_SWAPPING] = {"swapping", SEVERITY_WARN, is_swapping, say_swapping},
    [VERDICT_IO] = {"io", SEVERITY_WARN, waits_for_io, say_io},
    [VERDICT_NEAR_MAX] = {"near_max", SEVERITY_NOTE, is_near_max, say_near_max},
    [VERDICT_STARVED] = {"starved", SEVERITY_WARN, is_starved, say_starved},
    [VERDICT_SHORT] = {"short_of_cpus", SEVERITY_NOTE, is_short, say_short},
    [VERDICT_NEAR_PIDS] = {"near_pids", SEVERITY_NOTE, is_near_pids, say_near_pids},
    [VERDICT_IDLE] = {"idle", SEVERITY_QUIET, is_idle, say_idle},
    [VERDICT_FINE] = {"fine", SEVERITY_QUIET, is_fine, say_fine},
};
static_assert(COUNT_OF(rules) == VERDICT_COUNT, "a rule for each");

const char *verdict_name(enum verdict_id id)
{
    return rules[id].name;
}

struct verdict verdict_of(const struct snapshot *snapshot, int row)
{
    struct question q = {0};
    for (int id = 0; id < VERDICT_COUNT; id++) {
        q = (struct question){
            snapshot, &snapshot->rows[row], row, {(enum verdict_id)id, rules[id].severity, -1}, NULL};
        if (rules[id].applies(&q))
            break;
    }
    return q.verdict;
}

void verdict_text(const struct snapshot *snapshot, int row, const struct verdict *verdict, words_fn *words,
                  char to[VERDICT_TEXT])
{
    struct question q = {snapshot, &snapshot->rows[row], row, *verdict, words};
    to[0] = '\0';
    rules[verdict->id].say(&q, to);
}

static_assert(OOM_VERDICT_SIZE >= VERDICT_TEXT, "room for the line");

void verdict_of_kills(const struct snapshot *before, struct event *list)
{
    for (; before && list; list = list->next) {
        int row = list->oom ? snapshot_find_id(before, list->cgroup_id) : -1;
        if (row < 0)
            continue;
        struct verdict verdict = verdict_of(before, row);
        verdict_text(before, row, &verdict, NULL, list->oom->verdict);
    }
}
