/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Comma-separated values (RFC 4180, but lines end with a newline alone): what is absent is an empty field,
 * "max" the word.
 */
#ifndef BOXTOP_CLI_WATCH_CSV_H
#define BOXTOP_CLI_WATCH_CSV_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

/* Prints one field, with a comma in front unless it is the first of its line. Takes the value. */
void csv_value(FILE *out, bool first, json_t *value);
void csv_text(FILE *out, bool first, const char *text);
void csv_end(FILE *out);

#endif
