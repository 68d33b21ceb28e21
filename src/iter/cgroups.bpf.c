/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs in the kernel: called for each group of a subtree by its cgroup iterator, writes down the group's
 * counters where the monitor sees them. Of the kernel's structures only what is used is declared, and where
 * it is, is settled when the program is loaded (CO-RE).
 */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed int __s32;
typedef signed long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u32 uint32_t;
typedef __u64 uint64_t;
typedef _Bool bool;

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "monitor/iterrecord.h"

#define KERNEL __attribute__((preserve_access_index))

enum { MAP_TYPE_ARRAY = 2, MAP_MMAPABLE = 1 << 10 };
enum cgroup_subsys_id { cpu_cgrp_id, memory_cgrp_id, pids_cgrp_id };

typedef struct {
    long counter;
} atomic_long_t;
struct cgroup_subsys_state {
    struct cgroup *cgroup;
} KERNEL;
struct task_cputime {
    __u64 stime, utime;
    unsigned long long sum_exec_runtime;
} KERNEL;
struct cgroup_base_stat {
    struct task_cputime cputime;
    __u64 ntime; /* 6.12 and later */
} KERNEL;
struct psi_group {
    __u64 total[12];       /* [2][6]: those of the averages come first. Some kernels' types say one, */
    unsigned long avg[18]; /* [6][3]                                    some the other */
} KERNEL;
struct kernfs_node {
    __u64 id;
} KERNEL;
struct cgroup {
    struct cgroup_subsys_state self;
    int level;
    struct kernfs_node *kn;
    struct cgroup_subsys_state *subsys[16];
    struct cgroup_base_stat bstat;
    struct psi_group *psi;
} KERNEL;
struct page_counter {
    atomic_long_t usage;
    unsigned long watermark;
} KERNEL;
struct mem_cgroup {
    struct page_counter memory, swap;
} KERNEL;
struct pids_cgroup {
    atomic_long_t counter;
} KERNEL;
struct cfs_bandwidth {
    int nr_periods, nr_throttled, nr_burst;
    __u64 throttled_time, burst_time;
} KERNEL;
struct task_group {
    struct cfs_bandwidth cfs_bandwidth;
} KERNEL;
struct bpf_iter_meta {
    __u64 session_id;
} KERNEL;
struct bpf_iter__cgroup { /* the kernel's promise, not its own affair */
    struct bpf_iter_meta *meta;
    struct cgroup *cgroup;
};

/* Per-CPU counters are summed up for the whole subtree at once. Which of them there is depends on the kernel.
 */
extern void cgroup_rstat_flush(struct cgroup *cgroup) __ksym __weak;
extern void css_rstat_flush(struct cgroup_subsys_state *css) __ksym __weak;

struct {
    __uint(type, MAP_TYPE_ARRAY);
    __uint(map_flags, MAP_MMAPABLE);
    __uint(max_entries, 1); /* as many as the loader says */
    __type(key, __u32);
    __type(value, struct iterrecord);
} records SEC(".maps");

__u64 session;
__u32 next;

static __always_inline void *controller(struct cgroup *cgroup, __u32 id)
{
    void *css = 0;
    bpf_probe_read_kernel(&css, sizeof css,
                          (char *)__builtin_preserve_access_index(&cgroup->subsys) + id * sizeof css);
    return css;
}

#define CONTROLLER(cgroup, name)                                                                             \
    (bpf_core_enum_value_exists(enum cgroup_subsys_id, name)                                                 \
         ? controller(cgroup, bpf_core_enum_value(enum cgroup_subsys_id, name))                              \
         : (void *)0)

/* Puts a value down, and notes whether it is another one. */
#define PUT(member, expression)                                                                              \
    do {                                                                                                     \
        __typeof__(to->member) value_ = (expression);                                                        \
        *diff |= to->member ^ value_;                                                                        \
        to->member = value_;                                                                                 \
    } while (0)

static __always_inline void take_cpu(struct cgroup *cgroup, struct iterrecord *to, __u64 *diff)
{
    struct task_group *group = CONTROLLER(cgroup, cpu_cgrp_id);
    PUT(usage_ns, cgroup->bstat.cputime.sum_exec_runtime);
    PUT(user_ns, cgroup->bstat.cputime.utime);
    PUT(system_ns, cgroup->bstat.cputime.stime);
    if (bpf_core_field_exists(cgroup->bstat.ntime))
        PUT(nice_ns, cgroup->bstat.ntime);
    if (!group || !bpf_core_field_exists(group->cfs_bandwidth.nr_periods))
        return;
    PUT(nr_periods, BPF_CORE_READ(group, cfs_bandwidth.nr_periods));
    PUT(nr_throttled, BPF_CORE_READ(group, cfs_bandwidth.nr_throttled));
    PUT(throttled_ns, BPF_CORE_READ(group, cfs_bandwidth.throttled_time));
    PUT(nr_bursts, BPF_CORE_READ(group, cfs_bandwidth.nr_burst));
    PUT(burst_ns, BPF_CORE_READ(group, cfs_bandwidth.burst_time));
}

static __always_inline void take_memory(struct cgroup *cgroup, struct iterrecord *to, __u64 *diff)
{
    struct mem_cgroup *group = CONTROLLER(cgroup, memory_cgrp_id);
    if (!group)
        return;
    PUT(memory_pages, BPF_CORE_READ(group, memory.usage.counter));
    PUT(peak_pages, BPF_CORE_READ(group, memory.watermark));
    PUT(swap_pages, BPF_CORE_READ(group, swap.usage.counter));
}

static __always_inline void take_pressure(struct cgroup *cgroup, struct iterrecord *to, __u64 *diff)
{
    struct psi_group *psi = cgroup->psi;
    __u64 total[ITER_PRESSURES];
    unsigned long avg[ITER_PRESSURES][3];
    if (!psi)
        return;
    bpf_probe_read_kernel(total, sizeof total, __builtin_preserve_access_index(&psi->total));
    bpf_probe_read_kernel(avg, sizeof avg, __builtin_preserve_access_index(&psi->avg));
#pragma unroll
    for (int i = 0; i < ITER_PRESSURES; i++) {
        PUT(pressure_ns[i], total[i]);
        PUT(pressure_avg10[i], avg[i][0]);
    }
}

static __always_inline int take(struct cgroup *cgroup)
{
    __u32 key = next;
    struct iterrecord *to = bpf_map_lookup_elem(&records, &key);
    struct pids_cgroup *pids;
    __u64 any = 0, *diff = &any;
    if (!to)
        return 0;
    next++;
    to->session = session;
    PUT(id, cgroup->kn->id);
    PUT(level, cgroup->level);
    take_cpu(cgroup, to, diff);
    take_memory(cgroup, to, diff);
    pids = CONTROLLER(cgroup, pids_cgrp_id);
    if (pids)
        PUT(pids, BPF_CORE_READ(pids, counter.counter));
    take_pressure(cgroup, to, diff);
    if (any)
        to->changed = session;
    return 0;
}

/* True: the first of a walk. */
static __always_inline bool begins(struct bpf_iter__cgroup *ctx)
{
    if (session == ctx->meta->session_id)
        return 0;
    session = ctx->meta->session_id;
    next = 0;
    return 1;
}

SEC("iter.s/cgroup")
int by_cgroup(struct bpf_iter__cgroup *ctx)
{
    struct cgroup *cgroup = ctx->cgroup;
    if (!cgroup)
        return 0;
    if (begins(ctx))
        cgroup_rstat_flush(cgroup);
    return take(cgroup);
}

SEC("iter.s/cgroup")
int by_css(struct bpf_iter__cgroup *ctx)
{
    struct cgroup *cgroup = ctx->cgroup;
    if (!cgroup)
        return 0;
    if (begins(ctx))
        css_rstat_flush(&cgroup->self);
    return take(cgroup);
}

char licence[] SEC("license") = "GPL";
