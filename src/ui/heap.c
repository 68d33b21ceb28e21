/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/heap.h"

#include <malloc.h>

#define LARGE (32 << 10) /* bytes */
#define NEVER (32 << 20)

void heap_start(void)
{
    mallopt(M_ARENA_MAX, 1); /* what one thread gives back, the other takes */
    heap_live();
}

void heap_live(void)
{
    mallopt(M_MMAP_THRESHOLD, LARGE);
    mallopt(M_TRIM_THRESHOLD, LARGE);
    malloc_trim(0);
}

void heap_past(void)
{
    mallopt(M_MMAP_THRESHOLD, NEVER);
    mallopt(M_TRIM_THRESHOLD, NEVER);
}
