/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whose events of a recording a word names: the name was one group's, and another's later.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/watch_events_past.h"
#include "cli/watch_past.h"

#define HEX   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FIRST "/docker/1" HEX
#define OTHER "/docker/2" HEX

/* A recording of four samples, at 10, 20, 30 and 40: who is called web in each. */
static const char *const web_in[] = {FIRST, FIRST, OTHER, NULL};
static const struct {
    uint64_t wall_ns;
    enum event_kind kind;
    const char *cgroup;
} happened[] = {
    {5, EVENT_LOST, "/"},
    {12, EVENT_THROTTLED, FIRST "/inside"},
    {13, EVENT_STARTED, "/system.slice/cron.service"},
    {22, EVENT_EXITED, FIRST},
    {24, EVENT_APPEARED, OTHER},
    {26, EVENT_APPEARED, "/system.slice/brief.service"}, /* in no sample */
    {35, EVENT_VANISHED, OTHER},
    {45, EVENT_APPEARED, FIRST}, /* called so by nobody any more */
};
#define SAMPLES COUNT_OF(web_in)

static struct {
    struct snapshot *samples[SAMPLES];
    size_t at, unpacked;
    bool twice; /* another is called web as well */
} past;

static void add(struct snapshot *s, const char *path, const char *label)
{
    struct identity *by_path = identity_of_path(path);
    struct sample *row = &s->rows[s->count++];
    *row = (struct sample){.path = path, .name = path[1] ? strrchr(path, '/') + 1 : path};
    if (by_path && label) {
        struct identity now = *by_path;
        now.label = label;
        row->identity = identity_new(&now);
        identity_unref(by_path);
    } else {
        row->identity = by_path;
    }
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct snapshot *s = past.samples[i] = mem_alloc(sizeof *s + 4 * sizeof s->rows[0]);
        s->wall_ns = 10 * (i + 1);
        add(s, "/", NULL);
        add(s, "/system.slice/cron.service", NULL);
        if (web_in[i])
            add(s, web_in[i], "web");
        if (past.twice)
            add(s, "/docker/3" HEX, "web");
    }
    past.unpacked = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++)
        snapshot_free(take_ptr(&past.samples[i]));
    past.twice = false;
    return 0;
}

static int set_up_twice(void **state)
{
    past.twice = true;
    return set_up(state);
}

static int past_open(const char *path, void **ret, struct err *err)
{
    *ret = &past;
    return strcmp(path, "there") == 0 ? 0 : err_set(err, EIO, "read %s: no", path);
}

static void past_close(void *data)
{
    (void)data;
}

static int past_span(void *data, uint64_t *ret_first_ns, uint64_t *ret_last_ns, struct err *err)
{
    (void)data;
    (void)err;
    *ret_first_ns = 10;
    *ret_last_ns = 40;
    return 0;
}

static int past_at(void *data, uint64_t wall_ns, const struct snapshot **ret, struct err *err)
{
    (void)data;
    (void)err;
    for (past.at = 0; past.at + 1 < SAMPLES && past.samples[past.at + 1]->wall_ns <= wall_ns; past.at++)
        ;
    past.unpacked++;
    *ret = past.samples[past.at];
    return 0;
}

static int past_step(void *data, long steps, const struct snapshot **ret, struct err *err)
{
    (void)data;
    (void)err;
    assert_int_equal(steps, 1);
    past.at += past.at + 1 < SAMPLES;
    past.unpacked++;
    *ret = past.samples[past.at];
    return 0;
}

static int past_events(void *data, uint64_t after_ns, uint64_t until_ns, int kind, unsigned most,
                       struct event **ret, struct err *err)
{
    struct event **last = ret;
    (void)data;
    (void)kind;
    (void)most;
    (void)err;
    *ret = NULL;
    for (size_t i = 0; i < COUNT_OF(happened); i++) {
        if (happened[i].wall_ns <= after_ns || happened[i].wall_ns > until_ns)
            continue;
        struct event *event = *last = mem_alloc(sizeof *event);
        event->wall_ns = happened[i].wall_ns;
        event->kind = happened[i].kind;
        str_copy(event->cgroup, sizeof event->cgroup, happened[i].cgroup);
        last = &event->next;
    }
    return 0;
}

static struct str told; /* when */

static void tell(const struct held *held)
{
    str_addf(&told, "%llu ", (unsigned long long)held->event.wall_ns);
}

/* Which are told of these words; its status in *ret_rc. */
static char *ask(const struct events_past *options, char **words, int *ret_rc, struct err *err)
{
    int count = 0;
    while (words[count])
        count++;
    told = (struct str){0};
    *ret_rc = events_past_print(options, count, words, err);
    return told.text ? told.text : mem_dup("");
}

static void test_words(void **state)
{
    static const struct {
        const char *words[3], *told;
    } table[] = {
        {{NULL}, "5 12 13 22 24 26 35 45 "},
        {{"web"}, "5 12 22 24 35 "},
        {{"cron"}, "5 13 "},
        {{"cron.service", "web"}, "5 12 13 22 24 35 "},
        {{"brief"}, "5 26 "},
        {{"1aaaaaaaaaaa"}, "5 12 22 45 "},
        {{FIRST}, "5 12 22 45 "},
        {{"/docker/"}, "5 12 22 24 35 45 "},
        {{"/"}, "5 12 13 22 24 26 35 45 "},
    };
    struct events_past options = {.from = "there", .print = tell};
    struct err err = {0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char *words[] = {(char *)(uintptr_t)table[i].words[0], (char *)(uintptr_t)table[i].words[1], NULL};
        int rc;
        cleanup_free char *got = ask(&options, words, &rc, &err);
        if (rc < 0 || strcmp(got, table[i].told) != 0)
            fail_msg("%s: told %s, not %s (%s)", words[0] ? words[0] : "nobody", got, table[i].told,
                     err.text);
    }
}

/* Who names nobody, or paths, waits for no sample but the first. */
static void test_times(void **state)
{
    struct events_past options = {.from = "there", .since = "1970-01-01T00:00:00.000000020Z", .print = tell};
    char web[] = "web", *words[] = {web, NULL}, *none[] = {NULL};
    struct err err = {0};
    int rc;
    (void)state;
    free(ask(&options, none, &rc, &err));
    assert_int_equal(past.unpacked, 0);
    cleanup_free char *got = ask(&options, words, &rc, &err);
    assert_int_equal(rc, 0);
    assert_string_equal(got, "22 24 35 ");
    assert_in_range(past.unpacked, 1, 8);
}

static void test_nobody(void **state)
{
    struct events_past options = {.from = "there", .print = tell};
    char web[] = "web", nobody[] = "nobody", path[] = "/no/such";
    struct err err = {0};
    int rc;
    (void)state;
    free(ask(&options, (char *[]){web, nobody, NULL}, &rc, &err));
    assert_int_equal(rc, -ENOENT);
    assert_string_equal(err.text, "events: no container nobody in there, and no other group is called so");
    assert_string_equal(err.hint, "boxtop stats --from there --once lists what was there first");
    free(ask(&options, (char *[]){path, NULL}, &rc, &err));
    assert_int_equal(rc, -ENOENT);
    assert_string_equal(err.text, "events: no group /no/such in there");
    options.from = "nowhere";
    free(ask(&options, (char *[]){web, NULL}, &rc, &err));
    assert_string_equal(err.text, "read nowhere: no");
}

static void test_several(void **state)
{
    struct events_past options = {.from = "there", .print = tell};
    char web[] = "web";
    struct err err = {0};
    int rc;
    (void)state;
    free(ask(&options, (char *[]){web, NULL}, &rc, &err));
    assert_int_equal(rc, -ENOTUNIQ);
    assert_string_equal(err.text,
                        "events: web: 2 groups are called so: " FIRST " (docker), /docker/3" HEX " (docker)");
}

int main(void)
{
    static const struct past made_up = {.open = past_open,
                                        .close = past_close,
                                        .span = past_span,
                                        .at = past_at,
                                        .step = past_step,
                                        .events = past_events};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_times, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_several, set_up_twice, tear_down),
    };
    watch_past = &made_up;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
