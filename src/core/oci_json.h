/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading config.json strictly: tables of keys; each value has its one type, a key that is known and not
 * supported is refused by its JSON path, one that the specification does not know is ignored, as it demands,
 * and said. For oci*.c only.
 */
#ifndef BOXTOP_CORE_OCI_JSON_H
#define BOXTOP_CORE_OCI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"
#include "core/bundle.h"
#include "core/spec.h"

struct oci {
    struct bundle *bundle;
    struct spec *spec;
    char path[300];     /* of the value being read: "linux.namespaces[2].type" */
    struct str ignored; /* what the specification does not know: "process.foo, linux.bar" */
    struct err *err;
};

enum oci_kind {
    OCI_REFUSED, /* not supported unless it is empty or false */
    OCI_IGNORED, /* says nothing that we would have to do */
    OCI_TEXT,    /* char * at offset */
    OCI_LIST,    /* char ** at offset; NULL if it is empty */
    OCI_BOOL,    /* bool at offset */
    OCI_NUMBER,  /* struct oci_number at offset */
    OCI_CALL,    /* what `read` makes of it */
};

struct oci_number {
    bool said;
    int64_t value;
};

struct oci_key {
    const char *key;
    enum oci_kind kind;
    size_t offset;
    int (*read)(struct oci *oci, const json_t *value, void *target);
    const char *why; /* OCI_REFUSED: what to say besides; NULL: "remove it" */
};

/* All keys of an object into `target`. A table ends with a row without a key. */
int oci_object(struct oci *oci, const json_t *value, const struct oci_key *keys, void *target);
/* Calls `read` with each item. */
int oci_array(struct oci *oci, const json_t *value,
              int (*read)(struct oci *oci, const json_t *item, void *target), void *target);
/* A whole number; 1e3 is one, too. */
int oci_integer(struct oci *oci, const json_t *value, int64_t min, int64_t max, int64_t *ret);

/* "config.json: PATH: text". Return -code. */
int oci_fail(struct oci *oci, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
int oci_wrong(struct oci *oci, const char *expected);
int oci_refuse(struct oci *oci, const char *why);
/* Puts the path in front of an error that somebody else made. */
int oci_at(struct oci *oci);
/* Appends ".key" or "[index]"; cut off again by oci_leave(oci, what oci_enter gave). */
size_t oci_enter(struct oci *oci, const char *key, size_t index);
void oci_leave(struct oci *oci, size_t mark);

/* Of the other files. */
extern const struct oci_key oci_linux_keys[], oci_process_keys[];
int oci_read_mount(struct oci *oci, const json_t *value, void *target);
int oci_read_hooks(struct oci *oci, const json_t *value, void *target);
/* "uidMappings": lines of uid_map into the char * at `target`. */
int oci_read_ids(struct oci *oci, const json_t *value, void *target);
int oci_read_resources(struct oci *oci, const json_t *value, void *target);
/* A propagation's word: MS_*, or 0. *ret_all: with r in front. */
uint64_t oci_propagation(const char *word, bool *ret_all);
void oci_mount_free(struct bundle_mount *mount);

#endif
