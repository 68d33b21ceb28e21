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

enum kind {
    KIND_NUMBER,
    KIND_LIMIT, /* a number or "max" */
    KIND_CENTI, /* "12.34" is 1234; the kernel writes two decimals always */
};

struct field {
    const char *line, *key; /* of a flat file: the key; of pressure: "some", "total" */
    size_t offset;          /* in struct counters */
    enum kind kind;
};

#define FIELDS_MAX 9
struct row {
    const char *name;
    enum form form;
    struct field fields[FIELDS_MAX + 1]; /* in the kernel's order; ends with a row without `line` */
};

#define AT(member) offsetof(struct counters, member)
#define WORD(member)                                                                                         \
    {                                                                                                        \
        "", "", AT(member), KIND_LIMIT                                                                       \
    }
#define KEY(key, member)                                                                                     \
    {                                                                                                        \
        key, "", AT(member), KIND_NUMBER                                                                     \
    }
#define PRESSURE(of)                                                                                         \
    {                                                                                                        \
        {"some", "avg10", AT(of##_some_avg10), KIND_CENTI},                                                  \
            {"some", "total", AT(of##_some_usec), KIND_NUMBER},                                              \
            {"full", "avg10", AT(of##_full_avg10), KIND_CENTI},                                              \
            {"full", "total", AT(of##_full_usec), KIND_NUMBER},                                              \
    }

static const struct row rows[] = {
    [CGFILE_CPU_STAT] = {"cpu.stat",
                         FORM_FLAT,
                         {KEY("usage_usec", usage_usec), KEY("user_usec", user_usec),
                          KEY("system_usec", system_usec), KEY("nice_usec", nice_usec),
                          KEY("nr_periods", nr_periods), KEY("nr_throttled", nr_throttled),
                          KEY("throttled_usec", throttled_usec), KEY("nr_bursts", nr_bursts),
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

static void absent(const struct row *row, struct counters *to)
{
    for (const struct field *f = row->fields; f->line; f++)
        *field_of(to, f) = VALUE_ABSENT;
}

/* These loops, and not the library's: the words are short, and a sample reads ten thousands of them. */
static bool is_end(char c)
{
    return c == '\0' || c == ' ' || c == '\n';
}

static const char *word_end(const char *text)
{
    while (!is_end(*text))
        text++;
    return text;
}

static const char *next_line(const char *text)
{
    while (*text && *text != '\n')
        text++;
    return *text ? text + 1 : text;
}

/* What follows `word` and the one character after it, if `text` begins so; else NULL. */
static const char *behind(const char *text, const char *word, char then)
{
    while (*word && *text == *word) {
        text++;
        word++;
    }
    return *word == '\0' && *text == then ? text + 1 : NULL;
}

/* 10 and more: no digit. */
static unsigned digit(char c)
{
    return (unsigned)c - '0';
}

#define DIGITS_MAX 19 /* so many never overflow */

/* The number that is the word at `text`, as the kernel writes nearly all. The end of the word; NULL: it is
 * none of those. */
static inline const char *plain_number(const char *text, enum kind kind, uint64_t *ret_value)
{
    const char *c = text;
    uint64_t value = 0;
    for (; digit(*c) < 10; c++)
        value = value * 10 + digit(*c);
    if (kind == KIND_CENTI) {
        if (c[0] != '.' || digit(c[1]) > 9 || digit(c[2]) > 9)
            return NULL;
        value = value * 100 + digit(c[1]) * 10 + digit(c[2]);
        c += 3;
    }
    if (c == text || c - text > DIGITS_MAX || !is_end(*c))
        return NULL;
    *ret_value = value;
    return c;
}

#define WORD_SIZE 32 /* of any word that is a number */

static int parse_centi(char *text, uint64_t *ret_value)
{
    char *point = strchrnul(text, '.');
    if (strlen(point) != 3)
        return -1;
    memmove(point, point + 1, 3);
    return parse_u64(text, ret_value);
}

/* Any word: a long number, "max", or none at all, which leaves the value as it is. Seldom: its buffer is not
 * to be on everybody's stack. */
__attribute__((noinline)) static void parse_word(const char *text, size_t len, enum kind kind,
                                                 uint64_t *value)
{
    char word[WORD_SIZE];
    if (len >= sizeof word)
        return;
    memcpy(word, text, len);
    word[len] = '\0';
    if (kind == KIND_CENTI)
        parse_centi(word, value);
    else if (kind == KIND_LIMIT)
        parse_u64_or_max(word, value);
    else
        parse_u64(word, value);
}

/* The word at `text` is the field's value, or if it is none, VALUE_ABSENT. Returns the word's end. */
static const char *set_field(const struct field *field, const char *text, struct counters *to)
{
    uint64_t *value = field_of(to, field);
    const char *end = plain_number(text, field->kind, value);
    if (end)
        return end;
    *value = VALUE_ABSENT;
    end = word_end(text);
    parse_word(text, (size_t)(end - text), field->kind, value);
    return end;
}

static void parse_words(const struct row *row, const char *text, struct counters *to)
{
    for (const struct field *f = row->fields; f->line; f++) {
        while (*text == ' ')
            text++;
        text = set_field(f, text, to);
    }
}

/* The kernel writes one key after the other: the next is looked for from the last one on. */
static const struct field *field_after(const struct row *row, const struct field *field)
{
    return field[1].line ? field + 1 : row->fields;
}

/* The field that a line "key value" is of; NULL: none. */
static const struct field *find_key(const struct row *row, const struct field *next, const char *line,
                                    const char **ret_value)
{
    const struct field *f = next;
    do {
        if ((*ret_value = behind(line, f->line, ' ')))
            return f;
        f = field_after(row, f);
    } while (f != next);
    return NULL;
}

static void parse_flat(const struct row *row, const char *text, struct counters *to)
{
    const struct field *next = row->fields, *found;
    absent(row, to);
    for (const char *value; *text; text = next_line(text))
        if ((found = find_key(row, next, text, &value))) {
            text = set_field(found, value, to);
            next = field_after(row, found);
        }
}

/* What follows the literal, if `text` begins so; else NULL. All these go on from a NULL with a NULL. */
#define SKIP(text, end, literal) skip(text, end, "" literal, sizeof(literal) - 1)
static inline const char *skip(const char *text, const char *end, const char *literal, size_t len)
{
    return text && (size_t)(end - text) >= len && memcmp(text, literal, len) == 0 ? text + len : NULL;
}

static inline const char *skip_word(const char *text)
{
    return text ? word_end(text) : NULL;
}

static inline const char *skip_number(const char *text, enum kind kind, uint64_t *ret_value)
{
    return text ? plain_number(text, kind, ret_value) : NULL;
}

/* The rest of a line as the kernel writes it, behind "some avg10=" or "full avg10=". NULL: it is another. */
static const char *plain_pressure(const char *text, const char *end, uint64_t *ret_avg10, uint64_t *ret_total)
{
    text = skip_number(text, KIND_CENTI, ret_avg10);
    text = skip_word(SKIP(text, end, " avg60="));
    text = skip_word(SKIP(text, end, " avg300="));
    text = skip_number(SKIP(text, end, " total="), KIND_NUMBER, ret_total);
    return SKIP(text, end, "\n");
}

/* Three of these files are read of each group, and are the longest: the usual text is not searched. */
static bool is_plain_pressure(const struct row *row, const char *text, struct counters *to)
{
    const struct field *f = row->fields;
    const char *end = text + strlen(text);
    text = plain_pressure(SKIP(text, end, "some avg10="), end, field_of(to, &f[0]), field_of(to, &f[1]));
    text = plain_pressure(SKIP(text, end, "full avg10="), end, field_of(to, &f[2]), field_of(to, &f[3]));
    return text == end;
}

/* One "key=value" of a line that begins with `head`. */
static void parse_pair(const struct row *row, const char *head, const char *pair, struct counters *to)
{
    const char *value;
    for (const struct field *f = row->fields; f->line; f++)
        if ((value = behind(pair, f->key, '=')) && behind(head, f->line, ' '))
            set_field(f, value, to);
}

static void parse_pressure(const struct row *row, const char *text, struct counters *to)
{
    if (is_plain_pressure(row, text, to))
        return;
    absent(row, to);
    for (const char *line = text; *line; line = next_line(line))
        for (const char *word = word_end(line); *word == ' '; word = word_end(word)) {
            word++;
            parse_pair(row, line, word, to);
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
    parsers[rows[file].form](&rows[file], text, to);
}

void cgparse_absent(enum cgfile file, struct counters *to)
{
    absent(&rows[file], to);
}

void cgparse_absent_all(struct counters *to)
{
    for (int file = 0; file < CGFILE_COUNT; file++)
        cgparse_absent((enum cgfile)file, to);
    to->time_ns = 0;
}
