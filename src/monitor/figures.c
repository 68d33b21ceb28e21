/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/figures.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "monitor/cgparse.h"
#include "monitor/rate.h"

struct figures *figures_new(void)
{
    struct figures *figures = mem_alloc(sizeof *figures);
    atomic_init(&figures->holders, 1);
    cgparse_absent_all(&figures->now);
    rate_unknown(&figures->rate);
    return figures;
}

struct figures *figures_ref(struct figures *figures)
{
    atomic_fetch_add_explicit(&figures->holders, 1, memory_order_relaxed);
    return figures;
}

void figures_unref(struct figures *figures)
{
    if (figures && atomic_fetch_sub_explicit(&figures->holders, 1, memory_order_acq_rel) == 1)
        free(figures);
}

struct figures *figures_own(struct figures **figures)
{
    struct figures *shared = *figures;
    if (atomic_load_explicit(&shared->holders, memory_order_acquire) == 1)
        return shared;
    struct figures *own = *figures = mem_resize(NULL, 1, sizeof *own);
    atomic_init(&own->holders, 1);
    own->now = shared->now;
    own->rate = shared->rate;
    figures_unref(shared);
    return own;
}

struct figures *figures_of(const struct counters *now)
{
    return (struct figures *)((char *)now - offsetof(struct figures, now));
}
