/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What commands print: aligned columns, JSON, JSON as text for people. Nothing raw reaches a terminal.
 */
#ifndef BOXTOP_CLI_OUTPUT_H
#define BOXTOP_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

/* Cells are collected row by row, then printed in columns two blanks apart. Owns copies of its texts, control
 * bytes escaped. */
struct table {
    char **cells;
    size_t columns, count; /* count: of cells */
};

void table_init(struct table *table, size_t columns);
void table_add(struct table *table, const char *cell);
/* On a terminal the last column is cut at the terminal's width. */
void table_print(const struct table *table, FILE *out);
void table_free(struct table *table);

/* Prints and releases it. */
void output_json(json_t *json, FILE *out);
/* "key: value" lines, nested ones indented; null is "-". */
void output_text(const json_t *json, FILE *out);
/* Text that may be piped on as it is; on a terminal control bytes are escaped, but for newline and tab. */
void output_lines(const char *text, FILE *out);
/* One text with its control bytes escaped. */
void output_printable(const char *text, FILE *out);

#endif
