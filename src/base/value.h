/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A figure has three values, never two: absent (the file is not there, the controller is not enabled), a
 * number (zero is one), or "max". All three reach the screen and the JSON as null, 0 and "max".
 */
#ifndef BOXTOP_BASE_VALUE_H
#define BOXTOP_BASE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#define VALUE_ABSENT UINT64_MAX
#define VALUE_MAX    (UINT64_MAX - 1)

static inline bool value_is_number(uint64_t value)
{
    return value < VALUE_MAX;
}

#endif
