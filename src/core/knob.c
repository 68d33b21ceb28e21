/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/knob.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/fmt.h"
#include "base/value.h"

#define PAGE_BYTES     4096u /* the smallest page there is */
#define CPU_QUOTA_MIN  1000u
#define CPU_QUOTA_MAX  17592186044415ull /* 2^44 - 1 us */
#define CPU_PERIOD_MIN 1000u
#define CPU_PERIOD_MAX 1000000u
#define CPU_PERIOD     100000u
#define MiB            (1u << 20)

/* What is expected in its place, by type. */
static const char *const expected[] = {
    [KNOB_CPU_MAX] = "a CPU limit (write 50%, 1.5 for CPUs, \"50000 100000\" for us in each period, or max)",
    [KNOB_SIZE] = "a size (write 100M, 1.5G, bytes or max)",
    [KNOB_NUMBER] = "a whole number",
    [KNOB_LIST] = "a list (write 0-3,7)",
    [KNOB_WEIGHT] = "a weight (write 200, or of one device \"8:0 200\" or \"8:0 default\")",
    [KNOB_NICE] = "a nice value (write -20 to 19)",
    [KNOB_PERCENT] = "a percentage (write 50% or 12.5)",
};

static int not_expected(const struct knob *knob, const char *text, struct err *err)
{
    if (knob->type == KNOB_DEVICE)
        return err_set(
            err, EINVAL, "%s: '%s' is not a device's limits (write %s; keys: %s)", knob->name, text,
            strcmp(knob->words, "target") == 0 ? "8:0 target=5000" : "8:0 rbps=10M wiops=100", knob->words);
    if (knob->type == KNOB_WORD)
        return err_set(err, EINVAL, "%s: '%s' is not one of: %s", knob->name, text, knob->words);
    return err_set(err, EINVAL, "%s: '%s' is not %s", knob->name, text, expected[knob->type]);
}

/* A parser's result as an error line, or 0. */
static int parsed(const struct knob *knob, const char *text, int rc, struct err *err)
{
    if (rc == -ERANGE)
        return err_set(err, ERANGE, "%s: '%s' is too large a number", knob->name, text);
    return rc < 0 ? not_expected(knob, text, err) : 0;
}

static int parse_cpu_max(const struct knob *knob, const char *text, char *to, struct err *err)
{
    uint64_t quota, period;
    int rc = parsed(knob, text, parse_cpu(text, &quota, &period), err);
    if (rc < 0)
        return rc;
    if (period && (period < CPU_PERIOD_MIN || period > CPU_PERIOD_MAX))
        return err_set(err, ERANGE, "%s: a period of %" PRIu64 " us is not between %u and %u", knob->name,
                       period, CPU_PERIOD_MIN, CPU_PERIOD_MAX);
    if (quota < CPU_QUOTA_MIN)
        return err_set(err, ERANGE, "%s: '%s' is less than the kernel's smallest quota (1%%, %u us)",
                       knob->name, text, CPU_QUOTA_MIN);
    if (quota != VALUE_MAX && quota > CPU_QUOTA_MAX)
        return parsed(knob, text, -ERANGE, err);
    if (quota != VALUE_MAX)
        snprintf(to, KNOB_TEXT_SIZE, "%" PRIu64 " %" PRIu64, quota, period);
    else if (period)
        snprintf(to, KNOB_TEXT_SIZE, "max %" PRIu64, period);
    else
        snprintf(to, KNOB_TEXT_SIZE, "max"); /* keeps the period */
    return 0;
}

static int parse_bytes(const struct knob *knob, const char *text, char *to, struct err *err)
{
    uint64_t bytes;
    int rc = parse_size(text, &bytes);
    if (!knob->max_word && (rc == -EINVAL || (rc == 0 && bytes == VALUE_MAX)))
        return err_set(err, EINVAL, "%s: '%s' is not a size (write 100M, 1.5G or bytes)", knob->name, text);
    if ((rc = parsed(knob, text, rc, err)) < 0)
        return rc;
    if (bytes == VALUE_MAX) {
        snprintf(to, KNOB_TEXT_SIZE, "max");
        return 0;
    }
    if (bytes > knob->max)
        return err_set(err, ERANGE, "%s: '%s' is more than the kernel can count (write max)", knob->name,
                       text);
    if (bytes && bytes < PAGE_BYTES) {
        err_set(err, ERANGE, "%s: '%s' is %" PRIu64 " bytes, less than a page, and would count as 0",
                knob->name, text, bytes);
        return err_hint(err, "write %" PRIu64 "M for megabytes", bytes);
    }
    snprintf(to, KNOB_TEXT_SIZE, "%" PRIu64, bytes);
    return 0;
}

/* The kernel shows io.weight as "default 100". */
static const char *skip_default(const char *text)
{
    return str_starts(text, "default ") ? text + strlen("default ") : text;
}

static int parse_number(const struct knob *knob, const char *text, char *to, struct err *err)
{
    uint64_t value;
    const char *digits = skip_default(text);
    int rc = knob->max_word ? parse_u64_or_max(digits, &value) : parse_u64(digits, &value);
    if (rc == -EINVAL)
        return not_expected(knob, text, err);
    if (rc == 0 && value == VALUE_MAX) {
        snprintf(to, KNOB_TEXT_SIZE, "max");
        return 0;
    }
    if (rc < 0 || value < knob->min || value > knob->max)
        return err_set(err, ERANGE, "%s: '%s' is not between %" PRIu64 " and %" PRIu64 "%s", knob->name, text,
                       knob->min, knob->max, knob->max_word ? ", or max" : "");
    snprintf(to, KNOB_TEXT_SIZE, "%" PRIu64, value);
    return 0;
}

/* One of a list's items at *at, "3" or "0-3"; moves *at behind it. */
static bool read_list_item(const char **at)
{
    const unsigned long limit = 65536; /* more CPUs than any kernel has */
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    unsigned long first = strtoul(*at, &end, 10), last = first;
    if (*end == '-') {
        if (end[1] < '0' || end[1] > '9')
            return false;
        last = strtoul(end + 1, &end, 10);
    }
    *at = end;
    return first <= last && last < limit;
}

static int parse_list(const struct knob *knob, const char *text, char *to, struct err *err)
{
    size_t len = strcspn(text, "\n");
    char list[KNOB_TEXT_SIZE];
    if (len >= sizeof list)
        return err_set(err, ERANGE, "%s: the list has more than %zu letters", knob->name, sizeof list - 1);
    str_copy(list, len + 1, text);
    const char *at = list;
    while (*at) {
        if (!read_list_item(&at) || (*at && *at != ',') || (*at == ',' && !at[1]))
            return not_expected(knob, text, err);
        at += *at == ',';
    }
    if (!list[0]) /* an empty write changes nothing: the kernel wants a newline to clear the list */
        snprintf(to, KNOB_TEXT_SIZE, "\n");
    else
        str_copy(to, KNOB_TEXT_SIZE, list);
    return 0;
}

/* "8:0": two numbers, nothing else. */
static bool is_device(const char *word)
{
    size_t major = strspn(word, "0123456789"), minor;
    if (!major || major > 6 || word[major] != ':')
        return false;
    minor = strspn(word + major + 1, "0123456789");
    return minor && minor <= 8 && !word[major + 1 + minor];
}

static bool has_word(const char *words, const char *word, size_t len)
{
    for (const char *at = words; *at; at += strspn(at, " ")) {
        size_t next = strcspn(at, " ");
        if (next == len && strncmp(at, word, len) == 0)
            return true;
        at += next;
    }
    return false;
}

/* "rbps=10M" added to `to` as "rbps=10485760". */
static int add_io_limit(const struct knob *knob, const char *word, struct str *to, struct err *err)
{
    static const struct {
        const char *key;
        int (*parse)(const char *text, uint64_t *ret);
        bool zero;
    } keys[] = {{"rbps=", parse_size, false},
                {"wbps=", parse_size, false},
                {"riops=", parse_u64_or_max, false},
                {"wiops=", parse_u64_or_max, false},
                {"target=", parse_u64_or_max, true}};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        uint64_t value;
        if (!str_starts(word, keys[i].key) || !has_word(knob->words, word, strcspn(word, "=")))
            continue;
        if (keys[i].parse(word + strlen(keys[i].key), &value) < 0)
            return not_expected(knob, word, err);
        if (value == 0 && !keys[i].zero)
            return err_set(err, ERANGE, "%s: '%s': 0 is not possible (write max for no limit)", knob->name,
                           word);
        str_addf(to, " %s", keys[i].key);
        return value == VALUE_MAX ? (str_add(to, "max"), 0) : (str_addf(to, "%" PRIu64, value), 0);
    }
    return not_expected(knob, word, err);
}

static int parse_device(const struct knob *knob, const char *text, char *to, struct err *err)
{
    cleanup_free char *copy = mem_dup(text);
    struct str line = {0};
    char *save = NULL, *word = strtok_r(copy, " \t\n", &save);
    int rc = 0, limits = 0;
    if (!word || !is_device(word))
        return not_expected(knob, text, err);
    str_add(&line, word);
    while (rc == 0 && (word = strtok_r(NULL, " \t\n", &save))) {
        rc = add_io_limit(knob, word, &line, err);
        limits++;
    }
    if (rc == 0 && (!limits || !str_copy(to, KNOB_TEXT_SIZE, str_text(&line))))
        rc = not_expected(knob, text, err);
    str_free(&line);
    return rc;
}

/* "8:0 200", "8:0 default", or of all devices "200". */
static int parse_weight(const struct knob *knob, const char *text, char *to, struct err *err)
{
    char device[32], weight[KNOB_TEXT_SIZE];
    size_t len = strcspn(text, " ");
    if (!text[len] || len >= sizeof device)
        return parse_number(knob, text, to, err);
    memcpy(device, text, len);
    device[len] = '\0';
    if (!is_device(device))
        return parse_number(knob, text, to, err);
    const char *value = text + len + 1;
    if (strcmp(value, "default") == 0)
        str_copy(weight, sizeof weight, value);
    else if (str_starts(value, "default ") || parse_number(knob, value, weight, err) < 0)
        return not_expected(knob, text, err);
    snprintf(to, KNOB_TEXT_SIZE, "%s %.20s", device, weight);
    return 0;
}

static int parse_nice(const struct knob *knob, const char *text, char *to, struct err *err)
{
    uint64_t value;
    bool minus = text[0] == '-';
    int rc = parse_u64(text + minus, &value);
    if (rc < 0 || (minus && (text[1] < '0' || text[1] > '9')) || value > (minus ? 20 : 19))
        return not_expected(knob, text, err);
    snprintf(to, KNOB_TEXT_SIZE, "%s%" PRIu64, minus && value ? "-" : "", value);
    return 0;
}

static int parse_percent(const struct knob *knob, const char *text, char *to, struct err *err)
{
    char *end;
    if (knob->max_word && strcmp(text, "max") == 0) {
        str_copy(to, KNOB_TEXT_SIZE, "max");
        return 0;
    }
    if (text[0] < '0' || text[0] > '9' || text[strspn(text, "0123456789.")] != text[strcspn(text, "%")])
        return not_expected(knob, text, err);
    double percent = strtod(text, &end);
    if (end[*end == '%'])
        return not_expected(knob, text, err);
    if (percent > 100)
        return err_set(err, ERANGE, "%s: '%s' is not between 0 and 100%s", knob->name, text,
                       knob->max_word ? ", or max" : "");
    snprintf(to, KNOB_TEXT_SIZE, "%.2f", percent);
    return 0;
}

static int parse_word(const struct knob *knob, const char *text, char *to, struct err *err)
{
    if (!text[0] || strchr(text, ' ') || !has_word(knob->words, text, strlen(text)))
        return not_expected(knob, text, err);
    str_copy(to, KNOB_TEXT_SIZE, text);
    return 0;
}

int knob_parse(const struct knob *knob, const char *text, char *to, struct err *err)
{
    static int (*const parsers[])(const struct knob *, const char *, char *, struct err *) = {
        [KNOB_CPU_MAX] = parse_cpu_max, [KNOB_SIZE] = parse_bytes,      [KNOB_NUMBER] = parse_number,
        [KNOB_LIST] = parse_list,       [KNOB_DEVICE] = parse_device,   [KNOB_WEIGHT] = parse_weight,
        [KNOB_NICE] = parse_nice,       [KNOB_PERCENT] = parse_percent, [KNOB_WORD] = parse_word,
    };
    char result[KNOB_TEXT_SIZE];
    int rc = parsers[knob->type](knob, text, result, err);
    if (rc == 0)
        str_copy(to, KNOB_TEXT_SIZE, result);
    return rc;
}

/* "50%", "33.333%": no more decimals than there are. */
static void format_percent(char *to, uint64_t quota, uint64_t period)
{
    int len = snprintf(to, KNOB_TEXT_SIZE, "%.3f", (double)quota * 100 / (double)period);
    while (to[len - 1] == '0')
        len--;
    if (to[len - 1] == '.')
        len--;
    str_copy(to + len, 2, "%");
}

void knob_format(const struct knob *knob, const char *kernel_text, char *to)
{
    uint64_t value, period;
    const char *text = skip_default(kernel_text);
    if (knob->type == KNOB_CPU_MAX && parse_cpu(text, &value, &period) == 0) {
        if (value == VALUE_MAX)
            snprintf(to, KNOB_TEXT_SIZE, "max");
        else
            format_percent(to, value, period ? period : CPU_PERIOD);
    } else if (knob->type == KNOB_SIZE && parse_size(text, &value) == 0) {
        /* The kernel's largest counter of pages, said in bytes: hugetlb's limits have it for no limit. */
        fmt_size_exact(to, value >= (uint64_t)1 << 62 ? VALUE_MAX : value);
    } else {
        cleanup_free char *lines = mem_dup(text);
        lines[strcspn(lines, "\n") + (lines[0] == '\n')] = '\0';
        str_printable(to, KNOB_TEXT_SIZE, lines[0] == '\n' ? "" : lines);
    }
}

void knob_pick(const struct knob *knob, const char *written, const char *kernel_text, char *to)
{
    size_t len = strcspn(written, " ") + 1;
    if (!(knob->type == KNOB_DEVICE || (knob->type == KNOB_WEIGHT && strchr(written, ' ')))) {
        str_copy(to, KNOB_TEXT_SIZE, kernel_text);
        return;
    }
    str_copy(to, KNOB_TEXT_SIZE, knob->type == KNOB_DEVICE ? "max" : "default");
    for (const char *line = kernel_text; *line; line += strspn(line, "\n")) {
        size_t end = strcspn(line, "\n");
        if (strncmp(line, written, len) == 0 && end > len && end - len < KNOB_TEXT_SIZE) {
            memcpy(to, line + len, end - len);
            to[end - len] = '\0';
        }
        line += end;
    }
}

static unsigned log2_of(uint64_t value)
{
    return value ? 63u - (unsigned)__builtin_clzll(value) : 0;
}

/* The next value with at most bits+1 binary digits that are not zero: steps of 1/2^bits to 2/2^bits. */
static uint64_t next_binary(uint64_t value, bool up, unsigned bits)
{
    uint64_t from = up || !value ? value : value - 1;
    unsigned log2 = log2_of(from);
    uint64_t unit = 1ull << (log2 > bits ? log2 - bits : 0);
    return up ? (from / unit + 1) * unit : from / unit * unit;
}

static uint64_t next_percent(double now, bool up)
{
    static const struct {
        double below;
        uint64_t unit;
    } steps[] = {{5, 1}, {50, 5}, {100, 10}, {200, 25}, {INFINITY, 50}};
    uint64_t from = up ? (uint64_t)now : (uint64_t)ceil(now) - (now >= 1);
    size_t i = 0;
    while ((double)from >= steps[i].below)
        i++;
    uint64_t unit = steps[i].unit;
    return up ? (from / unit + 1) * unit : from / unit * unit;
}

static void step_cpu(const char *now, int steps, uint64_t ceiling_percent, char *to)
{
    uint64_t quota, period;
    if (parse_cpu(now, &quota, &period) < 0)
        return;
    period = period ? period : CPU_PERIOD;
    double percent = (double)quota * 100 / (double)period, ceiling = (double)ceiling_percent;
    bool up = steps > 0, unlimited = quota == VALUE_MAX;
    for (int left = abs(steps); left; left--) {
        percent = unlimited ? ceiling : (double)next_percent(percent, up);
        unlimited = up && (unlimited || percent > ceiling);
    }
    quota = (uint64_t)llround(fmax(percent, 1) * (double)period / 100);
    if (unlimited)
        snprintf(to, KNOB_TEXT_SIZE, "max %" PRIu64, period);
    else
        snprintf(to, KNOB_TEXT_SIZE, "%" PRIu64 " %" PRIu64, quota < CPU_QUOTA_MIN ? CPU_QUOTA_MIN : quota,
                 period);
}

/* One step of a number or a size; VALUE_MAX is above `ceiling`. */
static uint64_t step_once(const struct knob *knob, uint64_t now, bool up, uint64_t ceiling)
{
    unsigned bits = knob->type == KNOB_SIZE ? 3 : 2;
    if (now == VALUE_MAX)
        return up ? VALUE_MAX : ceiling;
    if (knob->type == KNOB_SIZE && (up ? now < MiB : now <= MiB)) /* finer than that is of no use */
        return up ? MiB : knob->turn_min;
    uint64_t next = next_binary(now, up, bits);
    if (next < knob->turn_min)
        return knob->turn_min;
    if (up && next > ceiling)
        return knob->max_word ? VALUE_MAX : ceiling;
    return next;
}

static void step_number(const struct knob *knob, const char *now, int steps, uint64_t ceiling, char *to)
{
    uint64_t value;
    if (parse_u64_or_max(skip_default(now), &value) < 0)
        return;
    for (int left = abs(steps); left; left--)
        value = step_once(knob, value, steps > 0, ceiling);
    if (value == VALUE_MAX)
        snprintf(to, KNOB_TEXT_SIZE, "max");
    else
        snprintf(to, KNOB_TEXT_SIZE, "%" PRIu64, value);
}

/* "8:0 rbps=1048576": the value of that one key. "max" is above 1 GiB and 100,000 operations a second. */
static void step_device(const char *now, int steps, char *to)
{
    static const struct knob bytes = {.type = KNOB_SIZE, .max_word = true, .turn_min = 64 * 1024},
                             operations = {.type = KNOB_NUMBER, .max_word = true, .turn_min = 10};
    const char *key = strchr(now, ' '), *equals = key ? strchr(key, '=') : NULL;
    char value[KNOB_TEXT_SIZE];
    if (!equals || strchr(equals, ' '))
        return;
    bool counts = strncmp(key + 2, "iops", 4) == 0;
    str_copy(value, sizeof value, equals + 1);
    step_number(counts ? &operations : &bytes, equals + 1, steps, counts ? 100000 : 1u << 30, value);
    snprintf(to, KNOB_TEXT_SIZE, "%.*s%.40s", (int)(equals + 1 - now), now, value);
}

void knob_step(const struct knob *knob, const char *now, int steps, uint64_t ceiling, char *to)
{
    /* Where "max" begins if the host's own size is not known, or does not matter. */
    static const uint64_t ceilings[] = {
        [KNOB_CPU_MAX] = 100, [KNOB_SIZE] = 1ull << 30, [KNOB_NUMBER] = 4096, [KNOB_WORD] = 0};
    bool number = knob->type == KNOB_NUMBER || knob->type == KNOB_WEIGHT;
    str_copy(to, KNOB_TEXT_SIZE, now);
    if (!ceiling)
        ceiling = ceilings[knob->type];
    if (number && !knob->max_word)
        ceiling = knob->max;
    if (knob->type == KNOB_CPU_MAX)
        step_cpu(now, steps, ceiling, to);
    else if (knob->type == KNOB_SIZE || number)
        step_number(knob, now, steps, ceiling, to);
    else if (strcmp(knob->name, "io.max") == 0)
        step_device(now, steps, to);
}
