/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An imported image as a launch sees it: a record, images/NAME.json, and its layers, layers/sha256/HEX, in
 * the store of images: $BOXTOP_IMAGES, else /var/lib/boxtop for root, else $XDG_DATA_HOME/boxtop. Only read
 * here; src/image writes it, so that a launch loads no library that reads archives.
 */
#ifndef BOXTOP_CORE_IMAGE_H
#define BOXTOP_CORE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "core/spec.h"

#define IMAGE_NAME_SIZE   128
#define IMAGE_DIGEST_SIZE 72 /* "sha256:" and 64 hex digits */
#define IMAGE_PATH_SIZE   200
#define IMAGE_STAMP_SIZE  128

/* Owns its lists and texts. */
struct image {
    char name[IMAGE_NAME_SIZE];
    char digest[IMAGE_DIGEST_SIZE]; /* of the manifest, of docker's config, or of a bare tar */
    char **layers;                  /* digests of their tars, unpacked; lowest first */
    char **entrypoint, **command, **env;
    char *workdir, *user, *stop_signal; /* NULL: the image does not say */
    char *created;                      /* RFC 3339, as the image has it */
    char stamp[IMAGE_STAMP_SIZE];       /* which file it was read from, and when that last changed; or "" */
    uint64_t size_bytes;                /* of the files in its layers */
};

void image_free(struct image *image);
/* Letters, digits, _ . - : and a letter or digit first; neither "host" nor a kind of source ("oci:..."). */
bool image_name_is_valid(const char *name);
/* "sha256:" and 64 lower-case hex digits. */
bool image_digest_is_valid(const char *digest);
json_t *image_to_json(const struct image *image);
int image_from_json(const json_t *json, struct image *ret, struct err *err);
/* The store's directory; `to` has IMAGE_PATH_SIZE bytes. It need not be there yet. */
int image_store_path(char *to, struct err *err);
/* Reads one by name. *ret_hold (may be NULL): a descriptor that keeps it from being removed as long as it is
 * open. -ENOENT: no such image. */
int image_load(const char *name, struct image *ret, int *ret_hold, struct err *err);
/* Makes the image NAME the root of a spec: layers, what it runs, environment, working directory, as far as
 * the spec does not say otherwise, as docker does. -ENOENT: no such image. */
int image_use(const char *name, struct spec *spec, struct err *err);
/* Holds the image of a spec that was read from a record; -ESTALE if the name means another one by now. */
int image_hold(struct spec *spec, struct err *err);
/* What ROOT names: a source that has to be imported before it can run. */
bool image_is_source(const char *root);

#endif
