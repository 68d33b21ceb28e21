/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop-metrics: every cgroup's figures for Prometheus, over HTTP. boxtop executes it with its own
 * arguments.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/watch_loop.h"
#include "metrics/server.h"

#define IDLE_INTERVAL_MS 3600000 /* samples are taken when somebody asks */
#define PATIENCE_MS      5000    /* so long a request waits for a sample that does not come */

struct metrics {
    struct access access;
    bool listens;
    char **patterns;
};

static int apply_listen(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct metrics *metrics = target;
    (void)row;
    metrics->listens = true;
    return access_parse(&metrics->access, value, err);
}

static int apply_token(void *target, const struct option_row *row, const char *value, struct err *err)
{
    (void)row;
    return access_read_token(&((struct metrics *)target)->access, value, err);
}

static int apply_certificate(void *target, const struct option_row *row, const char *value, struct err *err)
{
    (void)row;
    return access_read_certificate(&((struct metrics *)target)->access, value, err);
}

static int apply_key(void *target, const struct option_row *row, const char *value, struct err *err)
{
    (void)row;
    return access_read_key(&((struct metrics *)target)->access, value, err);
}

static int apply_match(void *target, const struct option_row *row, const char *value, struct err *err)
{
    (void)row;
    (void)err;
    mem_list_add(&((struct metrics *)target)->patterns, mem_dup(value));
    return 0;
}

static const struct option_row options[] = {
    {"--listen", 0, "[ADDRESS:]PORT", "where to answer; 127.0.0.1:9339 if not given, port 0 is a free one",
     apply_listen, 0},
    {"--match", 0, "PATTERN", "only groups whose path or name is like this (* ? []); any number of times",
     apply_match, 0},
    {"--token-file", 0, "FILE", "who asks has to send its first line (Authorization: Bearer)", apply_token,
     0},
    {"--tls-cert", 0, "FILE", "answer over TLS, with this certificate (PEM)", apply_certificate, 0},
    {"--tls-key", 0, "FILE", "and this key (PEM)", apply_key, 0},
    {0},
};

struct serving {
    const struct watch *watch;
    struct server *server;
    const struct selection *selection;
    const struct names *names;
    uint64_t sample;          /* the last one's serial */
    struct detail_look *look; /* what the monitor was asked to look at */
    size_t look_count;
};

/* The containers whose network is read from now on, if they are others than before. */
static void look(struct serving *serving, const struct snapshot *snapshot)
{
    const struct exposition what = {snapshot, serving->names, *serving->selection, false};
    struct detail_look *list = mem_array(snapshot->count + 1, sizeof *list);
    size_t count = exposition_look(&what, list);
    bool same = serving->look && count == serving->look_count;
    for (size_t i = 0; i < count && same; i++)
        same = list[i].id == serving->look[i].id;
    if (!same)
        monitor_look(serving->watch->monitor, list, count);
    free(serving->look);
    serving->look = list;
    serving->look_count = count;
}

/* Takes the monitor's news. Returns whether there was a new sample. */
static bool take_news(struct serving *serving)
{
    struct monitor *monitor = serving->watch->monitor;
    struct snapshot *snapshot = monitor_take(monitor);
    event_free_list(monitor_events(monitor));
    if (!snapshot || snapshot->sample_serial == serving->sample) {
        snapshot_free(snapshot);
        return false;
    }
    serving->sample = snapshot->sample_serial;
    look(serving, snapshot);
    server_publish(serving->server, snapshot);
    return true;
}

/* How long to sleep: until the server has something to do, or those who wait have waited enough. */
static int timeout_of(const struct server *server, uint64_t asked_ns)
{
    int timeout = server_timeout_ms(server);
    if (!asked_ns)
        return timeout;
    uint64_t waited_ms = (clock_mono_ns() - asked_ns) / 1000000;
    int left = waited_ms < PATIENCE_MS ? (int)(PATIENCE_MS - waited_ms) : 0;
    return timeout < 0 || left < timeout ? left : timeout;
}

/* Until SIGINT or SIGTERM. */
static void serve(struct serving *serving)
{
    const struct watch *watch = serving->watch;
    struct server *server = serving->server;
    struct pollfd fds[] = {{.fd = monitor_fd(watch->monitor), .events = POLLIN},
                           {.fd = watch->signal_fd, .events = POLLIN},
                           {.fd = server_fd(server), .events = POLLIN}};
    uint64_t asked_ns = 0;
    while (poll(fds, COUNT_OF(fds), timeout_of(server, asked_ns)) >= 0 || errno == EINTR) {
        if (fds[1].revents)
            return;
        if (fds[0].revents && take_news(serving))
            asked_ns = 0;
        if (asked_ns && clock_mono_ns() - asked_ns >= PATIENCE_MS * 1000000ull) {
            server_give_up_waiting(server);
            asked_ns = 0;
        }
        server_work(server);
        if (server_is_waited_for(server) && !asked_ns) {
            monitor_poke(watch->monitor);
            asked_ns = clock_mono_ns();
        }
    }
}

static int run(struct metrics *metrics, struct err *err)
{
    const struct selection selection = {(const char *const *)metrics->patterns};
    struct watch watch = {0};
    struct server *server = NULL;
    struct names names;
    char url[80];
    int rc = metrics->listens ? 0 : access_parse(&metrics->access, "9339", err);
    if (rc == 0)
        rc = access_check(&metrics->access, err);
    if (rc < 0)
        return rc;
    names_open(&names);
    rc = server_start(&metrics->access, &selection, &names, &server, err);
    if (rc == 0 &&
        (rc = watch_open(&watch, &(struct monitor_options){.interval_ms = IDLE_INTERVAL_MS}, err)) == 0) {
        access_url(&metrics->access, url, sizeof url);
        printf("%s\n", url);
        fflush(stdout);
        struct serving serving = {
            .watch = &watch, .server = server, .selection = &selection, .names = &names};
        serve(&serving);
        free(serving.look);
    }
    watch_close(&watch);
    server_stop(server);
    names_close(&names);
    return rc;
}

int main(int argc, char **argv)
{
    struct metrics metrics = {0};
    struct command command = metrics_command;
    struct err err;
    command.options = options;
    int count = argc > 1 ? argc - 2 : 0; /* "boxtop metrics ..." */
    int status = command_begin(&command, &metrics, &count, argv + argc - count);
    if (status < 0)
        status = run(&metrics, &err) < 0 ? command_failed(&err) : STATUS_DONE;
    access_free(&metrics.access);
    mem_free_list(metrics.patterns);
    return command_end(status);
}
