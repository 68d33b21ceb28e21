/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch_events_past.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/when.h"
#include "cli/watch_find.h"
#include "cli/watch_loop.h"
#include "cli/watch_past.h"

#define WINDOW_NS (600 * UINT64_C(1000000000)) /* read at a time */

/* The groups that a name stood for in the sample before something happened, and in the one after: who came in
 * between is in that one only, who went in the other. */
struct then {
    char cgroup[2][300]; /* empty: nobody was called so */
};

struct reading {
    const struct events_past *options;
    void *player;
    struct wanted *wanted; /* with a `then` for each */
    struct then *then;
    size_t count;
    uint64_t from_ns, until_ns; /* what `then` says is so in between */
};

/* ---- whose names they were ---- */

static int look_in(struct reading *r, const struct snapshot *snapshot, int side, struct err *err)
{
    for (size_t i = 0; i < r->count; i++) {
        struct wanted *wanted = &r->wanted[i];
        char *cgroup = r->then[i].cgroup[side];
        int row = wanted->cgroup[0] ? snapshot_find_path(snapshot, wanted->cgroup)
                                    : find_called(snapshot, wanted->name, err);
        if (row == -ENOTUNIQ)
            return row;
        cgroup[0] = '\0';
        if (row >= 0)
            str_copy(cgroup, sizeof r->then[i].cgroup[side], snapshot->rows[row].path);
        wanted->found = wanted->found || row >= 0;
    }
    return 0;
}

/* Looks into the two samples around a time, unless those are known. */
static int look_around(struct reading *r, uint64_t ns, struct err *err)
{
    const struct snapshot *snapshot;
    if (!r->count || (r->from_ns <= ns && ns < r->until_ns))
        return 0;
    int rc = watch_past->at(r->player, ns, &snapshot, err);
    if (rc < 0 || (rc = look_in(r, snapshot, 0, err)) < 0)
        return rc;
    uint64_t before_ns = snapshot->wall_ns;
    rc = watch_past->step(r->player, 1, &snapshot, err);
    if (rc < 0 || (rc = look_in(r, snapshot, 1, err)) < 0)
        return rc;
    r->from_ns = before_ns < ns ? before_ns : ns;
    r->until_ns = snapshot->wall_ns > before_ns ? snapshot->wall_ns : UINT64_MAX;
    return 0;
}

/* What came and went between two samples is known by its path only. */
static bool is_of(const struct wanted *wanted, const struct then *then, const struct held *held,
                  const struct identity *identity)
{
    const char *path = held->event.cgroup;
    if (wanted->cgroup[0])
        return find_is_below(path, wanted->cgroup);
    for (size_t side = 0; side < COUNT_OF(then->cgroup); side++)
        if (then->cgroup[side][0] && find_is_below(path, then->cgroup[side]))
            return true;
    return !then->cgroup[0][0] && !then->cgroup[1][0] && identity &&
           identity_is_called(identity, wanted->name);
}

static bool is_wanted(struct reading *r, const struct held *held, const struct identity *identity)
{
    bool any = r->count == 0 || held->event.kind == EVENT_LOST;
    for (size_t i = 0; i < r->count; i++)
        if (is_of(&r->wanted[i], &r->then[i], held, identity))
            any = r->wanted[i].found = true;
    return any;
}

/* ---- printing ---- */

static void name_it(struct held *held, const struct identity *identity)
{
    const char *slash = strrchr(held->event.cgroup, '/');
    held->is_container = identity && identity->manager == MANAGER_BOXTOP && identity->kind == KIND_CONTAINER;
    str_copy(held->name, sizeof held->name,
             identity            ? identity->label
             : slash && slash[1] ? slash + 1
                                 : held->event.cgroup);
}

static int print_one(struct reading *r, const struct event *event, struct err *err)
{
    struct held held = {.event = *event};
    int rc = look_around(r, event->wall_ns, err);
    if (rc < 0)
        return rc;
    const struct identity *identity = identity_of_path(held.event.cgroup);
    name_it(&held, identity);
    if (is_wanted(r, &held, identity))
        r->options->print(&held);
    identity_unref(identity);
    return 0;
}

/* 1: nobody reads the output any more. */
static int print_window(struct reading *r, uint64_t after_ns, uint64_t until_ns, struct err *err)
{
    struct event *list;
    int rc = watch_past->events(r->player, after_ns, until_ns, PAST_ALL_KINDS, UINT_MAX, &list, err);
    if (rc < 0)
        return rc;
    for (const struct event *event = list; event && rc == 0; event = event->next)
        rc = print_one(r, event, err);
    event_free_list(list);
    return rc == 0 ? watch_flush(err) : rc;
}

static int print_all(struct reading *r, struct err *err)
{
    const struct events_past *options = r->options;
    uint64_t first, last, at = 0, until = UINT64_MAX;
    int rc = watch_past->span(r->player, &first, &last, err);
    if (rc == 0 && options->since)
        rc = when_parse(options->since, last, &at);
    if (rc == 0 && options->until)
        rc = when_parse(options->until, last, &until);
    if (rc == 0)
        rc = look_around(r, at, err); /* who is there all the time has no event that says so */
    while (rc == 0 && at < until) {
        uint64_t next = at < first ? first : at + WINDOW_NS;
        next = next > last ? until : next;
        next = next > until ? until : next;
        rc = print_window(r, at, next, err);
        at = next;
    }
    return rc == 0 ? find_missing(r->wanted, r->count, options->from, err) : rc;
}

int events_past_print(const struct events_past *options, int count, char **words, struct err *err)
{
    cleanup_free struct wanted *wanted = mem_array((size_t)count + 1, sizeof *wanted);
    cleanup_free struct then *then = mem_array((size_t)count + 1, sizeof *then);
    struct reading reading = {.options = options, .wanted = wanted, .then = then};
    int rc = 0;
    signal(SIGPIPE, SIG_IGN);
    for (; rc == 0 && reading.count < (size_t)count; reading.count++)
        rc = find_word_past(words[reading.count], &wanted[reading.count], err);
    if (rc == 0 && (rc = watch_past->open(options->from, &reading.player, err)) < 0)
        return rc; /* it says which */
    if (rc == 0) {
        rc = print_all(&reading, err);
        watch_past->close(reading.player);
    }
    return rc < 0 ? err_prefix(err, "events") : 0;
}
