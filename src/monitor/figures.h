/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is known of one group in figures. The monitor and each snapshot that says the same share them by
 * counting references, from any thread: of a group at rest there is one, however many snapshots there are.
 * Only who holds the one reference that there is may write (figures_own).
 */
#ifndef BOXTOP_MONITOR_FIGURES_H
#define BOXTOP_MONITOR_FIGURES_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* The counters of one group as the kernel has them, names and units included. */
struct counters {
    uint64_t time_ns; /* CLOCK_MONOTONIC at the read of cpu.stat */
    /* cpu.stat, microseconds */
    uint64_t usage_usec, user_usec, system_usec, nr_periods, nr_throttled, throttled_usec;
    uint64_t nice_usec, nr_bursts, burst_usec;
    uint64_t cpu_quota_usec, cpu_period_usec; /* cpu.max; quota VALUE_MAX: no limit */
    uint64_t cpu_burst_usec;                  /* cpu.max.burst */
    uint64_t cpu_weight, cpu_idle;            /* cpu.idle: 0 or 1 */
    uint64_t io_weight;                       /* the default of io.weight */
    /* bytes */
    uint64_t memory_current, memory_peak, memory_min, memory_low, memory_high, memory_max;
    uint64_t swap_current, swap_high, swap_max;
    uint64_t oom_group; /* 0 or 1 */
    /* memory.events (hierarchical) */
    uint64_t events_low, events_high, events_max, events_oom, events_oom_kill, events_oom_group_kill;
    uint64_t local_oom_kill;        /* memory.events.local: victims in this very group */
    uint64_t local_high, local_max; /* this very group's limits were hit */
    uint64_t local_oom;             /* ... and ended in looking for a victim, here or below */
    uint64_t swap_events_high, swap_events_max, swap_events_fail; /* memory.swap.events (hierarchical) */
    uint64_t pids_current, pids_max, pids_events_max;
    uint64_t local_pids_max; /* pids.events.local */
    /* *.pressure: `total` of some and full, microseconds; and avg10 in 1/100 percent */
    uint64_t cpu_some_usec, cpu_full_usec, memory_some_usec, memory_full_usec, io_some_usec, io_full_usec;
    uint64_t cpu_some_avg10, memory_some_avg10, io_some_avg10;
    uint64_t cpu_full_avg10, memory_full_avg10, io_full_avg10;
    uint64_t populated, frozen; /* cgroup.events; 0 or 1 */
};

struct rates {
    double cpu_percent;                  /* 100: one CPU */
    double user_percent, system_percent; /* parts of it */
    double throttled_periods_percent;    /* periods throttled / periods elapsed; 0 if none elapsed */
    double throttled_cpus;               /* CPUs lost: throttled_usec per wall second */
    double stalled_percent;              /* cpu.pressure full / wall time */
    double memory_bytes_per_s;           /* growth, may be negative */
    double swap_bytes_per_s;
    double quota_percent; /* of its own quota: 100 is all of it; NAN without one */
    double bursts_per_s;
    /* some and full time of the pressure files / wall time */
    double cpu_some_percent, memory_some_percent, memory_full_percent, io_some_percent, io_full_percent;
    /* events: what its own limits did, or with a kernel that has no .local files, those below it too */
    double oom_kill_per_s, max_per_s, high_per_s, pids_max_per_s;
};

struct figures {
    atomic_uint holders;
    struct counters now;
    struct rates rate;
};

struct figures *figures_new(void); /* absent, unknown */
struct figures *figures_ref(struct figures *figures);
void figures_unref(struct figures *figures); /* NULL is fine */
/* The same to be written: a copy in their place, if there are other holders. */
struct figures *figures_own(struct figures **figures);
/* Those that these counters are of. */
struct figures *figures_of(const struct counters *now);

#endif
