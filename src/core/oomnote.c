/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/oomnote.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/kmsg.h"
#include "base/mem.h"
#include "base/oomlog.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/value.h"
#include "core/cgroup.h"
#include "core/jsontext.h"

#define LINE_WAIT_MS 50 /* the process is killed first, and then it is said so */

/* ---- from the kernel's log ---- */

struct search {
    const char *cgroup;
    uint64_t first_pid;
    struct oom *found; /* the last one until now */
    bool any;
    struct oomlog log;
    char record[OOMLOG_TEXT];
};

static bool is_below(const char *path, const char *cgroup)
{
    size_t len = strlen(cgroup);
    return strncmp(path, cgroup, len) == 0 && (!path[len] || path[len] == '/');
}

static void take_line(struct search *s, const struct oom_line *line)
{
    const struct oom_victim *victim = &line->oom.victims[0];
    /* Reports are rate-limited: then there is a line that names no group. */
    if (line->cgroup[0] ? !is_below(line->cgroup, s->cgroup) : victim->pid != s->first_pid)
        return;
    struct oom *to = s->found;
    if (s->any && line->oom.incident && line->oom.incident == to->incident) {
        bool again = to->victims[0].pid == victim->pid; /* memory.oom.group tells of the first one twice */
        to->victim_count += !again;
        return;
    }
    *to = line->oom;
    str_copy(to->victim_cgroup, sizeof to->victim_cgroup, line->cgroup);
    s->any = true;
}

/* False: it can't be read any further. */
static bool read_what_is_there(struct search *s, int fd)
{
    ssize_t len;
    while ((len = kmsg_read(fd, s->record, sizeof s->record)) > 0 || len == -EPIPE) {
        struct oom_line line;
        if (len > 0 && oomlog_feed(&s->log, s->record, (size_t)len, &line))
            take_line(s, &line);
    }
    return len == 0;
}

/* False: the log says nothing of it. */
static bool search_log(const char *cgroup, pid_t first_pid, struct oom *to)
{
    cleanup_close int fd = kmsg_open(true);
    if (fd < 0) {
        to->source = fd == -EPERM || fd == -EACCES ? OOM_SOURCE_NO_RIGHT : OOM_SOURCE_UNHEARD;
        return false;
    }
    cleanup_free struct search *s = mem_alloc(sizeof *s);
    *s = (struct search){.cgroup = cgroup, .first_pid = (uint64_t)first_pid, .found = to};
    oomlog_init(&s->log);
    struct pollfd more = {.fd = fd, .events = POLLIN};
    while (read_what_is_there(s, fd) && !s->any && poll(&more, 1, LINE_WAIT_MS) > 0)
        ;
    return s->any;
}

/* ---- from the counters ---- */

static uint64_t read_bytes(int fd, const char *file)
{
    char text[64];
    uint64_t value;
    if (fs_read_at(fd, file, text, sizeof text) < 0)
        return VALUE_ABSENT;
    text[strcspn(text, "\n")] = '\0';
    return strcmp(text, "max") == 0 ? VALUE_MAX : parse_u64(text, &value) == 0 ? value : VALUE_ABSENT;
}

/* memory.events.local counts where the limit was, and not where the victim was. */
static void read_counters(int cgroup_fd, const char *cgroup, struct oom *to)
{
    uint64_t own = cgroup_keyed(cgroup_fd, "memory.events.local", "oom");
    if (!value_is_number(own) || own == 0)
        return;
    to->limit = OOM_LIMIT_GROUP;
    str_copy(to->limit_cgroup, sizeof to->limit_cgroup, cgroup);
    to->limit_bytes = read_bytes(cgroup_fd, "memory.max");
}

struct oom *oomnote_take(int cgroup_fd, const char *cgroup, pid_t first_pid)
{
    struct oom *oom = mem_alloc(sizeof *oom);
    oom_unknown(oom);
    if (!search_log(cgroup, first_pid, oom))
        read_counters(cgroup_fd, cgroup, oom);
    return oom;
}

/* ---- in a record ---- */

static json_t *figure(uint64_t value)
{
    return value == VALUE_ABSENT ? json_null()
           : value == VALUE_MAX  ? json_string("max")
                                 : json_integer((json_int_t)value);
}

static void add_keys(json_t *object, const struct oom_key *keys, size_t count, const void *from,
                     json_t *(*text)(const char *))
{
    for (size_t i = 0; i < count; i++) {
        const char *at = (const char *)from + keys[i].offset;
        jsontext_put(object, keys[i].key,
                     keys[i].form != OOM_FORM_TEXT ? figure(*(const uint64_t *)(const void *)at)
                     : *at                         ? text(at)
                                                   : json_null());
    }
}

json_t *oomnote_to_json(const struct oom *oom, json_t *(*text)(const char *))
{
    if (!oom)
        return json_null();
    json_t *object = json_object();
    jsontext_put(object, "oom/source", json_string(oom_source_name(oom->source)));
    jsontext_put(object, "oom/why", text(oom_source_why(oom->source)));
    jsontext_put(object, "oom/limit", json_string(oom_limit_name(oom->limit)));
    jsontext_put(object, "oom/killed", figure(oom->victim_count ? oom->victim_count : VALUE_ABSENT));
    add_keys(object, oom_keys, OOM_KEYS, oom, text);
    if (oom->victim_count)
        add_keys(object, oom_victim_keys, OOM_VICTIM_KEYS, &oom->victims[0], text);
    json_t *inner = json_incref(json_object_get(object, "oom"));
    json_decref(object);
    return inner;
}

static void read_figure(const json_t *json, uint64_t *to)
{
    const char *text = json_string_value(json);
    if (text && strcmp(text, "max") == 0)
        *to = VALUE_MAX;
    else
        *to = json_is_integer(json) && json_integer_value(json) >= 0 ? (uint64_t)json_integer_value(json)
                                                                     : VALUE_ABSENT;
}

static void read_keys(const json_t *json, const struct oom_key *keys, size_t count, void *to)
{
    for (size_t i = 0; i < count; i++) {
        char *at = (char *)to + keys[i].offset;
        const json_t *value = jsontext_at(json, strchr(keys[i].key, '/') + 1);
        cleanup_free char *text = keys[i].form == OOM_FORM_TEXT ? jsontext_get(value) : NULL;
        if (keys[i].form != OOM_FORM_TEXT)
            read_figure(value, (uint64_t *)(void *)at);
        else
            str_copy(at, keys[i].size, text ? text : "");
    }
}

struct oom *oomnote_from_json(const json_t *json)
{
    if (!json_is_object(json))
        return NULL;
    struct oom *oom = mem_alloc(sizeof *oom);
    uint64_t killed;
    oom_unknown(oom);
    oom->source = oom_source_by_name(json_string_value(json_object_get(json, "source")));
    oom->limit = oom_limit_by_name(json_string_value(json_object_get(json, "limit")));
    read_keys(json, oom_keys, OOM_KEYS, oom);
    read_figure(json_object_get(json, "killed"), &killed);
    if (!value_is_number(killed) || killed == 0)
        return oom;
    oom->victim_count = killed;
    oom->victims[0].score_adj = INT32_MIN;
    read_keys(json, oom_victim_keys, OOM_VICTIM_KEYS, &oom->victims[0]);
    return oom;
}
