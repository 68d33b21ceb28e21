/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A tar archive, compressed or not, as files in a directory. Nothing in it is trusted: an entry that is
 * absolute, has "..", is reached through a symbolic link of the archive, or is a link that leads out ends it
 * all; so do device nodes, unless root unpacks. The directory then holds what came before: the caller throws
 * it away.
 */
#ifndef BOXTOP_IMAGE_UNPACK_H
#define BOXTOP_IMAGE_UNPACK_H

#include <stdbool.h>

#include "base/err.h"
#include "core/image.h"
#include "image/progress.h"

/* Reads all of `from` into the empty directory `to`. With `whiteouts` the names .wh.X and .wh..wh..opq are
 * what overlay has for them: a 0/0 device, an xattr. ret_diff_id (IMAGE_DIGEST_SIZE): the digest of the tar,
 * uncompressed. Changes the working directory while it works. */
int unpack(int from, int to, bool whiteouts, struct progress *progress, char *ret_diff_id, struct err *err);

/* Whether an entry of this name, and a symbolic link in its place to this target, stay below the directory.
 * Pure. */
bool unpack_path_stays(const char *path);
bool unpack_link_stays(const char *path, const char *target);

#endif
