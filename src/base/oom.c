/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/oom.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/str.h"
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

static const char *const limits[] = {
    [OOM_LIMIT_UNKNOWN] = "unknown",
    [OOM_LIMIT_GROUP] = "group",
    [OOM_LIMIT_MACHINE] = "machine",
    [OOM_LIMIT_NODES] = "nodes",
};
static_assert(COUNT_OF(limits) == OOM_LIMIT_COUNT, "a name for each");

const char *oom_limit_name(enum oom_limit limit)
{
    return limits[limit];
}

enum oom_limit oom_limit_by_name(const char *name)
{
    for (size_t i = 0; name && i < COUNT_OF(limits); i++)
        if (strcmp(limits[i], name) == 0)
            return (enum oom_limit)i;
    return OOM_LIMIT_UNKNOWN;
}

static const struct {
    const char *name, *why;
} sources[] = {
    [OOM_SOURCE_REPORT] = {"report", NULL},
    [OOM_SOURCE_LINE] = {"line", N_("the kernel wrote no report: it writes 10 in 5 s at the most")},
    [OOM_SOURCE_UNHEARD] = {"unheard", N_("the kernel's log says nothing that could be put down to it")},
    [OOM_SOURCE_OVERRUN] = {"overrun", N_("the kernel's log was overwritten before it was read")},
    [OOM_SOURCE_NO_RIGHT] = {"no-right",
                             N_("the kernel's log may not be read (as root it may, with CAP_SYSLOG)")},
};
static_assert(COUNT_OF(sources) == OOM_SOURCE_COUNT, "a row for each");

const char *oom_source_name(enum oom_source source)
{
    return sources[source].name;
}

enum oom_source oom_source_by_name(const char *name)
{
    for (size_t i = 0; name && i < COUNT_OF(sources); i++)
        if (strcmp(sources[i].name, name) == 0)
            return (enum oom_source)i;
    return OOM_SOURCE_UNHEARD;
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

#define OOM(member)    offsetof(struct oom, member), sizeof(((struct oom *)0)->member)
#define VICTIM(member) offsetof(struct oom_victim, member), sizeof(((struct oom_victim *)0)->member)
const struct oom_key oom_keys[OOM_KEYS] = {
    {"oom/limit_cgroup", OOM_FORM_TEXT, true, OOM(limit_cgroup),
     "whose limit it was: a path; null: the machine's, or not known"},
    {"oom/victim_cgroup", OOM_FORM_TEXT, false, OOM(victim_cgroup),
     "where the victim was, if that is none of the groups that are watched"},
    {"oom/invoker", OOM_FORM_TEXT, false, OOM(invoker), "who asked for the memory, or lowered the limit"},
    {"oom/verdict", OOM_FORM_TEXT, false, OOM(verdict),
     "what was to be said of the group just before: why it was slow"},
    {"oom/usage", OOM_FORM_BYTES, false, OOM(usage_bytes),
     "bytes: what was used under the limit at that moment"},
    {"oom/max", OOM_FORM_BYTES, false, OOM(limit_bytes), "bytes: the limit"},
    {"oom/swap", OOM_FORM_BYTES, false, OOM(swap_bytes), "bytes of swap used under it"},
    {"oom/anon", OOM_FORM_BYTES, true, OOM(filling.anon),
     "bytes of anonymous memory, of what \"filling\" says"},
    {"oom/file", OOM_FORM_BYTES, true, OOM(filling.file), "bytes of files in memory, shmem included"},
    {"oom/kernel", OOM_FORM_BYTES, true, OOM(filling.kernel), "bytes of the kernel's own"},
    {"oom/shmem", OOM_FORM_BYTES, true, OOM(filling.shmem), "bytes of shared memory and tmpfs"},
    {"oom/before/memory.current", OOM_FORM_BYTES, false, OOM(before_current),
     "bytes, of the group, when it was looked at last before"},
    {"oom/before/memory.max", OOM_FORM_BYTES, false, OOM(before_max), "bytes, likewise"},
    {"oom/before/memory.swap.current", OOM_FORM_BYTES, false, OOM(before_swap), "bytes, likewise"},
};
const struct oom_key oom_victim_keys[OOM_VICTIM_KEYS] = {
    {"oom/victim/pid", OOM_FORM_ID, true, VICTIM(pid), "of the victim, as the host has it"},
    {"oom/victim/uid", OOM_FORM_ID, true, VICTIM(uid), "its user"},
    {"oom/victim/comm", OOM_FORM_TEXT, true, VICTIM(comm), "its name"},
    {"oom/victim/anon-rss", OOM_FORM_BYTES, false, VICTIM(anon_bytes), "bytes of anonymous memory it had"},
    {"oom/victim/file-rss", OOM_FORM_BYTES, false, VICTIM(file_bytes), "bytes of files it had mapped"},
    {"oom/victim/shmem-rss", OOM_FORM_BYTES, false, VICTIM(shmem_bytes),
     "bytes of shared memory it had mapped"},
    {"oom/victim/total-vm", OOM_FORM_BYTES, false, VICTIM(vm_bytes), "bytes of addresses it had"},
};

/* Whose limit, and how it stands to the group: "its own limit", "the limit of /H". */
static void limit_text(const struct oom *oom, const char *cgroup, words_fn *words, char *to, size_t size)
{
    char path[2 * OOM_PATH_SIZE], number[FMT_SIZE];
    bool own = strcmp(oom->limit_cgroup, cgroup) == 0;
    str_printable(path, sizeof path, oom->limit_cgroup);
    const char *format = oom->limit == OOM_LIMIT_MACHINE   ? N_(" at the machine's memory")
                         : oom->limit == OOM_LIMIT_NODES   ? N_(" at the memory of its nodes")
                         : oom->limit == OOM_LIMIT_UNKNOWN ? N_(" at an unknown limit")
                         : own                             ? N_(" at its own limit")
                                                           : N_(" at the limit of %s");
    int used = snprintf(to, size, words_say(words, format), path);
    if (oom->limit == OOM_LIMIT_GROUP && value_is_number(oom->limit_bytes) && used < (int)size)
        snprintf(to + used, size - (size_t)used, ", %s", fmt_bytes(number, oom->limit_bytes));
}

void oom_kill_text(const struct oom *oom, const char *cgroup, uint64_t kills, words_fn *words, char *to,
                   size_t size)
{
    char limit[3 * OOM_PATH_SIZE] = "", comm[4 * OOM_COMM_SIZE + 1], rss[FMT_SIZE], more[FMT_SIZE + 32] = "";
    limit_text(oom, cgroup, words, limit, sizeof limit);
    if (!oom->victim_count) {
        snprintf(to, size, words_count(words, "%llu killed%s", "%llu killed%s", kills),
                 (unsigned long long)kills, limit);
        return;
    }
    str_printable(comm, sizeof comm, oom->victims[0].comm);
    if (oom->victim_count > 1)
        snprintf(more, sizeof more, words_count(words, " and %s more", " and %s more", oom->victim_count - 1),
                 fmt_count(rss, oom->victim_count - 1));
    snprintf(to, size, "%s (pid %llu, %s)%s%s", comm, (unsigned long long)oom->victims[0].pid,
             fmt_bytes(rss, oom_rss(&oom->victims[0])), more, limit);
}
