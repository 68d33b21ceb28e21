/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/detail_parse.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/value.h"

#define WORD_SIZE   64
#define FIGURES_MAX 2000 /* of one group: some 200 today, more with many NUMA nodes */
#define DEVICES_MAX 256
#define LINKS_MAX   256
#define MAPS_MAX    340 /* the kernel's own bound */

static const char *next_line(const char *line)
{
    line = strchrnul(line, '\n');
    return *line ? line + 1 : line;
}

/* Copies the word at *at, and goes on to the one behind it. False: there is none, or it is too long. */
static bool next_word(const char **at, char to[WORD_SIZE])
{
    *at += strspn(*at, " \t");
    size_t len = strcspn(*at, " \t\n");
    if (len == 0 || len >= WORD_SIZE)
        return false;
    memcpy(to, *at, len);
    to[len] = '\0';
    *at += len;
    return true;
}

static uint64_t number_of(const char *word)
{
    uint64_t value = VALUE_ABSENT;
    parse_u64_or_max(word, &value);
    return value;
}

/* "12.34" -> 1234 */
static uint64_t centi_of(const char *word)
{
    char *end;
    uint64_t whole = strtoull(word, &end, 10);
    if (end == word || end[0] != '.' || strspn(end + 1, "0123456789") != 2 || end[3] || whole > 1000000)
        return VALUE_ABSENT;
    return whole * 100 + strtoull(end + 1, NULL, 10);
}

/* ---- figures ---- */

static struct detail_figure *add_figure(struct detail_draft *draft, const char *file, const char *key,
                                        uint64_t value)
{
    static struct detail_figure too_many;
    if (draft->figures.count >= FIGURES_MAX)
        return &too_many;
    struct detail_figure *figure = detail_draft_add(&draft->figures, sizeof *figure);
    *figure = (struct detail_figure){.file = file, .key = key, .value = value, .per_s = NAN};
    return figure;
}

/* Whether each line is a key and a number. */
static bool is_flat(const char *text)
{
    for (const char *line = text; *line; line = next_line(line)) {
        char key[WORD_SIZE], value[WORD_SIZE], more[WORD_SIZE];
        const char *at = line;
        if (!next_word(&at, key) || !next_word(&at, value) || next_word(&at, more) ||
            number_of(value) == VALUE_ABSENT)
            return false;
    }
    return *text != '\0';
}

static void parse_flat(struct detail_draft *draft, const char *file, const char *text)
{
    for (const char *line = text; *line; line = next_line(line)) {
        char key[WORD_SIZE], value[WORD_SIZE];
        const char *at = line;
        if (next_word(&at, key) && next_word(&at, value))
            add_figure(draft, file, detail_draft_text(draft, key), number_of(value));
    }
}

/* Whether each line is a key and KEY=VALUE pairs. */
static bool is_nested(const char *text)
{
    for (const char *line = text; *line; line = next_line(line)) {
        char key[WORD_SIZE], pair[WORD_SIZE];
        const char *at = line;
        if (!next_word(&at, key) || strchr(key, '=') || !next_word(&at, pair) || !strchr(pair, '='))
            return false;
    }
    return *text != '\0';
}

static void parse_nested(struct detail_draft *draft, const char *file, const char *text)
{
    for (const char *line = text; *line; line = next_line(line)) {
        char key[WORD_SIZE], pair[WORD_SIZE], name[WORD_SIZE * 2];
        const char *at = line;
        if (!next_word(&at, key))
            continue;
        while (next_word(&at, pair)) {
            char *equals = strchr(pair, '=');
            if (!equals)
                continue;
            *equals = '\0';
            snprintf(name, sizeof name, "%s/%s", key, pair);
            add_figure(draft, file, detail_draft_text(draft, name), number_of(equals + 1));
        }
    }
}

/* Lists of CPUs look like numbers when there is one in them. */
static bool is_text(const char *file)
{
    return str_starts(file, "cpuset.") || strcmp(file, "io.max") == 0;
}

void detail_parse_figures(struct detail_draft *draft, const char *file, const char *text)
{
    uint64_t value;
    if (!is_text(file) && parse_u64_or_max(text, &value) == 0)
        add_figure(draft, file, "", value);
    else if (!is_text(file) && is_flat(text))
        parse_flat(draft, file, text);
    else if (!is_text(file) && is_nested(text))
        parse_nested(draft, file, text);
    else {
        cleanup_free char *copy = mem_dup(text);
        for (size_t len = strlen(copy); len && copy[len - 1] == '\n';)
            copy[--len] = '\0';
        for (char *c = copy; (c = strchr(c, '\n'));)
            *c = ';';
        add_figure(draft, file, "", VALUE_ABSENT)->text = detail_draft_text(draft, copy);
    }
}

bool detail_is_counter(const char *file, const char *key)
{
    static const char *const counters[] = {"pg", "workingset_", "thp_", "swpin", "swpout", "zsw", "numa_"};
    static const char *const sizes[] = {"pgtables", "workingset_nodes"};
    const char *end = strrchr(file, '.');
    if (strstr(file, ".events") || (end && strcmp(end, ".local") == 0))
        return true;
    if (strcmp(file, "memory.stat") != 0)
        return false;
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        if (str_starts(key, sizes[i]))
            return false;
    for (size_t i = 0; i < COUNT_OF(counters); i++)
        if (str_starts(key, counters[i]))
            return true;
    return false;
}

static void parse_pressure_line(const char *at, struct detail_pressure_line *line)
{
    const struct {
        const char *key;
        uint64_t *value;
        uint64_t (*parse)(const char *word);
    } fields[] = {{"avg10=", &line->avg10, centi_of},
                  {"avg60=", &line->avg60, centi_of},
                  {"avg300=", &line->avg300, centi_of},
                  {"total=", &line->total_usec, number_of}};
    char word[WORD_SIZE];
    while (next_word(&at, word))
        for (size_t i = 0; i < COUNT_OF(fields); i++)
            if (str_starts(word, fields[i].key))
                *fields[i].value = fields[i].parse(word + strlen(fields[i].key));
}

void detail_parse_pressure(const char *text, struct detail_pressure *ret)
{
    for (const char *line = text; *line; line = next_line(line)) {
        const char *at = line;
        char word[WORD_SIZE];
        if (!next_word(&at, word))
            continue;
        if (strcmp(word, "some") == 0)
            parse_pressure_line(at, &ret->some);
        else if (strcmp(word, "full") == 0)
            parse_pressure_line(at, &ret->full);
    }
}

/* ---- devices ---- */

static bool device_of(const char *word, unsigned *ret_major, unsigned *ret_minor)
{
    char rest;
    return strlen(word) < 16 && sscanf(word, "%u:%u%c", ret_major, ret_minor, &rest) == 2;
}

static struct detail_device *find_device(struct detail_draft *draft, unsigned major, unsigned minor)
{
    struct detail_device *devices = draft->devices.items;
    for (size_t i = 0; i < draft->devices.count; i++)
        if (devices[i].major == major && devices[i].minor == minor)
            return &devices[i];
    return NULL;
}

/* NULL: there are too many. */
static struct detail_device *need_device(struct detail_draft *draft, unsigned major, unsigned minor)
{
    struct detail_device *device = find_device(draft, major, minor);
    if (device || draft->devices.count >= DEVICES_MAX)
        return device;
    device = detail_draft_add(&draft->devices, sizeof *device);
    *device = (struct detail_device){.major = major, .minor = minor};
    device->rbytes = device->wbytes = device->dbytes = VALUE_ABSENT;
    device->rios = device->wios = device->dios = VALUE_ABSENT;
    device->rbytes_per_s = device->wbytes_per_s = device->rios_per_s = device->wios_per_s = NAN;
    device->max_rbps = device->max_wbps = device->max_riops = device->max_wiops = VALUE_MAX;
    return device;
}

struct device_field {
    const char *key;
    size_t offset;
};

/* A line may be a bare "254:0": the device is known, and has done nothing. */
static void parse_devices(struct detail_draft *draft, const char *text, const struct device_field *fields,
                          size_t field_count)
{
    for (const char *line = text; *line; line = next_line(line)) {
        char word[WORD_SIZE];
        const char *at = line;
        unsigned major, minor;
        if (!next_word(&at, word) || !device_of(word, &major, &minor))
            continue;
        struct detail_device *device = need_device(draft, major, minor);
        while (device && next_word(&at, word))
            for (size_t i = 0; i < field_count; i++) {
                size_t len = strlen(fields[i].key);
                if (strncmp(word, fields[i].key, len) == 0 && word[len] == '=')
                    *(uint64_t *)(void *)((char *)device + fields[i].offset) = number_of(word + len + 1);
            }
    }
}

#define AT(member) offsetof(struct detail_device, member)

void detail_parse_io_stat(struct detail_draft *draft, const char *text)
{
    static const struct device_field fields[] = {{"rbytes", AT(rbytes)}, {"wbytes", AT(wbytes)},
                                                 {"rios", AT(rios)},     {"wios", AT(wios)},
                                                 {"dbytes", AT(dbytes)}, {"dios", AT(dios)}};
    parse_devices(draft, text, fields, COUNT_OF(fields));
}

static const struct device_field max_fields[] = {
    {"rbps", AT(max_rbps)}, {"wbps", AT(max_wbps)}, {"riops", AT(max_riops)}, {"wiops", AT(max_wiops)}};

void detail_parse_io_max(struct detail_draft *draft, const char *text)
{
    parse_devices(draft, text, max_fields, COUNT_OF(max_fields));
}

static struct detail_bound *find_bound(struct detail_draft *draft, const struct detail_device *device,
                                       const char *key)
{
    struct detail_bound *bounds = draft->bounds.items;
    for (size_t i = 0; i < draft->bounds.count; i++)
        if (bounds[i].major == device->major && bounds[i].minor == device->minor &&
            strcmp(bounds[i].key, key) == 0)
            return &bounds[i];
    return NULL;
}

/* Who comes later stands further above, and has the word if both say the same. */
static void add_bound(struct detail_draft *draft, const struct detail_device *device, const char *key,
                      uint64_t value, const char *path)
{
    struct detail_bound *bound = find_bound(draft, device, key);
    if (!value_is_number(value) || (bound && bound->value < value) ||
        !need_device(draft, device->major, device->minor))
        return;
    if (!bound)
        bound = detail_draft_add(&draft->bounds, sizeof *bound);
    *bound = (struct detail_bound){
        .major = device->major, .minor = device->minor, .value = value, .by = detail_draft_text(draft, path)};
    str_copy(bound->key, sizeof bound->key, key);
}

void detail_parse_bounds(struct detail_draft *draft, const char *text, const char *path)
{
    struct detail_draft *limits = detail_draft_new();
    detail_parse_io_max(limits, text);
    const struct detail_device *devices = limits->devices.items;
    for (size_t i = 0; i < limits->devices.count; i++)
        for (size_t k = 0; k < COUNT_OF(max_fields); k++) {
            const char *at = (const char *)&devices[i] + max_fields[k].offset;
            add_bound(draft, &devices[i], max_fields[k].key, *(const uint64_t *)(const void *)at, path);
        }
    detail_draft_free(limits);
}

/* "   8       0 sda 123 ..." */
bool detail_parse_diskstats(const char *text, unsigned major, unsigned minor, char *to, size_t size)
{
    for (const char *line = text; *line; line = next_line(line)) {
        char first[WORD_SIZE], second[WORD_SIZE], name[WORD_SIZE];
        const char *at = line;
        if (next_word(&at, first) && next_word(&at, second) && next_word(&at, name) &&
            number_of(first) == major && number_of(second) == minor) {
            str_printable(to, size, name);
            return true;
        }
    }
    return false;
}

/* ---- processes ---- */

/* "123 (any thing) S 1 ...": the name may have anything in it, also ") S 1": the last parenthesis counts. */
bool detail_parse_stat(const char *text, struct detail_process *process, char comm[32])
{
    enum { STATE = 3, UTIME = 14, STIME = 15, THREADS = 20, START = 22 };
    const char *open = strchr(text, '('), *end = strrchr(text, ')');
    if (!open || !end || end < open)
        return false;
    size_t len = (size_t)(end - open - 1);
    len = len < 31 ? len : 31;
    memcpy(comm, open + 1, len);
    comm[len] = '\0';
    char word[WORD_SIZE];
    const char *at = end + 1;
    process->cpu_ticks = process->threads = process->start_ticks = VALUE_ABSENT;
    for (int field = STATE; next_word(&at, word); field++) {
        uint64_t number = number_of(word);
        if (field == STATE)
            process->state = word[0] >= 'A' && word[0] <= 'z' && !word[1] ? word[0] : '?';
        else if (field == UTIME)
            process->cpu_ticks = number;
        else if (field == STIME && value_is_number(process->cpu_ticks) && value_is_number(number))
            process->cpu_ticks += number;
        else if (field == THREADS)
            process->threads = number;
        else if (field == START)
            process->start_ticks = number;
    }
    return value_is_number(process->start_ticks);
}

/* The last word of the rest of the line. */
static uint64_t last_number(const char *at)
{
    char word[WORD_SIZE];
    uint64_t value = VALUE_ABSENT;
    while (next_word(&at, word))
        value = number_of(word);
    return value;
}

static uint64_t first_number(const char *at)
{
    char word[WORD_SIZE];
    return next_word(&at, word) ? number_of(word) : VALUE_ABSENT;
}

void detail_parse_status(const char *text, struct detail_process *process)
{
    process->uid = (uid_t)-1;
    process->rss_bytes = VALUE_ABSENT;
    for (const char *line = text; *line; line = next_line(line)) {
        char key[WORD_SIZE];
        const char *at = line;
        if (!next_word(&at, key))
            continue;
        uint64_t value = strcmp(key, "NSpid:") == 0 ? last_number(at) : first_number(at);
        if (!value_is_number(value))
            continue;
        if (strcmp(key, "NSpid:") == 0)
            process->inside = (pid_t)value;
        else if (strcmp(key, "Uid:") == 0)
            process->uid = (uid_t)value;
        else if (strcmp(key, "VmRSS:") == 0 && value < VALUE_MAX / 1024)
            process->rss_bytes = value * 1024;
    }
}

void detail_parse_map(struct detail_list *map, const char *text)
{
    for (const char *line = text; *line && map->count < MAPS_MAX; line = next_line(line)) {
        char words[3][WORD_SIZE];
        uint64_t values[3];
        const char *at = line;
        bool good = true;
        for (int i = 0; i < 3 && good; i++) {
            good = next_word(&at, words[i]);
            values[i] = good ? number_of(words[i]) : VALUE_ABSENT;
            good = good && values[i] <= UINT32_MAX;
        }
        if (!good)
            continue;
        struct detail_map *entry = detail_draft_add(map, sizeof *entry);
        *entry = (struct detail_map){(uint32_t)values[0], (uint32_t)values[1], (uint32_t)values[2]};
    }
}

/* ---- network ---- */

/* "  eth0: RX bytes packets errs drop fifo frame compressed multicast TX bytes packets errs drop ..." */
void detail_parse_net_dev(struct detail_draft *draft, const char *text)
{
    enum { TX = 8, FIELDS = 12 };
    for (const char *line = text; *line && draft->links.count < LINKS_MAX; line = next_line(line)) {
        size_t len = strcspn(line, "\n"), name_at = strspn(line, " ");
        const char *colon = memrchr(line, ':', len), *at = colon + 1;
        char name[WORD_SIZE], word[WORD_SIZE];
        uint64_t values[FIELDS];
        int count = 0;
        if (!colon || colon == line + name_at || (size_t)(colon - line) - name_at >= sizeof name)
            continue;
        while (count < FIELDS && next_word(&at, word))
            values[count++] = number_of(word);
        if (count < FIELDS)
            continue;
        memcpy(name, line + name_at, (size_t)(colon - line) - name_at);
        name[(size_t)(colon - line) - name_at] = '\0';
        struct detail_link *link = detail_draft_add(&draft->links, sizeof *link);
        str_printable(link->name, sizeof link->name, name);
        link->loopback = strcmp(name, "lo") == 0;
        link->up = true; /* it is not said: those that are down have counted nothing */
        link->rx =
            (struct detail_link_counters){values[0], values[1], values[2], values[3], NAN, NAN, NAN, NAN};
        link->tx = (struct detail_link_counters){
            values[TX], values[TX + 1], values[TX + 2], values[TX + 3], NAN, NAN, NAN, NAN};
    }
}
