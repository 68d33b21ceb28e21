/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/publish.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/parse.h"
#include "base/str.h"

/* The part behind the last `letter` in text, which is cut off there; NULL: there is none. */
static char *cut(char *text, char letter)
{
    char *at = strrchr(text, letter);
    if (at)
        *at++ = '\0';
    return at;
}

static bool read_port(const char *text, uint16_t *ret)
{
    uint64_t number;
    /* parse_u64() reads " 80" as well: no blank belongs here. */
    if (!text || !text[0] || text[strspn(text, "0123456789")] || parse_u64(text, &number) < 0 || number < 1 ||
        number > UINT16_MAX)
        return false;
    *ret = (uint16_t)number;
    return true;
}

static bool read_address(char *text, struct publish *ret)
{
    size_t len = strlen(text);
    ret->family = AF_INET;
    if (inet_pton(AF_INET, text, &ret->address.v4) == 1)
        return true;
    if (text[0] != '[' || text[len - 1] != ']')
        return false;
    text[len - 1] = '\0';
    ret->family = AF_INET6;
    return inet_pton(AF_INET6, text + 1, &ret->address.v6) == 1;
}

static bool read_all(char *text, struct publish *ret)
{
    const char *protocol = cut(text, '/'), *inside = cut(text, ':');
    *ret = (struct publish){.family = AF_UNSPEC, .protocol = IPPROTO_TCP};
    if (protocol && strcmp(protocol, "udp") == 0)
        ret->protocol = IPPROTO_UDP;
    else if (protocol && strcmp(protocol, "tcp") != 0)
        return false;
    if (!inside || !read_port(inside, &ret->container_port))
        return false;
    const char *outside = cut(text, ':');
    if (!outside)
        return read_port(text, &ret->host_port);
    return read_port(outside, &ret->host_port) && text[0] && read_address(text, ret);
}

int publish_parse(const char *text, struct publish *ret, struct err *err)
{
    cleanup_free char *copy = mem_dup(text);
    struct publish read;
    if (!read_all(copy, &read)) {
        err_set(err, EINVAL, "'%s' is not [IP:]HOST:CONTAINER[/udp]", text);
        return err_hint(err, "for example 8080:80, 127.0.0.1:8080:80, [::1]:5353:53/udp");
    }
    *ret = read;
    return 0;
}

const char *publish_protocol(const struct publish *publish)
{
    return publish->protocol == IPPROTO_UDP ? "udp" : "tcp";
}

void publish_format(const struct publish *publish, char to[PUBLISH_TEXT_SIZE])
{
    char address[INET6_ADDRSTRLEN + 4] = "";
    if (publish->family == AF_INET) {
        inet_ntop(AF_INET, &publish->address, address, sizeof address);
        strcat(address, ":");
    } else if (publish->family == AF_INET6) {
        address[0] = '[';
        inet_ntop(AF_INET6, &publish->address, address + 1, sizeof address - 4);
        strcat(address, "]:");
    }
    snprintf(to, PUBLISH_TEXT_SIZE, "%s%u:%u/%s", address, publish->host_port, publish->container_port,
             publish_protocol(publish));
}

bool publish_has(const struct publish *publish, int family)
{
    return publish->family == AF_UNSPEC || publish->family == family;
}

bool publish_is_any(const struct publish *publish)
{
    static const struct in6_addr any6 = IN6ADDR_ANY_INIT;
    if (publish->family == AF_INET)
        return publish->address.v4.s_addr == INADDR_ANY;
    return publish->family == AF_UNSPEC || memcmp(&publish->address.v6, &any6, sizeof any6) == 0;
}

bool publish_collides(const struct publish *one, const struct publish *other)
{
    if (one->protocol != other->protocol || one->host_port != other->host_port)
        return false;
    if (one->family != other->family)
        return one->family == AF_UNSPEC || other->family == AF_UNSPEC;
    if (publish_is_any(one) || publish_is_any(other))
        return true;
    return memcmp(&one->address, &other->address,
                  one->family == AF_INET ? sizeof one->address.v4 : sizeof one->address.v6) == 0;
}
