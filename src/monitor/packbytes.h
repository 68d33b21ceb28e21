/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Numbers and texts as bytes: small numbers are short (seven bits a byte, the lowest first). A reader never
 * reads beyond its end: what is not there is 0, and `failed` says so from then on. Pure.
 */
#ifndef BOXTOP_MONITOR_PACKBYTES_H
#define BOXTOP_MONITOR_PACKBYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct reader {
    const unsigned char *at;
    size_t left;
    bool failed;
};

/* Near 0 from both sides: 0 -1 1 -2 ... are 0 1 2 3. */
uint64_t zigzag(uint64_t difference);
uint64_t unzigzag(uint64_t number);

void put_number(struct str *to, uint64_t number);
void put_signed(struct str *to, uint64_t difference);
void put_bits(struct str *to, uint64_t bits); /* eight bytes */
void put_double(struct str *to, double value);
void put_text(struct str *to, const char *text); /* NULL is one of its own */

uint64_t get_number(struct reader *from);
uint64_t get_signed(struct reader *from);
uint64_t get_bits(struct reader *from);
double get_double(struct reader *from);
/* false: it is NULL, or longer than `size`, which is a failure. */
bool get_text(struct reader *from, char *to, size_t size);

#endif
