/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch_detail.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "cli/watch_figure.h"

static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *centi(uint64_t value)
{
    return value_is_number(value) ? json_real((double)value / 100) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text && text[0] ? json_string(text) : json_null();
}

void detail_put(json_t *object, const char *key, json_t *value)
{
    const char *slash;
    while ((slash = strchr(key, '/'))) {
        char part[64];
        size_t len = (size_t)(slash - key) + 1;
        str_copy(part, len < sizeof part ? len : sizeof part, key);
        json_t *inner = json_object_get(object, part);
        if (!json_is_object(inner))
            json_object_set_new(object, part, inner = json_object());
        object = inner;
        key = slash + 1;
    }
    json_object_set_new(object, key, value);
}

static void add_figures(json_t *object, const struct detail *detail)
{
    char key[300];
    for (size_t i = 0; i < detail->figure_count; i++) {
        const struct detail_figure *f = &detail->figures[i];
        snprintf(key, sizeof key, "%s%s%s", f->file, f->key[0] ? "/" : "", f->key);
        detail_put(object, key, f->text ? json_string(f->text) : figure_json(f->value));
        if (!isfinite(f->per_s))
            continue;
        snprintf(key, sizeof key, "per_second/%s%s%s", f->file, f->key[0] ? "/" : "", f->key);
        detail_put(object, key, json_real(f->per_s));
    }
}

static void add_pressure_line(json_t *object, const char *resource, const char *which,
                              const struct detail_pressure_line *line)
{
    const struct {
        const char *name;
        json_t *value;
    } all[] = {{"avg10", centi(line->avg10)},
               {"avg60", centi(line->avg60)},
               {"avg300", centi(line->avg300)},
               {"total", figure_json(line->total_usec)},
               {"percent", real_or_null(line->percent)}};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        char key[64];
        snprintf(key, sizeof key, "pressure/%s/%s_%s", resource, which, all[i].name);
        detail_put(object, key, all[i].value);
    }
}

static void add_pressure(json_t *object, const struct detail *detail)
{
    static const char *const resources[RESOURCE_COUNT] = {"cpu", "memory", "io", "irq"};
    for (int i = 0; i < RESOURCE_COUNT; i++) {
        add_pressure_line(object, resources[i], "some", &detail->pressure[i].some);
        add_pressure_line(object, resources[i], "full", &detail->pressure[i].full);
    }
}

static void add_devices(json_t *object, const struct detail *detail)
{
    json_t *stat = json_object(), *max = json_object();
    for (size_t i = 0; i < detail->device_count; i++) {
        const struct detail_device *d = &detail->devices[i];
        char number[32];
        snprintf(number, sizeof number, "%u:%u", d->major, d->minor);
        json_object_set_new(
            stat, number,
            json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "device",
                      text_or_null(d->name), "rbytes", figure_json(d->rbytes), "wbytes",
                      figure_json(d->wbytes), "rios", figure_json(d->rios), "wios", figure_json(d->wios),
                      "dbytes", figure_json(d->dbytes), "dios", figure_json(d->dios), "rbytes_per_second",
                      real_or_null(d->rbytes_per_s), "wbytes_per_second", real_or_null(d->wbytes_per_s),
                      "rios_per_second", real_or_null(d->rios_per_s), "wios_per_second",
                      real_or_null(d->wios_per_s)));
        if (d->max_rbps != VALUE_MAX || d->max_wbps != VALUE_MAX || d->max_riops != VALUE_MAX ||
            d->max_wiops != VALUE_MAX)
            json_object_set_new(max, number,
                                json_pack("{s:o, s:o, s:o, s:o}", "rbps", figure_json(d->max_rbps), "wbps",
                                          figure_json(d->max_wbps), "riops", figure_json(d->max_riops),
                                          "wiops", figure_json(d->max_wiops)));
    }
    json_object_set_new(object, "io.stat", stat);
    json_object_set_new(object, "io.max", max);
}

static void add_bounds(json_t *object, const struct detail *detail)
{
    char key[80];
    for (size_t i = 0; i < detail->bound_count; i++) {
        const struct detail_bound *bound = &detail->bounds[i];
        snprintf(key, sizeof key, "effective/io.max/%u:%u/%s", bound->major, bound->minor, bound->key);
        detail_put(object, key,
                   json_pack("{s:o, s:s}", "value", figure_json(bound->value), "cgroup", bound->by));
    }
}

static void add_link_counters(json_t *object, const char *direction, const struct detail_link_counters *c)
{
    const struct {
        const char *name;
        uint64_t value;
        double per_s;
    } all[] = {{"bytes", c->bytes, c->bytes_per_s},
               {"packets", c->packets, c->packets_per_s},
               {"errors", c->errors, c->errors_per_s},
               {"dropped", c->dropped, c->dropped_per_s}};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        char key[64];
        snprintf(key, sizeof key, "%s_%s", direction, all[i].name);
        json_object_set_new(object, key, figure_json(all[i].value));
        snprintf(key, sizeof key, "%s_%s_per_second", direction, all[i].name);
        json_object_set_new(object, key, real_or_null(all[i].per_s));
    }
}

/* The interface's, as text: "10.213.0.2/30". */
static json_t *addresses_of(const struct detail *detail, int link)
{
    json_t *array = json_array();
    for (size_t i = 0; i < detail->address_count; i++)
        if (detail->addresses[i].link == link)
            json_array_append_new(array, json_string(detail->addresses[i].text));
    return array;
}

/* What is known only of groups that were asked for by name. */
static void add_ways(json_t *object, const struct detail *detail)
{
    json_t *routes = json_array();
    for (size_t i = 0; i < detail->route_count; i++) {
        const struct detail_route *route = &detail->routes[i];
        const char *name = detail_link_name(detail, route->link);
        json_array_append_new(routes,
                              json_pack("{s:i, s:s, s:o, s:o, s:I, s:b}", "family", route->six ? 6 : 4, "to",
                                        route->to[0] ? route->to : "default", "via", text_or_null(route->via),
                                        "link", text_or_null(name), "metric", (json_int_t)route->metric,
                                        "refused", route->refused));
    }
    json_object_set_new(object, "routes", routes);
}

json_t *detail_net(const struct detail *detail)
{
    if (!detail || !(detail->parts & DETAIL_NET) || !detail->net_own)
        return json_null();
    json_t *object = json_object(), *links = json_array();
    add_link_counters(object, "rx", &detail->net_rx);
    add_link_counters(object, "tx", &detail->net_tx);
    for (size_t i = 0; i < detail->link_count; i++) {
        const struct detail_link *link = &detail->links[i];
        json_t *item =
            json_pack("{s:s, s:o, s:b, s:o, s:o}", "name", link->name, "address", text_or_null(link->mac),
                      "up", link->up, "mtu", link->mtu ? json_integer(link->mtu) : json_null(), "addresses",
                      addresses_of(detail, link->index));
        if (detail->parts & DETAIL_WAYS) {
            json_object_set_new(item, "peer", text_or_null(link->peer));
            json_object_set_new(item, "bridge", text_or_null(link->bridge));
        }
        add_link_counters(item, "rx", &link->rx);
        add_link_counters(item, "tx", &link->tx);
        json_array_append_new(links, item);
    }
    json_object_set_new(object, "links", links);
    if (detail->parts & DETAIL_WAYS)
        add_ways(object, detail);
    return object;
}

static void add_processes(json_t *object, const struct detail *detail)
{
    json_t *array = json_array();
    for (size_t i = 0; i < detail->process_count; i++) {
        const struct detail_process *p = &detail->processes[i];
        char state[2] = {p->state, '\0'};
        json_array_append_new(
            array, json_pack("{s:i, s:o, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:i, s:s}", "pid", (int)p->pid,
                             "nspid", p->inside ? json_integer(p->inside) : json_null(), "uid",
                             p->uid == (uid_t)-1 ? json_null() : json_integer(p->uid), "user", p->user,
                             "state", state, "command", p->command, "cpu_percent",
                             real_or_null(p->cpu_percent), "rss", figure_json(p->rss_bytes), "threads",
                             figure_json(p->threads), "oom_score_adj", p->oom_score_adj, "below", p->below));
    }
    json_object_set_new(object, "cgroup.procs", array);
    json_object_set_new(object, "cgroup.procs_total", json_integer((json_int_t)detail->process_total));
}

static json_t *map_of(const struct detail_map *map, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_pack("[I, I, I]", (json_int_t)map[i].inside,
                                               (json_int_t)map[i].outside, (json_int_t)map[i].count));
    return array;
}

static json_t *namespace_of(const struct detail_namespace *ns)
{
    json_t *shared = json_array();
    for (size_t i = 0; i < ns->shared_count && i < DETAIL_SHARED; i++)
        json_array_append_new(shared, json_string(ns->shared[i]));
    json_t *object =
        json_pack("{s:I, s:b, s:o, s:I, s:o}", "inode", (json_int_t)ns->inode, "host", ns->is_host, "owner",
                  ns->owner_inode ? json_integer((json_int_t)ns->owner_inode) : json_null(), "shared",
                  (json_int_t)ns->shared_count, "shared_with", shared);
    if (ns->owner_uid != (uid_t)-1)
        json_object_set_new(object, "owner_uid", json_integer(ns->owner_uid));
    return object;
}

static void add_namespaces(json_t *object, const struct detail *detail)
{
    json_t *all = json_object();
    for (int i = 0; i < DETAIL_NAMESPACE_COUNT; i++)
        if (detail->namespaces[i].inode)
            json_object_set_new(all, detail->namespaces[i].type, namespace_of(&detail->namespaces[i]));
    json_object_set_new(object, "namespaces", all);
    json_object_set_new(object, "namespaces_of",
                        detail->namespaces_of ? json_integer(detail->namespaces_of) : json_null());
    json_object_set_new(object, "uid_map", map_of(detail->uid_map, detail->uid_map_count));
    json_object_set_new(object, "gid_map", map_of(detail->gid_map, detail->gid_map_count));
}

void detail_add(json_t *object, const struct detail *detail)
{
    unsigned parts = detail ? detail->parts : 0;
    if (parts & DETAIL_FIGURES) {
        add_figures(object, detail);
        add_pressure(object, detail);
        detail_put(object, "effective/cpuset.cpus/value", text_or_null(detail->cpuset_cpus));
        detail_put(object, "effective/cpuset.cpus/cgroup", text_or_null(detail->cpuset_by));
    }
    if (parts & DETAIL_IO) {
        add_devices(object, detail);
        add_bounds(object, detail);
    }
    if (parts & DETAIL_PROCESSES)
        add_processes(object, detail);
    if (parts & DETAIL_NAMESPACES)
        add_namespaces(object, detail);
}
