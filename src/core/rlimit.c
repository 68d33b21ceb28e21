/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/rlimit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/parse.h"
#include "base/str.h"

static const struct {
    int resource;
    const char *name;
} rows[] = {
    {RLIMIT_AS, "as"},           {RLIMIT_CORE, "core"},         {RLIMIT_CPU, "cpu"},
    {RLIMIT_DATA, "data"},       {RLIMIT_FSIZE, "fsize"},       {RLIMIT_LOCKS, "locks"},
    {RLIMIT_MEMLOCK, "memlock"}, {RLIMIT_MSGQUEUE, "msgqueue"}, {RLIMIT_NICE, "nice"},
    {RLIMIT_NOFILE, "nofile"},   {RLIMIT_NPROC, "nproc"},       {RLIMIT_RSS, "rss"},
    {RLIMIT_RTPRIO, "rtprio"},   {RLIMIT_RTTIME, "rttime"},     {RLIMIT_SIGPENDING, "sigpending"},
    {RLIMIT_STACK, "stack"},
};

int rlimit_find(const char *name)
{
    if (strncasecmp(name, "RLIMIT_", 7) == 0)
        name += 7;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcasecmp(rows[i].name, name) == 0)
            return rows[i].resource;
    return -1;
}

const char *rlimit_name(int resource)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].resource == resource)
            return rows[i].name;
    return "?";
}

static bool read_value(const char *text, rlim_t *ret)
{
    uint64_t value;
    if (strcmp(text, "-1") == 0 || strcmp(text, "unlimited") == 0) {
        *ret = RLIM_INFINITY;
        return true;
    }
    if (parse_u64(text, &value) < 0)
        return false;
    *ret = value;
    return true;
}

int rlimit_parse(const char *text, struct rlimit_row *ret, struct err *err)
{
    cleanup_free char *name = mem_dup(text);
    char *soft = strchr(name, '='), *hard = soft ? strchr(soft, ':') : NULL;
    if (soft)
        *soft++ = '\0';
    if (hard)
        *hard++ = '\0';
    ret->resource = rlimit_find(name);
    if (!soft || ret->resource < 0 || strncasecmp(name, "RLIMIT_", 7) == 0) {
        err_set(err, EINVAL, "'%s' is not NAME=SOFT[:HARD]", text);
        return err_hint(err, "for example nofile=1024:4096, core=0, memlock=unlimited; names: as core cpu "
                             "data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime "
                             "sigpending stack");
    }
    if (!read_value(soft, &ret->soft) || !read_value(hard ? hard : soft, &ret->hard) || ret->soft > ret->hard)
        return err_set(err, EINVAL, "'%s': the soft limit has to be a number at most as large as the hard",
                       text);
    return 0;
}

void rlimit_text(const struct rlimit_row *limit, char *to)
{
    char parts[2][24];
    const rlim_t values[] = {limit->soft, limit->hard};
    for (int i = 0; i < 2; i++)
        if (values[i] == RLIM_INFINITY)
            str_copy(parts[i], sizeof parts[i], "unlimited");
        else
            snprintf(parts[i], sizeof parts[i], "%llu", (unsigned long long)values[i]);
    snprintf(to, 64, "%s:%s", parts[0], parts[1]);
}

static int set(int resource, const struct rlimit *value, struct err *err)
{
    if (setrlimit((enum __rlimit_resource)resource, value) == 0)
        return 0;
    err_errno(err, "set the limit %s", rlimit_name(resource));
    if (err->code == EPERM)
        err_hint(err, "it is more than boxtop has itself%s",
                 resource == RLIMIT_NOFILE ? ", or than sysctl fs.nr_open" : "");
    return -err->code;
}

int rlimit_make_room(const struct rlimit_row *limit, struct err *err)
{
    struct rlimit now;
    if (getrlimit((enum __rlimit_resource)limit->resource, &now) < 0)
        return err_errno(err, "read the limit %s", rlimit_name(limit->resource));
    if (now.rlim_max >= limit->hard)
        return 0;
    now.rlim_max = limit->hard;
    return set(limit->resource, &now, err);
}

int rlimit_set(const struct rlimit_row *limit, struct err *err)
{
    const struct rlimit value = {limit->soft, limit->hard};
    return set(limit->resource, &value, err);
}
