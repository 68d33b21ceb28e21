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
    FIELD_MORE,
    FIELD_THEN,
    FIELD_COUNT
};

struct form {
    struct edit edit[FIELD_COUNT];
    char problem[FIELD_COUNT][160]; /* "": none */
    enum form_field focus;
    unsigned missing;  /* bits of fields whose controller is not there */
    char browsed[256]; /* the directory whose entries are roots to choose from; "": none was */
    char failure[300]; /* why the last launch failed, if no field is to blame; "": it didn't */
};

/* What is done when it runs: FIELD_THEN's choices, in their order. */
enum form_then { THEN_SHELL, THEN_ATTACH, THEN_STAY };

struct form_spec {
    const char *label, *option, *help;
    int controller;   /* that it needs; -1: none */
    const char *knob; /* that checks it; NULL: none */
    const char *fallback;
    const char *const *choices; /* NULL-terminated; NULL: free text */
};
extern const struct form_spec form_fields[FIELD_COUNT];

/* What it is checked against. */
struct form_ground {
    const struct cgroupfs *cgroupfs;
    const struct container *containers;
    size_t count;
    char groups[512]; /* the directory of containers' cgroups, of whatever state directory; "": not known */
};

/* Fills the defaults in: a name that is free, no limit whose controller is missing. */
void form_init(struct form *form, const struct form_ground *ground);
/* A key; false if it means nothing here. Enter and Esc are the caller's. */
bool form_key(struct form *form, int key);
/* Checks all fields; true if it may be launched. */
bool form_check(struct form *form, const struct form_ground *ground);
/* The arguments after the program's path; the caller's (mem_free_list). */
char **form_arguments(const struct form *form, const char *program);
void form_line(const struct form *form, struct str *to);
enum form_then form_then(const struct form *form);
/* A name that no container has, nor a cgroup where theirs stand. */
void form_free_name(struct form *form, const struct form_ground *ground);
/* Puts why a launch failed to the field that it is about. */
void form_blame(struct form *form, const char *error);
/* All fields as lines of a config's section, and one of those lines again. */
void form_print(const struct form *form, struct str *to);
void form_put(struct form *form, const char *key, const char *value);

#endif
