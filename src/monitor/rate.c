/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/rate.h"

#include <math.h>
#include <stdbool.h>

#include "base/mem.h"
#include "base/value.h"

/* By how much a counter grew; NAN if that can't be said. */
static double growth(uint64_t before, uint64_t now)
{
    if (!value_is_number(before) || !value_is_number(now) || now < before)
        return NAN;
    return (double)(now - before);
}

static const uint64_t *counter_at(const struct counters *counters, size_t offset)
{
    return (const uint64_t *)(const void *)((const char *)counters + offset);
}

void rate_unknown(struct rates *ret)
{
    enum { COUNT = sizeof *ret / sizeof(double) };
    for (int i = 0; i < COUNT; i++)
        ((double *)(void *)ret)[i] = NAN;
}

/* A size, which may shrink. */
static double change(uint64_t before, uint64_t now)
{
    if (!value_is_number(before) || !value_is_number(now))
        return NAN;
    return (double)now - (double)before;
}

/* Of a pressure file, which is read some microseconds after the clock: a part of the time can't exceed it. */
static double part(uint64_t before, uint64_t now, double us)
{
    double percent = growth(before, now) / us * 100;
    return percent > 100 ? 100 : percent;
}

static void of_events(const struct counters *before, const struct counters *now, double us, struct rates *ret)
{
    static const struct {
        size_t local, summed, rate;
    } events[] = {
#define C(member) offsetof(struct counters, member)
#define R(member) offsetof(struct rates, member)
        {C(local_oom_kill), C(events_oom_kill), R(oom_kill_per_s)},
        {C(local_max), C(events_max), R(max_per_s)},
        {C(local_high), C(events_high), R(high_per_s)},
        {C(local_pids_max), C(pids_events_max), R(pids_max_per_s)},
#undef C
#undef R
    };
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        bool local = value_is_number(*counter_at(now, events[i].local));
        size_t offset = local ? events[i].local : events[i].summed;
        double grown = growth(*counter_at(before, offset), *counter_at(now, offset));
        *(double *)(void *)((char *)ret + events[i].rate) = grown / us * 1e6;
    }
}

static void of_pressure(const struct counters *before, const struct counters *now, double us,
                        struct rates *ret)
{
    ret->stalled_percent = part(before->cpu_full_usec, now->cpu_full_usec, us);
    ret->cpu_some_percent = part(before->cpu_some_usec, now->cpu_some_usec, us);
    ret->memory_some_percent = part(before->memory_some_usec, now->memory_some_usec, us);
    ret->memory_full_percent = part(before->memory_full_usec, now->memory_full_usec, us);
    ret->io_some_percent = part(before->io_some_usec, now->io_some_usec, us);
    ret->io_full_percent = part(before->io_full_usec, now->io_full_usec, us);
}

void rate_compute(const struct counters *before, const struct counters *now, struct rates *ret)
{
    double us = growth(before->time_ns, now->time_ns) / 1000;
    rate_unknown(ret);
    if (!(us > 0) || before->time_ns == 0)
        return;
    ret->cpu_percent = growth(before->usage_usec, now->usage_usec) / us * 100;
    ret->user_percent = growth(before->user_usec, now->user_usec) / us * 100;
    ret->system_percent = growth(before->system_usec, now->system_usec) / us * 100;
    double periods = growth(before->nr_periods, now->nr_periods);
    double throttled = growth(before->nr_throttled, now->nr_throttled);
    ret->throttled_periods_percent = periods > 0 ? throttled / periods * 100 : periods;
    ret->throttled_cpus = growth(before->throttled_usec, now->throttled_usec) / us;
    ret->bursts_per_s = growth(before->nr_bursts, now->nr_bursts) / us * 1e6;
    ret->memory_bytes_per_s = change(before->memory_current, now->memory_current) / us * 1e6;
    ret->swap_bytes_per_s = change(before->swap_current, now->swap_current) / us * 1e6;
    if (value_is_number(now->cpu_quota_usec) && value_is_number(now->cpu_period_usec) && now->cpu_quota_usec)
        ret->quota_percent = ret->cpu_percent * (double)now->cpu_period_usec / (double)now->cpu_quota_usec;
    of_pressure(before, now, us, ret);
    of_events(before, now, us, ret);
}
