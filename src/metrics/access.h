/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where `metrics` listens, and who may ask: anybody on loopback; from elsewhere who has the token, or over
 * TLS.
 */
#ifndef BOXTOP_METRICS_ACCESS_H
#define BOXTOP_METRICS_ACCESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"

struct access {
    struct sockaddr_storage address;
    socklen_t address_len;
    char *token;             /* NULL: none is asked for */
    char *certificate, *key; /* PEM; NULL: no TLS */
};

/* "9339", ":9339" (both loopback), "10.0.0.1:9339", "[::1]:9339", "localhost:0". -EINVAL. */
int access_parse(struct access *access, const char *text, struct err *err);
bool access_is_loopback(const struct access *access);
/* Each reads its file, which has to be a plain file that others can't read (but for a certificate). */
int access_read_token(struct access *access, const char *path, struct err *err);
int access_read_certificate(struct access *access, const char *path, struct err *err);
int access_read_key(struct access *access, const char *path, struct err *err);
/* -EACCES: it would be open to others without a token and without TLS. -EINVAL: half of TLS. */
int access_check(const struct access *access, struct err *err);
/* Whether an Authorization header (NULL: none) may see the metrics; takes the same time whatever it says. */
bool access_allows(const struct access *access, const char *authorization);
/* "http://127.0.0.1:9339/metrics"; `to` has `size` bytes. */
void access_url(const struct access *access, char *to, size_t size);
void access_free(struct access *access);

#endif
