/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * linux.resources: cgroup v1's figures as cgroup v2's limits, through the table of knobs. What only cgroup v1
 * has is refused.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/value.h"
#include "core/oci_json.h"

#define V1_ONLY "cgroup v2 has no such limit: remove it"

static int limit(struct oci *oci, const char *knob, const char *value)
{
    return spec_set_limit(oci->spec, knob, value, oci->err) < 0 ? oci_at(oci) : 0;
}

/* A number, where a negative one means no limit. */
static int limit_number(struct oci *oci, const char *knob, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, value);
    return limit(oci, knob, value < 0 ? "max" : text);
}

/* ---- memory ---- */

struct memory_in {
    struct oci_number limit, reservation, swap;
    bool hierarchy;
};

static int read_memory(struct oci *oci, const json_t *value, void *target)
{
    static const struct oci_key keys[] = {
        {.key = "limit", .kind = OCI_NUMBER, .offset = offsetof(struct memory_in, limit)},
        {.key = "reservation", .kind = OCI_NUMBER, .offset = offsetof(struct memory_in, reservation)},
        {.key = "swap", .kind = OCI_NUMBER, .offset = offsetof(struct memory_in, swap)},
        {.key = "kernel", .why = V1_ONLY},
        {.key = "kernelTCP", .why = V1_ONLY},
        {.key = "swappiness", .why = V1_ONLY},
        {.key = "disableOOMKiller", .why = V1_ONLY},
        {.key = "useHierarchy",
         .kind = OCI_BOOL,
         .offset = offsetof(struct memory_in, hierarchy)}, /* always */
        {.key = "checkBeforeUpdate"},
        {0},
    };
    struct memory_in in = {0};
    (void)target;
    int rc = oci_object(oci, value, keys, &in);
    if (rc == 0 && in.limit.value != 0)
        rc = limit_number(oci, "memory.max", in.limit.value);
    if (rc == 0 && in.reservation.value != 0)
        rc = limit_number(oci, "memory.low", in.reservation.value);
    if (rc == 0 && in.swap.value != 0)
        oci->spec->swap_total = in.swap.value < 0 ? VALUE_MAX : (uint64_t)in.swap.value;
    return rc;
}

/* ---- cpu ---- */

struct cpu_in {
    struct oci_number shares, quota, burst, period, idle;
    char *cpus, *mems;
};

/* cgroup v1's shares, 2 to 262144, as cgroup v2's weight, 1 to 10000: the line through the ends, as crun and
 * runc have it. */
static int64_t weight_of_shares(int64_t shares)
{
    if (shares < 2)
        shares = 2;
    if (shares > 262144)
        shares = 262144;
    return 1 + (shares - 2) * 9999 / 262142;
}

static int set_cpu(struct oci *oci, const struct cpu_in *in)
{
    char text[64];
    int rc = 0;
    if (in->shares.value > 0)
        rc = limit_number(oci, "cpu.weight", weight_of_shares(in->shares.value));
    if (rc == 0 && (in->quota.value != 0 || in->period.value != 0)) {
        int64_t period = in->period.value ? in->period.value : 100000;
        if (in->quota.value > 0)
            snprintf(text, sizeof text, "%" PRId64 " %" PRId64, in->quota.value, period);
        else
            snprintf(text, sizeof text, "max %" PRId64, period);
        rc = limit(oci, "cpu.max", text);
    }
    if (rc == 0 && in->burst.value != 0)
        rc = limit_number(oci, "cpu.max.burst", in->burst.value);
    if (rc == 0 && in->idle.value != 0)
        rc = limit_number(oci, "cpu.idle", in->idle.value);
    if (rc == 0 && in->cpus && in->cpus[0])
        rc = limit(oci, "cpuset.cpus", in->cpus);
    if (rc == 0 && in->mems && in->mems[0])
        rc = limit(oci, "cpuset.mems", in->mems);
    return rc;
}

static int read_cpu(struct oci *oci, const json_t *value, void *target)
{
    static const struct oci_key keys[] = {
        {.key = "shares", .kind = OCI_NUMBER, .offset = offsetof(struct cpu_in, shares)},
        {.key = "quota", .kind = OCI_NUMBER, .offset = offsetof(struct cpu_in, quota)},
        {.key = "burst", .kind = OCI_NUMBER, .offset = offsetof(struct cpu_in, burst)},
        {.key = "period", .kind = OCI_NUMBER, .offset = offsetof(struct cpu_in, period)},
        {.key = "idle", .kind = OCI_NUMBER, .offset = offsetof(struct cpu_in, idle)},
        {.key = "cpus", .kind = OCI_TEXT, .offset = offsetof(struct cpu_in, cpus)},
        {.key = "mems", .kind = OCI_TEXT, .offset = offsetof(struct cpu_in, mems)},
        {.key = "realtimeRuntime", .why = V1_ONLY},
        {.key = "realtimePeriod", .why = V1_ONLY},
        {0},
    };
    struct cpu_in in = {0};
    (void)target;
    int rc = oci_object(oci, value, keys, &in);
    if (rc == 0)
        rc = set_cpu(oci, &in);
    free(in.cpus);
    free(in.mems);
    return rc;
}

/* ---- io ---- */

struct throttle {
    int64_t major_number, minor_number;
    char text[KNOB_TEXT_SIZE];
};

struct io_in {
    struct oci_number weight;
    struct throttle *throttles; /* one a device: the kernel's line has all four figures */
    size_t count;
    const char *key; /* that is being read: "rbps" */
};

struct throttle_in {
    struct oci_number major_number, minor_number, rate;
};

static int read_throttle(struct oci *oci, const json_t *value, void *target)
{
    static const struct oci_key keys[] = {
        {.key = "major", .kind = OCI_NUMBER, .offset = offsetof(struct throttle_in, major_number)},
        {.key = "minor", .kind = OCI_NUMBER, .offset = offsetof(struct throttle_in, minor_number)},
        {.key = "rate", .kind = OCI_NUMBER, .offset = offsetof(struct throttle_in, rate)},
        {0},
    };
    struct io_in *io = target;
    struct throttle_in in = {0};
    size_t i = 0;
    int rc = oci_object(oci, value, keys, &in);
    if (rc < 0)
        return rc;
    if (in.major_number.value < 0 || in.minor_number.value < 0 || in.rate.value <= 0)
        return oci_wrong(oci, "major, minor and a rate above 0");
    while (i < io->count && (io->throttles[i].major_number != in.major_number.value ||
                             io->throttles[i].minor_number != in.minor_number.value))
        i++;
    if (i == io->count) {
        io->throttles = mem_resize(io->throttles, ++io->count, sizeof *io->throttles);
        struct throttle *t = &io->throttles[i];
        *t = (struct throttle){.major_number = in.major_number.value, .minor_number = in.minor_number.value};
        snprintf(t->text, sizeof t->text, "%" PRId64 ":%" PRId64, t->major_number, t->minor_number);
    }
    char *text = io->throttles[i].text;
    size_t len = strlen(text);
    snprintf(text + len, KNOB_TEXT_SIZE - len, " %s=%" PRId64, io->key, in.rate.value);
    return 0;
}

#define THROTTLE_READER(name, kernels)                                                                       \
    static int name(struct oci *oci, const json_t *value, void *target)                                      \
    {                                                                                                        \
        ((struct io_in *)target)->key = kernels;                                                             \
        return oci_array(oci, value, read_throttle, target);                                                 \
    }
THROTTLE_READER(read_rbps, "rbps")
THROTTLE_READER(read_wbps, "wbps")
THROTTLE_READER(read_riops, "riops")
THROTTLE_READER(read_wiops, "wiops")

/* cgroup v1's 10 to 1000 as cgroup v2's 1 to 10000, as crun and runc have it. */
static int set_io(struct oci *oci, const struct io_in *in)
{
    int64_t weight = in->weight.value;
    int rc = 0;
    if (weight != 0 && (weight < 10 || weight > 1000))
        return oci_fail(oci, ERANGE, "weight has to be 10 to 1000");
    if (weight != 0)
        rc = limit_number(oci, "io.weight", 1 + (weight - 10) * 9999 / 990);
    for (size_t i = 0; i < in->count && rc == 0; i++)
        rc = limit(oci, "io.max", in->throttles[i].text);
    return rc;
}

static int read_io(struct oci *oci, const json_t *value, void *target)
{
    static const struct oci_key keys[] = {
        {.key = "weight", .kind = OCI_NUMBER, .offset = offsetof(struct io_in, weight)},
        {.key = "leafWeight", .why = V1_ONLY},
        {.key = "weightDevice"},
        {.key = "throttleReadBpsDevice", .kind = OCI_CALL, .read = read_rbps},
        {.key = "throttleWriteBpsDevice", .kind = OCI_CALL, .read = read_wbps},
        {.key = "throttleReadIOPSDevice", .kind = OCI_CALL, .read = read_riops},
        {.key = "throttleWriteIOPSDevice", .kind = OCI_CALL, .read = read_wiops},
        {0},
    };
    struct io_in in = {0};
    (void)target;
    int rc = oci_object(oci, value, keys, &in);
    if (rc == 0)
        rc = set_io(oci, &in);
    free(in.throttles);
    return rc;
}

/* ---- pids, huge pages, and what is said by the kernel's names ---- */

static int read_pids(struct oci *oci, const json_t *value, void *target)
{
    static const struct oci_key keys[] = {{.key = "limit", .kind = OCI_NUMBER}, {0}};
    struct oci_number in = {0};
    (void)target;
    int rc = oci_object(oci, value, keys, &in);
    return rc < 0 || !in.said ? rc : limit_number(oci, "pids.max", in.value ? in.value : -1);
}

struct huge_in {
    char *size;
    struct oci_number limit;
};

static int read_huge(struct oci *oci, const json_t *value, void *target)
{
    static const struct oci_key keys[] = {
        {.key = "pageSize", .kind = OCI_TEXT, .offset = offsetof(struct huge_in, size)},
        {.key = "limit", .kind = OCI_NUMBER, .offset = offsetof(struct huge_in, limit)},
        {0},
    };
    struct huge_in in = {0};
    (void)target;
    int rc = oci_object(oci, value, keys, &in);
    if (rc == 0 && (!in.size || !in.limit.said))
        rc = oci_wrong(oci, "pageSize and limit");
    if (rc == 0) {
        cleanup_free char *knob = mem_printf("hugetlb.%s.max", in.size);
        rc = limit_number(oci, knob, in.limit.value);
    }
    free(in.size);
    return rc;
}

static int read_huge_list(struct oci *oci, const json_t *value, void *target)
{
    return oci_array(oci, value, read_huge, target);
}

/* One file, one or more lines: io.max has one for each device. */
static int set_unified(struct oci *oci, const char *knob, const char *text)
{
    cleanup_free char *copy = mem_dup(text);
    int rc = 0;
    for (char *rest = copy, *line; rc == 0 && (line = strsep(&rest, "\n"));)
        if (line[0])
            rc = limit(oci, knob, line);
    return rc;
}

static int read_unified(struct oci *oci, const json_t *value, void *target)
{
    const char *key;
    json_t *member;
    (void)target;
    if (!json_is_object(value))
        return oci_wrong(oci, "an object");
    json_object_foreach((json_t *)value, key, member)
    {
        size_t mark = oci_enter(oci, key, 0);
        if (!json_is_string(member))
            return oci_wrong(oci, "a string");
        int rc = set_unified(oci, key, json_string_value(member));
        if (rc < 0)
            return rc;
        oci_leave(oci, mark);
    }
    return 0;
}

/* ---- device rules ---- */

struct rule_in {
    bool allow;
    char *type, *access;
    struct oci_number major_number, minor_number;
};

static int add_rule(struct oci *oci, const struct rule_in *in)
{
    struct bundle *b = oci->bundle;
    const char *type = in->type && in->type[0] ? in->type : "a",
               *access = in->access && in->access[0] ? in->access : "rwm";
    struct device_rule rule = {.allow = in->allow,
                               .type = type[0],
                               .major_number = in->major_number.said ? (int)in->major_number.value : -1,
                               .minor_number = in->minor_number.said ? (int)in->minor_number.value : -1};
    if (type[1] || !strchr("abc", type[0]))
        return oci_fail(oci, EINVAL, "type '%s' is none of a, b, c", type);
    if (access[strspn(access, "rwm")])
        return oci_fail(oci, EINVAL, "access '%s' is not of r, w, m", access);
    if (in->major_number.value < -1 || in->major_number.value > 4095 || in->minor_number.value < -1 ||
        in->minor_number.value > 1048575)
        return oci_fail(oci, ERANGE, "major has to be 0 to 4095, minor 0 to 1048575, or -1");
    if (b->rule_count == DEVICES_RULES_MAX)
        return oci_fail(oci, E2BIG, "more than %d rules", DEVICES_RULES_MAX);
    rule.access = (strchr(access, 'r') ? DEVICE_READ : 0) | (strchr(access, 'w') ? DEVICE_WRITE : 0) |
                  (strchr(access, 'm') ? DEVICE_MKNOD : 0);
    b->rules = mem_resize(b->rules, b->rule_count + 1, sizeof *b->rules);
    b->rules[b->rule_count++] = rule;
    return 0;
}

static int read_rule(struct oci *oci, const json_t *value, void *target)
{
    static const struct oci_key keys[] = {
        {.key = "allow", .kind = OCI_BOOL, .offset = offsetof(struct rule_in, allow)},
        {.key = "type", .kind = OCI_TEXT, .offset = offsetof(struct rule_in, type)},
        {.key = "access", .kind = OCI_TEXT, .offset = offsetof(struct rule_in, access)},
        {.key = "major", .kind = OCI_NUMBER, .offset = offsetof(struct rule_in, major_number)},
        {.key = "minor", .kind = OCI_NUMBER, .offset = offsetof(struct rule_in, minor_number)},
        {0},
    };
    struct rule_in in = {0};
    (void)target;
    int rc = oci_object(oci, value, keys, &in);
    if (rc == 0)
        rc = add_rule(oci, &in);
    free(in.type);
    free(in.access);
    return rc;
}

static int read_rules(struct oci *oci, const json_t *value, void *target)
{
    return oci_array(oci, value, read_rule, target);
}

int oci_read_resources(struct oci *oci, const json_t *value, void *target)
{
    static const struct oci_key keys[] = {
        {.key = "devices", .kind = OCI_CALL, .read = read_rules},
        {.key = "memory", .kind = OCI_CALL, .read = read_memory},
        {.key = "cpu", .kind = OCI_CALL, .read = read_cpu},
        {.key = "pids", .kind = OCI_CALL, .read = read_pids},
        {.key = "blockIO", .kind = OCI_CALL, .read = read_io},
        {.key = "hugepageLimits", .kind = OCI_CALL, .read = read_huge_list},
        {.key = "unified", .kind = OCI_CALL, .read = read_unified},
        {.key = "network", .why = V1_ONLY},
        {.key = "rdma"},
        {0},
    };
    return oci_object(oci, value, keys, target);
}
