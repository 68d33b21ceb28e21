/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/rate.h"

#include <math.h>

#include "base/value.h"

/* By how much a counter grew; NAN if that can't be said. */
static double growth(uint64_t before, uint64_t now)
{
    if (!value_is_number(before) || !value_is_number(now) || now < before)
        return NAN;
    return (double)(now - before);
}

void rate_unknown(struct rates *ret)
{
    *ret = (struct rates){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
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
    /* The pressure file is read some microseconds after the clock: a part of the time can't exceed it. */
    double stalled = growth(before->cpu_full_usec, now->cpu_full_usec) / us * 100;
    ret->stalled_percent = stalled > 100 ? 100 : stalled;
    if (value_is_number(before->memory_current) && value_is_number(now->memory_current))
        ret->memory_bytes_per_s = ((double)now->memory_current - (double)before->memory_current) / us * 1e6;
}
