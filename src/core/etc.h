/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The three files that tell a container where it is: /etc/hosts, /etc/hostname, /etc/resolv.conf. They go
 * into its throw-away layer where it has one; elsewhere they are mounted over those that are there, so that a
 * directory that is used as a root stays as it is.
 */
#ifndef BOXTOP_CORE_ETC_H
#define BOXTOP_CORE_ETC_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "core/spec.h"

enum etc_file { ETC_HOSTS, ETC_HOSTNAME, ETC_RESOLV_CONF, ETC_COUNT };

struct etc {
    struct str text[ETC_COUNT];
};

/* What stands in them. `address` as in the record ("10.213.0.2/30"); NULL or empty: none. Reads the host's,
 * of which a network of the container's own can't use what is on the host's loopback or link. */
void etc_make(struct etc *ret, enum spec_network network, const char *hostname, const char *address);
void etc_free(struct etc *etc);
/* A resolv.conf without the name servers on 127.0.0.0/8, ::1, and addresses of a link (fe80::). */
void etc_reachable(struct str *to, const char *resolv_conf);

/* Writes them below the root, whose /etc is the container's own. */
int etc_write(const struct etc *etc, int root, struct err *err);
/* Those that are there. In a host's root a link that leads nowhere is made to lead there. Returns how many;
 * etc_mount() takes them. */
struct etc_places {
    int fds[ETC_COUNT]; /* -1: there is none, or no file */
};
int etc_find(struct etc_places *ret, int root, bool root_is_host);
/* Mounts the files over them. */
int etc_mount(const struct etc *etc, struct etc_places *places, bool read_only, struct err *err);
/* Mounts a file over /etc/hosts, if there is one. */
int etc_mount_hosts(int hosts, int root, bool root_is_host, struct err *err);
/* The host has name servers, and a private network reaches none of them. */
bool etc_lacks_servers(void);

#endif
