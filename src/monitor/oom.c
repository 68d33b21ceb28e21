/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/oom.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/parse.h"
#include "base/value.h"

void oom_unknown(struct oom *oom)
{
    *oom = (struct oom){.source = OOM_SOURCE_UNHEARD,
                        .usage_bytes = VALUE_ABSENT,
                        .limit_bytes = VALUE_ABSENT,
                        .swap_bytes = VALUE_ABSENT,
                        .filling = {VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT},
                        .before_current = VALUE_ABSENT,
                        .before_max = VALUE_ABSENT,
                        .before_swap = VALUE_ABSENT};
}

const char *oom_limit_name(enum oom_limit limit)
{
    static const char *const names[] = {
        [OOM_LIMIT_UNKNOWN] = "unknown",
        [OOM_LIMIT_GROUP] = "group",
        [OOM_LIMIT_MACHINE] = "machine",
        [OOM_LIMIT_NODES] = "nodes",
    };
    static_assert(COUNT_OF(names) == OOM_LIMIT_COUNT, "a name for each");
    return names[limit];
}

static const struct {
    const char *name, *why;
} sources[] = {
    [OOM_SOURCE_REPORT] = {"report", NULL},
    [OOM_SOURCE_LINE] = {"line", "the kernel wrote no report: it writes 10 in 5 s at the most"},
    [OOM_SOURCE_UNHEARD] = {"unheard", "the kernel's log says nothing that could be put down to it"},
    [OOM_SOURCE_OVERRUN] = {"overrun", "the kernel's log was overwritten before it was read"},
    [OOM_SOURCE_NO_RIGHT] = {"no-right",
                             "the kernel's log may not be read (as root it may, with CAP_SYSLOG)"},
};
static_assert(COUNT_OF(sources) == OOM_SOURCE_COUNT, "a row for each");

const char *oom_source_name(enum oom_source source)
{
    return sources[source].name;
}

const char *oom_source_why(enum oom_source source)
{
    return sources[source].why;
}

struct oom *oom_dup(const struct oom *oom)
{
    if (!oom)
        return NULL;
    struct oom *copy = mem_alloc(sizeof *copy);
    *copy = *oom;
    return copy;
}

uint64_t oom_rss(const struct oom_victim *victim)
{
    uint64_t sum = 0;
    const uint64_t parts[] = {victim->anon_bytes, victim->file_bytes, victim->shmem_bytes};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!value_is_number(parts[i]) || parts[i] > VALUE_MAX / 4)
            return VALUE_ABSENT;
        sum += parts[i];
    }
    return sum;
}

/* "key value" to the end of the line. */
static void parse_line(const char *line, size_t len, struct oom_filling *to)
{
    const struct {
        const char *key;
        uint64_t *value;
    } keys[] = {{"anon", &to->anon}, {"file", &to->file}, {"kernel", &to->kernel}, {"shmem", &to->shmem}};
    char number[32];
    const char *blank = memchr(line, ' ', len);
    size_t key_len = blank ? (size_t)(blank - line) : 0, digits = blank ? len - key_len - 1 : 0;
    if (!key_len || digits >= sizeof number)
        return;
    memcpy(number, blank + 1, digits);
    number[digits] = '\0';
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (strlen(keys[i].key) == key_len && strncmp(keys[i].key, line, key_len) == 0)
            parse_u64(number, keys[i].value);
}

void oom_parse_filling(const char *text, struct oom_filling *to)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        parse_line(text, len, to);
        text += len + (text[len] == '\n');
    }
}
