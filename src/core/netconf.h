/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What an administrator has said, in $BOXTOP_CONFIG, else /etc/boxtop/boxtop.conf: an ini file. It is read
 * when the containers' network is made, not at every launch. A file that is not there says nothing.
 */
#ifndef BOXTOP_CORE_NETCONF_H
#define BOXTOP_CORE_NETCONF_H

#include "base/err.h"

/* [network] */
struct netconf {
    char pool[64];  /* the containers' network of IPv4; empty: boxtop chooses */
    char pool6[64]; /* of IPv6, or "none" */
};

const char *netconf_path(void);
/* -EINVAL with a line that names file and line. */
int netconf_read(struct netconf *ret, struct err *err);

#endif
