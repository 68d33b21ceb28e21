/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The form that launches a container: fields, what is wrong with each, and the `boxtop run` line that they
 * make. Its defaults launch at once. Knows no curses.
 */
#ifndef BOXTOP_UI_FORM_H
#define BOXTOP_UI_FORM_H

#include <stdbool.h>

#include "base/cgroupfs.h"
#include "base/str.h"
#include "core/store.h"
#include "ui/edit.h"

enum form_field {
    FIELD_ROOT,
    FIELD_COMMAND,
    FIELD_NAME,
    FIELD_MEMORY,
    FIELD_CPUS,
    FIELD_PIDS,
    FIELD_NETWORK,
    FIELD_COUNT
};

struct form {
    struct edit edit[FIELD_COUNT];
    char problem[FIELD_COUNT][160]; /* "": none */
    enum form_field focus;
    unsigned missing; /* bits of fields whose controller is not there */
};

struct form_spec {
    const char *label, *option, *help;
    int controller;   /* that it needs; -1: none */
    const char *knob; /* that checks it; NULL: none */
    const char *fallback;
    const char *const *choices; /* NULL-terminated; NULL: free text */
};
extern const struct form_spec form_fields[FIELD_COUNT];

/* Fills the defaults in: a name that is free, no limit whose controller is missing. */
void form_init(struct form *form, const struct cgroupfs *cgroupfs, const struct container *containers,
               size_t count);
/* A key; false if it means nothing here. Enter and Esc are the caller's. */
bool form_key(struct form *form, int key);
/* Checks all fields; true if it may be launched. */
bool form_check(struct form *form, const struct cgroupfs *cgroupfs, const struct container *containers,
                size_t count);
/* The arguments after the program's path; the caller's (mem_free_list). */
char **form_arguments(const struct form *form, const char *program);
void form_line(const struct form *form, struct str *to);

#endif
