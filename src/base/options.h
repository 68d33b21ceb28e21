/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Command lines by table: one row an option serves the parser, the help text and the man page. Understands
 * "--opt VALUE", "--opt=VALUE", "-o VALUE", "-oVALUE", clusters ("-dit") and "--", which ends the options.
 * --help is known without a row, and so is -h unless a row has that letter.
 */
#ifndef BOXTOP_BASE_OPTIONS_H
#define BOXTOP_BASE_OPTIONS_H

#include <errno.h>
#include <stddef.h>

#include "base/err.h"

/* A table ends with a row whose name is NULL. */
struct option_row {
    const char *name; /* "--memory" */
    char letter;      /* 'm', or 0 */
    const char *arg;  /* "SIZE"; NULL: a flag */
    const char *help;
    /* Takes the value (NULL for a flag). Without it the field at `offset` of the target is set: a flag's bool
     * to true, another's `const char *` to the value, which stays argv's. */
    int (*apply)(void *target, const struct option_row *row, const char *value, struct err *err);
    size_t offset;
};

#define OPTIONS_HELP (-ECANCELED) /* help was asked for; no error */

/* Reads options up to the first word that is none. Returns how many words of argv they were ("--" included),
 * OPTIONS_HELP, or -EINVAL with a line. */
int options_parse(const struct option_row *table, void *target, int argc, char *const *argv, struct err *err);
/* The same wherever options stand: the other words are moved to the front of argv; returns their number. */
int options_parse_mixed(const struct option_row *table, void *target, int argc, char **argv, struct err *err);

#endif
