/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/oomjoin.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"

#define NS_PER_MS 1000000ull
/* The kernel counts a kill microseconds before it logs it. */
#define UNHEARD_NS (50 * NS_PER_MS)
/* With memory.oom.group the next is killed at once, or by a CPU that was busy. */
#define LINGER_NS     (30 * NS_PER_MS)
#define LINGER_MAX_NS (200 * NS_PER_MS)
/* A line that nobody counts is of a group that is not watched. */
#define LINE_NS    (2000 * NS_PER_MS)
#define OVERRUN_NS (1000 * NS_PER_MS)
#define LINES_CAP  1024
#define OPENS_CAP  256

struct oomjoin_line {
    struct oom_line line; /* some 2 KiB */
    uint64_t at_ns;
};

struct oomjoin_open {
    struct event *event; /* held in the queue */
    uint64_t explained;  /* of its kills */
    uint64_t opened_ns, due_ns;
    unsigned flags;
};

void oomjoin_init(struct oomjoin *join, struct eventq *queue, bool listens, bool adopts)
{
    *join = (struct oomjoin){.queue = queue, .listens = listens, .adopts = adopts};
    join->opens = mem_array(OPENS_CAP, sizeof *join->opens);
    if (listens)
        join->lines = mem_array(LINES_CAP, sizeof *join->lines);
}

void oomjoin_fini(struct oomjoin *join)
{
    for (size_t i = 0; i < join->line_count; i++)
        free(join->lines[i]);
    free(take_ptr(&join->lines));
    free(take_ptr(&join->opens));
    join->line_count = join->open_count = 0;
}

/* ---- which line is of which group ---- */

static bool is_inside(const char *path, const char *top)
{
    size_t len = strcmp(top, "/") == 0 ? 0 : strlen(top);
    return strncmp(path, top, len) == 0 && (path[len] == '/' || !path[len]);
}

static bool matches(const struct oomjoin_open *open, const struct oom_line *line)
{
    const char *cgroup = open->event->cgroup;
    if (line->cgroup[0])
        return strcmp(line->cgroup, cgroup) == 0 ||
               (open->flags & OOMJOIN_GUESSED && is_inside(line->cgroup, cgroup));
    return line->scope[0] && is_inside(cgroup, line->scope);
}

/* ---- evidence ---- */

static bool has_line(const struct oom *oom)
{
    return oom->source == OOM_SOURCE_REPORT || oom->source == OOM_SOURCE_LINE;
}

static void add_victim(struct oom *oom, const struct oom_victim *victim)
{
    for (size_t i = 0; i < oom->victim_count && i < OOM_VICTIMS; i++)
        if (oom->victims[i].pid == victim->pid)
            return; /* memory.oom.group: the first one is counted, and logged, twice */
    if (oom->victim_count < OOM_VICTIMS)
        oom->victims[oom->victim_count] = *victim;
    oom->victim_count++;
}

/* The report's figures are of the moment itself, and take the place of those that were read before. */
static void take_report(struct oom *oom, const struct oom *from)
{
    oom->incident = from->incident;
    oom->source = from->source;
    oom->group |= from->group;
    if (from->limit != OOM_LIMIT_UNKNOWN) {
        oom->limit = from->limit;
        memcpy(oom->limit_cgroup, from->limit_cgroup, sizeof oom->limit_cgroup);
    }
    memcpy(oom->invoker, from->invoker, sizeof oom->invoker);
    oom->usage_bytes = from->usage_bytes;
    oom->limit_bytes = from->limit_bytes;
    oom->swap_bytes = from->swap_bytes;
    if (value_is_number(from->filling.anon)) {
        oom->filling = from->filling;
        oom->filling_of_victim = false;
    }
}

/* The kills that are not explained become an event of their own, right behind it. False: there is no room. */
static bool split(struct oomjoin *join, struct oomjoin_open *open, const struct oom *counted)
{
    struct event rest = *open->event;
    rest.value -= open->explained;
    rest.oom = oom_dup(counted);
    struct event *behind = eventq_hold_behind(join->queue, open->event, &rest);
    open->event->value = open->explained;
    open->event->total -= rest.value;
    eventq_release(join->queue, open->event);
    open->event = behind;
    open->explained = 0;
    return behind;
}

/* What was known of it without any line. */
static struct oom counted_part(const struct oom *oom)
{
    struct oom counted = *oom;
    counted.incident = 0;
    counted.source = OOM_SOURCE_UNHEARD;
    counted.invoker[0] = '\0';
    counted.group = false;
    counted.victim_count = 0;
    return counted;
}

static bool attach(struct oomjoin *join, struct oomjoin_open *open, const struct oom_line *line,
                   uint64_t now_ns)
{
    struct oom *oom = open->event->oom;
    if (has_line(oom) && oom->incident != line->oom.incident) {
        struct oom counted = counted_part(oom);
        if (!split(join, open, &counted))
            return false;
        oom = open->event->oom;
    }
    take_report(oom, &line->oom);
    add_victim(oom, &line->oom.victims[0]);
    if (line->cgroup[0] && strcmp(line->cgroup, open->event->cgroup) != 0) {
        if (join->adopts)
            str_copy(open->event->cgroup, sizeof open->event->cgroup, line->cgroup);
        else
            memcpy(oom->victim_cgroup, line->cgroup, sizeof oom->victim_cgroup);
    }
    open->explained++;
    if (open->flags & OOMJOIN_GROUP)
        open->due_ns = now_ns + LINGER_NS;
    return true;
}

/* ---- lines that wait, events that wait ---- */

static void drop_line(struct oomjoin *join, size_t index)
{
    free(join->lines[index]);
    join->line_count--;
    memmove(&join->lines[index], &join->lines[index + 1], (join->line_count - index) * sizeof *join->lines);
}

static void drop_open(struct oomjoin *join, size_t index)
{
    join->open_count--;
    memmove(&join->opens[index], &join->opens[index + 1], (join->open_count - index) * sizeof *join->opens);
}

static bool wants(const struct oomjoin_open *open)
{
    return open->event && open->explained < open->event->value;
}

static enum oom_source silence(const struct oomjoin *join, uint64_t now_ns)
{
    if (!join->listens)
        return OOM_SOURCE_NO_RIGHT;
    bool overrun = join->overrun_ns && now_ns - join->overrun_ns < OVERRUN_NS;
    return overrun ? OOM_SOURCE_OVERRUN : OOM_SOURCE_UNHEARD;
}

static void close_open(struct oomjoin *join, size_t index, uint64_t now_ns)
{
    struct oomjoin_open *open = &join->opens[index];
    if (wants(open) && open->explained > 0) {
        struct oom counted = counted_part(open->event->oom);
        split(join, open, &counted);
    }
    if (open->event && !has_line(open->event->oom))
        open->event->oom->source = silence(join, now_ns);
    if (open->event)
        eventq_release(join->queue, open->event);
    drop_open(join, index);
}

/* Gives it all lines that are its, oldest first. */
static void explain(struct oomjoin *join, struct oomjoin_open *open, uint64_t now_ns)
{
    for (size_t i = 0; i < join->line_count && wants(open);) {
        if (matches(open, &join->lines[i]->line) && attach(join, open, &join->lines[i]->line, now_ns))
            drop_line(join, i);
        else
            i++;
    }
}

/* Nothing more is to be waited for. */
static bool is_settled(const struct oomjoin *join, const struct oomjoin_open *open)
{
    return !join->listens || !open->event || (!wants(open) && !(open->flags & OOMJOIN_GROUP));
}

void oomjoin_line(struct oomjoin *join, const struct oom_line *line, uint64_t now_ns)
{
    for (size_t i = 0; i < join->open_count; i++) {
        struct oomjoin_open *open = &join->opens[i];
        if (!wants(open) || !matches(open, line) || !attach(join, open, line, now_ns))
            continue;
        if (is_settled(join, open))
            close_open(join, i, now_ns);
        return;
    }
    if (!join->listens)
        return;
    if (join->line_count == LINES_CAP)
        drop_line(join, 0);
    struct oomjoin_line *waits = join->lines[join->line_count++] = mem_alloc(sizeof *waits);
    *waits = (struct oomjoin_line){*line, now_ns};
}

/* One of the same group that waits already: what is counted now may be of the same decision. */
static struct oomjoin_open *find_open(struct oomjoin *join, const struct event *event, unsigned flags)
{
    for (size_t i = 0; i < join->open_count; i++) {
        struct oomjoin_open *open = &join->opens[i];
        if (open->event && open->event->cgroup_id == event->cgroup_id && open->flags == flags &&
            strcmp(open->event->cgroup, event->cgroup) == 0)
            return open;
    }
    return NULL;
}

void oomjoin_count(struct oomjoin *join, const struct event *event, unsigned flags, uint64_t now_ns)
{
    struct oomjoin_open *open = find_open(join, event, flags);
    join->counted++;
    if (open) {
        open->event->value += event->value;
        open->event->total = event->total;
        free(event->oom);
    } else {
        if (join->open_count == OPENS_CAP)
            close_open(join, 0, now_ns);
        open = &join->opens[join->open_count++];
        *open = (struct oomjoin_open){.event = eventq_hold(join->queue, event),
                                      .opened_ns = now_ns,
                                      .due_ns = now_ns + UNHEARD_NS,
                                      .flags = flags};
    }
    explain(join, open, now_ns);
    if (is_settled(join, open))
        close_open(join, (size_t)(open - join->opens), now_ns);
}

void oomjoin_overrun(struct oomjoin *join, uint64_t now_ns)
{
    join->overrun_ns = now_ns;
}

static bool is_wild(const struct oom_line *line)
{
    return !line->cgroup[0] && !line->scope[0];
}

/* Lines that say nothing about their group: they are the event's if all that is missing is missing there.
 * Else it can't be said whose they are, now or later. */
static void explain_by_count(struct oomjoin *join, struct oomjoin_open *open, uint64_t now_ns)
{
    bool alone = true;
    for (size_t i = 0; i < join->open_count; i++)
        alone &= &join->opens[i] == open || !wants(&join->opens[i]);
    for (size_t i = 0; i < join->line_count && wants(open);) {
        struct oom_line *line = &join->lines[i]->line;
        if (is_wild(line) && (!alone || attach(join, open, line, now_ns)))
            drop_line(join, i);
        else
            i++;
    }
}

static bool is_due(const struct oomjoin_open *open, uint64_t now_ns)
{
    return now_ns >= open->due_ns || now_ns - open->opened_ns >= LINGER_MAX_NS;
}

int oomjoin_settle(struct oomjoin *join, uint64_t now_ns)
{
    uint64_t next_ns = UINT64_MAX;
    for (size_t i = 0; i < join->open_count;) {
        if (is_due(&join->opens[i], now_ns)) {
            explain_by_count(join, &join->opens[i], now_ns);
            close_open(join, i, now_ns);
            continue;
        }
        uint64_t left_ns = join->opens[i].due_ns - now_ns;
        next_ns = left_ns < next_ns ? left_ns : next_ns;
        i++;
    }
    while (join->line_count && now_ns - join->lines[0]->at_ns > LINE_NS)
        drop_line(join, 0);
    return next_ns == UINT64_MAX ? -1 : (int)(next_ns / NS_PER_MS) + 1;
}
