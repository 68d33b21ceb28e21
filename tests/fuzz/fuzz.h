/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What each fuzz_NAME.c has: one input to one parser. The first byte says which of the parsers it is for.
 */
#ifndef BOXTOP_TESTS_FUZZ_H
#define BOXTOP_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
