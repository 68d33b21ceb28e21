/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Snapshots and events between two threads, hammered. Run under TSan as well.
 */
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/value.h"
#include "monitor/eventq.h"
#include "monitor/mailbox.h"

#define SNAPSHOTS 20000
#define EVENTS    50000
#define ROWS      20

static bool is_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

/* Every part of it says which one it is; one time out of four the figures are those of the one before. */
static struct snapshot *numbered(uint64_t serial, struct figures *shared)
{
    struct snapshot *snapshot = mem_alloc(sizeof *snapshot + ROWS * sizeof snapshot->rows[0]);
    snapshot->serial = serial;
    snapshot->count = ROWS;
    for (size_t i = 0; i < ROWS; i++) {
        snapshot->rows[i].id = serial;
        sample_set(&snapshot->rows[i], shared);
    }
    return snapshot;
}

static void *put_snapshots(void *context)
{
    struct figures *figures = figures_new();
    for (uint64_t i = 1; i <= SNAPSHOTS; i++) {
        if (i % 4)
            figures_own(&figures)->now.usage_usec = i;
        mailbox_put(context, numbered(i, figures));
    }
    figures_unref(figures);
    return NULL;
}

static void test_mailbox(void **state)
{
    (void)state;
    struct mailbox box;
    pthread_t producer;
    uint64_t last = 0, taken = 0;
    assert_int_equal(mailbox_init(&box), 0);
    assert_null(mailbox_take(&box));
    assert_int_equal(pthread_create(&producer, NULL, put_snapshots, &box), 0);
    while (last < SNAPSHOTS) {
        struct pollfd p = {.fd = box.fd, .events = POLLIN};
        assert_true(poll(&p, 1, 10000) > 0); /* the last one rings as well */
        struct snapshot *snapshot = mailbox_take(&box);
        if (!snapshot)
            continue; /* taken with the ring before */
        assert_true(snapshot->serial > last);
        last = snapshot->serial;
        const struct snapshot *held = snapshot_ref(snapshot);
        snapshot_free(snapshot);
        for (size_t i = 0; i < held->count; i++) {
            assert_int_equal(held->rows[i].id, last);
            assert_int_equal(held->rows[i].now->usage_usec, last % 4 ? last : last - 1);
        }
        snapshot_free(held);
        taken++;
    }
    pthread_join(producer, NULL);
    assert_true(taken > 1);
    mailbox_take(&box);
    assert_false(is_readable(box.fd));
    struct figures *figures = figures_new();
    mailbox_put(&box, numbered(1, figures)); /* never taken: freed with the box */
    mailbox_put(&box, numbered(2, figures));
    figures_unref(figures);
    assert_true(is_readable(box.fd));
    mailbox_fini(&box);
}

/* Whoever is the only one may write in place; a row that is shared gets its own. */
static void test_figures(void **state)
{
    (void)state;
    struct figures *figures = figures_new(), *first = figures;
    struct sample row = {0}, other = {0};
    assert_int_equal(figures->now.memory_max, VALUE_ABSENT);
    assert_true(isnan(figures->rate.cpu_percent));
    assert_ptr_equal(figures_own(&figures), first);
    figures->now.memory_max = 5;
    sample_set(&row, figures);
    sample_set(&row, figures);
    sample_set(&other, figures);
    assert_ptr_equal(row.now, &first->now);
    figures_own(&figures)->now.memory_max = 6;
    assert_ptr_not_equal(figures, first);
    assert_int_equal(row.now->memory_max, 5);
    assert_true(isnan(row.rate->cpu_percent) && isnan(figures->rate.cpu_percent));
    sample_own(&row)->now.memory_max = 7;
    assert_int_equal(other.now->memory_max, 5);
    assert_ptr_equal(&sample_own(&other)->now, &first->now); /* the last one that has it */
    figures_unref(figures);
    figures_unref(figures_of(row.now));
    figures_unref(figures_of(other.now));
}

static void *put_events(void *context)
{
    for (uint64_t i = 1; i <= EVENTS; i++)
        eventq_put(context, &(struct event){.kind = EVENT_MAX, .value = i});
    return NULL;
}

static void test_events(void **state)
{
    (void)state;
    struct eventq queue;
    pthread_t producer;
    uint64_t last = 0;
    eventq_init(&queue, EVENTS + 1);
    assert_null(eventq_take(&queue));
    assert_int_equal(pthread_create(&producer, NULL, put_events, &queue), 0);
    while (last < EVENTS) {
        struct event *list = eventq_take(&queue);
        for (const struct event *event = list; event; event = event->next) {
            assert_int_equal(event->value, last + 1);
            assert_int_equal(event->serial, last + 1);
            last++;
        }
        event_free_list(list);
    }
    pthread_join(producer, NULL);
    assert_null(eventq_take(&queue));
    eventq_fini(&queue);
}

/* What does not fit is counted, and told in its place. */
static void test_lost(void **state)
{
    (void)state;
    struct eventq queue;
    static const struct {
        enum event_kind kind;
        uint64_t value;
    } expected[] = {{EVENT_MAX, 1}, {EVENT_MAX, 2}, {EVENT_MAX, 3}, {EVENT_LOST, 4}, {EVENT_MAX, 9}};
    eventq_init(&queue, 3);
    for (uint64_t i = 1; i <= 7; i++)
        eventq_put(&queue, &(struct event){.kind = EVENT_MAX, .value = i});
    eventq_tell_lost(&queue); /* no room */
    struct event *first = eventq_take(&queue);
    eventq_tell_lost(&queue);
    eventq_put(&queue, &(struct event){.kind = EVENT_MAX, .value = 9});
    struct event *second = eventq_take(&queue), *event = first;
    for (size_t i = 0; i < COUNT_OF(expected); i++, event = event->next) {
        if (!event)
            event = second;
        assert_non_null(event);
        assert_int_equal(event->kind, expected[i].kind);
        assert_int_equal(event->value, expected[i].value);
        assert_int_equal(event->serial, i + 1);
    }
    assert_null(event);
    event_free_list(first);
    event_free_list(second);
    eventq_put(&queue, &(struct event){.kind = EVENT_SET}); /* freed with the queue */
    eventq_fini(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mailbox),
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
