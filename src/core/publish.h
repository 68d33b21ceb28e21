/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What of a container is reached from outside: "[IP:]HOST:CONTAINER[/tcp|/udp]" as people and records write
 * it. Pure.
 */
#ifndef BOXTOP_CORE_PUBLISH_H
#define BOXTOP_CORE_PUBLISH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define PUBLISH_TEXT_SIZE 72 /* "[ffff:...:255.255.255.255]:65535:65535/udp" */

struct publish {
    int family; /* AF_INET, AF_INET6; AF_UNSPEC: every address of the host */
    union {
        struct in_addr v4;
        struct in6_addr v6;
    } address;
    uint16_t host_port, container_port;
    int protocol; /* IPPROTO_TCP, IPPROTO_UDP */
};

/* -EINVAL with a line: "'80' is not [IP:]HOST:CONTAINER[/udp]". */
int publish_parse(const char *text, struct publish *ret, struct err *err);
/* The same, always in one form: "8080:80/tcp", "127.0.0.1:8080:80/udp", "[::1]:8080:80/tcp". */
void publish_format(const struct publish *publish, char to[PUBLISH_TEXT_SIZE]);
/* Whether it concerns addresses of this family (AF_INET, AF_INET6). */
bool publish_has(const struct publish *publish, int family);
bool publish_is_any(const struct publish *publish); /* every address of its family */
/* Both would want the same packets. */
bool publish_collides(const struct publish *one, const struct publish *other);
const char *publish_protocol(const struct publish *publish); /* "tcp", "udp" */

#endif
