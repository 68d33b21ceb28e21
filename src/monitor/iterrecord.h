/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the kernel's cgroup iterator says of one group: written by the BPF program (iter/cgroups.bpf.c), read
 * by the monitor (cgiter.h) from memory that both see. Plain, of one size on both sides.
 */
#ifndef BOXTOP_MONITOR_ITERRECORD_H
#define BOXTOP_MONITOR_ITERRECORD_H

#ifndef __bpf__
#include <stdint.h>
#endif

enum {
    ITER_IO_SOME,
    ITER_IO_FULL,
    ITER_MEMORY_SOME,
    ITER_MEMORY_FULL,
    ITER_CPU_SOME,
    ITER_CPU_FULL,
    ITER_PRESSURES
};

struct iterrecord {
    uint64_t session; /* of the walk that wrote it; records are filled from the first on */
    uint64_t changed; /* the session in which anything of what follows was last another */
    uint64_t id;      /* inode of the directory */
    uint64_t usage_ns, user_ns, system_ns, nice_ns, throttled_ns, burst_ns;
    uint64_t memory_pages, peak_pages, swap_pages;
    uint64_t pressure_ns[ITER_PRESSURES];               /* as of the kernel's last averaging, up to 2 s ago */
    uint32_t pressure_avg10[ITER_PRESSURES];            /* with 11 bits behind the point */
    uint32_t nr_periods, nr_throttled, nr_bursts, pids; /* the kernel has no more of their bits either */
    uint32_t level; /* 0: the machine's root, of which the kernel counts elsewhere */
};

#endif
