/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/nearest.h"

#include <string.h>

#define WORD_MAX 40 /* longer words are nobody's typing error */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: row i holds the distances of the first i letters of `a` to each front of `b`. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][WORD_MAX + 1];
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *now = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            now[j] = least(least(above[j], now[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

void nearest_try(struct nearest *n, const char *candidate)
{
    size_t word_len = strlen(n->word), len = strlen(candidate);
    if (word_len > WORD_MAX || len > WORD_MAX)
        return;
    size_t d = distance(n->word, word_len, candidate, len);
    /* A front of a longer word ("--mem") is a likely guess whatever it leaves out. */
    if (word_len >= 3 && strncmp(candidate, n->word, word_len) == 0)
        d = least(d, 1);
    if (d <= word_len / 3 + 1 && d < word_len && (!n->best || d < n->distance)) {
        n->best = candidate;
        n->distance = d;
    }
}
