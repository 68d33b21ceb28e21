/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From a source to an image in the store: a tar archive (plain, gz, bz2, xz, zst; "-" is stdin),
 * "oci:DIR[:TAG]", "docker-archive:FILE", "docker://NAME" (by skopeo, where it is installed). All or nothing:
 * the record is written last.
 */
#ifndef BOXTOP_IMAGE_IMPORT_H
#define BOXTOP_IMAGE_IMPORT_H

#include "base/err.h"
#include "image/build.h"
#include "image/progress.h"

/* name NULL: made of the source's. ret_name: IMAGE_NAME_SIZE bytes. */
int import_as(const char *source, const char *name, struct progress *progress, char *ret_name,
              struct err *err);
/* What a distribution's tools make, as the image `name`. */
int import_build(const struct build *build, const char *name, struct progress *progress, struct err *err);
/* The image that a source is, for a launch: one that was imported from it as it is now, else imports it under
 * a name made of its digest. */
int import_once(const char *source, struct progress *progress, char *ret_name, struct err *err);

#endif
