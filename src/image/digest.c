/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/digest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/value.h"
#include "image/progress.h"

void digest_init(struct digest *digest)
{
    sha256_init(&digest->state);
    digest->size = 0;
}

void digest_add(struct digest *digest, const void *bytes, size_t count)
{
    sha256_update(&digest->state, count, bytes);
    digest->size += count;
}

void digest_text(struct digest *digest, char *to)
{
    uint8_t bytes[SHA256_DIGEST_SIZE];
    sha256_digest(&digest->state, sizeof bytes, bytes);
    to += snprintf(to, IMAGE_DIGEST_SIZE, "sha256:");
    for (size_t i = 0; i < sizeof bytes; i++)
        to += snprintf(to, 3, "%02x", bytes[i]);
}

void digest_of(const void *bytes, size_t count, char *to)
{
    struct digest digest;
    digest_init(&digest);
    digest_add(&digest, bytes, count);
    digest_text(&digest, to);
}

int digest_check_file(int fd, const char *expected, uint64_t expected_size, struct err *err)
{
    static char chunk[128 << 10];
    char got[IMAGE_DIGEST_SIZE];
    struct digest digest;
    ssize_t count;
    digest_init(&digest);
    while ((count = read(fd, chunk, sizeof chunk)) > 0 && !progress_interrupted())
        digest_add(&digest, chunk, (size_t)count);
    if (progress_interrupted())
        return err_set(err, EINTR, "interrupted");
    if (count < 0)
        return err_errno(err, "read it");
    digest_text(&digest, got);
    if (expected_size != VALUE_ABSENT && digest.size != expected_size)
        return err_set(err, EBADMSG, "it has %" PRIu64 " bytes and should have %" PRIu64, digest.size,
                       expected_size);
    if (strcmp(got, expected) != 0)
        return err_set(err, EBADMSG, "it is not what its name says: its digest is %s", got);
    return lseek(fd, 0, SEEK_SET) < 0 ? err_errno(err, "read it again") : 0;
}
