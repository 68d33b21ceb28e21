/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/cgparse.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/parse.h"
#include "base/value.h"

enum form {
    FORM_WORDS,    /* one line of values; fields in order */
    FORM_FLAT,     /* "key value" lines */
    FORM_PRESSURE, /* "some avg10=0.12 avg60=... total=123" and "full ..." */
};

struct field {
    const char *line, *key; /* of a flat file: the key; of pressure: "some", "total" */
    size_t offset;          /* in struct counters */
    int (*parse)(const char *word, uint64_t *ret_value);
};

#define FIELDS_MAX 9
struct row {
    const char *name;
    enum form form;
    struct field fields[FIELDS_MAX + 1]; /* ends with a row without `line` */
};

#define WORD_SIZE 32 /* of any word that is a number */

/* "12.34" -> 1234; the kernel writes two decimals always. */
static int parse_centi(const char *text, uint64_t *ret_value)
{
    char digits[WORD_SIZE];
    size_t whole = strcspn(text, ".");
    if (text[whole] != '.' || strlen(text + whole) != 3)
        return -1;
    memcpy(digits, text, whole);
    memcpy(digits + whole, text + whole + 1, 3);
    return parse_u64(digits, ret_value);
}

#define AT(member) offsetof(struct counters, member)
#define WORD(member)                                                                                         \
    {                                                                                                        \
        "", "", AT(member), parse_u64_or_max                                                                 \
    }
#define KEY(key, member)                                                                                     \
    {                                                                                                        \
        key, "", AT(member), parse_u64                                                                       \
    }
#define PRESSURE(of)                                                                                         \
    {                                                                                                        \
        {"some", "total", AT(of##_some_usec), parse_u64}, {"full", "total", AT(of##_full_usec), parse_u64},  \
            {"some", "avg10", AT(of##_some_avg10), parse_centi},                                             \
            {"full", "avg10", AT(of##_full_avg10), parse_centi},                                             \
    }

static const struct row rows[] = {
    [CGFILE_CPU_STAT] = {"cpu.stat",
                         FORM_FLAT,
                         {KEY("usage_usec", usage_usec), KEY("user_usec", user_usec),
                          KEY("system_usec", system_usec), KEY("nr_periods", nr_periods),
                          KEY("nr_throttled", nr_throttled), KEY("throttled_usec", throttled_usec),
                          KEY("nice_usec", nice_usec), KEY("nr_bursts", nr_bursts),
                          KEY("burst_usec", burst_usec)}},
    [CGFILE_MEMORY_CURRENT] = {"memory.current", FORM_WORDS, {WORD(memory_current)}},
    [CGFILE_MEMORY_PEAK] = {"memory.peak", FORM_WORDS, {WORD(memory_peak)}},
    [CGFILE_SWAP_CURRENT] = {"memory.swap.current", FORM_WORDS, {WORD(swap_current)}},
    [CGFILE_PIDS_CURRENT] = {"pids.current", FORM_WORDS, {WORD(pids_current)}},
    [CGFILE_CPU_PRESSURE] = {"cpu.pressure", FORM_PRESSURE, PRESSURE(cpu)},
    [CGFILE_MEMORY_PRESSURE] = {"memory.pressure", FORM_PRESSURE, PRESSURE(memory)},
    [CGFILE_IO_PRESSURE] = {"io.pressure", FORM_PRESSURE, PRESSURE(io)},
    [CGFILE_MEMORY_EVENTS] = {"memory.events",
                              FORM_FLAT,
                              {KEY("low", events_low), KEY("high", events_high), KEY("max", events_max),
                               KEY("oom", events_oom), KEY("oom_kill", events_oom_kill),
                               KEY("oom_group_kill", events_oom_group_kill)}},
    [CGFILE_MEMORY_EVENTS_LOCAL] = {"memory.events.local",
                                    FORM_FLAT,
                                    {KEY("high", local_high), KEY("max", local_max), KEY("oom", local_oom),
                                     KEY("oom_kill", local_oom_kill)}},
    [CGFILE_SWAP_EVENTS] = {"memory.swap.events",
                            FORM_FLAT,
                            {KEY("high", swap_events_high), KEY("max", swap_events_max),
                             KEY("fail", swap_events_fail)}},
    [CGFILE_PIDS_EVENTS] = {"pids.events", FORM_FLAT, {KEY("max", pids_events_max)}},
    [CGFILE_PIDS_EVENTS_LOCAL] = {"pids.events.local", FORM_FLAT, {KEY("max", local_pids_max)}},
    [CGFILE_CGROUP_EVENTS] = {"cgroup.events",
                              FORM_FLAT,
                              {KEY("populated", populated), KEY("frozen", frozen)}},
    [CGFILE_CPU_MAX] = {"cpu.max", FORM_WORDS, {WORD(cpu_quota_usec), WORD(cpu_period_usec)}},
    [CGFILE_CPU_MAX_BURST] = {"cpu.max.burst", FORM_WORDS, {WORD(cpu_burst_usec)}},
    [CGFILE_CPU_WEIGHT] = {"cpu.weight", FORM_WORDS, {WORD(cpu_weight)}},
    [CGFILE_CPU_IDLE] = {"cpu.idle", FORM_WORDS, {WORD(cpu_idle)}},
    [CGFILE_CPUSET_CPUS] = {.name = "cpuset.cpus"},
    [CGFILE_CPUSET_MEMS] = {.name = "cpuset.mems"},
    [CGFILE_MEMORY_MIN] = {"memory.min", FORM_WORDS, {WORD(memory_min)}},
    [CGFILE_MEMORY_LOW] = {"memory.low", FORM_WORDS, {WORD(memory_low)}},
    [CGFILE_MEMORY_HIGH] = {"memory.high", FORM_WORDS, {WORD(memory_high)}},
    [CGFILE_MEMORY_MAX] = {"memory.max", FORM_WORDS, {WORD(memory_max)}},
    [CGFILE_SWAP_HIGH] = {"memory.swap.high", FORM_WORDS, {WORD(swap_high)}},
    [CGFILE_SWAP_MAX] = {"memory.swap.max", FORM_WORDS, {WORD(swap_max)}},
    [CGFILE_OOM_GROUP] = {"memory.oom.group", FORM_WORDS, {WORD(oom_group)}},
    [CGFILE_PIDS_MAX] = {"pids.max", FORM_WORDS, {WORD(pids_max)}},
    [CGFILE_IO_MAX] = {.name = "io.max"},
    [CGFILE_IO_WEIGHT] = {"io.weight", FORM_FLAT, {KEY("default", io_weight)}},
};
static_assert(COUNT_OF(rows) == CGFILE_COUNT, "a row for each file");

static uint64_t *field_of(struct counters *to, const struct field *field)
{
    return (uint64_t *)(void *)((char *)to + field->offset);
}

/* These loops, and not strcspn(): the words are short, and a sample reads ten thousands of them. */
static size_t word_length(const char *text)
{
    size_t len = 0;
    while (text[len] && text[len] != ' ' && text[len] != '\n')
        len++;
    return len;
}

static bool word_is(const char *text, size_t len, const char *word)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != word[i])
            return false;
    return word[len] == '\0';
}

static const char *next_line(const char *line)
{
    line = strchrnul(line, '\n');
    return *line ? line + 1 : line;
}

/* The word at `text` is the field's value, or if it is none, VALUE_ABSENT. */
static void set_field(const struct field *field, const char *text, struct counters *to)
{
    char word[WORD_SIZE];
    size_t len = word_length(text);
    uint64_t *value = field_of(to, field);
    *value = VALUE_ABSENT;
    if (len >= sizeof word)
        return;
    memcpy(word, text, len);
    word[len] = '\0';
    field->parse(word, value);
}

static void parse_words(const struct row *row, const char *text, struct counters *to)
{
    for (const struct field *f = row->fields; f->line; f++) {
        while (*text == ' ')
            text++;
        if (!*text || *text == '\n')
            return;
        set_field(f, text, to);
        text += word_length(text);
    }
}

static void parse_flat(const struct row *row, const char *text, struct counters *to)
{
    for (const char *line = text; *line; line = next_line(line)) {
        size_t len = word_length(line);
        if (line[len] != ' ')
            continue;
        for (const struct field *f = row->fields; f->line; f++)
            if (word_is(line, len, f->line))
                set_field(f, line + len + 1, to);
    }
}

/* One "key=value" of a line that begins with `head`. */
static void parse_pair(const struct row *row, const char *head, size_t head_len, const char *pair,
                       struct counters *to)
{
    size_t len = 0;
    while (pair[len] && pair[len] != '=' && pair[len] != ' ' && pair[len] != '\n')
        len++;
    if (pair[len] != '=')
        return;
    for (const struct field *f = row->fields; f->line; f++)
        if (word_is(pair, len, f->key) && word_is(head, head_len, f->line))
            set_field(f, pair + len + 1, to);
}

static void parse_pressure(const struct row *row, const char *text, struct counters *to)
{
    for (const char *line = text; *line; line = next_line(line)) {
        size_t len = word_length(line);
        for (const char *word = line + len; *word == ' '; word += word_length(word)) {
            word++;
            parse_pair(row, line, len, word, to);
        }
    }
}

const char *cgfile_name(enum cgfile file)
{
    return rows[file].name;
}

int cgfile_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return (int)i;
    return -1;
}

bool cgfile_is_sampled(const char *name)
{
    int file = cgfile_find(name);
    return file >= 0 && rows[file].fields[0].line && file != CGFILE_MEMORY_EVENTS_LOCAL &&
           file != CGFILE_PIDS_EVENTS_LOCAL;
}

void cgparse(enum cgfile file, const char *text, struct counters *to)
{
    static void (*const parsers[])(const struct row *, const char *, struct counters *) = {
        [FORM_WORDS] = parse_words,
        [FORM_FLAT] = parse_flat,
        [FORM_PRESSURE] = parse_pressure,
    };
    cgparse_absent(file, to);
    parsers[rows[file].form](&rows[file], text, to);
}

void cgparse_absent(enum cgfile file, struct counters *to)
{
    for (const struct field *f = rows[file].fields; f->line; f++)
        *field_of(to, f) = VALUE_ABSENT;
}

void cgparse_absent_all(struct counters *to)
{
    for (int file = 0; file < CGFILE_COUNT; file++)
        cgparse_absent((enum cgfile)file, to);
    to->time_ns = 0;
}
