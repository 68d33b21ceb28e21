/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/value.h"
#include "metrics/exposition.h"
#include "monitor/detail_draft.h"

static void row(struct sample *ret, const char *path, const char *name)
{
    *ret = (struct sample){
        .path = path, .name = name, .effective_memory_max = VALUE_ABSENT, .procs = VALUE_ABSENT};
    sample_own(ret);
}

/* The root, a group with limits, and one whose name has all that has to be escaped. */
static struct snapshot *make_snapshot(void)
{
    struct snapshot *s = mem_alloc(sizeof *s + 3 * sizeof s->rows[0]);
    s->count = 3;
    s->wall_ns = 1700000000000000007u;
    s->host.oom_kills = 3;
    row(&s->rows[0], "/", "/");
    row(&s->rows[1], "/boxtop/web", "web");
    row(&s->rows[2], "/a\"b\\c\nd\xff", "a\"b\\c\nd\xff");
    struct counters *now = &sample_own(&s->rows[1])->now;
    now->user_usec = 18446744073709; /* more digits than a double has */
    now->system_usec = 0;
    now->cpu_quota_usec = 50000;
    now->cpu_period_usec = 100000;
    now->memory_current = 0;
    now->memory_max = VALUE_MAX;
    s->rows[1].effective_memory_max = 104857600;
    now->events_oom_kill = 1;
    return s;
}

static char *written(struct exposition what)
{
    struct str text = {0};
    struct snapshot *snapshot = make_snapshot();
    what.snapshot = snapshot;
    exposition_write(&what, &text);
    snapshot_free(snapshot);
    return text.text;
}

static void assert_has(const char *text, const char *line)
{
    if (!strstr(text, line))
        fail_msg("no line %s in\n%s", line, text);
}

static void test_values(void **state)
{
    static const char *const lines[] = {
        "\nboxtop_host_oom_kills_total 3\n",
        "\nboxtop_sample_timestamp_seconds 1700000000.000000007\n",
        "\nboxtop_cpu_seconds_total{cgroup=\"/boxtop/web\",name=\"web\",mode=\"user\"} 18446744.073709\n",
        "\nboxtop_cpu_seconds_total{cgroup=\"/boxtop/web\",name=\"web\",mode=\"system\"} 0.000000\n",
        "\nboxtop_cpu_quota_cpus{cgroup=\"/boxtop/web\",name=\"web\"} 0.5\n",
        "\nboxtop_memory_current_bytes{cgroup=\"/boxtop/web\",name=\"web\"} 0\n",
        "\nboxtop_memory_max_bytes{cgroup=\"/boxtop/web\",name=\"web\"} +Inf\n",
        "\nboxtop_memory_effective_max_bytes{cgroup=\"/boxtop/web\",name=\"web\"} 104857600\n",
        "\nboxtop_memory_events_total{cgroup=\"/boxtop/web\",name=\"web\",event=\"oom_kill\"} 1\n",
        "\nboxtop_cgroup_info{cgroup=\"/\",name=\"/\"} 1\n",
        ("\nboxtop_cgroup_info{cgroup=\"/a\\\"b\\\\c\\\\x0ad\\\\xff\",name=\"a\\\"b\\\\c\\\\x0ad\\\\xff\"} "
         "1\n"),
    };
    cleanup_free char *text = written((struct exposition){0});
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        assert_has(text, lines[i]);
    /* What is absent has no series, not a zero. */
    assert_null(strstr(text, "boxtop_pids_current{"));
    assert_null(strstr(text, "boxtop_memory_max_bytes{cgroup=\"/\""));
}

/* The group's network: that of its own namespace, once it was looked at. */
static void test_network(void **state)
{
    static const struct {
        unsigned parts;
        bool own;
        size_t series; /* of those that are numbers */
    } table[] = {{DETAIL_NET, true, 1}, {DETAIL_NET, false, 0}, {DETAIL_IO, true, 0}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct snapshot *snapshot = make_snapshot();
        struct detail_draft *draft = detail_draft_new();
        struct str text = {0};
        draft->detail.parts = table[i].parts;
        draft->detail.net_own = table[i].own;
        draft->detail.net_rx.bytes = 5;
        draft->detail.net_tx.dropped = 0;
        snapshot->rows[1].detail = detail_draft_finish(draft);
        exposition_write(&(struct exposition){.snapshot = snapshot, .openmetrics = true}, &text);
        const char *web = "{cgroup=\"/boxtop/web\",name=\"web\"}";
        static const char *const names[] = {"receive_bytes_total", "transmit_packets_dropped_total",
                                            "receive_packets_total"};
        static const char *const values[] = {" 5\n", " 0\n", ""};
        for (size_t n = 0; n < COUNT_OF(names); n++) {
            char line[200];
            snprintf(line, sizeof line, "\nboxtop_network_%s%s%s", names[n], web, values[n]);
            bool wanted = table[i].series && values[n][0]; /* the last one is absent */
            assert_int_equal(wanted, strstr(str_text(&text), line) != NULL);
        }
        assert_has(str_text(&text), "# UNIT boxtop_network_receive_bytes bytes\n");
        str_free(&text);
        snapshot_free(snapshot);
    }
}

/* Whose network is read: without patterns every container's, else theirs of those that have series. */
static void test_look(void **state)
{
    static const char *const web[] = {"web", "/", NULL}, *const none[] = {"nothing", NULL};
    struct snapshot *snapshot = make_snapshot();
    struct detail_look list[4];
    (void)state;
    snapshot->rows[1].id = 7;
    snapshot->rows[1].identity = identity_of_path("/boxtop/web");
    assert_int_equal(exposition_look(&(struct exposition){.snapshot = snapshot}, list), 1);
    assert_int_equal(list[0].id, 0);
    assert_int_equal(list[0].parts, DETAIL_NET);
    assert_int_equal(exposition_look(&(struct exposition){snapshot, NULL, {web}, false}, list), 1);
    assert_int_equal(list[0].id, 7);
    assert_int_equal(list[0].parts, DETAIL_NET);
    assert_int_equal(exposition_look(&(struct exposition){snapshot, NULL, {none}, false}, list), 0);
    snapshot_free(snapshot);
}

static void test_formats(void **state)
{
    cleanup_free char *old = written((struct exposition){0});
    cleanup_free char *open = written((struct exposition){.openmetrics = true});
    (void)state;
    assert_has(old, "# TYPE boxtop_cpu_seconds_total counter\n");
    assert_has(old, "# TYPE boxtop_build_info gauge\n");
    assert_null(strstr(old, "# EOF"));
    assert_has(
        open,
        "# TYPE boxtop_cpu_seconds counter\n# UNIT boxtop_cpu_seconds seconds\n# HELP boxtop_cpu_seconds ");
    assert_has(open, "# TYPE boxtop_build info\n");
    assert_has(open, "\nboxtop_build_info{version=\"" BOXTOP_VERSION "\"} 1\n");
    assert_string_equal(open + strlen(open) - strlen("\n# EOF\n"), "\n# EOF\n");
}

/* All lines of a family stand together, and its head once, before them. */
static void test_families_are_whole(void **state)
{
    cleanup_free char *text = written((struct exposition){.openmetrics = true});
    size_t heads = 0;
    (void)state;
    for (const char *at = text; (at = strstr(at, "# TYPE boxtop_memory_events ")); at++)
        heads++;
    assert_int_equal(heads, 1);
}

static void test_selection(void **state)
{
    static const struct {
        const char *patterns[3];
        bool root, web;
    } table[] = {
        {{"/boxtop/*"}, false, true}, {{"web"}, false, true},      {{"w[a-z]b"}, false, true},
        {{"/"}, true, false},         {{"/", "web"}, true, true},  {{"nothing"}, false, false},
        {{"*"}, true, true},          {{"/boxtop"}, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        cleanup_free char *text = written((struct exposition){.selection = {table[i].patterns}});
        assert_int_equal(table[i].root, strstr(text, "boxtop_cgroup_info{cgroup=\"/\"") != NULL);
        assert_int_equal(table[i].web, strstr(text, "boxtop_cgroup_info{cgroup=\"/boxtop/web\"") != NULL);
    }
}

static void test_accept(void **state)
{
    (void)state;
    assert_false(exposition_wants_openmetrics(NULL));
    assert_false(exposition_wants_openmetrics("*/*"));
    assert_false(exposition_wants_openmetrics("text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
    assert_true(exposition_wants_openmetrics("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_network),
        cmocka_unit_test(test_look),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_families_are_whole),
        cmocka_unit_test(test_selection),
        cmocka_unit_test(test_accept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
