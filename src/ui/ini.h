/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines of a config file: sections, and `KEY = VALUE` in them; `#` begins a comment line. A parser of our
 * own, because libinih can't say where in the file a value stood, and takes the names of keys that are bound
 * here (`=`, `[`, `;`) for its own signs. Pure.
 */
#ifndef BOXTOP_UI_INI_H
#define BOXTOP_UI_INI_H

#include "base/err.h"
#include "base/str.h"

struct ini {
    const char *at; /* the rest of the text */
    int line;       /* number of the line that was read last, from 1 */
    char section[48], key[64], value[512];
};

/* Begin with {.at = text}. 1: key and value of a line; 0: the end; -EINVAL: a line that is none of these,
 * which is passed over. */
int ini_next(struct ini *ini, struct err *err);
/* The text with that key's line replaced, or with a line added to its section, or with a section added. */
void ini_put(const char *text, const char *section, const char *key, const char *value, struct str *to);

#endif
