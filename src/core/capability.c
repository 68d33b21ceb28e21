/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/capability.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>
#include <sys/capability.h>

int capability_parse(const char *name, uint64_t *ret_mask)
{
    char full[64];
    cap_value_t value;
    if (strcasecmp(name, "ALL") == 0) {
        *ret_mask = CAPABILITY_ALL;
        return 0;
    }
    /* libcap takes a number for a name, too. */
    snprintf(full, sizeof full, "%s%s", strncasecmp(name, "cap_", 4) == 0 ? "" : "cap_", name);
    if (cap_from_name(full, &value) < 0 || value < 0 || value > 63)
        return -EINVAL;
    *ret_mask = UINT64_C(1) << value;
    return 0;
}

uint64_t capability_choose(uint64_t add, uint64_t drop)
{
    if (drop == CAPABILITY_ALL)
        return add;
    if (add == CAPABILITY_ALL)
        return ~drop;
    return (CAPABILITY_DEFAULT & ~drop) | add;
}

void capability_names(uint64_t mask, const char *between, struct str *to)
{
    const char *before = "";
    if (mask == CAPABILITY_ALL) {
        str_add(to, "ALL");
        return;
    }
    for (int i = 0; i < cap_max_bits(); i++) {
        char *name = mask & UINT64_C(1) << i ? cap_to_name(i) : NULL;
        if (!name)
            continue;
        str_addf(to, "%s%s", before, strncasecmp(name, "cap_", 4) == 0 ? name + 4 : name);
        before = between;
        cap_free(name);
    }
}
