/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SHA-256, as images name what they are made of: "sha256:" and 64 hex digits.
 */
#ifndef BOXTOP_IMAGE_DIGEST_H
#define BOXTOP_IMAGE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include <nettle/sha2.h>

#include "base/err.h"
#include "core/image.h"

struct digest {
    struct sha256_ctx state;
    uint64_t size; /* bytes added */
};

void digest_init(struct digest *digest);
void digest_add(struct digest *digest, const void *bytes, size_t count);
/* `to` has IMAGE_DIGEST_SIZE bytes. */
void digest_text(struct digest *digest, char *to);
void digest_of(const void *bytes, size_t count, char *to);
/* Reads a file from its beginning and compares; leaves the offset at the beginning. expected_size
 * VALUE_ABSENT: any. */
int digest_check_file(int fd, const char *expected, uint64_t expected_size, struct err *err);

#endif
