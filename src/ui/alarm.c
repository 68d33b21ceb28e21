/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/alarm.h"

#include <stdbool.h>

#include "base/value.h"
#include "monitor/snapshot.h"

/* The same as the verdict's. */
#define THROTTLED_PERCENT 25
#define NEAR_SHARE        0.9

static bool near(uint64_t now, uint64_t max)
{
    return value_is_number(now) && value_is_number(max) && (double)now >= NEAR_SHARE * (double)max;
}

unsigned alarm_of(const struct sample *sample)
{
    if (!sample)
        return 0;
    const struct counters *now = sample->now;
    return (sample->rate->throttled_periods_percent >= THROTTLED_PERCENT ? ALARM_THROTTLED : 0) |
           (near(now->memory_current, now->memory_max) || near(now->pids_current, now->pids_max) ? ALARM_NEAR
                                                                                                 : 0);
}

/* Less what it was before, in numbers that wrap and come back. */
static void add(struct alarms *alarms, unsigned now, unsigned before)
{
    alarms->throttled += (size_t)((now & ALARM_THROTTLED) != 0) - ((before & ALARM_THROTTLED) != 0);
    alarms->near += (size_t)((now & ALARM_NEAR) != 0) - ((before & ALARM_NEAR) != 0);
}

void alarms_count(struct alarms *alarms, const struct snapshot *now, const struct snapshot *before)
{
    if (!before)
        *alarms = (struct alarms){0};
    for (size_t i = 0; i < now->count; i++)
        if (!before || now->rows[i].now != before->rows[i].now)
            add(alarms, alarm_of(&now->rows[i]), alarm_of(before ? &before->rows[i] : NULL));
}
