/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * OCI runtime bundles: config.json is a second front end to a spec, and a container's spec can be written as
 * one. Of the Linux part of the specification (1.0 to 1.2) what is not supported is refused by its path in
 * the file; what the specification itself does not know is ignored, as it demands, and said.
 */
#ifndef BOXTOP_CORE_OCI_H
#define BOXTOP_CORE_OCI_H

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"
#include "core/spec.h"
#include "core/store.h"

#define OCI_CONFIG_LIMIT (1u << 20) /* bytes */

/* Reads DIR/config.json into a spec_init()ed spec, not yet validated. */
int oci_read(const char *dir, struct spec *spec, struct err *err);
/* The same of JSON that was read before; `dir` is absolute. */
int oci_from_json(const json_t *config, const char *dir, struct spec *spec, struct err *err);
/* Text as JSON, strictly: no NUL, no key twice; 2^64-1, which limits use for "none", becomes -1. */
json_t *oci_parse(const char *text, struct err *err);

/* A running container as a config.json that runs the same without boxtop: the caller's to free. `place` is an
 * empty directory, absolute, on which a root that is made of layers is mounted. */
int oci_write(const struct spec *spec, const struct container *container, const char *place, char **ret_text,
              struct err *err);
/* What of it can't be said there: "--init, its seccomp filter"; nothing if all can. */
void oci_left_out(const struct spec *spec, struct str *to);

#endif
