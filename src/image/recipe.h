/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a source says it is, before any layer is unpacked: the image's description, and where each layer's
 * archive is. Read from an OCI layout (layout.c) or from what `docker save` wrote (saved.c); both are checked
 * against the digests that they themselves name. Owns all of it.
 */
#ifndef BOXTOP_IMAGE_RECIPE_H
#define BOXTOP_IMAGE_RECIPE_H

#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "core/image.h"

#define RECIPE_JSON_LIMIT (8u << 20) /* bytes */

struct recipe_part {
    char *path;                     /* below `dir` */
    char digest[IMAGE_DIGEST_SIZE]; /* of the file; "": not said */
    uint64_t size_bytes;            /* VALUE_ABSENT: not said */
};

struct recipe {
    struct image image; /* its layers are the digests that the parts have to have when unpacked */
    struct recipe_part *parts;
    size_t count;
    int dir;
};

void recipe_free(struct recipe *recipe);
void recipe_add(struct recipe *recipe, const char *path, const char *digest, uint64_t size_bytes);
/* The image's config, the same in both: what it runs, and the digests of its layers. */
int recipe_read_config(struct recipe *recipe, const json_t *config, struct err *err);
/* A regular file below `dir`; links that lead out are refused. */
int recipe_open(int dir, const char *path, struct err *err);
/* Text of such a file (the caller's), checked against digest and size unless they are "" and VALUE_ABSENT. */
int recipe_read(int dir, const char *path, const char *digest, uint64_t size_bytes, json_t **ret,
                char *ret_digest, struct err *err);

/* An OCI layout. tag NULL: the only image in it. Takes dir. */
int layout_read(int dir, const char *tag, struct recipe *ret, struct err *err);
/* What `docker save` wrote, unpacked into dir, which it takes. ret_tag: "debian:12", or "" if it has none;
 * IMAGE_NAME_SIZE bytes. */
int saved_read(int dir, struct recipe *ret, char *ret_tag, struct err *err);

#endif
