/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What goes through the selected group, and what it waits for: pressure, io by device, network by interface.
 */
#include "ui/pane.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/part.h"
#include "ui/text.h"

/* "1.5M/s"; "-" where it is not known. */
static const char *rate_text(char *to, double bytes_per_s)
{
    char number[FMT_SIZE];
    if (isnan(bytes_per_s))
        return strcpy(to, "-");
    snprintf(to, FMT_SIZE, "%s/s", fmt_bytes(number, (uint64_t)fmax(bytes_per_s, 0)));
    return to;
}

/* ---- pressure ---- */

static double share_of(uint16_t value)
{
    return value == TRACK_NO_SHARE ? (double)NAN : value / 100.0;
}

#define SHARE(name, member)                                                                                  \
    static double name(const struct track_sample *sample)                                                    \
    {                                                                                                        \
        return share_of(sample->member);                                                                     \
    }
SHARE(cpu_some, cpu_some)
SHARE(cpu_full, cpu_full)
SHARE(memory_some, memory_some)
SHARE(memory_full, memory_full)
SHARE(io_some, io_some)
SHARE(io_full, io_full)

static const char *centi(char *to, uint64_t value)
{
    return fmt_percent(to, value_is_number(value) ? (double)value / 100 : (double)NAN);
}

static const char *percent_scale(char *to, double percent)
{
    snprintf(to, FMT_SIZE, "%.0f%%", percent);
    return to;
}

/* Over 10 seconds, a minute, five minutes: as far as the detail has them and there is room. */
static void pressure_text(char *to, size_t size, int width, uint64_t some, uint64_t full,
                          const struct detail_pressure *p)
{
    char s[3][FMT_SIZE], f[3][FMT_SIZE];
    if (p && width >= 58)
        snprintf(to, size, "some %5s %5s %5s   full %5s %5s %5s", centi(s[0], p->some.avg10),
                 centi(s[1], p->some.avg60), centi(s[2], p->some.avg300), centi(f[0], p->full.avg10),
                 centi(f[1], p->full.avg60), centi(f[2], p->full.avg300));
    else if (width >= 30)
        snprintf(to, size, "some %5s  full %5s", centi(s[0], some), centi(f[0], full));
    else
        snprintf(to, size, "%5s %5s", centi(s[0], some), centi(f[0], full));
}

static void draw_pressure(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    const struct sample *sample = model_sample(&app->model, model_selected(&app->model));
    const struct detail *detail = part_detail(app, DETAIL_FIGURES);
    const struct counters *c = sample ? sample->now : NULL;
    if (!sample)
        return;
    const struct {
        const char *label;
        uint64_t some, full;
        enum detail_resource resource;
        double (*of_some)(const struct track_sample *sample), (*of_full)(const struct track_sample *sample);
    } rows[] = {
        {tr("cpu"), c->cpu_some_avg10, c->cpu_full_avg10, RESOURCE_CPU, cpu_some, cpu_full},
        {tr("memory"), c->memory_some_avg10, c->memory_full_avg10, RESOURCE_MEMORY, memory_some, memory_full},
        {tr("io"), c->io_some_avg10, c->io_full_avg10, RESOURCE_IO, io_some, io_full},
    };
    if (c->cpu_some_avg10 == VALUE_ABSENT && c->memory_some_avg10 == VALUE_ABSENT) {
        part_nothing(inside, sample->depth
                                 ? tr("this kernel counts no pressure, or it was switched off (psi=1)")
                                 : tr("the root group has none of its own: the host's is above"));
        return;
    }
    char text[160];
    int count = (int)COUNT_OF(rows), h = inside->area.h;
    for (int i = 0; i < count; i++) {
        int y = h * i / count, end = h * (i + 1) / count;
        pressure_text(text, sizeof text, inside->area.w, rows[i].some, rows[i].full,
                      detail ? &detail->pressure[rows[i].resource] : NULL);
        part_strip(app, inside, y, end - y,
                   &(struct strip){.label = rows[i].label,
                                   .text = text,
                                   .role = ROLE_PRESSURE,
                                   .most = 10,
                                   .scale = percent_scale,
                                   .of_track = rows[i].of_some,
                                   .stacked = rows[i].of_full});
    }
    if (inside->area.w >= 58 && frame->area.w > 40)
        canvas_notch(frame, 3 + canvas_notch_width(tr("pressure")), ROLE_BOX_OTHER, STYLE(ROLE_GRAPH_TEXT),
                     /* xgettext:no-c-format */
                     tr("% of 10s 1m 5m"));
}

/* ---- io ---- */

static double trail_read(const struct trail_point *point)
{
    return point->read;
}

static double trail_written(const struct trail_point *point)
{
    return point->written;
}

static void limits_of_device(char *to, size_t size, const struct detail_device *d)
{
    const struct {
        const char *key;
        uint64_t value;
        bool bytes;
    } limits[] = {{"rbps", d->max_rbps, true},
                  {"wbps", d->max_wbps, true},
                  {"riops", d->max_riops, false},
                  {"wiops", d->max_wiops, false}};
    char number[FMT_SIZE];
    int used = 0;
    to[0] = '\0';
    for (size_t i = 0; i < COUNT_OF(limits); i++)
        if (value_is_number(limits[i].value))
            used += snprintf(to + used, size - (size_t)used, "%s%s=%s", used ? " " : "max ", limits[i].key,
                             limits[i].bytes ? fmt_bytes(number, limits[i].value)
                                             : fmt_count(number, limits[i].value));
}

/* sda  r 1.2M/s 30/s  w 4.0K/s 2/s  max rbps=2.0M */
static void draw_device(const struct canvas *c, int y, const struct detail_device *d)
{
    char name[40], text[160], limits[120], read[FMT_SIZE], written[FMT_SIZE], rios[FMT_SIZE], wios[FMT_SIZE];
    snprintf(name, sizeof name, d->name[0] ? "%s" : "%s%u:%u", d->name, d->major, d->minor);
    fmt_count(rios, isnan(d->rios_per_s) ? VALUE_ABSENT : (uint64_t)d->rios_per_s);
    fmt_count(wios, isnan(d->wios_per_s) ? VALUE_ABSENT : (uint64_t)d->wios_per_s);
    rate_text(read, d->rbytes_per_s);
    rate_text(written, d->wbytes_per_s);
    if (c->area.w >= 46)
        snprintf(text, sizeof text, "r %7s %4s/s  w %7s %4s/s", read, rios, written, wios);
    else
        snprintf(text, sizeof text, "%7s %7s", read, written);
    canvas_text(c, y, 0, 9, STYLE(ROLE_TITLE), name);
    int x = 9 + canvas_text(c, y, 9, c->area.w - 9, STYLE(ROLE_FG), text);
    limits_of_device(limits, sizeof limits, d);
    if (x + 4 < c->area.w)
        canvas_text(c, y, x + 2, c->area.w - x - 2, STYLE(ROLE_LIMIT), limits);
}

/* Two strips above, lines below; returns where the lines begin and how many there is room for. */
static int two_strips(struct app *app, const struct canvas *c, const struct strip *strips, size_t lines,
                      int *ret_room)
{
    int want = (int)lines, h = c->area.h;
    int below = want < h - 4 ? want : h - 4;
    below = below < 0 ? 0 : below;
    /* Little is left for the lines where they are many: half of it, then, and the rest by scrolling. */
    if (want > below && below < h / 2)
        below = h / 2;
    int above = h - below, first = above / 2;
    part_strip(app, c, 0, first, &strips[0]);
    part_strip(app, c, first, above - first, &strips[1]);
    *ret_room = below;
    return above;
}

static void draw_io(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    const struct detail *detail = part_detail(app, DETAIL_IO);
    const struct sample *sample = model_sample(&app->model, model_selected(&app->model));
    char read[FMT_SIZE], written[FMT_SIZE];
    int room;
    (void)frame;
    if (!sample)
        return;
    if (!detail && app->model.past) {
        part_nothing(inside, part_unread(app));
        return;
    }
    if (detail && !detail->device_count) {
        part_nothing(inside, app->model.now->cgroupfs.controllers >> CONTROLLER_IO & 1
                                 ? tr("no device has been read or written yet")
                                 : tr("no io controller here: nobody counts by group"));
        return;
    }
    double r = 0, w = 0;
    for (size_t i = 0; detail && i < detail->device_count; i++) {
        r += detail->devices[i].rbytes_per_s;
        w += detail->devices[i].wbytes_per_s;
    }
    rate_text(read, detail ? r : (double)NAN);
    rate_text(written, detail ? w : (double)NAN);
    const struct strip strips[2] = {{.label = tr("read"),
                                     .text = read,
                                     .role = ROLE_CPU,
                                     .most = 4096,
                                     .scale = rate_text,
                                     .of_trail = trail_read},
                                    {.label = tr("write"),
                                     .text = written,
                                     .role = ROLE_MEMORY,
                                     .most = 4096,
                                     .scale = rate_text,
                                     .of_trail = trail_written}};
    size_t count = detail ? detail->device_count : 0;
    int y = two_strips(app, inside, strips, count, &room);
    size_t top = part_top(app, PANE_IO, count, room);
    for (int i = 0; i < room && top + (size_t)i < count; i++)
        draw_device(inside, y + i, &detail->devices[top + (size_t)i]);
}

static void io_wheel(struct app *app, int direction)
{
    part_scroll(app, PANE_IO, direction);
}

static bool io_key(struct app *app, int key)
{
    return part_scroll_key(app, PANE_IO, key);
}

/* ---- network ---- */

static double trail_received(const struct trail_point *point)
{
    return point->received;
}

static double trail_sent(const struct trail_point *point)
{
    return point->sent;
}

static void addresses_of(const struct detail *detail, int link, char *to, size_t size)
{
    int used = 0;
    to[0] = '\0';
    for (size_t i = 0; i < detail->address_count && used + 54 < (int)size; i++)
        if (detail->addresses[i].link == link)
            used +=
                snprintf(to + used, size - (size_t)used, "%s%s", used ? " " : "", detail->addresses[i].text);
}

/* An interface: "eth0  up  10.213.0.6/16 fd00::6/64". */
static void draw_link(const struct canvas *c, int y, const struct detail *detail,
                      const struct detail_link *link)
{
    char addresses[300], errors[80], rx[FMT_SIZE], tx[FMT_SIZE];
    uint64_t bad = link->rx.errors + link->tx.errors, dropped = link->rx.dropped + link->tx.dropped;
    canvas_text(c, y, 0, 8, STYLE(ROLE_TITLE), link->name);
    canvas_text(c, y, 9, 4, STYLE(link->up ? ROLE_GOOD : ROLE_WARN), link->up ? "up" : "down");
    addresses_of(detail, link->index, addresses, sizeof addresses);
    int x = 14 + canvas_text(c, y, 14, c->area.w - 14, STYLE(ROLE_FG), addresses);
    snprintf(errors, sizeof errors, tr("errors %s dropped %s"), fmt_count(rx, bad), fmt_count(tx, dropped));
    if (link->mtu && x + 10 < c->area.w) {
        char mtu[24];
        snprintf(mtu, sizeof mtu, "mtu %u", link->mtu);
        x += 2 + canvas_text(c, y, x + 2, c->area.w - x - 2, STYLE(ROLE_GRAPH_TEXT), mtu);
    }
    if ((bad || dropped) && x + 10 < c->area.w)
        canvas_text(c, y, x + 2, c->area.w - x - 2, STYLE(ROLE_WARN), errors);
}

/* "peer     bx0ad50006 in boxtop0": what it is plugged into, out here. */
static void peer_text(const struct detail_link *link, char *to, size_t size)
{
    to[0] = '\0';
    if (link->peer[0])
        snprintf(to, size, link->bridge[0] ? tr("%s out here, in the bridge %s") : tr("%s out here"),
                 link->peer, link->bridge);
}

/* "default via 10.213.0.1 on eth0" */
static void route_text(const struct detail *detail, const struct detail_route *route, char *to, size_t size)
{
    const char *name = detail_link_name(detail, route->link);
    snprintf(to, size, "%s%s%s%s%s%s",
             route->to[0] ? route->to
             : route->six ? tr("default (IPv6)")
                          : tr("default"),
             route->via[0] ? tr(" via ") : "", route->via, name[0] ? tr(" on ") : "", name,
             route->refused ? tr(", refused") : "");
}

/* Where we may not look into the namespace: what its record says of the way out. */
static void recorded_route(const struct container *box, char *to, size_t size)
{
    to[0] = '\0';
    if (!box || !box->gateway[0])
        return;
    snprintf(to, size, "%s%s%s%s%s%s%s", tr("default"), tr(" via "), box->gateway,
             box->gateway6[0] ? ", " : "", box->gateway6,
             box->host_link[0] ? tr("; its peer is ")
             : box->pasta      ? tr("; by pasta")
                               : "",
             box->host_link);
}

/* The lines below the strips: each interface, what it is plugged into, and then the routes. */
struct net_line {
    const struct detail_link *link;
    const struct detail_route *route;
    bool peer;      /* the link's other end */
    char text[240]; /* of a record */
};
enum { NET_LINES = 400 };

static size_t list_net_lines(const struct detail *detail, const struct container *box, struct net_line *lines)
{
    size_t count = 0;
    for (size_t i = 0; detail && i < detail->link_count && count + 2 < NET_LINES; i++) {
        const struct detail_link *link = &detail->links[i];
        lines[count++] = (struct net_line){.link = link};
        if (link->peer[0])
            lines[count++] = (struct net_line){.link = link, .peer = true};
    }
    for (size_t i = 0; detail && i < detail->route_count && count < NET_LINES; i++)
        lines[count++] = (struct net_line){.route = &detail->routes[i]};
    if ((detail && detail->route_count) || count == NET_LINES)
        return count;
    recorded_route(box, lines[count].text, sizeof lines[count].text);
    lines[count].link = NULL;
    lines[count].route = NULL;
    return count + (lines[count].text[0] != '\0');
}

static void draw_net_line(const struct canvas *c, int y, const struct detail *detail,
                          const struct net_line *line)
{
    char text[240];
    if (line->link && !line->peer) {
        draw_link(c, y, detail, line->link);
        return;
    }
    if (line->link)
        peer_text(line->link, text, sizeof text);
    else if (line->route)
        route_text(detail, line->route, text, sizeof text);
    else
        str_copy(text, sizeof text, line->text);
    part_fact(c, &y, ROLE_FG, line->link ? "  peer" : N_("route"), text);
}

static const char *no_network(const struct container *box)
{
    if (box && strcmp(box->network, "none") == 0)
        return tr("it has no network: a namespace with nothing but lo");
    return tr("it uses the host's network: no interface is its own");
}

static void draw_network(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    const struct row *row = model_selected(&app->model);
    const struct detail *detail = part_detail(app, DETAIL_NET);
    const struct container *box = model_container(&app->model, row);
    char rx[FMT_SIZE], tx[FMT_SIZE];
    int room, y;
    (void)frame;
    if (!model_sample(&app->model, row))
        return;
    if (!detail && app->model.past) {
        part_nothing(inside, part_unread(app));
        return;
    }
    if (detail && !detail->net_own) {
        part_nothing(inside, no_network(box));
        return;
    }
    cleanup_free struct net_line *lines = mem_array(NET_LINES, sizeof *lines);
    rate_text(rx, detail ? detail->net_rx.bytes_per_s : (double)NAN);
    rate_text(tx, detail ? detail->net_tx.bytes_per_s : (double)NAN);
    const struct strip strips[2] = {{.label = tr("received"),
                                     .text = rx,
                                     .role = ROLE_CPU,
                                     .most = 1024,
                                     .scale = rate_text,
                                     .of_trail = trail_received},
                                    {.label = tr("sent"),
                                     .text = tx,
                                     .role = ROLE_MEMORY,
                                     .most = 1024,
                                     .scale = rate_text,
                                     .of_trail = trail_sent}};
    size_t count = list_net_lines(detail, box, lines);
    y = two_strips(app, inside, strips, count, &room);
    size_t top = part_top(app, PANE_NETWORK, count, room);
    for (int i = 0; i < room && top + (size_t)i < count; i++)
        draw_net_line(inside, y + i, detail, &lines[top + (size_t)i]);
}

static void network_wheel(struct app *app, int direction)
{
    part_scroll(app, PANE_NETWORK, direction);
}

static bool network_key(struct app *app, int key)
{
    return part_scroll_key(app, PANE_NETWORK, key);
}

const struct pane pane_pressure = {.title = N_("pressure"),
                                   .box = ROLE_BOX_OTHER,
                                   .parts = DETAIL_FIGURES,
                                   .action = ACTION_PANE_PRESSURE,
                                   .draw = draw_pressure};
const struct pane pane_io = {.title = N_("io"),
                             .box = ROLE_BOX_OTHER,
                             .parts = DETAIL_IO,
                             .action = ACTION_PANE_IO,
                             .draw = draw_io,
                             .key = io_key,
                             .wheel = io_wheel};
const struct pane pane_network = {.title = N_("network"),
                                  .box = ROLE_BOX_OTHER,
                                  .parts = DETAIL_NET | DETAIL_WAYS,
                                  .action = ACTION_PANE_NETWORK,
                                  .draw = draw_network,
                                  .key = network_key,
                                  .wheel = network_wheel};
