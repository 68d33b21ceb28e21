/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/parse.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/value.h"

static const char *skip_blanks(const char *c)
{
    while (*c == ' ' || *c == '\t' || *c == '\n')
        c++;
    return c;
}

/* Reads digits at *at, moves it behind them. */
static int read_digits(const char **at, uint64_t *ret_value)
{
    uint64_t value = 0;
    const char *c = *at;
    if (!isdigit((unsigned char)*c))
        return -EINVAL;
    for (; isdigit((unsigned char)*c); c++)
        if (__builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*c - '0'), &value))
            return -ERANGE;
    *at = c;
    *ret_value = value;
    return 0;
}

/* Reads "12" or "12.345" at *at as value * scale, rounded down. Nine decimals count, more are an error. */
static int read_scaled(const char **at, uint64_t scale, uint64_t *ret_value)
{
    uint64_t whole, value, part = 0, unit = 1;
    int rc = read_digits(at, &whole);
    if (rc < 0)
        return rc;
    if (**at == '.') {
        const char *c = *at + 1;
        if (!isdigit((unsigned char)*c))
            return -EINVAL;
        for (; isdigit((unsigned char)*c); c++) {
            if (unit >= 1000000000u)
                return -EINVAL;
            part = part * 10 + (uint64_t)(*c - '0');
            unit *= 10;
        }
        *at = c;
    }
    uint64_t rest = (uint64_t)((unsigned __int128)part * scale / unit);
    if (__builtin_mul_overflow(whole, scale, &value) || __builtin_add_overflow(value, rest, &value) ||
        !value_is_number(value))
        return -ERANGE;
    *ret_value = value;
    return 0;
}

static int is_max(const char *text)
{
    return strncmp(text, "max", 3) == 0 && !*skip_blanks(text + 3);
}

int parse_u64(const char *text, uint64_t *ret_value)
{
    const char *c = skip_blanks(text);
    uint64_t value;
    int rc = read_digits(&c, &value);
    if (rc < 0)
        return rc;
    if (*skip_blanks(c))
        return -EINVAL;
    if (!value_is_number(value))
        return -ERANGE;
    *ret_value = value;
    return 0;
}

int parse_u64_or_max(const char *text, uint64_t *ret_value)
{
    if (is_max(skip_blanks(text))) {
        *ret_value = VALUE_MAX;
        return 0;
    }
    return parse_u64(text, ret_value);
}

/* Where a number ends its unit begins: it has to be one number, so the unit is looked at first. */
static const char *unit_of(const char *c)
{
    return c + strspn(c, "0123456789.");
}

/* True if `text` up to its end (blanks aside) is `word`, whatever the case. */
static int is_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    return strncasecmp(text, word, len) == 0 && !*skip_blanks(text + len);
}

int parse_size(const char *text, uint64_t *ret_bytes)
{
    static const char units[] = "kmgtpe";
    const char *c = skip_blanks(text);
    if (is_max(c)) {
        *ret_bytes = VALUE_MAX;
        return 0;
    }
    const char *unit = unit_of(c);
    uint64_t scale = 1, value;
    const char *letter = *unit ? strchr(units, tolower((unsigned char)*unit)) : NULL;
    if (letter) {
        scale <<= 10 * (letter - units + 1);
        unit++;
    }
    if (!(is_word(unit, "") || is_word(unit, "b") || (letter && is_word(unit, "ib"))))
        return -EINVAL;
    if (!letter && memchr(c, '.', (size_t)(unit - c)))
        return -EINVAL; /* half a byte */
    int rc = read_scaled(&c, scale, &value);
    if (rc < 0)
        return rc;
    if (c != unit_of(skip_blanks(text)))
        return -EINVAL; /* "1.2.3" */
    *ret_bytes = value;
    return 0;
}

int parse_cpu(const char *text, uint64_t *ret_quota_us, uint64_t *ret_period_us)
{
    const uint64_t default_period = 100000;
    const char *c = skip_blanks(text), *second = c + strcspn(c, " \t\n");
    uint64_t quota, period = 0;
    int rc;
    if (*skip_blanks(second)) { /* the kernel's own two words */
        char first[32];
        size_t len = (size_t)(second - c);
        if (len >= sizeof first)
            return -EINVAL;
        memcpy(first, c, len);
        first[len] = '\0';
        if ((rc = parse_u64_or_max(first, &quota)) < 0 || (rc = parse_u64(second, &period)) < 0)
            return rc;
    } else if (is_max(c)) {
        quota = VALUE_MAX;
    } else {
        const char *unit = unit_of(c);
        uint64_t scale = is_word(unit, "%") ? default_period / 100 : default_period;
        if (!is_word(unit, "%") && !is_word(unit, ""))
            return -EINVAL;
        if ((rc = read_scaled(&c, scale, &quota)) < 0)
            return rc;
        if (c != unit)
            return -EINVAL;
        period = default_period;
    }
    *ret_quota_us = quota;
    *ret_period_us = period;
    return 0;
}

int parse_duration(const char *text, uint64_t *ret_ms)
{
    static const struct {
        const char *name;
        uint64_t ms;
    } units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    const char *c = skip_blanks(text), *unit = unit_of(c);
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        uint64_t value;
        if (!is_word(unit, units[i].name))
            continue;
        int rc = read_scaled(&c, units[i].ms, &value);
        if (rc < 0)
            return rc;
        if (c != unit)
            return -EINVAL;
        *ret_ms = value;
        return 0;
    }
    return -EINVAL;
}

int parse_signal(const char *text, int *ret_signal)
{
    uint64_t number;
    if (parse_u64(text, &number) == 0) {
        if (number == 0 || number > (uint64_t)SIGRTMAX)
            return -ERANGE;
        *ret_signal = (int)number;
        return 0;
    }
    if (strncasecmp(text, "SIG", 3) == 0)
        text += 3;
    if (strncasecmp(text, "RTMIN+", 6) == 0 && parse_u64(text + 6, &number) == 0) {
        if (number > (uint64_t)(SIGRTMAX - SIGRTMIN))
            return -ERANGE;
        *ret_signal = SIGRTMIN + (int)number;
        return 0;
    }
    for (int i = 1; i < NSIG; i++)
        if (sigabbrev_np(i) && strcasecmp(sigabbrev_np(i), text) == 0) {
            *ret_signal = i;
            return 0;
        }
    return -EINVAL;
}
