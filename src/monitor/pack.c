/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/pack.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/value.h"
#include "monitor/assemble.h"
#include "monitor/packbytes.h"
#include "monitor/packdetail.h"

#define VERSION       2      /* 1 had no details */
#define ITEMS_MAX     200000 /* in the lists of all details of a frame */
#define ROWS_MAX      1000000
#define TEXT_MAX      4096
#define IDENTITY_TEXT 512

/* ---- the fields ---- */

#define C(member) #member
static const char *const counter_fields[] = {
    C(time_ns),          C(usage_usec),        C(user_usec),         C(system_usec),
    C(nr_periods),       C(nr_throttled),      C(throttled_usec),    C(nice_usec),
    C(nr_bursts),        C(burst_usec),        C(cpu_quota_usec),    C(cpu_period_usec),
    C(cpu_burst_usec),   C(cpu_weight),        C(cpu_idle),          C(io_weight),
    C(memory_current),   C(memory_peak),       C(memory_min),        C(memory_low),
    C(memory_high),      C(memory_max),        C(swap_current),      C(swap_high),
    C(swap_max),         C(oom_group),         C(events_low),        C(events_high),
    C(events_max),       C(events_oom),        C(events_oom_kill),   C(events_oom_group_kill),
    C(local_oom_kill),   C(local_high),        C(local_max),         C(local_oom),
    C(swap_events_high), C(swap_events_max),   C(swap_events_fail),  C(pids_current),
    C(pids_max),         C(pids_events_max),   C(local_pids_max),    C(cpu_some_usec),
    C(cpu_full_usec),    C(memory_some_usec),  C(memory_full_usec),  C(io_some_usec),
    C(io_full_usec),     C(cpu_some_avg10),    C(memory_some_avg10), C(io_some_avg10),
    C(cpu_full_avg10),   C(memory_full_avg10), C(io_full_avg10),     C(populated),
    C(frozen),
};
static const char *const rate_fields[] = {
    C(cpu_percent),         C(user_percent),    C(system_percent),     C(throttled_periods_percent),
    C(throttled_cpus),      C(stalled_percent), C(memory_bytes_per_s), C(swap_bytes_per_s),
    C(quota_percent),       C(bursts_per_s),    C(cpu_some_percent),   C(memory_some_percent),
    C(memory_full_percent), C(io_some_percent), C(io_full_percent),    C(oom_kill_per_s),
    C(max_per_s),           C(high_per_s),      C(pids_max_per_s),
};
#undef C
#define COUNTERS COUNT_OF(counter_fields)
#define RATES    COUNT_OF(rate_fields)
/* In the order of the structs, which hold nothing else. */
static_assert(sizeof(struct counters) == COUNTERS * sizeof(uint64_t), "each counter has its name");
static_assert(sizeof(struct rates) == RATES * sizeof(double), "each rate has its name");
static_assert(offsetof(struct counters, memory_current) == 16 * sizeof(uint64_t), "in this order");
static_assert(offsetof(struct counters, frozen) == (COUNTERS - 1) * sizeof(uint64_t), "in this order");
static_assert(COUNTERS <= PACK_FIELDS && RATES <= PACK_FIELDS, "there is room");
static_assert(COUNTERS + 1 <= 64 && RATES <= 64, "a mask has a bit for each, and one for procs");

/* A row as plain words: counters, then procs. */
static void words_of(const struct sample *row, enum pack_clocks clocks, uint64_t *to)
{
    memcpy(to, row->now, sizeof *row->now);
    if (clocks == PACK_NO_CLOCKS)
        to[0] = 0;
    to[COUNTERS] = row->procs;
}

static void add_names(struct str *to, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        str_addf(to, "%s%s", i ? " " : "", names[i]);
}

char *pack_layout_text(void)
{
    struct str text = {0};
    add_names(&text, counter_fields, COUNTERS);
    str_add(&text, ";");
    add_names(&text, rate_fields, RATES);
    return text.text;
}

static short find_name(const char *name, size_t len, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return (short)i;
    return -1;
}

/* The names up to `end`. Returns how many, or -1: too many. */
static int parse_names(const char *text, const char *end, const char *const *names, size_t count, short *ret)
{
    int found = 0;
    while (text < end) {
        size_t len = strcspn(text, " ;");
        if (len == 0 || found == PACK_FIELDS)
            return -1;
        ret[found++] = find_name(text, len, names, count);
        text += len;
        text += *text == ' ';
    }
    return found;
}

int pack_layout_parse(const char *text, struct pack_layout *ret, struct err *err)
{
    struct pack_layout layout;
    const char *middle = strchr(text, ';');
    int counters = -1, rates = -1;
    if (middle) {
        counters = parse_names(text, middle, counter_fields, COUNTERS, layout.counter);
        rates = parse_names(middle + 1, text + strlen(text), rate_fields, RATES, layout.rate);
    }
    /* Masks have 64 bits, and the first field is the clock, which is kept in its own way. */
    if (counters < 1 || counters > 63 || rates < 0 || rates > 64 || layout.counter[0] != 0)
        return err_set(err, EINVAL, "not a list of fields");
    layout.counters = (size_t)counters;
    layout.rates = (size_t)rates;
    *ret = layout;
    return 0;
}

void pack_layout_own(struct pack_layout *ret)
{
    *ret = (struct pack_layout){.counters = COUNTERS, .rates = RATES};
    for (size_t i = 0; i < COUNTERS; i++)
        ret->counter[i] = (short)i;
    for (size_t i = 0; i < RATES; i++)
        ret->rate[i] = (short)i;
}

/* ---- packing ---- */

static void pack_identity(const struct identity *identity, struct str *to)
{
    put_number(to, identity ? 2 : 1);
    if (!identity)
        return;
    const char *const texts[] = {identity->label, identity->id,        identity->image,   identity->ns,
                                 identity->pod,   identity->container, identity->pod_uid, identity->unit};
    put_number(to, identity->manager);
    put_number(to, identity->kind);
    put_number(to, identity->uid);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        put_text(to, texts[i]);
}

/* A clock that moved is said by its distance from the snapshot's, which is small. */
static void pack_words(const struct snapshot *now, const struct sample *row, const struct sample *old,
                       enum pack_clocks clocks, struct str *to)
{
    uint64_t words[COUNTERS + 1], was[COUNTERS + 1] = {0}, mask = 0;
    words_of(row, clocks, words);
    if (old)
        words_of(old, clocks, was);
    for (size_t i = 0; i <= COUNTERS; i++)
        mask |= (uint64_t)(words[i] != was[i]) << i;
    put_number(to, mask);
    for (size_t i = 0; i <= COUNTERS; i++)
        if (mask >> i & 1)
            put_signed(to, words[i] - (i == 0 ? now->time_ns : was[i]));
}

static void pack_rates(const struct sample *row, const struct sample *old, struct str *to)
{
    uint64_t bits[RATES], was[RATES] = {0}, mask = 0;
    memcpy(bits, row->rate, sizeof bits);
    if (old)
        memcpy(was, old->rate, sizeof was);
    for (size_t i = 0; i < RATES; i++)
        mask |= (uint64_t)(bits[i] != was[i]) << i;
    put_number(to, mask);
    for (size_t i = 0; i < RATES; i++)
        if (mask >> i & 1)
            put_bits(to, bits[i]);
}

static void pack_head(const struct snapshot *now, const struct snapshot *before, struct str *to)
{
    const struct host *host = &now->host;
    put_number(to, before ? VERSION << 1 : VERSION << 1 | 1);
    const uint64_t numbers[] = {now->serial,
                                now->sample_serial,
                                now->time_ns,
                                now->wall_ns,
                                now->interval_ns,
                                now->cost_ns,
                                now->self_rss,
                                host->cpus,
                                host->memory_total,
                                host->memory_available,
                                host->swap_total,
                                host->swap_free,
                                host->load1_centi,
                                host->cpu_some_avg10,
                                host->memory_some_avg10,
                                host->io_some_avg10,
                                host->oom_kills,
                                now->cgroupfs.layout,
                                now->cgroupfs.controllers};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        put_number(to, numbers[i]);
    put_double(to, now->self_cpu_percent);
    put_double(to, host->cpu_percent);
    put_text(to, host->hostname);
    put_text(to, host->kernel);
    put_text(to, now->cgroupfs.mount);
    put_number(to, now->count);
}

/* Where the rows of `before` are, by id: made when a row is not where it is if nothing came or went. */
struct index {
    const struct snapshot *before;
    struct place {
        uint64_t id;
        size_t row;
    } * places;
    size_t next; /* where the next one is, if nothing did */
};

static int by_id(const void *a, const void *b)
{
    uint64_t one = ((const struct place *)a)->id, other = ((const struct place *)b)->id;
    return one < other ? -1 : one > other;
}

static void make_places(struct index *index)
{
    index->places = mem_array(index->before->count + 1, sizeof *index->places);
    for (size_t i = 0; i < index->before->count; i++)
        index->places[i] = (struct place){index->before->rows[i].id, i};
    qsort(index->places, index->before->count, sizeof *index->places, by_id);
}

static const struct sample *find_old(struct index *index, uint64_t id)
{
    const struct snapshot *before = index->before;
    if (!before)
        return NULL;
    if (index->next < before->count && before->rows[index->next].id == id)
        return &before->rows[index->next++];
    if (!index->places)
        make_places(index);
    const struct place *place =
        bsearch(&(struct place){id, 0}, index->places, before->count, sizeof *place, by_id);
    if (!place)
        return NULL;
    index->next = place->row + 1;
    return &before->rows[place->row];
}

/* How far above a row its parent is; 0: it has none. */
static size_t up_of(const struct snapshot *snapshot, size_t row)
{
    return snapshot->rows[row].parent < 0 ? 0 : row - (size_t)snapshot->rows[row].parent;
}

static bool has_same_figures(const struct sample *row, const struct sample *old, enum pack_clocks clocks)
{
    size_t first = clocks == PACK_NO_CLOCKS ? offsetof(struct counters, usage_usec) : 0;
    return row->now == old->now || (memcmp((const char *)row->now + first, (const char *)old->now + first,
                                           sizeof *row->now - first) == 0 &&
                                    memcmp(row->rate, old->rate, sizeof *row->rate) == 0);
}

static bool is_unchanged(const struct snapshot *now, size_t i, const struct snapshot *before,
                         const struct sample *old, enum pack_clocks clocks)
{
    const struct sample *row = &now->rows[i];
    return row->identity == old->identity && row->procs == old->procs && has_same_figures(row, old, clocks) &&
           up_of(now, i) == up_of(before, (size_t)(old - before->rows));
}

/* What a row begins with. Another number is zigzag(how far it is from where it was expected) + ROW_OLD. */
enum { ROW_NEW, ROW_RUN /* so many, which follow, are as they were */, ROW_OLD };

static void pack_run(size_t *run, struct str *to)
{
    if (!*run)
        return;
    put_number(to, ROW_RUN);
    put_number(to, *run);
    *run = 0;
}

static void pack_row(const struct snapshot *now, size_t i, const struct sample *old, enum pack_clocks clocks,
                     struct str *to)
{
    const struct sample *row = &now->rows[i];
    if (!old)
        put_number(to, row->id);
    put_number(to, up_of(now, i));
    if (!old)
        put_text(to, row->parent < 0 ? row->path : row->name);
    if (old && row->identity == old->identity)
        put_number(to, 0);
    else
        pack_identity(row->identity, to);
    pack_words(now, row, old, clocks, to);
    pack_rates(row, old, to);
}

/* Details stand behind the rows: each after how many rows there are since the one before. */
struct details {
    struct str bytes;
    size_t count, next;
};

/* Of both what is kept: whoever unpacks it has no more of the one before. */
static void add_detail(struct details *details, const struct snapshot *now, size_t i,
                       const struct sample *old)
{
    const struct detail *all = now->rows[i].detail, *all_before = old ? old->detail : NULL;
    if (!all)
        return;
    const struct detail *kept = detail_kept(all);
    const struct detail *before = all == all_before ? detail_ref(kept) : detail_kept(all_before);
    put_number(&details->bytes, i - details->next);
    pack_detail(kept, before, &details->bytes);
    details->next = i + 1;
    details->count++;
    detail_unref(before);
    detail_unref(kept);
}

static void pack_details(const struct details *details, struct str *to)
{
    put_number(to, PACK_DETAIL_VERSION);
    put_number(to, details->count);
    if (details->count)
        str_add_bytes(to, details->bytes.text, details->bytes.len);
}

void pack(const struct snapshot *now, const struct snapshot *before, enum pack_clocks clocks, struct str *to)
{
    struct index index = {.before = before};
    struct details details = {0};
    size_t run = 0;
    pack_head(now, before, to);
    for (size_t i = 0; i < now->count; i++) {
        size_t expected = index.next;
        const struct sample *old = find_old(&index, now->rows[i].id);
        add_detail(&details, now, i, old);
        bool in_place = old && old == &before->rows[expected];
        if (in_place && is_unchanged(now, i, before, old, clocks)) {
            run++;
            continue;
        }
        pack_run(&run, to);
        put_number(to, old ? ROW_OLD + zigzag((uint64_t)(old - before->rows) - expected) : ROW_NEW);
        pack_row(now, i, old, clocks, to);
    }
    pack_run(&run, to);
    pack_details(&details, to);
    str_free(&details.bytes);
    free(index.places);
}

/* ---- unpacking ---- */

/* What is being unpacked. */
struct unpacking {
    struct reader reader;
    const struct pack_layout *layout;
    const struct snapshot *before;
    struct snapshot *now;
    struct str text; /* paths, one behind the other */
    size_t next;     /* where in `before` the next row probably is */
    uint64_t run;    /* so many rows are as they were */
    bool is_key, has_details;
};

static bool unpack_head(struct unpacking *u, struct snapshot *now)
{
    uint64_t numbers[19];
    uint64_t version = get_number(&u->reader);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        numbers[i] = get_number(&u->reader);
    *now = (struct snapshot){.serial = numbers[0],
                             .sample_serial = numbers[1],
                             .time_ns = numbers[2],
                             .wall_ns = numbers[3],
                             .interval_ns = numbers[4],
                             .cost_ns = numbers[5],
                             .self_rss = numbers[6],
                             .cgroupfs.layout = (enum cgroup_layout)numbers[17],
                             .cgroupfs.controllers = (unsigned)numbers[18]};
    now->host = (struct host){.cpus = (unsigned)numbers[7],
                              .memory_total = numbers[8],
                              .memory_available = numbers[9],
                              .swap_total = numbers[10],
                              .swap_free = numbers[11],
                              .load1_centi = numbers[12],
                              .cpu_some_avg10 = numbers[13],
                              .memory_some_avg10 = numbers[14],
                              .io_some_avg10 = numbers[15],
                              .oom_kills = numbers[16]};
    now->self_cpu_percent = get_double(&u->reader);
    now->host.cpu_percent = get_double(&u->reader);
    get_text(&u->reader, now->host.hostname, sizeof now->host.hostname);
    get_text(&u->reader, now->host.kernel, sizeof now->host.kernel);
    get_text(&u->reader, now->cgroupfs.mount, sizeof now->cgroupfs.mount);
    now->count = get_number(&u->reader);
    u->is_key = version & 1;
    u->has_details = version >> 1 >= 2;
    return !u->reader.failed && version >> 1 >= 1 && version >> 1 <= VERSION && (u->is_key || u->before) &&
           now->count <= ROWS_MAX &&
           /* no room is made for what can't be there: a new row takes bytes, another was there before */
           now->count <= u->reader.left + (u->before ? u->before->count : 0) &&
           numbers[17] <= CGROUP_LAYOUT_UNIFIED;
}

/* Appends the path of a row: its old one, or its parent's (at `above` in the text) and the name that follows.
 */
static bool unpack_path(struct unpacking *u, const struct sample *old, const size_t *above)
{
    char name[TEXT_MAX] = "";
    if (!old && !get_text(&u->reader, name, sizeof name))
        return false;
    if (old) {
        str_add(&u->text, old->path);
    } else if (above) {
        cleanup_free char *parent = mem_dup(u->text.text + *above);
        if (!name[0] || strchr(name, '/') || strlen(parent) > TEXT_MAX)
            return false;
        str_addf(&u->text, "%s/%s", strcmp(parent, "/") == 0 ? "" : parent, name);
    } else {
        if (name[0] != '/')
            return false;
        str_add(&u->text, name);
    }
    str_add_bytes(&u->text, "", 1);
    return true;
}

static const struct identity *unpack_identity(struct unpacking *u, const struct sample *old)
{
    char texts[8][IDENTITY_TEXT];
    const char *at[8];
    uint64_t how = get_number(&u->reader);
    if (how == 0)
        return old ? identity_ref(old->identity) : NULL;
    if (how != 2)
        return NULL;
    uint64_t manager = get_number(&u->reader), kind = get_number(&u->reader), uid = get_number(&u->reader);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        at[i] = get_text(&u->reader, texts[i], sizeof texts[i]) ? texts[i] : NULL;
    if (u->reader.failed || manager >= MANAGER_COUNT || kind >= KIND_COUNT || !at[0]) {
        u->reader.failed = true;
        return NULL;
    }
    return identity_new(&(struct identity){.manager = (enum manager)manager,
                                           .kind = (enum identity_kind)kind,
                                           .label = at[0],
                                           .id = at[1],
                                           .image = at[2],
                                           .ns = at[3],
                                           .pod = at[4],
                                           .container = at[5],
                                           .pod_uid = at[6],
                                           .unit = at[7],
                                           .uid = (uid_t)uid});
}

/* The fields of a layout that is not ours are put where ours have them. */
static void unpack_words(struct unpacking *u, struct sample *row, struct counters *to,
                         const struct sample *old)
{
    uint64_t words[COUNTERS + 1], was[COUNTERS + 1] = {0};
    uint64_t mask = get_number(&u->reader);
    const struct pack_layout *layout = u->layout;
    memcpy(words, to, sizeof *to);
    words[COUNTERS] = VALUE_ABSENT;
    if (old)
        words_of(old, PACK_CLOCKS, was);
    for (size_t i = 0; i <= layout->counters; i++) {
        short own = i < layout->counters ? layout->counter[i] : (short)COUNTERS;
        bool changed = mask >> i & 1;
        uint64_t change = changed ? get_signed(&u->reader) : 0;
        if (own >= 0)
            words[own] = (changed && i == 0 ? u->now->time_ns : was[own]) + change;
    }
    memcpy(to, words, sizeof *to);
    row->procs = words[COUNTERS];
}

static void unpack_rates(struct unpacking *u, struct rates *to, const struct sample *old)
{
    uint64_t mask = get_number(&u->reader);
    uint64_t bits[RATES];
    memcpy(bits, to, sizeof bits);
    for (size_t i = 0; i < u->layout->rates; i++) {
        short own = u->layout->rate[i];
        uint64_t said = mask >> i & 1 ? get_bits(&u->reader) : 0;
        if (own < 0)
            continue;
        if (mask >> i & 1)
            bits[own] = said;
        else if (old)
            memcpy(&bits[own], (const char *)old->rate + (size_t)own * sizeof(double), sizeof(double));
        else
            bits[own] = 0;
    }
    memcpy(to, bits, sizeof bits);
}

/* The row of the frame before that this one goes on from, or NULL: it is new. */
static bool unpack_old(struct unpacking *u, const struct sample **ret)
{
    uint64_t ref = u->run ? ROW_RUN : get_number(&u->reader);
    *ret = NULL;
    if (ref == ROW_NEW)
        return true;
    if (ref == ROW_RUN && !u->run && !(u->run = get_number(&u->reader)))
        return false;
    size_t at = ref == ROW_RUN ? u->next : u->next + (size_t)unzigzag(ref - ROW_OLD);
    if (!u->before || at >= u->before->count)
        return false;
    *ret = &u->before->rows[at];
    u->next = at + 1;
    return true;
}

/* What a row has beside its place and its path. */
static void unpack_figures(struct unpacking *u, struct sample *row, const struct sample *old)
{
    if (u->run) {
        row->identity = identity_ref(old->identity);
        sample_set(row, figures_of(old->now));
        row->procs = old->procs;
        u->run--;
        return;
    }
    row->identity = unpack_identity(u, old);
    struct figures *figures = sample_own(row); /* what the layout has not is absent */
    unpack_words(u, row, &figures->now, old);
    unpack_rates(u, &figures->rate, old);
}

/* Row `i`; offsets[i]: where in the text its path is. */
static bool unpack_row(struct unpacking *u, size_t i, size_t *offsets)
{
    struct sample *row = &u->now->rows[i];
    const struct sample *old;
    if (!unpack_old(u, &old))
        return false;
    row->id = old ? old->id : get_number(&u->reader);
    uint64_t up = u->run ? up_of(u->before, (size_t)(old - u->before->rows)) : get_number(&u->reader);
    if (up > i || (up == 0) != (i == 0))
        return false;
    row->parent = up ? (int)(i - up) : -1;
    row->depth = up ? u->now->rows[i - up].depth + 1 : 0;
    offsets[i] = u->text.len;
    if (!unpack_path(u, old, up ? &offsets[i - up] : NULL))
        return false;
    unpack_figures(u, row, old);
    row->detail = old ? detail_ref(old->detail) : NULL; /* what it had: unpack_details() says what it has */
    return !u->reader.failed;
}

static void set_detail(struct sample *row, const struct detail *detail)
{
    detail_unref(row->detail);
    row->detail = detail;
}

/* Those of a version that we don't know are left out: nothing stands behind them. */
static bool unpack_details(struct unpacking *u)
{
    uint64_t version = u->has_details ? get_number(&u->reader) : 0;
    bool known = unpack_detail_knows(version);
    uint64_t left = known ? get_number(&u->reader) : 0, next = left ? get_number(&u->reader) : UINT64_MAX;
    size_t room = ITEMS_MAX;
    for (size_t i = 0; i < u->now->count && !u->reader.failed; i++) {
        struct sample *row = &u->now->rows[i];
        bool has = i == next;
        set_detail(row, has ? unpack_detail(&u->reader, version, row->detail, &room) : NULL);
        if (has)
            next = --left ? i + 1 + get_number(&u->reader) : UINT64_MAX;
    }
    return !u->reader.failed && left == 0;
}

/* Puts the paths behind the rows, in the one allocation that a snapshot is. */
static void finish(struct unpacking *u, const size_t *offsets)
{
    struct snapshot *now = u->now =
        mem_resize(u->now, 1, sizeof *u->now + u->now->count * sizeof u->now->rows[0] + u->text.len);
    char *text = (char *)&now->rows[now->count];
    if (u->text.len)
        memcpy(text, u->text.text, u->text.len);
    for (size_t i = 0; i < now->count; i++) {
        struct sample *row = &now->rows[i];
        row->path = text + offsets[i];
        const char *slash = strrchr(row->path, '/');
        row->name = slash && slash[1] ? slash + 1 : row->path;
    }
    assemble_inherit(now);
}

int unpack(const void *bytes, size_t size, const struct pack_layout *layout, const struct snapshot *before,
           struct snapshot **ret, struct err *err)
{
    struct unpacking u = {.reader = {bytes, size, false}, .layout = layout, .before = before};
    struct snapshot head;
    if (!unpack_head(&u, &head))
        return err_set(err, EBADMSG, "these bytes are no sample of boxtop's");
    if (u.is_key)
        u.before = NULL;
    u.now = mem_alloc(sizeof *u.now + head.count * sizeof u.now->rows[0]);
    *u.now = head;
    cleanup_free size_t *offsets = mem_array(head.count + 1, sizeof *offsets);
    bool good = true;
    for (size_t i = 0; i < head.count && good; i++)
        good = unpack_row(&u, i, offsets);
    good = good && unpack_details(&u);
    if (good)
        finish(&u, offsets);
    str_free(&u.text);
    if (good) {
        *ret = u.now;
        return 0;
    }
    snapshot_free(u.now);
    return err_set(err, EBADMSG, "these bytes are no sample of boxtop's: they end, or contradict themselves");
}
