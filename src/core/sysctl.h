/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's parameters that belong to a namespace, as "NAME=VALUE": "net.ipv4.ip_forward=1".
 */
#ifndef BOXTOP_CORE_SYSCTL_H
#define BOXTOP_CORE_SYSCTL_H

#include "base/err.h"

/* Checks its form, and that it belongs to a namespace at all. */
int sysctl_check(const char *text, struct err *err);
/* CLONE_NEW*: whose it is. */
unsigned long sysctl_namespace(const char *text);
/* Writes it in the namespaces of this process, through the /proc it sees. */
int sysctl_write(const char *text, struct err *err);

#endif
