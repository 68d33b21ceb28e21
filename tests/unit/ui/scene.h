/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A machine that is always the same: a tree of cgroups, containers and two minutes of figures, made by hand.
 */
#ifndef TESTS_UI_SCENE_H
#define TESTS_UI_SCENE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "monitor/detail_draft.h"
#include "monitor/rate.h"
#include "ui/app.h"

#define SECOND   1000000000ull
#define SCENE_AT (1795435200ull * SECOND) /* 2026-11-23 12:00:00 UTC */
#define MIB      (1ull << 20)

struct scene_row {
    uint64_t id;
    const char *path;
    int parent, depth;
};

/* In the order of a snapshot. */
static const struct scene_row scene_rows[] = {
    {1, "/", -1, 0},
    {10, "/boxtop", 0, 1},
    {11, "/boxtop/api", 1, 2},
    {12, "/boxtop/leak", 1, 2},
    {13, "/boxtop/paused", 1, 2},
    {14, "/boxtop/web", 1, 2},
    {14001, "/boxtop/web/worker", 5, 3},
    {20, "/system.slice", 0, 1},
    {21, "/system.slice/dev-disk\\x2dA.mount", 7, 2},
    {22, "/system.slice/docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope", 7, 2},
    {23, "/system.slice/ssh.service", 7, 2},
    {30, "/user.slice", 0, 1},
};
enum { SCENE_COUNT = COUNT_OF(scene_rows) };
enum {
    ROW_ROOT,
    ROW_BOXTOP,
    ROW_API,
    ROW_LEAK,
    ROW_PAUSED,
    ROW_WEB,
    ROW_WORKER,
    ROW_SYSTEM,
    ROW_MOUNT,
    ROW_DOCKER,
    ROW_SSH,
    ROW_USER
};

static inline void scene_fill(struct sample *s, const struct scene_row *from)
{
    const char *slash = strrchr(from->path, '/');
    *s = (struct sample){.id = from->id,
                         .path = from->path,
                         .name = slash && slash[1] ? slash + 1 : from->path,
                         .parent = from->parent,
                         .depth = from->depth,
                         .procs = VALUE_ABSENT,
                         .effective_memory_max = VALUE_MAX,
                         .effective_memory_row = -1,
                         .effective_cpu_percent = NAN,
                         .effective_cpu_row = -1,
                         .throttling_row = -1,
                         .identity = identity_of_path(from->path)};
    sample_own(s)->rate = (struct rates){0};
    sample_own(s)->now = (struct counters){.cpu_quota_usec = VALUE_MAX,
                                           .cpu_period_usec = 100000,
                                           .cpu_weight = 100,
                                           .memory_max = VALUE_MAX,
                                           .memory_high = VALUE_MAX,
                                           .swap_max = VALUE_MAX,
                                           .swap_high = VALUE_MAX,
                                           .pids_max = VALUE_MAX,
                                           .memory_current = 2 * MIB,
                                           .pids_current = 1,
                                           .populated = 1};
}

static inline void scene_cpu(struct sample *s, int row, uint64_t percent)
{
    sample_own(s)->now.cpu_quota_usec = percent * 1000;
    s->effective_cpu_percent = (double)percent;
    s->effective_cpu_row = row;
}

static inline void scene_memory(struct sample *s, int row, uint64_t max)
{
    sample_own(s)->now.memory_max = max;
    s->effective_memory_max = max;
    s->effective_memory_row = row;
}

/* The root has none of the files that the groups below it have. */
static inline void scene_root(struct sample *s)
{
    struct counters *now = &sample_own(s)->now;
    now->cpu_quota_usec = now->memory_max = now->memory_high = now->memory_low = VALUE_ABSENT;
    now->memory_current = now->swap_max = now->pids_max = now->cpu_weight = VALUE_ABSENT;
    now->pids_current = now->events_oom_kill = now->memory_peak = VALUE_ABSENT;
    now->cpu_burst_usec = now->cpu_idle = now->memory_min = now->swap_high = VALUE_ABSENT;
    now->oom_group = now->io_weight = now->frozen = VALUE_ABSENT;
    s->procs = 97;
}

static inline void scene_figure(struct detail_draft *draft, const char *file, const char *key, uint64_t value)
{
    struct detail_figure *figure = detail_draft_add(&draft->figures, sizeof *figure);
    *figure = (struct detail_figure){file, key, NULL, value, 0};
}

static inline void scene_process(struct detail_draft *draft, int pid, char state, double cpu,
                                 const char *command, const char *below)
{
    struct detail_process *p = detail_draft_add(&draft->processes, sizeof *p);
    *p = (struct detail_process){.pid = pid,
                                 .inside = pid - 4710,
                                 .uid = 1000,
                                 .state = state,
                                 .rss_bytes = (uint64_t)(pid - 4700) * MIB,
                                 .threads = 1,
                                 .cpu_percent = cpu,
                                 .below = below};
    str_copy(p->user, sizeof p->user, "anna");
    str_copy(p->command, sizeof p->command, command);
}

static inline void scene_link(struct detail_draft *draft, int index, const char *name, double wave)
{
    struct detail_link *link = detail_draft_add(&draft->links, sizeof *link);
    *link = (struct detail_link){.index = index, .mtu = 1500, .up = true, .loopback = index == 1};
    link->rx.bytes_per_s = index == 1 ? 0 : 1e6 * wave;
    link->tx.bytes_per_s = index == 1 ? 0 : 2e5 * wave;
    str_copy(link->name, sizeof link->name, name);
    struct detail_address *address = detail_draft_add(&draft->addresses, sizeof *address);
    address->link = index;
    str_copy(address->text, sizeof address->text, index == 1 ? "127.0.0.1/8" : "10.213.0.6/16");
}

/* Where eth0 is plugged in, and the ways out of it. */
static inline void scene_ways(struct detail_draft *draft)
{
    static const struct detail_route routes[] = {
        {.via = "10.213.0.1", .link = 2},
        {.six = true, .via = "fd12:3456:789a::1", .link = 2, .metric = 1024},
        {.prefix = 16, .to = "10.213.0.0/16", .link = 2},
        {.prefix = 8, .to = "192.0.2.0/24", .refused = true}};
    struct detail_link *eth0 = (struct detail_link *)draft->links.items + 1;
    str_copy(eth0->peer, sizeof eth0->peer, "bx0ad50006");
    str_copy(eth0->bridge, sizeof eth0->bridge, "boxtop0");
    for (size_t i = 0; i < COUNT_OF(routes); i++)
        *(struct detail_route *)detail_draft_add(&draft->routes, sizeof routes[0]) = routes[i];
}

/* What is read of a group that somebody looks at. */
static inline const struct detail *scene_detail(double wave)
{
    static const char *const types[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
    struct detail_draft *draft = detail_draft_new();
    struct detail *d = &draft->detail;
    d->parts = DETAIL_ALL;
    scene_figure(draft, "memory.stat", "anon", 57 * MIB);
    scene_figure(draft, "memory.stat", "file", 4 * MIB);
    scene_figure(draft, "memory.stat", "kernel", 2 * MIB);
    scene_figure(draft, "memory.stat", "shmem", 0);
    scene_figure(draft, "cpu.uclamp.min", "", 0);
    d->pressure[RESOURCE_CPU] = (struct detail_pressure){{4210, 3015, 1208, 0, 42}, {120, 80, 10, 0, 1}};
    scene_process(draft, 4711, 'S', 0, "sleep infinity", "");
    scene_process(draft, 4720, 'R', 49.9, "busy --forever", "");
    scene_process(draft, 4730, 'D', 0.2, "find /", "worker");
    d->process_total = 3;
    struct detail_device *device = detail_draft_add(&draft->devices, sizeof *device);
    *device = (struct detail_device){.major = 8,
                                     .rbytes_per_s = 3e6 * wave,
                                     .wbytes_per_s = 4096,
                                     .rios_per_s = 31,
                                     .wios_per_s = 1,
                                     .max_rbps = 4 * MIB,
                                     .max_wbps = VALUE_MAX,
                                     .max_riops = VALUE_MAX,
                                     .max_wiops = VALUE_MAX};
    str_copy(device->name, sizeof device->name, "sda");
    d->net_own = true;
    scene_link(draft, 1, "lo", wave);
    scene_link(draft, 2, "eth0", wave);
    scene_ways(draft);
    d->net_rx.bytes_per_s = 1e6 * wave;
    d->net_tx.bytes_per_s = 2e5 * wave;
    d->namespaces_of = 4711;
    for (uint64_t i = 0; i < DETAIL_NAMESPACE_COUNT; i++)
        d->namespaces[i] = (struct detail_namespace){
            .type = types[i], .inode = 4026532200u + i, .owner_uid = (uid_t)-1, .is_host = i == 5};
    d->namespaces[DETAIL_NS_NET].shared_count = 1;
    d->namespaces[DETAIL_NS_NET].shared[0] = "/boxtop/api";
    struct detail_map *map = detail_draft_add(&draft->uid_map, sizeof *map);
    *map = (struct detail_map){0, 100000, 65536};
    return detail_draft_finish(draft);
}

/* Of the root group there is memory.stat, though it counts no memory. */
static inline const struct detail *scene_root_detail(void)
{
    struct detail_draft *draft = detail_draft_new();
    draft->detail.parts = DETAIL_FIGURES;
    scene_figure(draft, "memory.stat", "anon", 1400 * MIB);
    scene_figure(draft, "memory.stat", "file", 900 * MIB);
    scene_figure(draft, "memory.stat", "kernel", 200 * MIB);
    return detail_draft_finish(draft);
}

/* The machine at second `t` (from 1). */
static inline struct snapshot *scene_snapshot(int t)
{
    struct snapshot *now = mem_alloc(sizeof *now + SCENE_COUNT * sizeof now->rows[0]);
    struct sample *rows = now->rows;
    double wave = 0.5 + 0.5 * sin(t / 6.0);
    now->serial = now->sample_serial = (uint64_t)t;
    now->time_ns = (uint64_t)t * SECOND;
    now->wall_ns = SCENE_AT + (uint64_t)t * SECOND;
    now->interval_ns = SECOND;
    now->cgroupfs = (struct cgroupfs){.layout = CGROUP_LAYOUT_UNIFIED,
                                      .mount = "/sys/fs/cgroup",
                                      .controllers = 1u << CONTROLLER_CPU | 1u << CONTROLLER_MEMORY |
                                                     1u << CONTROLLER_PIDS};
    now->host = (struct host){.hostname = "lab",
                              .kernel = "6.12.0",
                              .cpu_percent = 130,
                              .cpus = 4,
                              .memory_total = 8192 * MIB,
                              .memory_available = 6144 * MIB,
                              .swap_total = 1024 * MIB,
                              .swap_free = 1000 * MIB,
                              .load1_centi = 142,
                              .cpu_some_avg10 = 1234,
                              .memory_some_avg10 = 50,
                              .io_some_avg10 = 0,
                              .oom_kills = t >= 60 ? 2 : 0};
    now->self_rss = 7 * MIB;
    now->self_cpu_percent = 0.4;
    now->count = SCENE_COUNT;
    for (int i = 0; i < SCENE_COUNT; i++)
        scene_fill(&rows[i], &scene_rows[i]);
    scene_root(&rows[ROW_ROOT]);
    sample_own(&rows[ROW_ROOT])->rate.cpu_percent = 130;
    sample_own(&rows[ROW_ROOT])->rate.user_percent = 100;
    sample_own(&rows[ROW_ROOT])->rate.system_percent = 30;
    rows[ROW_ROOT].detail = scene_root_detail();
    sample_own(&rows[ROW_BOXTOP])->rate.cpu_percent = 100;
    sample_own(&rows[ROW_BOXTOP])->now.memory_current = 190 * MIB;
    sample_own(&rows[ROW_BOXTOP])->now.events_oom_kill = t >= 60 ? 2 : 0;
    scene_cpu(&rows[ROW_API], ROW_API, 150);
    sample_own(&rows[ROW_API])->rate.cpu_percent = 20 + 60 * wave;
    scene_memory(&rows[ROW_API], ROW_API, 256 * MIB);
    sample_own(&rows[ROW_API])->now.memory_current = (uint64_t)(80 + 40 * wave) * MIB;
    sample_own(&rows[ROW_API])->now.memory_high = 192 * MIB;
    scene_memory(&rows[ROW_LEAK], ROW_LEAK, 60 * MIB);
    sample_own(&rows[ROW_LEAK])->now.memory_current = (uint64_t)(t % 30 * 2) * MIB;
    sample_own(&rows[ROW_LEAK])->now.events_oom_kill = sample_own(&rows[ROW_LEAK])->now.local_oom_kill =
        t >= 60 ? 2 : 0;
    sample_own(&rows[ROW_LEAK])->now.pids_max = 20;
    sample_own(&rows[ROW_LEAK])->now.pids_current = 19;
    sample_own(&rows[ROW_LEAK])->now.memory_some_avg10 = 1820;
    sample_own(&rows[ROW_PAUSED])->now.frozen = 1;
    scene_cpu(&rows[ROW_WEB], ROW_WEB, 50);
    scene_memory(&rows[ROW_WEB], ROW_WEB, 100 * MIB);
    sample_own(&rows[ROW_WEB])->rate = (struct rates){
        .cpu_percent = 49.9, .throttled_periods_percent = 98, .throttled_cpus = 0.3 + 0.2 * wave};
    sample_own(&rows[ROW_WEB])->now.memory_current = 64 * MIB;
    sample_own(&rows[ROW_WEB])->now.cpu_some_avg10 = 4210;
    sample_own(&rows[ROW_WEB])->now.pids_current = 3;
    sample_own(&rows[ROW_WEB])->now.pids_max = 64;
    sample_own(&rows[ROW_WEB])->rate.user_percent = 31.4;
    sample_own(&rows[ROW_WEB])->rate.system_percent = 18.5;
    sample_own(&rows[ROW_WEB])->rate.cpu_some_percent = 30 + 20 * wave;
    sample_own(&rows[ROW_WEB])->now.memory_peak = 71 * MIB;
    rows[ROW_WEB].detail = t > 60 ? scene_detail(wave) : NULL;
    rows[ROW_WEB].throttling_row = rows[ROW_WORKER].throttling_row = ROW_WEB;
    rows[ROW_WORKER].effective_cpu_percent = 50;
    rows[ROW_WORKER].effective_cpu_row = ROW_WEB;
    rows[ROW_WORKER].effective_memory_max = 100 * MIB;
    rows[ROW_WORKER].effective_memory_row = ROW_WEB;
    sample_own(&rows[ROW_WORKER])->rate.cpu_percent = 30;
    sample_own(&rows[ROW_USER])->now.populated = 0;
    sample_own(&rows[ROW_USER])->now.memory_current = 0;
    sample_own(&rows[ROW_USER])->now.pids_current = 0;
    if (t == 1)
        for (int i = 0; i < SCENE_COUNT; i++)
            rate_unknown(&sample_own(&rows[i])->rate);
    return now;
}

/* Takes the last rows away. */
static inline void scene_cut(struct snapshot *snapshot, size_t count)
{
    while (snapshot->count > count) {
        struct sample *last = &snapshot->rows[--snapshot->count];
        figures_unref(figures_of(last->now));
        identity_unref(last->identity);
        detail_unref(last->detail);
    }
}

static inline void scene_container(struct container *c, const char *name, enum container_state state,
                                   const char *cgroup)
{
    char *const command[] = {(char[]){"sleep"}, (char[]){"infinity"}, NULL};
    *c = (struct container){
        .state = state, .pid = state == CONTAINER_EXITED ? 0 : 4711, .started_ns = SCENE_AT - 60 * SECOND};
    str_copy(c->name, sizeof c->name, name);
    str_copy(c->cgroup, sizeof c->cgroup, cgroup);
    str_copy(c->root, sizeof c->root, "host");
    str_copy(c->network, sizeof c->network, "private");
    str_copy(c->address, sizeof c->address, "10.213.0.6/30");
    str_copy(c->gateway, sizeof c->gateway, "10.213.0.5");
    str_copy(c->host_link, sizeof c->host_link, "bx0123abcd");
    c->command = mem_dup_list(command);
}

static inline struct container *scene_containers(size_t *ret_count)
{
    struct container *list = mem_array(5, sizeof *list);
    scene_container(&list[0], "api", CONTAINER_RUNNING, "/boxtop/api");
    scene_container(&list[1], "leak", CONTAINER_RUNNING, "/boxtop/leak");
    scene_container(&list[2], "old", CONTAINER_EXITED, "");
    scene_container(&list[3], "paused", CONTAINER_PAUSED, "/boxtop/paused");
    scene_container(&list[4], "web", CONTAINER_RUNNING, "/boxtop/web");
    list[2].exit_status = 137;
    list[2].oom_killed = true;
    list[2].oom_kills = 1;
    list[2].finished_ns = SCENE_AT - 30 * SECOND;
    str_copy(list[2].why, sizeof list[2].why, "killed by SIGKILL, out of memory");
    *ret_count = 5;
    return list;
}

static inline void scene_event(struct model *model, enum event_kind kind, int t, const char *cgroup,
                               uint64_t value, const char *file, const char *text)
{
    struct event event = {.kind = kind,
                          .wall_ns = SCENE_AT + (uint64_t)t * SECOND,
                          .value = value,
                          .memory_current = 59 * MIB,
                          .memory_max = 60 * MIB};
    for (int i = 0; i < SCENE_COUNT; i++)
        if (strcmp(scene_rows[i].path, cgroup) == 0)
            event.cgroup_id = scene_rows[i].id;
    str_copy(event.cgroup, sizeof event.cgroup, cgroup);
    str_copy(event.file, sizeof event.file, file);
    str_copy(event.text, sizeof event.text, text);
    struct oom oom;
    oom_unknown(&oom);
    oom.source = OOM_SOURCE_REPORT;
    oom.limit = OOM_LIMIT_GROUP;
    oom.limit_bytes = oom.usage_bytes = oom.before_max = 60 * MIB;
    oom.filling = (struct oom_filling){57 * MIB, MIB, 2 * MIB, 0};
    oom.before_current = 59 * MIB;
    oom.victim_count = 1;
    oom.victims[0] = (struct oom_victim){4712, 1000, "sleep", 70 * MIB, 55 * MIB, MIB, 0, 0};
    str_copy(oom.limit_cgroup, sizeof oom.limit_cgroup, cgroup);
    str_copy(oom.invoker, sizeof oom.invoker, "sleep");
    event.oom = kind == EVENT_OOM_KILL ? &oom : NULL;
    model_take_events(model, &event);
}

/* Two minutes of it, with what happened. */
static inline void scene_play(struct model *model, int seconds)
{
    size_t count;
    struct container *containers = scene_containers(&count);
    for (int t = 1; t <= seconds; t++)
        model_take(model, scene_snapshot(t));
    model_take_containers(model, containers, count);
    scene_event(model, EVENT_STARTED, 1, "/boxtop/web", 0, "", "");
    scene_event(model, EVENT_SET, 20, "/boxtop/web", 0, "memory.max", "104857600");
    scene_event(model, EVENT_THROTTLED, 30, "/boxtop/web", 0, "", "");
    scene_event(model, EVENT_MAX, 59, "/boxtop/leak", 57, "", "");
    scene_event(model, EVENT_OOM_KILL, 60, "/boxtop/leak", 2, "", "");
}

#endif
