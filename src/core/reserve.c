/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/reserve.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"

#define TCP_LISTEN 10 /* a state in /proc/net/tcp; linux/tcp_states.h is the kernel's own */

union any_address {
    struct sockaddr generic;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* ---- who has it, if we can't ---- */

/* The inode of a socket that listens on the port (tcp), or is bound to it (udp), in /proc/net/FILE; 0. */
static uint64_t find_socket(const char *file, unsigned port, bool tcp)
{
    char path[64], line[512];
    uint64_t inode = 0, found;
    unsigned local, state;
    snprintf(path, sizeof path, "/proc/net/%s", file);
    cleanup_file FILE *f = fopen(path, "re");
    while (f && !inode && fgets(line, sizeof line, f))
        if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x %*x:%*x %*x %*u %*u %" SCNu64,
                   &local, &state, &found) == 3 &&
            local == port && (!tcp || state == TCP_LISTEN))
            inode = found;
    return inode;
}

static bool process_has(const char *pid, const char *link)
{
    char path[64], to[64];
    snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        ssize_t len = readlinkat(fd, entry->d_name, to, sizeof to - 1);
        to[len < 0 ? 0 : len] = '\0';
        if (strcmp(to, link) == 0)
            return true;
    }
    return false;
}

/* "nginx (pid 812)"; false: nobody whom we may look at. */
static bool find_process(uint64_t inode, char *to, size_t size)
{
    char link[64], path[64], comm[32] = "";
    cleanup_dir DIR *dir = opendir("/proc");
    snprintf(link, sizeof link, "socket:[%" PRIu64 "]", inode);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[strspn(entry->d_name, "0123456789")] || !process_has(entry->d_name, link))
            continue;
        snprintf(path, sizeof path, "/proc/%.20s/comm", entry->d_name);
        fs_read_at(AT_FDCWD, path, comm, sizeof comm);
        comm[strcspn(comm, "\n")] = '\0';
        snprintf(to, size, "%s (pid %.20s)", comm, entry->d_name);
        return true;
    }
    return false;
}

static int taken(const struct publish *publish, uint64_t inode, struct err *err)
{
    char who[80] = "another program";
    bool tcp = publish->protocol == IPPROTO_TCP;
    if (inode)
        find_process(inode, who, sizeof who);
    err_set(err, EADDRINUSE, "publish port %u/%s: %s %s it", publish->host_port, publish_protocol(publish),
            who, inode && tcp ? "listens on" : "has");
    return err_hint(err, "choose another HOST port, or stop that");
}

static uint64_t who_has(const struct publish *publish)
{
    bool tcp = publish->protocol == IPPROTO_TCP;
    uint64_t inode = find_socket(tcp ? "tcp" : "udp", publish->host_port, tcp);
    return inode ? inode : find_socket(tcp ? "tcp6" : "udp6", publish->host_port, tcp);
}

/* ---- holding ---- */

static socklen_t fill(const struct publish *publish, int family, union any_address *ret)
{
    *ret = (union any_address){.generic.sa_family = (sa_family_t)family};
    if (family == AF_INET) {
        ret->v4.sin_port = htons(publish->host_port);
        if (publish->family == AF_INET)
            ret->v4.sin_addr = publish->address.v4;
        return sizeof ret->v4;
    }
    ret->v6.sin6_port = htons(publish->host_port);
    if (publish->family == AF_INET6)
        ret->v6.sin6_addr = publish->address.v6;
    return sizeof ret->v6;
}

static int try_bind(int fd, const struct publish *publish, int family)
{
    union any_address address;
    socklen_t size = fill(publish, family, &address);
    return bind(fd, &address.generic, size) < 0 ? -errno : 0;
}

static int hold(struct reserve *reserve, const struct publish *publish, int family, struct err *err)
{
    int on = 1, type = publish->protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
    cleanup_close int fd = socket(family, type | SOCK_CLOEXEC, 0);
    if (fd < 0 && family == AF_INET6 && publish->family == AF_UNSPEC)
        return 0; /* a host without IPv6 */
    if (fd < 0)
        return err_errno(err, "publish port %u", publish->host_port);
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    int rc = try_bind(fd, publish, family);
    uint64_t inode = rc == -EADDRINUSE ? who_has(publish) : 0;
    if (rc == -EADDRINUSE && !inode) {
        /* What is left of connections that have ended (TIME_WAIT) does not mind. */
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        rc = try_bind(fd, publish, family);
    }
    if (rc == -EADDRINUSE)
        return taken(publish, inode, err);
    if (rc < 0 && family == AF_INET6 && publish->family == AF_UNSPEC)
        return 0;
    if (rc < 0) {
        err_set(err, -rc, "publish port %u/%s: %s", publish->host_port, publish_protocol(publish),
                strerror(-rc));
        if (rc == -EACCES)
            err_hint(err, "ports of a user begin at the sysctl net.ipv4.ip_unprivileged_port_start");
        return rc == -EADDRNOTAVAIL ? err_hint(err, "the IP has to be one of this machine's: ip address")
                                    : rc;
    }
    reserve->fds = mem_resize(reserve->fds, reserve->count + 1, sizeof *reserve->fds);
    reserve->fds[reserve->count++] = take_fd(&fd);
    return 0;
}

int reserve_ports(struct reserve *ret, char *const *ports, struct err *err)
{
    static const int families[] = {AF_INET, AF_INET6};
    struct publish publish;
    int rc = 0;
    *ret = (struct reserve){0};
    for (char *const *port = ports; port && *port && rc >= 0; port++) {
        rc = publish_parse(*port, &publish, err);
        for (size_t i = 0; i < COUNT_OF(families) && rc >= 0; i++)
            if (publish_has(&publish, families[i]))
                rc = hold(ret, &publish, families[i], err);
    }
    if (rc < 0)
        reserve_free(ret);
    return rc;
}

void reserve_free(struct reserve *reserve)
{
    while (reserve->count > 0)
        fd_close(&reserve->fds[--reserve->count]);
    free(reserve->fds);
    *reserve = (struct reserve){0};
}
