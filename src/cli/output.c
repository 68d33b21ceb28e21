/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/output.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

static char *printable(const char *text)
{
    size_t size = 4 * strlen(text) + 1;
    char *shown = mem_alloc(size);
    str_printable(shown, size, text);
    return shown;
}

void table_init(struct table *table, size_t columns)
{
    *table = (struct table){.columns = columns};
}

void table_add(struct table *table, const char *cell)
{
    table->cells = mem_resize(table->cells, table->count + 1, sizeof *table->cells);
    table->cells[table->count++] = printable(cell);
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    table_init(table, table->columns);
}

/* Characters, not bytes: good enough for columns of names. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

/* Bytes of the first `width` characters. */
static int bytes_of(const char *text, size_t width)
{
    const char *c = text;
    for (; *c; c++)
        if (((unsigned char)*c & 0xc0) != 0x80 && width-- == 0)
            break;
    return (int)(c - text);
}

static size_t terminal_width(FILE *out)
{
    struct winsize size;
    if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) < 0 || !size.ws_col)
        return SIZE_MAX;
    return size.ws_col;
}

static void print_row(const struct table *table, char **cells, const size_t *widths, size_t limit, FILE *out)
{
    size_t last = table->columns - 1, used = 0;
    for (size_t i = 0; i < last; i++) {
        fprintf(out, "%s%*s", cells[i], (int)(widths[i] - width_of(cells[i]) + 2), "");
        used += widths[i] + 2;
    }
    fprintf(out, "%.*s\n", bytes_of(cells[last], limit > used ? limit - used : 0), cells[last]);
}

void table_print(const struct table *table, FILE *out)
{
    cleanup_free size_t *widths = mem_array(table->columns, sizeof *widths);
    size_t limit = terminal_width(out);
    for (size_t i = 0; i < table->count; i++) {
        size_t width = width_of(table->cells[i]);
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    for (size_t i = 0; i + table->columns <= table->count; i += table->columns)
        print_row(table, table->cells + i, widths, limit, out);
}

void output_json(json_t *json, FILE *out)
{
    /* JSON leaves DEL and the C1 controls as they are; a terminal obeys the latter. */
    size_t flags = JSON_INDENT(2) | (isatty(fileno(out)) ? JSON_ENSURE_ASCII : 0u);
    json_dumpf(json, out, flags);
    fputc('\n', out);
    json_decref(json);
}

void output_printable(const char *text, FILE *out)
{
    cleanup_free char *shown = printable(text);
    fputs(shown, out);
}

void output_lines(const char *text, FILE *out)
{
    if (!isatty(fileno(out))) {
        fputs(text, out);
        return;
    }
    while (*text) {
        size_t len = strcspn(text, "\n\t");
        cleanup_free char *part = mem_printf("%.*s", (int)len, text);
        output_printable(part, out);
        text += len;
        if (*text)
            fputc(*text++, out);
    }
}

static bool is_simple(const json_t *json)
{
    return !json_is_object(json) && !json_is_array(json);
}

static void put_simple(const json_t *json, FILE *out)
{
    if (json_is_string(json) && !json_string_length(json))
        fputs("\"\"", out); /* an empty file is not an absent one */
    else if (json_is_string(json))
        output_printable(json_string_value(json), out);
    else if (json_is_integer(json))
        fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    else if (json_is_boolean(json))
        fputs(json_is_true(json) ? "yes" : "no", out);
    else
        fputc('-', out);
}

static void put_members(const json_t *object, int indent, FILE *out);

/* Items on one line if they are simple, else each below a dash. */
static void put_items(const json_t *array, int indent, FILE *out)
{
    size_t i;
    json_t *item;
    bool simple = true;
    json_array_foreach(array, i, item) simple = simple && is_simple(item);
    if (!json_array_size(array))
        fputs("-", out);
    json_array_foreach(array, i, item)
    {
        if (simple) {
            fputs(i ? " " : "", out);
            put_simple(item, out);
        } else {
            put_members(item, indent, out);
        }
    }
    if (simple)
        fputc('\n', out);
}

static void put_members(const json_t *object, int indent, FILE *out)
{
    const char *key;
    json_t *value;
    int width = 0;
    json_object_foreach((json_t *)object, key, value) width =
        (int)strlen(key) > width ? (int)strlen(key) : width;
    json_object_foreach((json_t *)object, key, value)
    {
        fprintf(out, "%*s%s:", indent, "", key);
        if (is_simple(value)) {
            fprintf(out, "%*s", width - (int)strlen(key) + 1, "");
            put_simple(value, out);
            fputc('\n', out);
        } else if (json_is_object(value)) {
            fputc('\n', out);
            put_members(value, indent + 2, out);
        } else {
            bool nested = json_array_size(value) && !is_simple(json_array_get(value, 0));
            fprintf(out, "%*s%s", nested ? 0 : width - (int)strlen(key) + 1, "", nested ? "\n" : "");
            put_items(value, indent + 2, out);
        }
    }
}

void output_text(const json_t *json, FILE *out)
{
    put_members(json, 0, out);
}
