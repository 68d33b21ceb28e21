/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/when.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/parse.h"
#include "base/str.h"

#define NS_PER_S INT64_C(1000000000)
#define DAY_S    86400

/* A part of a second behind a dot: ".5" is 500000000 ns. Returns what is behind it, or NULL. */
static const char *parse_fraction(const char *text, int64_t *ret_ns)
{
    int64_t unit = NS_PER_S;
    *ret_ns = 0;
    if (*text != '.')
        return text;
    size_t digits = strspn(++text, "0123456789");
    if (digits < 1 || digits > 9)
        return NULL;
    for (; digits; digits--)
        *ret_ns += (*text++ - '0') * (unit /= 10);
    return text;
}

/* "14:05", "14:05:30", "14:05:30.5". */
static const char *parse_clock(const char *text, struct tm *tm, int64_t *ret_ns)
{
    const char *end = strptime(text, "%H:%M", tm);
    *ret_ns = 0;
    if (!end || end[-1] == ':')
        return NULL;
    if (*end != ':')
        return end;
    end = strptime(end, ":%S", tm);
    return end ? parse_fraction(end, ret_ns) : NULL;
}

static int finish(struct tm *tm, int64_t ns, bool utc, uint64_t *ret_ns)
{
    int day = tm->tm_mday;
    tm->tm_isdst = -1;
    time_t seconds = utc ? timegm(tm) : mktime(tm);
    if (seconds < 0 || tm->tm_mday != day || seconds > INT64_MAX / NS_PER_S - 1) /* the 31st of February */
        return -EINVAL;
    *ret_ns = (uint64_t)(seconds * NS_PER_S + ns);
    return 0;
}

static int parse_date(const char *text, uint64_t *ret_ns)
{
    struct tm tm = {0};
    int64_t ns = 0;
    const char *end = strptime(text, "%Y-%m-%d", &tm);
    if (!end || end - text != strlen("2026-11-23"))
        return -EINVAL;
    if (*end == 'T' || *end == ' ')
        end = parse_clock(end + 1, &tm, &ns);
    bool utc = end && *end == 'Z';
    if (!end || end[utc])
        return -EINVAL;
    return finish(&tm, ns, utc, ret_ns);
}

static int parse_today(const char *text, uint64_t now_ns, uint64_t *ret_ns)
{
    time_t now = (time_t)(now_ns / NS_PER_S);
    struct tm tm;
    int64_t ns;
    uint64_t at;
    localtime_r(&now, &tm);
    tm.tm_sec = 0;
    const char *end = parse_clock(text, &tm, &ns);
    if (!end || *end || finish(&tm, ns, false, &at) < 0)
        return -EINVAL;
    if (at > now_ns) {
        tm.tm_mday--;
        tm.tm_isdst = -1;
        at = (uint64_t)(mktime(&tm) * NS_PER_S + ns);
    }
    *ret_ns = at;
    return 0;
}

int when_parse(const char *text, uint64_t now_ns, uint64_t *ret_ns)
{
    char copy[64];
    uint64_t ago_ms;
    if (!str_copy(copy, sizeof copy, text))
        return -EINVAL;
    size_t len = strlen(copy), tail = strlen(" ago");
    if (strcmp(copy, "now") == 0) {
        *ret_ns = now_ns;
        return 0;
    }
    if (len > tail && strcmp(copy + len - tail, " ago") == 0)
        copy[len - tail] = '\0';
    if (parse_duration(copy, &ago_ms) == 0) {
        *ret_ns = ago_ms < now_ns / 1000000 ? now_ns - ago_ms * 1000000 : 0;
        return 0;
    }
    if (strlen(copy) != len)
        return -EINVAL;
    return parse_date(copy, ret_ns) == 0 ? 0 : parse_today(copy, now_ns, ret_ns);
}
