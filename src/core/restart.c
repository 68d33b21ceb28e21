/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/restart.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/parse.h"
#include "base/str.h"

#define FIRST_DELAY_MS 100u
#define LAST_DELAY_MS  60000u
#define LONG_LIFE_NS   10000000000ull

static const char *const names[] = {
    [RESTART_NO] = "no", [RESTART_ON_FAILURE] = "on-failure", [RESTART_ALWAYS] = "always"};

static int parse_limit(const char *text, struct restart *ret)
{
    uint64_t limit;
    if (text[0] < '0' || text[0] > '9' || parse_u64(text, &limit) < 0 || limit == 0 || limit > INT32_MAX)
        return -EINVAL;
    *ret = (struct restart){RESTART_ON_FAILURE, (unsigned)limit};
    return 0;
}

int restart_parse(const char *text, struct restart *ret)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(text, names[i]) == 0) {
            *ret = (struct restart){.policy = (enum restart_policy)i};
            return 0;
        }
    return str_starts(text, "on-failure:") ? parse_limit(text + strlen("on-failure:"), ret) : -EINVAL;
}

void restart_format(const struct restart *restart, char to[RESTART_TEXT_SIZE])
{
    if (restart->limit)
        snprintf(to, RESTART_TEXT_SIZE, "%s:%u", names[restart->policy], restart->limit);
    else
        snprintf(to, RESTART_TEXT_SIZE, "%s", names[restart->policy]);
}

bool restart_is_due(const struct restart *restart, int exit_status, unsigned restarts)
{
    switch (restart->policy) {
    case RESTART_ALWAYS:
        return true;
    case RESTART_ON_FAILURE:
        return exit_status != 0 && (restart->limit == 0 || restarts < restart->limit);
    case RESTART_NO:
        break;
    }
    return false;
}

unsigned restart_delay_ms(unsigned short_lives)
{
    unsigned delay = FIRST_DELAY_MS;
    while (short_lives-- > 0 && delay < LAST_DELAY_MS)
        delay *= 2;
    return delay < LAST_DELAY_MS ? delay : LAST_DELAY_MS;
}

bool restart_was_long(uint64_t life_ns)
{
    return life_ns >= LONG_LIFE_NS;
}
