/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#define NS_PER_S 1000000000ull

static uint64_t now(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

uint64_t clock_mono_ns(void)
{
    return now(CLOCK_MONOTONIC);
}

uint64_t clock_wall_ns(void)
{
    return now(CLOCK_REALTIME);
}

void clock_iso(char *to, uint64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    struct tm tm = {0};
    char date[CLOCK_ISO_SIZE - 5];
    gmtime_r(&seconds, &tm);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(to, CLOCK_ISO_SIZE, "%.26s.%03uZ", date, (unsigned)(wall_ns / 1000000 % 1000));
}
