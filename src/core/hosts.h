/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How containers find each other by name: one file of the state directory (.net/hosts) that each of them has
 * as its /etc/hosts, read-only, so that a name is written once wherever it is read, and nobody inside can
 * write one. A container has a slot of fixed size in it, which becomes valid and void by one byte: who reads
 * meanwhile sees whole lines. A name is a container's own before it is another's hostname.
 */
#ifndef BOXTOP_CORE_HOSTS_H
#define BOXTOP_CORE_HOSTS_H

#include "base/err.h"

#define HOSTS_DIRECTORY ".net"

/* Addresses as in the record ("10.213.0.5/16"); `address6` empty: none. *ret_mount (may be NULL): the file as
 * a detached read-only mount. */
int hosts_add(int store_fd, const char *name, const char *hostname, const char *address, const char *address6,
              int *ret_mount, struct err *err);
/* Fine if it is not there. The file goes with the last. */
void hosts_remove(int store_fd, const char *name, const char *address);

#endif
