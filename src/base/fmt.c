/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fmt.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/value.h"

/* Texts for what is not a number; NULL if it is one. */
static const char *special(char *to, uint64_t value)
{
    if (value_is_number(value))
        return NULL;
    return strcpy(to, value == VALUE_MAX ? "max" : "-");
}

static const char *scaled(char *to, uint64_t value, double step, const char *units)
{
    double v = (double)value;
    size_t unit = 0;
    /* 999.5 and not 1000: what would round to four digits takes the next unit. */
    while ((unit == 0 ? v >= step : v >= 999.5) && units[unit + 1]) {
        v /= step;
        unit++;
    }
    snprintf(to, FMT_SIZE, v < 9.95 ? "%.1f%c" : "%.0f%c", v, units[unit]);
    return to;
}

const char *fmt_bytes(char *to, uint64_t bytes)
{
    if (special(to, bytes))
        return to;
    if (bytes == 0)
        return strcpy(to, "0");
    if (bytes < 1024) {
        snprintf(to, FMT_SIZE, "%uB", (unsigned)bytes);
        return to;
    }
    return scaled(to, bytes, 1024, "BKMGTPE");
}

const char *fmt_count(char *to, uint64_t count)
{
    if (special(to, count))
        return to;
    if (count < 10000) {
        snprintf(to, FMT_SIZE, "%u", (unsigned)count);
        return to;
    }
    return scaled(to, count, 1000, " kMGTPE");
}

const char *fmt_percent(char *to, double percent)
{
    if (isnan(percent))
        return strcpy(to, "-");
    snprintf(to, FMT_SIZE, percent < 99.95 ? "%.1f" : "%.0f", percent < 0 ? 0 : fmin(percent, 1e9));
    return to;
}

const char *fmt_duration(char *to, uint64_t seconds)
{
    if (special(to, seconds))
        return to;
    uint64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
    if (seconds < 60)
        snprintf(to, FMT_SIZE, "%us", (unsigned)seconds);
    else if (minutes < 60)
        snprintf(to, FMT_SIZE, "%um%02us", (unsigned)minutes, (unsigned)(seconds % 60));
    else if (hours < 48)
        snprintf(to, FMT_SIZE, "%uh%02um", (unsigned)hours, (unsigned)(minutes % 60));
    else
        snprintf(to, FMT_SIZE, "%llud", (unsigned long long)days);
    return to;
}

const char *fmt_size_exact(char *to, uint64_t bytes)
{
    static const char units[] = "KMGTPE";
    if (special(to, bytes))
        return to;
    int unit = -1;
    while (bytes && bytes % 1024 == 0 && unit < 5) {
        bytes /= 1024;
        unit++;
    }
    snprintf(to, FMT_SIZE, unit < 0 ? "%llu" : "%llu%c", (unsigned long long)bytes,
             unit < 0 ? 0 : units[unit]);
    return to;
}
