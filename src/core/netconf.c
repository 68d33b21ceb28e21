/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/netconf.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

struct reading {
    struct netconf *network;
    struct err *err;
    bool failed;
};

const char *netconf_path(void)
{
    const char *own = getenv("BOXTOP_CONFIG");
    return own && own[0] ? own : "/etc/boxtop/boxtop.conf";
}

/* Called by libinih; 0: this line is wrong. */
static int take(void *user, const char *section, const char *key, const char *value)
{
    struct reading *r = user;
    const struct {
        const char *key;
        char *to;
        size_t size;
    } keys[] = {
        {"pool", r->network->pool, sizeof r->network->pool},
        {"pool6", r->network->pool6, sizeof r->network->pool6},
    };
    if (strcmp(section, "network") != 0)
        return 1; /* another part's, or a later version's */
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (strcmp(key, keys[i].key) == 0 && str_copy(keys[i].to, keys[i].size, value))
            return 1;
    if (!r->failed)
        err_set(r->err, EINVAL, "%s: [network] knows pool and pool6, not '%s = %s'", netconf_path(), key,
                value);
    r->failed = true;
    return 0;
}

int netconf_read(struct netconf *ret, struct err *err)
{
    struct reading reading = {.network = ret, .err = err};
    *ret = (struct netconf){0};
    cleanup_file FILE *file = fopen(netconf_path(), "re");
    if (!file)
        return errno == ENOENT || errno == ENOTDIR ? 0 : err_errno(err, "read %s", netconf_path());
    int line = ini_parse_file(file, take, &reading);
    if (line == 0)
        return 0;
    if (!reading.failed)
        err_set(err, EINVAL, "%s, line %d: it is no 'KEY = VALUE' and no '[SECTION]'", netconf_path(), line);
    return -err->code;
}
