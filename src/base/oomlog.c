/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/oomlog.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"

#define KIB 1024

/* ---- words ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* The last place where `word` stands in `text`. */
static char *find_last(char *text, const char *word)
{
    char *found = NULL;
    for (char *at = text; (at = strstr(at, word)); at++)
        found = at;
    return found;
}

/* The digits at *at, moving behind them; VALUE_ABSENT: there are none, or too many. */
static uint64_t read_number(const char **at)
{
    uint64_t value = 0;
    const char *start = *at;
    for (; isdigit((unsigned char)**at); (*at)++) {
        uint64_t digit = (uint64_t)(**at - '0');
        value = value > (VALUE_MAX - 10) / 10 ? VALUE_ABSENT : value * 10 + digit;
        if (value == VALUE_ABSENT)
            return VALUE_ABSENT;
    }
    return *at == start ? VALUE_ABSENT : value;
}

/* The number behind `key`; VALUE_ABSENT: there is no such key. */
static uint64_t number_after(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    if (!at)
        return VALUE_ABSENT;
    at += strlen(key);
    return read_number(&at);
}

static uint64_t kib_after(const char *text, const char *key)
{
    uint64_t kib = number_after(text, key);
    return value_is_number(kib) && kib < VALUE_MAX / KIB ? kib * KIB : VALUE_ABSENT;
}

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \xNN is how the kernel writes control bytes, the backslash and what is beyond ASCII. */
static void unescape(char *to, size_t size, const char *from, size_t len)
{
    size_t out = 0;
    for (size_t i = 0; i < len && from[i] && out + 1 < size; i++) {
        int value = (unsigned char)from[i];
        if (from[i] == '\\' && i + 3 < len && from[i + 1] == 'x' && hex(from[i + 2]) >= 0 &&
            hex(from[i + 3]) >= 0) {
            value = hex(from[i + 2]) * 16 + hex(from[i + 3]);
            i += 3;
        }
        to[out++] = value ? (char)value : '?';
    }
    to[out] = '\0';
}

/* ---- the report ---- */

static void begin(struct oomlog *log)
{
    oom_unknown(&log->report);
    log->report.incident = ++log->incidents;
    log->report.source = OOM_SOURCE_LINE;
    log->open = log->has_verdict = false;
    log->pid = 0;
    log->pid_count = 0;
    log->stats_path[0] = log->scope[0] = log->victim[0] = log->partial[0] = '\0';
}

void oomlog_init(struct oomlog *log)
{
    *log = (struct oomlog){0};
    begin(log);
}

static bool on_invoked(struct oomlog *log, char *text)
{
    char *end = find_last(text, " invoked oom-killer: gfp_mask=");
    if (!end)
        return false;
    begin(log);
    log->open = true;
    *end = '\0';
    str_copy(log->report.invoker, sizeof log->report.invoker, text);
    return true;
}

static bool on_usage(struct oomlog *log, char *text)
{
    if (!log->open)
        return false;
    if (str_starts(text, "memory: usage ") && strstr(text, "kB, limit ")) {
        log->report.usage_bytes = kib_after(text, "memory: usage ");
        log->report.limit_bytes = kib_after(text, "kB, limit ");
        return true;
    }
    if (!str_starts(text, "swap: usage "))
        return false;
    log->report.swap_bytes = kib_after(text, "swap: usage ");
    return true;
}

static bool on_stats_path(struct oomlog *log, char *text)
{
    static const char front[] = "Memory cgroup stats for ";
    size_t len = strlen(text);
    if (!log->open || !str_starts(text, front) || text[len - 1] != ':')
        return false;
    text[len - 1] = '\0';
    str_copy(log->stats_path, sizeof log->stats_path, text + sizeof front - 1);
    return true;
}

/* "[    161]     0   161 ...": who was there, so that it is known whom memory.oom.group takes along. */
static bool on_task(struct oomlog *log, char *text)
{
    const char *at = text + 1;
    if (!log->open || text[0] != '[')
        return false;
    at += strspn(at, " ");
    uint64_t pid = read_number(&at);
    if (*at != ']' || pid > UINT32_MAX)
        return false;
    if (log->pid_count < OOMLOG_PIDS)
        log->pids[log->pid_count] = (uint32_t)pid;
    log->pid_count++;
    return true;
}

static bool is_inside(const char *path, const char *top)
{
    size_t len = strcmp(top, "/") == 0 ? 0 : strlen(top);
    return strncmp(path, top, len) == 0 && (path[len] == '/' || !path[len] || path[len] == ',');
}

/* Tells "A,task_memcg=B" apart: B is A, or is below it, whatever is in their names. Where the statistics said
 * what A is, it is that. */
static char *split_limit(struct oomlog *log, char *text)
{
    static const char between[] = ",task_memcg=";
    size_t known = strlen(log->stats_path);
    for (char *at = text; (at = strstr(at, between)); at++) {
        char *second = at + sizeof between - 1;
        if (known && ((size_t)(at - text) != known || strncmp(text, log->stats_path, known) != 0))
            continue;
        *at = '\0';
        if (text[0] == '/' && is_inside(second, text))
            return second;
        *at = ',';
    }
    return NULL;
}

/* Cuts ",pid=161,uid=0" off the end. */
static bool cut_pid(char *text, uint64_t *ret_pid)
{
    char *end = find_last(text, ",pid=");
    if (!end)
        return false;
    const char *at = end + 5;
    uint64_t pid = read_number(&at);
    if (!value_is_number(pid) || !str_starts(at, ",uid="))
        return false;
    at += 5;
    if (!value_is_number(read_number(&at)) || *at)
        return false;
    *end = '\0';
    *ret_pid = pid;
    return true;
}

static bool read_constraint(struct oomlog *log, char *text)
{
    static const char memcg[] = ",oom_memcg=", global[] = ",global_oom,task_memcg=";
    char *limit = strstr(text, memcg), *all = strstr(text, global);
    if (str_starts(text, "CONSTRAINT_MEMCG,") && limit) {
        limit += sizeof memcg - 1;
        char *victim = split_limit(log, limit);
        if (!victim)
            return false;
        log->report.limit = OOM_LIMIT_GROUP;
        str_copy(log->report.limit_cgroup, sizeof log->report.limit_cgroup, limit);
        return str_copy(log->victim, sizeof log->victim, victim);
    }
    if (!all)
        return false;
    log->report.limit = str_starts(text, "CONSTRAINT_NONE,") ? OOM_LIMIT_MACHINE : OOM_LIMIT_NODES;
    return str_copy(log->victim, sizeof log->victim, all + sizeof global - 1);
}

static bool on_verdict(struct oomlog *log, char *text)
{
    static const char front[] = "oom-kill:constraint=";
    if (!log->open || !str_starts(text, front))
        return false;
    if (!cut_pid(text, &log->pid)) { /* other CPUs' lines may have come in between: it goes on */
        str_copy(log->partial, sizeof log->partial, text);
        return true;
    }
    log->has_verdict = read_constraint(log, text + sizeof front - 1);
    log->report.source = log->has_verdict ? OOM_SOURCE_REPORT : OOM_SOURCE_LINE;
    return true;
}

static bool on_group(struct oomlog *log, char *text)
{
    static const char front[] = "Tasks in ", end[] = " are going to be killed due to memory.oom.group set";
    if (!str_starts(text, front) || !ends_with(text, end))
        return false;
    text[strlen(text) - (sizeof end - 1)] = '\0';
    str_copy(log->scope, sizeof log->scope, text + sizeof front - 1);
    log->report.group = true;
    return true;
}

/* ---- the kill ---- */

/* "CGROUP,task=COMM": the command is known from the line of its kill, so that no name can lie about where one
 * ends. It may have changed in between: then a command is at most 15 bytes long. */
static void read_victim_cgroup(struct oomlog *log, const char *comm, char *to)
{
    char end[OOM_COMM_SIZE + 8] = ",task=";
    str_copy(end + 6, sizeof end - 6, comm);
    char *cut = ends_with(log->victim, end) ? log->victim + strlen(log->victim) - strlen(end)
                                            : find_last(log->victim, ",task=");
    if (cut)
        *cut = '\0';
    if (cut && !str_copy(to, OOM_PATH_SIZE, log->victim))
        to[0] = '\0'; /* no group of ours has so long a name */
}

static bool is_listed(const struct oomlog *log, uint64_t pid)
{
    if (log->pid_count == 0 || log->pid_count > OOMLOG_PIDS)
        return true;
    for (size_t i = 0; i < log->pid_count; i++)
        if (log->pids[i] == pid)
            return true;
    return false;
}

static bool read_victim(char *text, struct oom_victim *ret)
{
    static const char between[] = ") total-vm:";
    const char *at = text;
    ret->pid = read_number(&at);
    char *end = find_last(text, between);
    if (!value_is_number(ret->pid) || !str_starts(at, " (") || !end || end < at + 2)
        return false;
    const char *tail = end + 1, *adj = strstr(tail, " oom_score_adj:");
    *end = '\0';
    str_copy(ret->comm, sizeof ret->comm, at + 2);
    ret->vm_bytes = kib_after(tail, " total-vm:");
    ret->anon_bytes = kib_after(tail, ", anon-rss:");
    ret->file_bytes = kib_after(tail, ", file-rss:");
    ret->shmem_bytes = kib_after(tail, ", shmem-rss:");
    ret->uid = number_after(tail, ", UID:");
    long score = adj ? strtol(adj + 15, NULL, 10) : INT32_MIN;
    ret->score_adj = score >= -1000 && score <= 1000 ? (int32_t)score : INT32_MIN;
    return true;
}

/* Which incident a kill belongs to: the one whose report named it, or whose group goes with it; else it is
 * one that has no report. */
static bool belongs(const struct oomlog *log, uint64_t pid)
{
    return (log->open && log->has_verdict && log->pid == pid) ||
           (!log->open && log->report.group && is_listed(log, pid));
}

static bool on_killed(struct oomlog *log, char *text, struct oom_line *ret)
{
    static const char *const fronts[] = {
        "Memory cgroup out of memory: Killed process ", "Out of memory: Killed process ",
        "Memory cgroup out of memory (oom_kill_allocating_task): Killed process ",
        "Out of memory (oom_kill_allocating_task): Killed process "};
    struct oom_victim victim;
    size_t i = 0;
    while (i < COUNT_OF(fronts) && !str_starts(text, fronts[i]))
        i++;
    if (i == COUNT_OF(fronts) || !read_victim(text + strlen(fronts[i]), &victim))
        return false;
    if (!belongs(log, victim.pid)) {
        begin(log);
        log->report.limit = i % 2 == 0 ? OOM_LIMIT_UNKNOWN : OOM_LIMIT_MACHINE;
    }
    *ret = (struct oom_line){.oom = log->report};
    ret->oom.victims[0] = victim;
    ret->oom.victim_count = 1;
    if (log->open)
        read_victim_cgroup(log, victim.comm, ret->cgroup);
    str_copy(ret->scope, sizeof ret->scope, log->scope);
    log->open = false;
    return true;
}

/* ---- records ---- */

/* "6,123,456,-;": false if it is not the kernel's own. Others' have a facility. */
static bool read_front(struct oomlog *log, const char *record, const char *text, bool *ret_goes_on)
{
    const char *at = record;
    uint64_t priority = read_number(&at);
    if (*at++ != ',')
        return false;
    uint64_t seq = read_number(&at);
    const char *flags = memchr(at, ',', (size_t)(text - at));
    flags = flags ? memchr(flags + 1, ',', (size_t)(text - flags - 1)) : NULL;
    if (!value_is_number(seq) || !flags)
        return false;
    *ret_goes_on = flags[1] == 'c' || flags[1] == '+';
    if (log->has_seq && seq > log->seq + 1) {
        log->lost += seq - log->seq - 1;
        begin(log);
    }
    log->has_seq = true;
    log->seq = seq;
    return priority < 8;
}

bool oomlog_feed(struct oomlog *log, const char *record, size_t len, struct oom_line *ret)
{
    static bool (*const handlers[])(struct oomlog *, char *) = {
        on_usage, on_stats_path, on_task, on_group, on_verdict, on_invoked,
    };
    char text[OOMLOG_TEXT];
    bool goes_on;
    const char *start = memchr(record, ';', len);
    if (!start || !read_front(log, record, start, &goes_on))
        return false;
    const char *end = memchr(start, '\n', len - (size_t)(start - record)); /* then a dictionary follows */
    size_t text_len = (size_t)((end ? end : record + len) - start) - 1;
    unescape(text, sizeof text, start + 1, text_len);
    if (log->partial[0] && (goes_on || text[0] == ',')) {
        cleanup_free char *whole = mem_printf("%s%s", log->partial, text);
        str_copy(text, sizeof text, whole);
        log->partial[0] = '\0';
    }
    if (on_killed(log, text, ret))
        return true;
    for (size_t i = 0; i < COUNT_OF(handlers); i++)
        if (handlers[i](log, text))
            return false;
    if (log->open && log->stats_path[0] && !log->pid_count)
        oom_parse_filling(text, &log->report.filling);
    return false;
}
