/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether and when a container that has ended is started again by its keeper. Pure.
 */
#ifndef BOXTOP_CORE_RESTART_H
#define BOXTOP_CORE_RESTART_H

#include <stdbool.h>
#include <stdint.h>

enum restart_policy { RESTART_NO, RESTART_ON_FAILURE, RESTART_ALWAYS };

struct restart {
    enum restart_policy policy;
    unsigned limit; /* of RESTART_ON_FAILURE; 0: none */
};

#define RESTART_TEXT_SIZE 32

/* "no", "on-failure", "on-failure:5", "always". 0 or -EINVAL. */
int restart_parse(const char *text, struct restart *ret);
void restart_format(const struct restart *restart, char to[RESTART_TEXT_SIZE]);
/* After it ended with this status, having been started again so many times. */
bool restart_is_due(const struct restart *restart, int exit_status, unsigned restarts);
/* How long to wait after the nth short life in a row (from 0): 100 ms, twice that, ... at most a minute. */
unsigned restart_delay_ms(unsigned short_lives);
/* One that is no reason to wait longer. */
bool restart_was_long(uint64_t life_ns);

#endif
