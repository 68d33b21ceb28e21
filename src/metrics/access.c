/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics/access.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define FILE_MAX_BYTES 65536
#define TOKEN_MIN      16

int access_parse(struct access *access, const char *text, struct err *err)
{
    char loopback[] = "127.0.0.1";
    cleanup_free char *copy = mem_dup(text);
    char *port = strrchr(copy, ':'), *host = copy;
    if (port)
        *port++ = '\0';
    else
        port = copy, host = NULL;
    if (!host || !host[0] || strcmp(host, "localhost") == 0)
        host = loopback;
    else if (host[0] == '[' && host[strlen(host) - 1] == ']')
        host[strlen(host) - 1] = '\0', host++;
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM},
                    *found;
    if (strspn(port, "0123456789") != strlen(port) || !port[0] || strlen(port) > 5 ||
        strtoul(port, NULL, 10) > UINT16_MAX || getaddrinfo(host, port, &hints, &found) != 0) {
        err_set(err, EINVAL, "--listen %s: not an address to listen on", text);
        return err_hint(err, "PORT, or ADDRESS:PORT with numbers: 9339, 127.0.0.1:9339, [::1]:9339");
    }
    memcpy(&access->address, found->ai_addr, found->ai_addrlen);
    access->address_len = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

bool access_is_loopback(const struct access *access)
{
    const struct sockaddr_in6 *six = (const void *)&access->address;
    const struct sockaddr_in *four = (const void *)&access->address;
    if (access->address.ss_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
    return ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

/* A file's text. `secret`: nobody but its owner and group may read it. */
static int read_file(const char *what, const char *path, bool secret, char **ret, struct err *err)
{
    struct stat st;
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_errno(err, "read the %s %s", what, path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, EINVAL, "read the %s %s: not a plain file", what, path);
    if (secret && st.st_mode & S_IROTH) {
        err_set(err, EACCES, "read the %s %s: everybody can read it", what, path);
        return err_hint(err, "chmod o-r %s", path);
    }
    free(take_ptr(ret));
    ssize_t got = fs_read_whole_at(AT_FDCWD, path, FILE_MAX_BYTES, ret);
    return got < 0 ? err_set(err, (int)-got, "read the %s %s: %s", what, path, strerror((int)-got)) : 0;
}

int access_read_token(struct access *access, const char *path, struct err *err)
{
    int rc = read_file("token file", path, true, &access->token, err);
    if (rc < 0)
        return rc;
    access->token[strcspn(access->token, "\r\n")] = '\0';
    if (strlen(access->token) >= TOKEN_MIN)
        return 0;
    err_set(err, EINVAL, "read the token file %s: its first line has fewer than %d characters", path,
            TOKEN_MIN);
    return err_hint(err, "head -c 32 /dev/urandom | base64 > %s", path);
}

int access_read_certificate(struct access *access, const char *path, struct err *err)
{
    return read_file("certificate", path, false, &access->certificate, err);
}

int access_read_key(struct access *access, const char *path, struct err *err)
{
    return read_file("key", path, true, &access->key, err);
}

int access_check(const struct access *access, struct err *err)
{
    char url[80];
    if (!access->certificate != !access->key)
        return err_set(err, EINVAL, "TLS takes both --tls-cert and --tls-key");
    if (access_is_loopback(access) || access->token || access->certificate)
        return 0;
    access_url(access, url, sizeof url);
    err_set(err, EACCES, "%s could be read by others", url);
    return err_hint(err, "give a --token-file, or --tls-cert and --tls-key; or listen on 127.0.0.1");
}

bool access_allows(const struct access *access, const char *authorization)
{
    static const char scheme[] = "Bearer ";
    if (!access->token)
        return true;
    const char *given = authorization && strncasecmp(authorization, scheme, strlen(scheme)) == 0
                            ? authorization + strlen(scheme)
                            : "";
    size_t len = strlen(given), expected = strlen(access->token);
    unsigned differ = len != expected;
    for (size_t i = 0; i < expected; i++)
        differ |= (unsigned char)access->token[i] ^ (unsigned char)(len ? given[i % len] : 0);
    return differ == 0;
}

void access_url(const struct access *access, char *to, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "?";
    const struct sockaddr_in6 *six = (const void *)&access->address;
    const struct sockaddr_in *four = (const void *)&access->address;
    bool is_six = access->address.ss_family == AF_INET6;
    inet_ntop(access->address.ss_family, is_six ? (const void *)&six->sin6_addr : &four->sin_addr, host,
              sizeof host);
    snprintf(to, size, "http%s://%s%s%s:%u/metrics", access->certificate ? "s" : "", is_six ? "[" : "", host,
             is_six ? "]" : "", ntohs(is_six ? six->sin6_port : four->sin_port));
}

void access_free(struct access *access)
{
    free(take_ptr(&access->token));
    free(take_ptr(&access->certificate));
    free(take_ptr(&access->key));
}
