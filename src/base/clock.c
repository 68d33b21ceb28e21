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

/* By hand: the C library's gmtime_r() reads /etc/localtime first, of whatever root we stand in. The calendar
 * repeats every 400 years of 146097 days; a year that begins in March has its leap day last. */
void clock_iso(char *to, uint64_t wall_ns)
{
    uint64_t seconds = wall_ns / NS_PER_S, days = seconds / 86400 + 719468; /* since 0000-03-01 */
    unsigned second = (unsigned)(seconds % 86400), day = (unsigned)(days % 146097);
    unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    unsigned month = (5 * day + 2) / 153; /* 0: March */
    day -= (153 * month + 2) / 5;
    year += (unsigned)(days / 146097) * 400 + (month > 9);
    snprintf(to, CLOCK_ISO_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", year % 10000,
             month > 9 ? month - 9 : month + 3, day + 1, second / 3600, second / 60 % 60, second % 60,
             (unsigned)(wall_ns / 1000000 % 1000));
}
