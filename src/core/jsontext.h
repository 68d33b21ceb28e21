/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Texts that may be any bytes (paths, arguments) as JSON: a string if they are UTF-8, else {"bytes": HEX}, so
 * that what is read back is what was written. Readers allocate; the caller frees.
 */
#ifndef BOXTOP_CORE_JSONTEXT_H
#define BOXTOP_CORE_JSONTEXT_H

#include <stddef.h>

#include <jansson.h>

json_t *jsontext(const char *text); /* NULL is null, here and in the list */
json_t *jsontext_list(char *const *list);
/* For people and scripts that only look: always a string, bytes that are not UTF-8 as \xNN. */
json_t *jsontext_shown(const char *text);

/* NULL if it is not such a text. */
char *jsontext_get(const json_t *json);
/* NULL if it is not an array of such texts. */
char **jsontext_get_list(const json_t *json);

/* Sets "a/b/c" of an object, {"a": {"b": {"c": value}}}, making what is missing on the way; takes `value`. */
void jsontext_put(json_t *object, const char *path, json_t *value);
/* What is there; NULL: nothing. */
const json_t *jsontext_at(const json_t *object, const char *path);

#endif
