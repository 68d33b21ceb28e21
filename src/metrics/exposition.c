/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics/exposition.h"

#include <fnmatch.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/value.h"

#define NAMESPACE "boxtop_"
#define NS_PER_S  1000000000u
#define US_PER_S  1000000u

enum type { COUNTER, GAUGE, INFO };
static const char *const type_names[] = {"counter", "gauge", "info"};
static const char *const type_suffixes[] = {"_total", "", "_info"};

/* A metric, and how its value is got. Rows of one name stand together and are one family, told apart by their
 * label; help and unit are those of the first. Names carry their unit, by Prometheus' conventions. */
struct metric {
    const char *name, *unit, *help;
    const char *label;                                              /* "mode=\"user\"", or NULL */
    void (*value)(const void *from, size_t offset, struct str *to); /* adds nothing: absent */
    size_t offset;
    enum type type;
    bool in_figures; /* of the row: offset is in its struct figures */
};

static uint64_t at(const void *from, size_t offset)
{
    return *(const uint64_t *)(const void *)((const char *)from + offset);
}

static void number(const void *from, size_t offset, struct str *to)
{
    uint64_t value = at(from, offset);
    if (value_is_number(value))
        str_addf(to, "%llu", (unsigned long long)value);
    else if (value == VALUE_MAX)
        str_add(to, "+Inf");
}

/* Exact: a double has no more than 15 digits. */
static void fraction(uint64_t value, uint64_t unit, int digits, struct str *to)
{
    if (value_is_number(value))
        str_addf(to, "%llu.%0*llu", (unsigned long long)(value / unit), digits,
                 (unsigned long long)(value % unit));
}

static void microseconds(const void *from, size_t offset, struct str *to)
{
    fraction(at(from, offset), US_PER_S, 6, to);
}

static void nanoseconds(const void *from, size_t offset, struct str *to)
{
    fraction(at(from, offset), NS_PER_S, 9, to);
}

static void quota(const void *from, size_t offset, struct str *to)
{
    const struct counters *now = (const void *)((const char *)from + offset);
    if (now->cpu_quota_usec == VALUE_MAX)
        str_add(to, "+Inf");
    else if (value_is_number(now->cpu_quota_usec) && value_is_number(now->cpu_period_usec) &&
             now->cpu_period_usec)
        str_addf(to, "%.6g", (double)now->cpu_quota_usec / (double)now->cpu_period_usec);
}

static void one(const void *from, size_t offset, struct str *to)
{
    (void)from;
    (void)offset;
    str_add(to, "1");
}

/* Of a group that was looked at and has a network of its own. */
static void network(const void *from, size_t offset, struct str *to)
{
    const struct detail *detail = ((const struct sample *)from)->detail;
    if (detail && detail->parts & DETAIL_NET && detail->net_own)
        number(detail, offset, to);
}

static void rows(const void *from, size_t offset, struct str *to)
{
    (void)offset;
    str_addf(to, "%zu", ((const struct snapshot *)from)->count);
}

#define NOW(how, member) .in_figures = true, .value = how, .offset = offsetof(struct figures, now.member)
#define EVENT_HELP       "How often memory.events counted this, in the group and below."
#define MEMORY_EVENT(event)                                                                                  \
    {                                                                                                        \
        "memory_events", NULL, EVENT_HELP, "event=\"" #event "\"", NOW(number, events_##event), COUNTER      \
    }
#define SWAP_HELP "How often memory.swap.events counted this, in the group and below."
#define SWAP_EVENT(event)                                                                                    \
    {                                                                                                        \
        "swap_events", NULL, SWAP_HELP, "event=\"" #event "\"", NOW(number, swap_events_##event), COUNTER    \
    }
#define PRESSURE_HELP "How long some, or all, of the tasks waited for the resource (PSI)."
#define PRESSURE(resource, kind)                                                                             \
    {                                                                                                        \
        "pressure_seconds", "seconds", PRESSURE_HELP, "resource=\"" #resource "\",kind=\"" #kind "\"",       \
            NOW(microseconds, resource##_##kind##_usec), COUNTER                                             \
    }

#define NETWORK_HELP(what)                                                                                   \
    what " by the interfaces of a container's own network namespace, as seen inside, without the loopback."
#define NET(member) .value = network, .offset = offsetof(struct detail, net_##member), .type = COUNTER

static const struct metric of_groups[] = {
    {"cgroup", NULL, "The group, what it is called, and who made it.", NULL, .value = one, .type = INFO},
    {"cpu_seconds", "seconds", "CPU time used, by mode (cpu.stat).", "mode=\"user\"",
     NOW(microseconds, user_usec), COUNTER},
    {"cpu_seconds", NULL, NULL, "mode=\"system\"", NOW(microseconds, system_usec), COUNTER},
    {"cpu_periods", NULL,
     "Periods of cpu.max that elapsed while something was runnable (cpu.stat nr_periods).", NULL,
     NOW(number, nr_periods), COUNTER},
    {"cpu_throttled_periods", NULL,
     "Periods of cpu.max in which the group was throttled (cpu.stat nr_throttled).", NULL,
     NOW(number, nr_throttled), COUNTER},
    {"cpu_throttled_seconds", "seconds",
     "CPU time lost to throttling, summed over CPUs (cpu.stat throttled_usec).", NULL,
     NOW(microseconds, throttled_usec), COUNTER},
    {"cpu_quota_cpus", "cpus", "The group's own cpu.max in CPUs; +Inf: max.", NULL, .in_figures = true,
     .value = quota, .offset = offsetof(struct figures, now), .type = GAUGE},
    {"cpu_weight", NULL, "cpu.weight.", NULL, NOW(number, cpu_weight), GAUGE},
    {"memory_current_bytes", "bytes", "memory.current.", NULL, NOW(number, memory_current), GAUGE},
    {"memory_peak_bytes", "bytes", "memory.peak.", NULL, NOW(number, memory_peak), GAUGE},
    {"memory_low_bytes", "bytes", "memory.low; +Inf: max.", NULL, NOW(number, memory_low), GAUGE},
    {"memory_high_bytes", "bytes", "memory.high; +Inf: max.", NULL, NOW(number, memory_high), GAUGE},
    {"memory_max_bytes", "bytes", "The group's own memory.max; +Inf: max.", NULL, NOW(number, memory_max),
     GAUGE},
    {"memory_effective_max_bytes", "bytes",
     "The smallest memory.max of the group and its ancestors; +Inf: max.", NULL, .value = number,
     .offset = offsetof(struct sample, effective_memory_max), .type = GAUGE},
    {"swap_current_bytes", "bytes", "memory.swap.current.", NULL, NOW(number, swap_current), GAUGE},
    {"swap_max_bytes", "bytes", "memory.swap.max; +Inf: max.", NULL, NOW(number, swap_max), GAUGE},
    SWAP_EVENT(high),
    SWAP_EVENT(max),
    SWAP_EVENT(fail),
    MEMORY_EVENT(low),
    MEMORY_EVENT(high),
    MEMORY_EVENT(max),
    MEMORY_EVENT(oom),
    MEMORY_EVENT(oom_kill),
    MEMORY_EVENT(oom_group_kill),
    {"pids_current", NULL, "pids.current: processes and threads.", NULL, NOW(number, pids_current), GAUGE},
    {"pids_max", NULL, "pids.max; +Inf: max.", NULL, NOW(number, pids_max), GAUGE},
    {"pids_refused", NULL, "Forks refused by pids.max (pids.events max).", NULL, NOW(number, pids_events_max),
     COUNTER},
    PRESSURE(cpu, some),
    PRESSURE(cpu, full),
    PRESSURE(memory, some),
    PRESSURE(memory, full),
    PRESSURE(io, some),
    PRESSURE(io, full),
    {"network_receive_bytes", "bytes", NETWORK_HELP("Bytes received"), NULL, NET(rx.bytes)},
    {"network_receive_packets", NULL, NETWORK_HELP("Packets received"), NULL, NET(rx.packets)},
    {"network_receive_errors", NULL, NETWORK_HELP("Errors in what was to be received"), NULL, NET(rx.errors)},
    {"network_receive_packets_dropped", NULL,
     NETWORK_HELP("Packets that were to be received and were dropped"), NULL, NET(rx.dropped)},
    {"network_transmit_bytes", "bytes", NETWORK_HELP("Bytes sent"), NULL, NET(tx.bytes)},
    {"network_transmit_packets", NULL, NETWORK_HELP("Packets sent"), NULL, NET(tx.packets)},
    {"network_transmit_errors", NULL, NETWORK_HELP("Errors in what was to be sent"), NULL, NET(tx.errors)},
    {"network_transmit_packets_dropped", NULL, NETWORK_HELP("Packets that were to be sent and were dropped"),
     NULL, NET(tx.dropped)},
    {"populated", NULL, "1: there is a process in the group or below.", NULL, NOW(number, populated), GAUGE},
    {"frozen", NULL, "1: the group is frozen.", NULL, NOW(number, frozen), GAUGE},
    {0},
};

#define HERE(how, member) .value = how, .offset = offsetof(struct snapshot, member)
static const struct metric of_machine[] = {
    {"build", NULL, "What answers here.", "version=\"" BOXTOP_VERSION "\"", .value = one, .type = INFO},
    {"cgroups", NULL, "Groups on this machine, whether or not they have series here.", NULL,
     HERE(rows, count), GAUGE},
    {"host_oom_kills", NULL, "OOM kills on this machine since boot (/proc/vmstat oom_kill).", NULL,
     HERE(number, host.oom_kills), COUNTER},
    {"sample_timestamp_seconds", "seconds", "When these figures were read.", NULL, HERE(nanoseconds, wall_ns),
     GAUGE},
    {"sample_cost_seconds", "seconds", "CPU time that reading them took.", NULL, HERE(nanoseconds, cost_ns),
     GAUGE},
    {"self_resident_bytes", "bytes", "Resident memory of this exporter.", NULL, HERE(number, self_rss),
     GAUGE},
    {0},
};

/* ---- labels ---- */

/* A label's value: printable UTF-8 with \ " and newline escaped, as both formats want it. */
static void add_label(struct str *to, const char *label, const char *raw)
{
    char shown[1200];
    str_printable(shown, sizeof shown, raw);
    str_addf(to, "%s%s=\"", to->len ? "," : "", label);
    for (const char *c = shown; *c; c++) {
        if (*c == '\\' || *c == '"')
            str_add(to, "\\");
        str_add_bytes(to, c, 1);
    }
    str_add(to, "\"");
}

struct group {
    const struct sample *row;
    struct str labels; /* cgroup="...",name="..." */
    struct str info;   /* those, and manager="..." if it is known */
};

static const char *name_of(const struct exposition *what, const struct sample *row)
{
    const struct known *known = what->names ? names_of(what->names, row->path) : NULL;
    return known ? known->name : row->identity ? row->identity->label : row->name;
}

static bool is_selected(const struct selection *selection, const char *path, const char *name)
{
    for (const char *const *p = selection->patterns; p && *p; p++)
        if (fnmatch(*p, path, 0) == 0 || fnmatch(*p, name, 0) == 0)
            return true;
    return !selection->patterns;
}

size_t exposition_look(const struct exposition *what, struct detail_look *list)
{
    size_t count = 0;
    if (!what->selection.patterns)
        list[count++] = (struct detail_look){0, DETAIL_NET};
    for (size_t i = 0; what->selection.patterns && i < what->snapshot->count; i++) {
        const struct sample *row = &what->snapshot->rows[i];
        if (row->identity && row->identity->kind == KIND_CONTAINER &&
            is_selected(&what->selection, row->path, name_of(what, row)))
            list[count++] = (struct detail_look){row->id, DETAIL_NET};
    }
    return count;
}

/* NULL: nobody's that is known. */
static const char *manager_of(const struct exposition *what, const struct sample *row)
{
    if (what->names && names_of(what->names, row->path))
        return manager_name(MANAGER_BOXTOP);
    return row->identity ? manager_name(row->identity->manager) : NULL;
}

/* The groups that have series, each with its labels made once. The caller frees both. */
static struct group *groups_of(const struct exposition *what, size_t *ret_count)
{
    struct group *groups = mem_array(what->snapshot->count + 1, sizeof *groups);
    size_t count = 0;
    for (size_t i = 0; i < what->snapshot->count; i++) {
        const struct sample *row = &what->snapshot->rows[i];
        const char *name = name_of(what, row);
        if (!is_selected(&what->selection, row->path, name))
            continue;
        groups[count].row = row;
        add_label(&groups[count].labels, "cgroup", row->path);
        add_label(&groups[count].labels, "name", name);
        const char *manager = manager_of(what, row);
        str_add(&groups[count].info, str_text(&groups[count].labels));
        if (manager)
            add_label(&groups[count].info, "manager", manager);
        count++;
    }
    *ret_count = count;
    return groups;
}

/* ---- families ---- */

static void write_head(const struct exposition *what, const struct metric *first, struct str *to)
{
    const char *suffix = what->openmetrics ? "" : type_suffixes[first->type];
    bool is_info = first->type == INFO && !what->openmetrics; /* the older format has no such type */
    str_addf(to, "# TYPE " NAMESPACE "%s%s %s\n", first->name, suffix,
             is_info ? "gauge" : type_names[first->type]);
    if (first->unit)
        str_addf(to, "# UNIT " NAMESPACE "%s%s %s\n", first->name, suffix, first->unit);
    str_addf(to, "# HELP " NAMESPACE "%s%s %s\n", first->name, suffix, first->help);
}

static void write_series(const struct metric *metric, const void *from, const char *labels, struct str *to)
{
    size_t start = to->len;
    bool both = labels[0] && metric->label;
    bool any = labels[0] || metric->label;
    str_addf(to, NAMESPACE "%s%s%s%s%s%s%s ", metric->name, type_suffixes[metric->type], any ? "{" : "",
             labels, both ? "," : "", metric->label ? metric->label : "", any ? "}" : "");
    size_t before = to->len;
    if (metric->in_figures)
        from = figures_of(((const struct sample *)from)->now);
    metric->value(from, metric->offset, to);
    if (to->len == before) {
        to->len = start;
        to->text[start] = '\0';
    } else {
        str_add(to, "\n");
    }
}

/* Rows of a family, whose number is returned; a family's series stand together, as the formats want it. */
static size_t family_size(const struct metric *first)
{
    size_t size = 1;
    while (first[size].name && strcmp(first[size].name, first->name) == 0)
        size++;
    return size;
}

static void write_groups(const struct exposition *what, struct str *to)
{
    size_t count, size;
    struct group *groups = groups_of(what, &count);
    for (const struct metric *first = of_groups; first->name; first += size) {
        size = family_size(first);
        write_head(what, first, to);
        for (size_t g = 0; g < count; g++)
            for (size_t i = 0; i < size; i++)
                write_series(&first[i], groups[g].row,
                             str_text(first->type == INFO ? &groups[g].info : &groups[g].labels), to);
    }
    for (size_t g = 0; g < count; g++) {
        str_free(&groups[g].labels);
        str_free(&groups[g].info);
    }
    free(groups);
}

void exposition_write(const struct exposition *what, struct str *to)
{
    size_t size;
    for (const struct metric *first = of_machine; first->name; first += size) {
        size = family_size(first);
        write_head(what, first, to);
        for (size_t i = 0; i < size; i++)
            write_series(&first[i], what->snapshot, "", to);
    }
    write_groups(what, to);
    str_add(to, what->openmetrics ? "# EOF\n" : "");
}

const char *exposition_type(bool openmetrics)
{
    return openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                       : "text/plain; version=0.0.4; charset=utf-8";
}

bool exposition_wants_openmetrics(const char *accept)
{
    return accept && strstr(accept, "application/openmetrics-text");
}
