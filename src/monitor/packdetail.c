/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/packdetail.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/value.h"
#include "monitor/detail_draft.h"
#include "monitor/detail_read.h"

#define TEXT_MAX 4096
#define LIST_MAX 4096 /* items of one list */

/* ---- what there is to be packed ---- */

enum form {
    NUMBER,
    FLAG,
    LETTER,
    TEXT,           /* in the struct */
    TEXT_ELSEWHERE, /* a pointer that is never NULL */
    TEXT_OR_NULL,
    RATE,          /* of the number at `of`, a second */
    RATE_OF_TICKS, /* as percent of a CPU */
    RATE_OF_USEC   /* as percent of the time */
};

struct field {
    enum form form;
    size_t at, size, of;
};

/* A struct: the first `keys` of its fields tell one item of a list from another. */
struct shape {
    const struct field *fields;
    size_t count, keys, size;
};

#define SIZE(type, member) sizeof(((type *)0)->member)
#define F(form, type, member)                                                                                \
    {                                                                                                        \
        form, offsetof(type, member), SIZE(type, member), 0                                                  \
    }
#define R(form, type, member, of)                                                                            \
    {                                                                                                        \
        form, offsetof(type, member), sizeof(double), offsetof(type, of)                                     \
    }
#define N(type, member)     F(NUMBER, type, member)
#define COUNTER(type, name) N(type, name), R(RATE, type, name##_per_s, name)
#define TRAFFIC(type, m)                                                                                     \
    COUNTER(type, m.bytes), COUNTER(type, m.packets), COUNTER(type, m.errors), COUNTER(type, m.dropped)
#define SHAPE(type, list, keys)                                                                              \
    static const struct shape list##_shape = {list##_fields, COUNT_OF(list##_fields), keys, sizeof(type)}

static const struct field clock_fields[] = {N(struct detail, time_ns), N(struct detail, before_ns)};
SHAPE(struct detail, clock, 0);

static const struct field whole_fields[] = {F(TEXT_OR_NULL, struct detail, cpuset_cpus),
                                            F(TEXT_OR_NULL, struct detail, cpuset_by),
                                            F(FLAG, struct detail, net_own),
                                            N(struct detail, net_inode),
                                            TRAFFIC(struct detail, net_rx),
                                            TRAFFIC(struct detail, net_tx),
                                            N(struct detail, process_total),
                                            N(struct detail, namespaces_of)};
SHAPE(struct detail, whole, 0);

static const struct field figure_fields[] = {
    F(TEXT_ELSEWHERE, struct detail_figure, file), F(TEXT_ELSEWHERE, struct detail_figure, key),
    F(TEXT_OR_NULL, struct detail_figure, text), N(struct detail_figure, value),
    R(RATE, struct detail_figure, per_s, value)};
SHAPE(struct detail_figure, figure, 2);

static const struct field line_fields[] = {
    N(struct detail_pressure_line, avg10), N(struct detail_pressure_line, avg60),
    N(struct detail_pressure_line, avg300), N(struct detail_pressure_line, total_usec),
    R(RATE_OF_USEC, struct detail_pressure_line, percent, total_usec)};
SHAPE(struct detail_pressure_line, line, 0);

static const struct field device_fields[] = {
    N(struct detail_device, major),        N(struct detail_device, minor),
    F(TEXT, struct detail_device, name),   COUNTER(struct detail_device, rbytes),
    COUNTER(struct detail_device, wbytes), N(struct detail_device, dbytes),
    COUNTER(struct detail_device, rios),   COUNTER(struct detail_device, wios),
    N(struct detail_device, dios),         N(struct detail_device, max_rbps),
    N(struct detail_device, max_wbps),     N(struct detail_device, max_riops),
    N(struct detail_device, max_wiops)};
SHAPE(struct detail_device, device, 2);

static const struct field bound_fields[] = {N(struct detail_bound, major), N(struct detail_bound, minor),
                                            F(TEXT, struct detail_bound, key), N(struct detail_bound, value),
                                            F(TEXT_ELSEWHERE, struct detail_bound, by)};
SHAPE(struct detail_bound, bound, 3);

static const struct field link_fields[] = {
    N(struct detail_link, index),      F(TEXT, struct detail_link, name),
    F(TEXT, struct detail_link, mac),  N(struct detail_link, mtu),
    F(FLAG, struct detail_link, up),   F(FLAG, struct detail_link, loopback),
    N(struct detail_link, peer_index), N(struct detail_link, peer_namespace),
    F(TEXT, struct detail_link, peer), F(TEXT, struct detail_link, bridge),
    TRAFFIC(struct detail_link, rx),   TRAFFIC(struct detail_link, tx)};
SHAPE(struct detail_link, link, 2);

static const struct field address_fields[] = {N(struct detail_address, link),
                                              F(TEXT, struct detail_address, text)};
SHAPE(struct detail_address, address, 2);

static const struct field route_fields[] = {
    N(struct detail_route, number),    F(TEXT, struct detail_route, to),
    F(FLAG, struct detail_route, six), F(FLAG, struct detail_route, refused),
    N(struct detail_route, prefix),    F(TEXT, struct detail_route, via),
    N(struct detail_route, link),      N(struct detail_route, metric)};
SHAPE(struct detail_route, route, 2);

static const struct field process_fields[] = {N(struct detail_process, pid),
                                              N(struct detail_process, start_ticks),
                                              N(struct detail_process, inside),
                                              N(struct detail_process, uid),
                                              F(TEXT, struct detail_process, user),
                                              F(LETTER, struct detail_process, state),
                                              F(TEXT, struct detail_process, command),
                                              N(struct detail_process, cpu_ticks),
                                              N(struct detail_process, rss_bytes),
                                              N(struct detail_process, threads),
                                              N(struct detail_process, oom_score_adj),
                                              R(RATE_OF_TICKS, struct detail_process, cpu_percent, cpu_ticks),
                                              F(TEXT_ELSEWHERE, struct detail_process, below)};
SHAPE(struct detail_process, process, 2);

#define SHARED(n) F(TEXT_OR_NULL, struct detail_namespace, shared[n])
static const struct field room_fields[] = {N(struct detail_namespace, inode),
                                           F(FLAG, struct detail_namespace, is_host),
                                           N(struct detail_namespace, owner_inode),
                                           N(struct detail_namespace, owner_uid),
                                           N(struct detail_namespace, shared_count),
                                           SHARED(0),
                                           SHARED(1),
                                           SHARED(2),
                                           SHARED(3)};
SHAPE(struct detail_namespace, room, 0);
static_assert(DETAIL_SHARED == 4, "each has its field");

static const struct field map_fields[] = {N(struct detail_map, inside), N(struct detail_map, outside),
                                          N(struct detail_map, count)};
SHAPE(struct detail_map, map, 3);

static const struct list {
    const struct shape *shape;
    size_t items, count, draft; /* where they are in a detail, and in its draft */
    unsigned since;             /* which version */
} lists[] = {
#define LIST(shape, list, number, since)                                                                     \
    {                                                                                                        \
        &shape##_shape, offsetof(struct detail, list), offsetof(struct detail, number),                      \
            offsetof(struct detail_draft, list), since                                                       \
    }
    LIST(figure, figures, figure_count, 2), LIST(device, devices, device_count, 2),
    LIST(link, links, link_count, 2),       LIST(address, addresses, address_count, 2),
    LIST(route, routes, route_count, 2),    LIST(process, processes, process_count, 2),
    LIST(map, uid_map, uid_map_count, 2),   LIST(map, gid_map, gid_map_count, 2),
    LIST(bound, bounds, bound_count, 3),
#undef LIST
};

/* What an item is compared with that was not there before. */
static const char nothing[sizeof(struct detail)];
static_assert(sizeof nothing >= sizeof(struct detail_process), "it is as large as any item");

/* ---- one field ---- */

static uint64_t number_at(const void *item, size_t at, size_t size)
{
    uint64_t wide = 0;
    uint32_t narrow = 0;
    uint8_t byte = 0;
    const char *from = (const char *)item + at;
    if (size == sizeof wide)
        memcpy(&wide, from, sizeof wide);
    else if (size == sizeof narrow)
        memcpy(&narrow, from, sizeof narrow);
    else
        memcpy(&byte, from, sizeof byte);
    return wide | narrow | byte;
}

static void set_number(void *item, const struct field *field, uint64_t number)
{
    uint32_t narrow = (uint32_t)number;
    uint8_t byte = (uint8_t)number;
    char *to = (char *)item + field->at;
    if (field->form == FLAG)
        byte = number != 0;
    if (field->form == LETTER)
        byte = number > ' ' && number < 127 ? byte : '?';
    memcpy(to,
           field->size == 8   ? (void *)&number
           : field->size == 4 ? (void *)&narrow
                              : (void *)&byte,
           field->size);
}

static double double_at(const void *item, const struct field *field)
{
    double value;
    memcpy(&value, (const char *)item + field->at, sizeof value);
    return value;
}

static const char *text_at(const void *item, const struct field *field)
{
    const char *text = (const char *)item + field->at;
    if (field->form != TEXT)
        memcpy(&text, text, field->size);
    return text;
}

/* What a rate is if it is that of its counter: computed as detail_read.c does, to the last bit. */
static double expected_rate(const struct field *field, const void *now, const void *old, double seconds)
{
    uint64_t before = number_at(old, field->of, 8), after = number_at(now, field->of, 8);
    if (isnan(seconds) || !value_is_number(before) || !value_is_number(after) || after < before)
        return NAN;
    double rate = (double)(after - before) / seconds;
    if (field->form == RATE_OF_TICKS)
        return rate / 100.0 * 100;
    if (field->form == RATE_OF_USEC)
        return rate / 1e4 > 100 ? 100 : rate / 1e4;
    return rate;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_double(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

enum what { AS_EXPECTED, SAID, UNKNOWN /* a rate that is NAN */ };

static enum what what_of(const struct field *field, const void *now, const void *old, double seconds)
{
    switch (field->form) {
    case NUMBER:
    case FLAG:
    case LETTER:
        return number_at(now, field->at, field->size) == number_at(old, field->at, field->size) ? AS_EXPECTED
                                                                                                : SAID;
    case TEXT:
    case TEXT_ELSEWHERE:
    case TEXT_OR_NULL:
        return same_text(text_at(now, field), text_at(old, field)) ? AS_EXPECTED : SAID;
    default:
        if (same_double(double_at(now, field), expected_rate(field, now, old, seconds)))
            return AS_EXPECTED;
        return isnan(double_at(now, field)) ? UNKNOWN : SAID;
    }
}

static void pack_text(const char *text, struct str *to)
{
    char cut[TEXT_MAX];
    if (text)
        snprintf(cut, sizeof cut, "%s", text);
    put_text(to, text ? cut : NULL);
}

static void pack_field(const struct field *field, const void *now, const void *old, struct str *to)
{
    switch (field->form) {
    case NUMBER:
    case FLAG:
    case LETTER:
        put_signed(to, number_at(now, field->at, field->size) - number_at(old, field->at, field->size));
        break;
    case TEXT:
    case TEXT_ELSEWHERE:
    case TEXT_OR_NULL:
        pack_text(text_at(now, field), to);
        break;
    default:
        put_double(to, double_at(now, field));
    }
}

/* Nothing that was read reaches a terminal raw. */
static void unpack_text(struct reader *from, const struct field *field, enum what what, const void *old,
                        struct detail_draft *draft, void *to)
{
    char said[TEXT_MAX];
    const char *text = text_at(old, field);
    if (what == SAID)
        text = get_text(from, said, sizeof said) ? said : NULL;
    if (field->form == TEXT) {
        str_printable((char *)to + field->at, field->size, text ? text : "");
        return;
    }
    if (text || field->form == TEXT_ELSEWHERE)
        text = detail_draft_text(draft, text ? text : "");
    memcpy((char *)to + field->at, &text, field->size);
}

static void unpack_field(struct reader *from, const struct field *field, enum what what, const void *old,
                         double seconds, struct detail_draft *draft, void *to)
{
    double rate;
    switch (field->form) {
    case NUMBER:
    case FLAG:
    case LETTER:
        set_number(to, field, number_at(old, field->at, field->size) + (what == SAID ? get_signed(from) : 0));
        break;
    case TEXT:
    case TEXT_ELSEWHERE:
    case TEXT_OR_NULL:
        unpack_text(from, field, what, old, draft, to);
        break;
    default:
        rate = what == SAID          ? get_double(from)
               : what == AS_EXPECTED ? expected_rate(field, to, old, seconds)
                                     : (double)NAN;
        memcpy((char *)to + field->at, &rate, sizeof rate);
    }
}

/* ---- one item: two bits for each field, then what is to be said of it ---- */

static void pack_item(const struct shape *shape, const void *now, const void *old, double seconds,
                      struct str *to)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < shape->count; i++)
        mask |= (uint64_t)what_of(&shape->fields[i], now, old, seconds) << 2 * i;
    put_number(to, mask);
    for (size_t i = 0; i < shape->count; i++)
        if ((mask >> 2 * i & 3) == SAID)
            pack_field(&shape->fields[i], now, old, to);
}

static void unpack_item(struct reader *from, const struct shape *shape, const void *old, double seconds,
                        struct detail_draft *draft, void *to)
{
    uint64_t mask = get_number(from);
    for (size_t i = 0; i < shape->count && !from->failed; i++)
        unpack_field(from, &shape->fields[i], (enum what)(mask >> 2 * i & 3), old, seconds, draft, to);
}

/* ---- lists ---- */

static bool same_key(const struct shape *shape, const void *a, const void *b)
{
    for (size_t i = 0; i < shape->keys; i++)
        if (what_of(&shape->fields[i], a, b, NAN) == SAID)
            return false;
    return true;
}

/* The same item in another list, where it most likely is at first; -1: it is not there. */
static long find_item(const struct shape *shape, const void *item, const char *items, size_t count,
                      size_t likely)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = (likely + i) % count;
        if (same_key(shape, item, items + at * shape->size))
            return (long)at;
    }
    return -1;
}

static const char *items_of(const struct detail *detail, const struct list *list, size_t *ret_count)
{
    const char *items;
    if (detail) {
        memcpy(&items, (const char *)detail + list->items, sizeof items);
        memcpy(ret_count, (const char *)detail + list->count, sizeof *ret_count);
        if (*ret_count > LIST_MAX)
            *ret_count = LIST_MAX;
    } else {
        items = NULL;
        *ret_count = 0;
    }
    return items;
}

/* Before each item: 0, it is new; else 1 + zigzag(how far its old place is from where it was expected). */
static void pack_list(const struct list *list, const struct detail *now, const struct detail *old,
                      double seconds, struct str *to)
{
    size_t count, old_count, next = 0;
    const char *items = items_of(now, list, &count), *before = items_of(old, list, &old_count);
    put_number(to, count);
    for (size_t i = 0; i < count; i++) {
        const char *item = items + i * list->shape->size;
        long at = find_item(list->shape, item, before, old_count, next);
        put_number(to, at < 0 ? 0 : 1 + zigzag((uint64_t)at - next));
        pack_item(list->shape, item, at < 0 ? nothing : before + (size_t)at * list->shape->size,
                  at < 0 ? (double)NAN : seconds, to);
        next = at < 0 ? next : (size_t)at + 1;
    }
}

static void unpack_list(struct reader *from, const struct list *list, const struct detail *old,
                        double seconds, struct detail_draft *draft, size_t *room)
{
    size_t old_count, next = 0, count = (size_t)get_number(from);
    const char *before = items_of(old, list, &old_count);
    struct detail_list *items = (struct detail_list *)(void *)((char *)draft + list->draft);
    from->failed = from->failed || count > LIST_MAX || count > *room || count > from->left;
    if (!from->failed)
        *room -= count;
    for (size_t i = 0; i < count && !from->failed; i++) {
        uint64_t ref = get_number(from);
        size_t at = ref ? next + (size_t)unzigzag(ref - 1) : 0;
        void *item = detail_draft_add(items, list->shape->size);
        if (ref && at >= old_count) {
            from->failed = true;
            return;
        }
        unpack_item(from, list->shape, ref ? before + at * list->shape->size : nothing,
                    ref ? seconds : (double)NAN, draft, item);
        next = ref ? at + 1 : next;
    }
}

/* ---- a whole one ---- */

/* It says how long ago the one before was read, so it is that one that is expected. */
static const struct detail *base_of(const struct detail *old, struct detail *room)
{
    if (!old)
        return (const struct detail *)memset(room, 0, sizeof *room);
    *room = *old;
    room->before_ns = old->time_ns;
    return room;
}

static double seconds_between(const struct detail *now, const struct detail *old)
{
    if (!old || !now->before_ns || now->before_ns != old->time_ns || now->time_ns <= old->time_ns)
        return NAN;
    return (double)(now->time_ns - old->time_ns) / 1e9;
}

/* The same structs at the same places in each. */
struct place {
    const struct shape *shape;
    size_t at;
    unsigned part;
};
#define LINES(n)                                                                                             \
    {&line_shape, offsetof(struct detail, pressure[n].some), DETAIL_FIGURES},                                \
    {                                                                                                        \
        &line_shape, offsetof(struct detail, pressure[n].full), DETAIL_FIGURES                               \
    }
#define ROOM(n)                                                                                              \
    {                                                                                                        \
        &room_shape, offsetof(struct detail, namespaces[n]), DETAIL_NAMESPACES                               \
    }
static const struct place places[] = {LINES(0), LINES(1), LINES(2), LINES(3), ROOM(0), ROOM(1),
                                      ROOM(2),  ROOM(3),  ROOM(4),  ROOM(5),  ROOM(6), ROOM(7)};
static_assert(RESOURCE_COUNT == 4 && DETAIL_NAMESPACE_COUNT == 8, "each has its place");

/* 0: it is the very same; else its parts, and one more. */
void pack_detail(const struct detail *now, const struct detail *old, struct str *to)
{
    struct detail room;
    const struct detail *base = base_of(old, &room);
    double seconds = seconds_between(now, old);
    put_number(to, now == old ? 0 : now->parts + 1);
    if (now == old)
        return;
    pack_item(&clock_shape, now, base, NAN, to); /* which says what rates are expected */
    pack_item(&whole_shape, now, base, seconds, to);
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (now->parts & places[i].part)
            pack_item(places[i].shape, (const char *)now + places[i].at, (const char *)base + places[i].at,
                      seconds, to);
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        pack_list(&lists[i], now, old, seconds, to);
}

/* Their types are ours; whoever is counted has a name. */
static void complete_namespaces(struct detail *detail)
{
    for (size_t i = 0; i < DETAIL_NAMESPACE_COUNT; i++) {
        struct detail_namespace *room = &detail->namespaces[i];
        room->type = detail_namespace_types[i];
        for (size_t j = 0; j < DETAIL_SHARED && j < room->shared_count; j++)
            room->shared[j] = room->shared[j] ? room->shared[j] : "";
    }
}

bool unpack_detail_knows(uint64_t version)
{
    return version >= 2 && version <= PACK_DETAIL_VERSION;
}

const struct detail *unpack_detail(struct reader *from, uint64_t version, const struct detail *old,
                                   size_t *list_room)
{
    uint64_t parts = get_number(from);
    if (!parts && !from->failed && old)
        return detail_ref(old);
    from->failed = from->failed || parts < 1 || parts - 1 > DETAIL_ALL;
    if (from->failed)
        return NULL;
    struct detail room;
    const struct detail *base = base_of(old, &room);
    struct detail_draft *draft = detail_draft_new();
    struct detail *now = &draft->detail;
    now->parts = (unsigned)parts - 1;
    unpack_item(from, &clock_shape, base, NAN, draft, now);
    double seconds = seconds_between(now, old);
    unpack_item(from, &whole_shape, base, seconds, draft, now);
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (now->parts & places[i].part)
            unpack_item(from, places[i].shape, (const char *)base + places[i].at, seconds, draft,
                        (char *)now + places[i].at);
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        if (lists[i].since <= version)
            unpack_list(from, &lists[i], old, seconds, draft, list_room);
    if (now->parts & DETAIL_NAMESPACES)
        complete_namespaces(now);
    if (!from->failed)
        return detail_draft_finish(draft);
    detail_draft_free(draft);
    return NULL;
}
