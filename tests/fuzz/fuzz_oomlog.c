/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's log, a record a line. Whatever is in it: texts end within their fields, what is told can be
 * put into words, and each kill is told once.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/value.h"
#include "monitor/eventfield.h"
#include "base/oomlog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check(const struct oom_line *line)
{
    char text[600];
    struct event_field fields[EVENT_FIELDS];
    struct oom oom = line->oom;
    struct event event = {.kind = EVENT_OOM_KILL, .value = 1, .oom = &oom};
    require(memchr(line->cgroup, '\0', sizeof line->cgroup) && memchr(line->scope, '\0', sizeof line->scope));
    require(memchr(oom.limit_cgroup, '\0', sizeof oom.limit_cgroup));
    require(memchr(oom.invoker, '\0', sizeof oom.invoker));
    require(oom.victim_count == 1 && memchr(oom.victims[0].comm, '\0', OOM_COMM_SIZE));
    require(value_is_number(oom.victims[0].pid));
    require(oom.limit != OOM_LIMIT_GROUP || oom.limit_cgroup[0]);
    event_kill_text(&event, NULL, text, sizeof text);
    for (const char *c = text; *c; c++)
        require((unsigned char)*c >= ' ' && *c != 0x7f);
    require(event_fields(&event, fields) <= EVENT_FIELDS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct oomlog log;
    struct oom_line line;
    oomlog_init(&log);
    for (size_t at = 0; at < size;) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t len = end ? (size_t)(end - data) - at : size - at;
        if (oomlog_feed(&log, (const char *)data + at, len, &line))
            check(&line);
        at += len + 1;
    }
    return 0;
}
