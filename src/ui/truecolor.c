/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/truecolor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define ENTRY_SIZE 32768 /* what ncurses reads at most */

/* term(5): the magic numbers, and where in the tables the capabilities stand that are changed. */
enum { MAGIC_16 = 0432, MAGIC_32 = 01036 };
enum { BOOL_CAN_CHANGE = 27 };
enum { NUMBER_COLORS = 13, NUMBER_PAIRS = 14 };
enum {
    STRING_ORIG_COLORS = 298,
    STRING_INIT_COLOR = 299,
    STRING_INIT_PAIR = 300,
    STRING_SETAF = 359,
    STRING_SETAB = 360
};

#define DIRECT(digit) "\033[" digit "8;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%dm"
static const char direct_fg[] = DIRECT("3"), direct_bg[] = DIRECT("4");

/* One half of an entry: the standard capabilities, or the extended ones. */
struct half {
    const unsigned char *bools, *numbers, *offsets, *table;
    int bool_count, number_count, string_count, offset_count, table_size;
};

struct reader {
    const unsigned char *at, *start, *end;
    int number_size;
};

static const unsigned char *take(struct reader *r, long size)
{
    const unsigned char *at = r->at;
    if (size < 0 || size > r->end - r->at)
        return NULL;
    r->at += size;
    return at;
}

static void align(struct reader *r)
{
    if ((r->at - r->start) % 2 && r->at < r->end)
        r->at++;
}

static int short_at(const unsigned char *at)
{
    return (int16_t)(at[0] | at[1] << 8);
}

/* Reads the parts that follow a header whose counts are known. */
static int read_half(struct reader *r, struct half *half)
{
    half->bools = take(r, half->bool_count);
    align(r);
    half->numbers = take(r, (long)half->number_count * r->number_size);
    half->offsets = take(r, 2L * half->offset_count);
    half->table = take(r, half->table_size);
    return half->bools && half->numbers && half->offsets && half->table ? 0 : -EINVAL;
}

static void add_short(struct str *to, int value)
{
    char bytes[2] = {(char)value, (char)(value >> 8)};
    str_add_bytes(to, bytes, 2);
}

static void add_long(struct str *to, long value)
{
    add_short(to, (int)(value & 0xffff));
    add_short(to, (int)(value >> 16));
}

static void add_aligned(struct str *to)
{
    if (to->len % 2)
        str_add_bytes(to, "", 1);
}

static long number_of(const struct half *half, int size, int index)
{
    const unsigned char *at = half->numbers + index * size;
    return size == 2 ? short_at(at) : (int32_t)(at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24);
}

static void add_standard(struct str *to, const unsigned char *names, int names_size, const struct half *half,
                         int number_size)
{
    int more = (int)(sizeof direct_fg + sizeof direct_bg);
    const int header[] = {MAGIC_32,           names_size,         half->bool_count,
                          half->number_count, half->string_count, half->table_size + more};
    for (size_t i = 0; i < COUNT_OF(header); i++)
        add_short(to, header[i]);
    str_add_bytes(to, (const char *)names, (size_t)names_size);
    for (int i = 0; i < half->bool_count; i++)
        str_add_bytes(to, i == BOOL_CAN_CHANGE ? "" : (const char *)half->bools + i, 1);
    add_aligned(to);
    for (int i = 0; i < half->number_count; i++)
        add_long(to, i == NUMBER_COLORS  ? 1 << 24
                     : i == NUMBER_PAIRS ? 1 << 16
                                         : number_of(half, number_size, i));
    for (int i = 0; i < half->string_count; i++) {
        bool drop = i == STRING_ORIG_COLORS || i == STRING_INIT_COLOR || i == STRING_INIT_PAIR;
        add_short(to, i == STRING_SETAF   ? half->table_size
                      : i == STRING_SETAB ? half->table_size + (int)sizeof direct_fg
                      : drop              ? -1
                                          : short_at(half->offsets + 2 * i));
    }
    str_add_bytes(to, (const char *)half->table, (size_t)half->table_size);
    str_add_bytes(to, direct_fg, sizeof direct_fg);
    str_add_bytes(to, direct_bg, sizeof direct_bg);
    add_aligned(to);
}

/* Where the names begin in an extended table: behind the last value. */
static int names_start(const struct half *half)
{
    int start = 0;
    for (int i = 0; i < half->string_count; i++) {
        int offset = short_at(half->offsets + 2 * i);
        if (offset < 0 || offset >= half->table_size)
            continue;
        int end = offset +
                  (int)strnlen((const char *)half->table + offset, (size_t)(half->table_size - offset)) + 1;
        start = end > start ? end : start;
    }
    return start;
}

/* The extended half with one more boolean, "RGB": colours are direct, eight bits each. */
static void add_extended(struct str *to, const struct half *half, int number_size)
{
    const int header[] = {half->bool_count + 1, half->number_count, half->string_count,
                          half->offset_count + 1, half->table_size + 4};
    int values = half->string_count;
    for (size_t i = 0; i < COUNT_OF(header); i++)
        add_short(to, header[i]);
    str_add_bytes(to, "\1", 1);
    str_add_bytes(to, (const char *)half->bools, (size_t)half->bool_count);
    add_aligned(to);
    for (int i = 0; i < half->number_count; i++)
        add_long(to, number_of(half, number_size, i));
    str_add_bytes(to, (const char *)half->offsets, 2 * (size_t)values);
    add_short(to, half->table_size - names_start(half));
    str_add_bytes(to, (const char *)half->offsets + 2 * values, 2 * (size_t)(half->offset_count - values));
    str_add_bytes(to, (const char *)half->table, (size_t)half->table_size);
    str_add_bytes(to, "RGB", 4);
}

static int read_entry(struct reader *r, const unsigned char **ret_names, int *ret_names_size,
                      struct half *standard, struct half *extended)
{
    const unsigned char *header = take(r, 12);
    int magic = header ? short_at(header) : 0;
    if (magic != MAGIC_16 && magic != MAGIC_32)
        return -EINVAL;
    r->number_size = magic == MAGIC_32 ? 4 : 2;
    *ret_names_size = short_at(header + 2);
    *standard = (struct half){.bool_count = short_at(header + 4),
                              .number_count = short_at(header + 6),
                              .string_count = short_at(header + 8),
                              .offset_count = short_at(header + 8),
                              .table_size = short_at(header + 10)};
    if (!(*ret_names = take(r, *ret_names_size)) || read_half(r, standard) < 0 ||
        standard->number_count <= NUMBER_PAIRS || standard->string_count <= STRING_SETAB ||
        short_at(standard->offsets + 2 * STRING_SETAF) < 0)
        return -EINVAL;
    align(r);
    *extended = (struct half){0};
    if (!(header = take(r, 10)))
        return 0;
    *extended = (struct half){.bool_count = short_at(header),
                              .number_count = short_at(header + 2),
                              .string_count = short_at(header + 4),
                              .table_size = short_at(header + 8)};
    extended->offset_count = extended->bool_count + extended->number_count + 2 * extended->string_count;
    return read_half(r, extended);
}

int truecolor_entry(const unsigned char *entry, size_t len, unsigned char *to, size_t size)
{
    struct reader r = {entry, entry, entry + len, 2};
    struct half standard, extended;
    const unsigned char *names;
    int names_size;
    if (read_entry(&r, &names, &names_size, &standard, &extended) < 0)
        return -EINVAL;
    struct str out = {0};
    add_standard(&out, names, names_size, &standard, r.number_size);
    add_extended(&out, &extended, r.number_size);
    int made = out.len <= size ? (int)out.len : -EINVAL;
    if (made > 0)
        memcpy(to, out.text, out.len);
    str_free(&out);
    return made;
}

/* Where terminfo keeps compiled entries; the user's own first. */
static ssize_t read_compiled(const char *name, char *to)
{
    const char *const places[] = {getenv("TERMINFO"), getenv("HOME"),        "/etc/terminfo",
                                  "/lib/terminfo",    "/usr/share/terminfo", "/usr/lib/terminfo"};
    if (!name || !*name || strchr(name, '/'))
        return -ENOENT;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (!places[i])
            continue;
        cleanup_free char *path =
            mem_printf("%s%s/%c/%s", places[i], i == 1 ? "/.terminfo" : "", name[0], name);
        ssize_t len = fs_read_at(AT_FDCWD, path, to, ENTRY_SIZE);
        if (len > 0)
            return len;
    }
    return -ENOENT;
}

SCREEN *truecolor_newterm(const char *name, FILE *out, FILE *in)
{
    static const char digits[] = "0123456789abcdef";
    cleanup_free char *compiled = mem_alloc(ENTRY_SIZE), *hex = mem_alloc(2 * ENTRY_SIZE + 8);
    cleanup_free unsigned char *entry = mem_alloc(ENTRY_SIZE);
    cleanup_free char *before = mem_dup(getenv("TERMINFO"));
    ssize_t len = read_compiled(name, compiled);
    int made = len > 0 ? truecolor_entry((unsigned char *)compiled, (size_t)len, entry, ENTRY_SIZE) : -ENOENT;
    if (made < 0)
        return NULL;
    /* ncurses reads an entry from its environment too; children must not see it. */
    char *at = stpcpy(hex, "hex:");
    for (int i = 0; i < made; i++) {
        *at++ = digits[entry[i] >> 4];
        *at++ = digits[entry[i] & 15];
    }
    setenv("TERMINFO", hex, 1);
    SCREEN *screen = newterm(name, out, in);
    if (before)
        setenv("TERMINFO", before, 1);
    else
        unsetenv("TERMINFO");
    return screen;
}
