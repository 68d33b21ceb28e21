/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * JSON written as it comes, without a tree of it: a launch writes its record several times, and building
 * trees was a third of all that it computed. What is written is added to a text; `key` is NULL in an array
 * and for the whole. Texts are as in jsontext.h: any bytes.
 */
#ifndef BOXTOP_CORE_JSONPUT_H
#define BOXTOP_CORE_JSONPUT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/str.h"

/* bracket: '{' and '}', or '[' and ']'. */
void jsonput_open(struct str *to, const char *key, char bracket);
void jsonput_close(struct str *to, char bracket);
void jsonput_text(struct str *to, const char *key, const char *text);  /* NULL is null, */
void jsonput_list(struct str *to, const char *key, char *const *list); /* here and in the list */
void jsonput_number(struct str *to, const char *key, int64_t number);
void jsonput_bool(struct str *to, const char *key, bool value);
void jsonput_null(struct str *to, const char *key);
/* One that there is a tree of. */
void jsonput_json(struct str *to, const char *key, const json_t *json);

#endif
