/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The store of images, to be written: layers/sha256/HEX, unpacked once and shared, and images/NAME.json. Who
 * writes holds its lock. All is made under a temporary name and renamed; an image is there once its record
 * is. What an interrupted import has left (temporaries, layers that no image has) goes when the store is next
 * written to, and when it is closed.
 */
#ifndef BOXTOP_IMAGE_REPO_H
#define BOXTOP_IMAGE_REPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/image.h"

struct repo {
    char path[IMAGE_PATH_SIZE];
    int images, layers, lock;
    unsigned temporaries; /* made so far */
};

#define REPO_TEMPORARY_SIZE 32

/* Makes it if it is not there; waits for the lock. */
int repo_open(struct repo *ret, struct err *err);
void repo_close(struct repo *repo);
bool repo_has_layer(const struct repo *repo, const char *diff_id);
/* An empty directory beside the layers, by its name there and a descriptor. */
int repo_temporary(struct repo *repo, char *ret_name, int *ret_fd, struct err *err);
/* It becomes the layer. */
int repo_keep(struct repo *repo, const char *temporary, const char *diff_id, struct err *err);
/* Bytes of the files in a layer. */
uint64_t repo_layer_size(const struct repo *repo, const char *diff_id);
void repo_drop(struct repo *repo, const char *temporary);
/* Writes the record. An image of that name that a container uses stays, named by its digest. */
int repo_save(struct repo *repo, const struct image *image, struct err *err);
/* -EBUSY: a container uses it. */
int repo_remove(struct repo *repo, const char *name, struct err *err);

/* All images, by name; takes no lock. The caller frees with repo_free_list(). */
int repo_list(struct image **ret, size_t *ret_count, struct err *err);
void repo_free_list(struct image *list, size_t count);
/* The name an image has that nobody named: `to` has IMAGE_NAME_SIZE bytes. */
void repo_short_name(const char *digest, char *to);

#endif
