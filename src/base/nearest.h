/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What somebody probably meant: the candidate that takes the fewest edits (a letter put in, left out,
 * changed, or two swapped). Pure.
 */
#ifndef BOXTOP_BASE_NEAREST_H
#define BOXTOP_BASE_NEAREST_H

#include <stddef.h>

struct nearest {
    const char *word; /* what was written */
    const char *best; /* NULL until a candidate is near enough to be worth a question */
    size_t distance;
};

static inline struct nearest nearest_init(const char *word)
{
    return (struct nearest){.word = word};
}
/* Looks at one more candidate, which must outlive `n`. */
void nearest_try(struct nearest *n, const char *candidate);

#endif
