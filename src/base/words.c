/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/words.h"

#include <stddef.h>

const char *words_say(words_fn *words, const char *text)
{
    return words ? words(text, NULL, 0) : text;
}

const char *words_count(words_fn *words, const char *one, const char *many, unsigned long count)
{
    return words ? words(one, many, count) : count == 1 ? one : many;
}
