/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/knob.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/fmt.h"
#include "base/value.h"

#define SIZE_LIMIT     ((1ull << 63) - 4097) /* more reads back as "max" */
#define PAGE_BYTES     4096u                 /* the smallest page there is */
#define CPU_QUOTA_MIN  1000u
#define CPU_QUOTA_MAX  17592186044415ull /* 2^44 - 1 us */
#define CPU_PERIOD_MIN 1000u
#define CPU_PERIOD_MAX 1000000u
#define CPU_PERIOD     100000u
#define MiB            (1u << 20)

static const struct knob knobs[] = {
    {.name = "cpu.max",
     .controller = CONTROLLER_CPU,
     .type = KNOB_CPU_MAX,
     .max_word = true,
     .unit = "us",
     .fallback = "max 100000",
     .option = "--cpus",
     .help = "CPU time it may take: in each period, or as a share; above it is throttled"},
    {.name = "cpu.max.burst",
     .controller = CONTROLLER_CPU,
     .type = KNOB_NUMBER,
     .max = CPU_QUOTA_MAX,
     .unit = "us",
     .fallback = "0",
     .help = "CPU time saved up in quiet periods that may be used on top of cpu.max; at most its quota"},
    {.name = "cpu.weight",
     .controller = CONTROLLER_CPU,
     .type = KNOB_NUMBER,
     .min = 1,
     .max = 10000,
     .turn_min = 1,
     .unit = "",
     .fallback = "100",
     .option = "--cpu-weight",
     .help = "its share beside its siblings when the CPUs are busy"},
    {.name = "cpu.idle",
     .controller = CONTROLLER_CPU,
     .type = KNOB_NUMBER,
     .max = 1,
     .unit = "",
     .fallback = "0",
     .help = "1: it only gets CPU time that nobody else wants"},
    {.name = "cpuset.cpus",
     .controller = CONTROLLER_CPUSET,
     .type = KNOB_LIST,
     .unit = "",
     .fallback = "",
     .option = "--cpuset-cpus",
     .help = "the CPUs it may run on"},
    {.name = "cpuset.mems",
     .controller = CONTROLLER_CPUSET,
     .type = KNOB_LIST,
     .unit = "",
     .fallback = "",
     .help = "the memory nodes it may take memory from"},
    {.name = "memory.min",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_SIZE,
     .max_word = true,
     .max = SIZE_LIMIT,
     .unit = "bytes",
     .fallback = "0",
     .help = "memory that is never taken from it"},
    {.name = "memory.low",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_SIZE,
     .max_word = true,
     .max = SIZE_LIMIT,
     .unit = "bytes",
     .fallback = "0",
     .help = "memory that is taken from it only when there is none elsewhere"},
    {.name = "memory.high",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_SIZE,
     .max_word = true,
     .max = SIZE_LIMIT,
     .turn_min = MiB,
     .unit = "bytes",
     .fallback = "max",
     .option = "--memory-high",
     .help = "above it, it is slowed down and its memory reclaimed; nothing is killed"},
    {.name = "memory.max",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_SIZE,
     .max_word = true,
     .max = SIZE_LIMIT,
     .turn_min = MiB,
     .unit = "bytes",
     .fallback = "max",
     .option = "--memory",
     .help = "the most memory it may have; what can't be reclaimed above it is OOM killed"},
    {.name = "memory.swap.max",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_SIZE,
     .max_word = true,
     .max = SIZE_LIMIT,
     .unit = "bytes",
     .fallback = "max",
     .help = "the most swap it may have, beside its memory; 0: none"},
    {.name = "memory.oom.group",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_NUMBER,
     .max = 1,
     .unit = "",
     .fallback = "0",
     .help = "1: an OOM kill takes all of it, not one process"},
    {.name = "io.max",
     .controller = CONTROLLER_IO,
     .type = KNOB_IO_MAX,
     .max_word = true,
     .unit = "",
     .fallback = "",
     .help = "bytes (rbps, wbps) and operations (riops, wiops) a second, for each device"},
    {.name = "io.weight",
     .controller = CONTROLLER_IO,
     .type = KNOB_NUMBER,
     .min = 1,
     .max = 10000,
     .turn_min = 1,
     .unit = "",
     .fallback = "default 100",
     .help = "its share of a busy device beside its siblings"},
    {.name = "pids.max",
     .controller = CONTROLLER_PIDS,
     .type = KNOB_NUMBER,
     .max_word = true,
     .max = 4194304,
     .turn_min = 1,
     .unit = "",
     .fallback = "max",
     .option = "--pids-limit",
     .help = "the most processes and threads it may have; more can't be forked"},
    {.name = "cgroup.freeze",
     .controller = -1,
     .type = KNOB_NUMBER,
     .max = 1,
     .unit = "",
     .fallback = "0",
     .help = "1: stops all of it, until 0"},
};

const struct knob *knob_table(size_t *ret_count)
{
    *ret_count = COUNT_OF(knobs);
    return knobs;
}

const struct knob *knob_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(knobs); i++)
        if (strcmp(knobs[i].name, name) == 0 ||
            (knobs[i].option && strcmp(knobs[i].option + strlen("--"), name) == 0))
            return &knobs[i];
    return NULL;
}

int knob_unknown(const char *name, struct err *err)
{
    struct nearest near = nearest_init(name);
    for (size_t i = 0; i < COUNT_OF(knobs); i++)
        nearest_try(&near, knobs[i].name);
    err_set(err, EINVAL, "no knob '%s'", name);
    if (near.best)
        return err_hint(err, "did you mean %s? boxtop set --help lists them", near.best);
    return err_hint(err, "boxtop set --help lists them");
}

/* What is expected in its place, by type. */
static const char *const expected[] = {
    [KNOB_CPU_MAX] = "a CPU limit (write 50%, 1.5 for CPUs, \"50000 100000\" for us in each period, or max)",
    [KNOB_SIZE] = "a size (write 100M, 1.5G, bytes or max)",
    [KNOB_NUMBER] = "a whole number",
    [KNOB_LIST] = "a list (write 0-3,7)",
    [KNOB_IO_MAX] = "a device's limits (write 8:0 rbps=10M wiops=100; keys: rbps wbps riops wiops)",
};

static int not_expected(const struct knob *knob, const char *text, struct err *err)
{
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
    int rc = parsed(knob, text, parse_size(text, &bytes), err);
    if (rc < 0)
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

/* "rbps=10M" added to `to` as "rbps=10485760". */
static int add_io_limit(const struct knob *knob, const char *word, struct str *to, struct err *err)
{
    static const struct {
        const char *key;
        int (*parse)(const char *text, uint64_t *ret);
    } keys[] = {{"rbps=", parse_size},
                {"wbps=", parse_size},
                {"riops=", parse_u64_or_max},
                {"wiops=", parse_u64_or_max}};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        uint64_t value;
        if (!str_starts(word, keys[i].key))
            continue;
        if (keys[i].parse(word + strlen(keys[i].key), &value) < 0)
            return not_expected(knob, word, err);
        if (value == 0)
            return err_set(err, ERANGE, "%s: '%s': 0 is not possible (write max for no limit)", knob->name,
                           word);
        str_addf(to, " %s", keys[i].key);
        return value == VALUE_MAX ? (str_add(to, "max"), 0) : (str_addf(to, "%" PRIu64, value), 0);
    }
    return not_expected(knob, word, err);
}

static int parse_io_max(const struct knob *knob, const char *text, char *to, struct err *err)
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

int knob_parse(const struct knob *knob, const char *text, char *to, struct err *err)
{
    static int (*const parsers[])(const struct knob *, const char *, char *, struct err *) = {
        [KNOB_CPU_MAX] = parse_cpu_max, [KNOB_SIZE] = parse_bytes,    [KNOB_NUMBER] = parse_number,
        [KNOB_LIST] = parse_list,       [KNOB_IO_MAX] = parse_io_max,
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
        fmt_size_exact(to, value);
    } else {
        cleanup_free char *lines = mem_dup(text);
        lines[strcspn(lines, "\n") + (lines[0] == '\n')] = '\0';
        str_printable(to, KNOB_TEXT_SIZE, lines[0] == '\n' ? "" : lines);
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

void knob_step(const struct knob *knob, const char *now, int steps, uint64_t ceiling, char *to)
{
    /* Where "max" begins if the host's own size is not known, or does not matter. */
    static const uint64_t ceilings[] = {
        [KNOB_CPU_MAX] = 100, [KNOB_SIZE] = 1ull << 30, [KNOB_NUMBER] = 4096, [KNOB_IO_MAX] = 0};
    str_copy(to, KNOB_TEXT_SIZE, now);
    if (!ceiling)
        ceiling = ceilings[knob->type];
    if (knob->type == KNOB_NUMBER && !knob->max_word)
        ceiling = knob->max;
    if (knob->type == KNOB_CPU_MAX)
        step_cpu(now, steps, ceiling, to);
    else if (knob->type == KNOB_SIZE || knob->type == KNOB_NUMBER)
        step_number(knob, now, steps, ceiling, to);
}

int knob_read(int cgroup_fd, const struct knob *knob, char *to)
{
    cleanup_free char *text = NULL;
    ssize_t len = fs_read_whole_at(cgroup_fd, knob->name, 1 << 20, &text);
    if (len < 0)
        return (int)len;
    if (len > 0 && text[len - 1] == '\n')
        text[--len] = '\0';
    if (len >= KNOB_TEXT_SIZE) { /* io.max with many devices: whole lines only */
        text[KNOB_TEXT_SIZE - 1] = '\0';
        char *last = strrchr(text, '\n');
        if (last)
            *last = '\0';
    }
    str_copy(to, KNOB_TEXT_SIZE, text);
    return 0;
}

static int no_file(int cgroup_fd, const struct knob *knob, struct err *err)
{
    if (faccessat(cgroup_fd, "cgroup.procs", F_OK, 0) < 0)
        return err_set(err, ENODEV, "set %s: the cgroup is gone", knob->name);
    if (faccessat(cgroup_fd, "cgroup.type", F_OK, 0) < 0) {
        err_set(err, ENOENT, "set %s: the root cgroup has no limits", knob->name);
        return err_hint(err, "name a cgroup below it");
    }
    if (knob->controller < 0)
        return err_set(err, ENOENT, "set %s: this kernel does not have it", knob->name);
    const char *controller = controller_names[knob->controller];
    err_set(err, ENOENT, "set %s: the %s controller is not enabled in this cgroup", knob->name, controller);
    return err_hint(err,
                    "echo +%s > cgroup.subtree_control in the cgroup above, if its cgroup.controllers "
                    "has it; boxtop inspect shows the cgroup",
                    controller);
}

/* Why the kernel refused a write: first the row that fits knob and code, then the one for any knob. */
static const struct refusal {
    int code;
    const char *knob; /* NULL: any */
    const char *why, *hint;
} refusals[] = {
    {EINVAL, "cpu.max", "the kernel refused it",
     "its quota may not be below cpu.max.burst: set that to 0 first"},
    {EINVAL, "cpu.max.burst", "the burst is larger than the quota", "raise cpu.max first"},
    {EINVAL, "cpu.weight", "the kernel refused it",
     "while cpu.idle is 1 there is no weight: set cpu.idle=0 first"},
    {EINVAL, NULL, "the kernel refused the value", ""},
    {ERANGE, "cpuset.cpus", "no such CPU", "cpuset.cpus.effective of the cgroup above lists them"},
    {ERANGE, "cpuset.mems", "no such memory node", "cpuset.mems.effective of the cgroup above lists them"},
    {ERANGE, NULL, "the kernel does not take a value that large or small", ""},
    {EACCES, NULL, "no right to write it", "only root and the owner of a delegated cgroup may: try sudo"},
    {EPERM, NULL, "no right to write it", "only root and the owner of a delegated cgroup may: try sudo"},
    {EROFS, NULL, "the cgroup file system is mounted read-only",
     "mount -o remount,rw it, or work outside the container"},
    {EBUSY, NULL, "the cgroup is busy", "a process or a child cgroup still uses what it would take away"},
    {ENODEV, "io.max", "no such block device, or the cgroup is gone",
     "lsblk lists MAJOR:MINOR; whole disks only"},
    {ENODEV, NULL, "the cgroup is gone", ""},
};

static int refused(const struct knob *knob, const char *text, int code, struct err *err)
{
    const struct refusal *found = NULL;
    for (size_t i = 0; i < COUNT_OF(refusals) && !found; i++)
        if (refusals[i].code == code && (!refusals[i].knob || strcmp(refusals[i].knob, knob->name) == 0))
            found = &refusals[i];
    err_set(err, code, "set %s to '%.*s': %s", knob->name, (int)strcspn(text, "\n"), text,
            found ? found->why : strerror(code));
    return err_hint(err, "%s", found ? found->hint : "");
}

int knob_write(int cgroup_fd, const struct knob *knob, const char *kernel_text, char *before, char *after,
               struct err *err)
{
    char was[KNOB_TEXT_SIZE], is[KNOB_TEXT_SIZE];
    int rc = knob_read(cgroup_fd, knob, was);
    if (rc == 0)
        rc = fs_write_at(cgroup_fd, knob->name, kernel_text);
    if (rc == -ENOENT)
        return no_file(cgroup_fd, knob, err);
    if (rc < 0)
        return refused(knob, kernel_text, -rc, err);
    rc = knob_read(cgroup_fd, knob, is);
    if (rc < 0)
        return err_set(err, -rc, "read %s back: %s", knob->name, strerror(-rc));
    if (before)
        str_copy(before, KNOB_TEXT_SIZE, was);
    if (after)
        str_copy(after, KNOB_TEXT_SIZE, is);
    return 0;
}
