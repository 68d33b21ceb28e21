/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/value.h"
#include "base/words.h"
#include "core/knob.h"

#define SIZE_LIMIT    ((1ull << 63) - 4097) /* more reads back as "max" */
#define CPU_QUOTA_MAX 17592186044415ull     /* 2^44 - 1 us */
#define MiB           (1u << 20)

/* The sizes that an architecture of Linux has; a machine has a few of them. */
#define HUGETLB_MAX(size)                                                                                    \
    {                                                                                                        \
        .name = "hugetlb." size ".max", .family = "hugetlb.SIZE.max", .controller = CONTROLLER_HUGETLB,      \
        .type = KNOB_SIZE, .max_word = true, .max = SIZE_LIMIT, .unit = "bytes", .fallback = "max",          \
        .since = "5.6",                                                                                      \
        .help =                                                                                              \
            N_("the most huge pages of that size (2MB, 1GB, ...) it may use; above it is killed by SIGBUS")  \
    }
#define HUGETLB_RSVD(size)                                                                                   \
    {                                                                                                        \
        .name = "hugetlb." size ".rsvd.max", .family = "hugetlb.SIZE.rsvd.max",                              \
        .controller = CONTROLLER_HUGETLB, .type = KNOB_SIZE, .max_word = true, .max = SIZE_LIMIT,            \
        .unit = "bytes", .fallback = "max", .since = "5.7",                                                  \
        .help = N_("the most huge pages of that size it may reserve; above it mmap fails")                   \
    }

/* What the kernel's documentation calls a limit of cpu, cpuset, memory, io, pids, hugetlb or of the group
 * itself. Not here: what changes the tree (cgroup.procs, subtree_control, type), kills (boxtop kill), or is
 * the root's (io.cost). */
static const struct knob knobs[] = {
    {.name = "cpu.max",
     .controller = CONTROLLER_CPU,
     .type = KNOB_CPU_MAX,
     .max_word = true,
     .unit = "us",
     .fallback = "max 100000",
     .since = "4.15",
     .option = "--cpus",
     .help = N_("CPU time it may take: in each period, or as a share; above it is throttled")},
    {.name = "cpu.max.burst",
     .controller = CONTROLLER_CPU,
     .type = KNOB_NUMBER,
     .max = CPU_QUOTA_MAX,
     .unit = "us",
     .fallback = "0",
     .since = "5.14",
     .help = N_("CPU time saved up in quiet periods that may be used on top of cpu.max; at most its quota")},
    {.name = "cpu.weight",
     .controller = CONTROLLER_CPU,
     .type = KNOB_NUMBER,
     .min = 1,
     .max = 10000,
     .turn_min = 1,
     .unit = "",
     .fallback = "100",
     .since = "4.15",
     .option = "--cpu-weight",
     .help = N_("its share beside its siblings when the CPUs are busy")},
    {.name = "cpu.weight.nice",
     .controller = CONTROLLER_CPU,
     .type = KNOB_NICE,
     .max = 39,
     .unit = "",
     .fallback = "0",
     .since = "4.15",
     .help = N_("the same share as a nice value, -20 to 19")},
    {.name = "cpu.idle",
     .controller = CONTROLLER_CPU,
     .type = KNOB_NUMBER,
     .max = 1,
     .unit = "",
     .fallback = "0",
     .since = "5.15",
     .help = N_("1: it only gets CPU time that nobody else wants; cpu.weight is lost")},
    {.name = "cpu.uclamp.min",
     .controller = CONTROLLER_CPU,
     .type = KNOB_PERCENT,
     .unit = "percent",
     .fallback = "0.00",
     .since = "5.4",
     .help = N_("the least clock speed that its tasks ask for, in percent (kernels with uclamp)")},
    {.name = "cpu.uclamp.max",
     .controller = CONTROLLER_CPU,
     .type = KNOB_PERCENT,
     .max_word = true,
     .unit = "percent",
     .fallback = "max",
     .since = "5.4",
     .help = N_("the highest clock speed that its tasks ask for, in percent (kernels with uclamp)")},
    {.name = "cpuset.cpus",
     .controller = CONTROLLER_CPUSET,
     .type = KNOB_LIST,
     .unit = "",
     .fallback = "",
     .since = "5.0",
     .option = "--cpuset-cpus",
     .help = N_("the CPUs it may run on")},
    {.name = "cpuset.mems",
     .controller = CONTROLLER_CPUSET,
     .type = KNOB_LIST,
     .unit = "",
     .fallback = "",
     .since = "5.0",
     .help = N_("the memory nodes it may take memory from")},
    {.name = "cpuset.cpus.exclusive",
     .controller = CONTROLLER_CPUSET,
     .type = KNOB_LIST,
     .unit = "",
     .fallback = "",
     .since = "6.7",
     .help = N_("the CPUs that a partition below it may have for itself")},
    {.name = "cpuset.cpus.partition",
     .controller = CONTROLLER_CPUSET,
     .type = KNOB_WORD,
     .words = "member root isolated",
     .unit = "",
     .fallback = "member",
     .since = "5.0",
     .help = N_("root or isolated: its CPUs are nobody else's")},
    {.name = "memory.min",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_SIZE,
     .max_word = true,
     .max = SIZE_LIMIT,
     .unit = "bytes",
     .fallback = "0",
     .since = "4.18",
     .help = N_("memory that is never taken from it")},
    {.name = "memory.low",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_SIZE,
     .max_word = true,
     .max = SIZE_LIMIT,
     .unit = "bytes",
     .fallback = "0",
     .since = "4.5",
     .help = N_("memory that is taken from it only when there is none elsewhere")},
    {.name = "memory.high",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_SIZE,
     .max_word = true,
     .max = SIZE_LIMIT,
     .turn_min = MiB,
     .unit = "bytes",
     .fallback = "max",
     .since = "4.5",
     .option = "--memory-high",
     .help = N_("above it, it is slowed down and its memory reclaimed; nothing is killed")},
    {.name = "memory.max",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_SIZE,
     .max_word = true,
     .max = SIZE_LIMIT,
     .turn_min = MiB,
     .unit = "bytes",
     .fallback = "max",
     .since = "4.5",
     .option = "--memory",
     .help = N_("the most memory it may have; what can't be reclaimed above it is OOM killed")},
    {.name = "memory.swap.max",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_SIZE,
     .max_word = true,
     .max = SIZE_LIMIT,
     .unit = "bytes",
     .fallback = "max",
     .since = "4.5",
     .help = N_("the most swap it may have, beside its memory; 0: none")},
    {.name = "memory.swap.high",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_SIZE,
     .max_word = true,
     .max = SIZE_LIMIT,
     .unit = "bytes",
     .fallback = "max",
     .since = "5.8",
     .help = N_("above so much swap, it is slowed down")},
    {.name = "memory.zswap.max",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_SIZE,
     .max_word = true,
     .max = SIZE_LIMIT,
     .unit = "bytes",
     .fallback = "max",
     .since = "5.19",
     .help = N_("the most compressed swap in memory it may have (kernels with zswap)")},
    {.name = "memory.zswap.writeback",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_NUMBER,
     .max = 1,
     .unit = "",
     .fallback = "1",
     .since = "6.8",
     .help = N_("0: what zswap holds of it is never written to the disk (kernels with zswap)")},
    {.name = "memory.oom.group",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_NUMBER,
     .max = 1,
     .unit = "",
     .fallback = "0",
     .since = "4.19",
     .help = N_("1: an OOM kill takes all of it, not one process")},
    {.name = "memory.reclaim",
     .controller = CONTROLLER_MEMORY,
     .type = KNOB_SIZE,
     .running = true,
     .max = SIZE_LIMIT,
     .shown = "memory.current",
     .unit = "bytes",
     .fallback = "",
     .since = "5.19",
     .help = N_("so much of its memory is reclaimed now, once; nothing is killed")},
    {.name = "io.max",
     .controller = CONTROLLER_IO,
     .type = KNOB_DEVICE,
     .max_word = true,
     .words = "rbps wbps riops wiops",
     .unit = "",
     .fallback = "",
     .since = "4.5",
     .help = N_("bytes (rbps, wbps) and operations (riops, wiops) a second, for each device")},
    {.name = "io.weight",
     .controller = CONTROLLER_IO,
     .type = KNOB_WEIGHT,
     .min = 1,
     .max = 10000,
     .turn_min = 1,
     .unit = "",
     .fallback = "default 100",
     .since = "4.5",
     .help =
         N_("its share of a busy device beside its siblings; of one device: \"8:0 200\", \"8:0 default\"")},
    {.name = "io.bfq.weight",
     .controller = CONTROLLER_IO,
     .type = KNOB_WEIGHT,
     .min = 1,
     .max = 1000,
     .turn_min = 1,
     .unit = "",
     .fallback = "default 100",
     .since = "5.0",
     .help = N_("the same for devices whose scheduler is bfq")},
    {.name = "io.latency",
     .controller = CONTROLLER_IO,
     .type = KNOB_DEVICE,
     .words = "target",
     .unit = "",
     .fallback = "",
     .since = "4.19",
     .help =
         N_("for each device the latency in us that siblings are held back for (kernels with io.latency)")},
    {.name = "io.prio.class",
     .controller = CONTROLLER_IO,
     .type = KNOB_WORD,
     .words = "no-change promote-to-rt restrict-to-be idle none-to-rt",
     .unit = "",
     .fallback = "no-change",
     .since = "5.14",
     .help = N_("the class of its I/O (kernels with the io.prio policy)")},
    {.name = "pids.max",
     .controller = CONTROLLER_PIDS,
     .type = KNOB_NUMBER,
     .max_word = true,
     .max = 4194304,
     .turn_min = 1,
     .unit = "",
     .fallback = "max",
     .since = "4.5",
     .option = "--pids-limit",
     .help = N_("the most processes and threads it may have; more can't be forked")},
    HUGETLB_MAX("64KB"),
    HUGETLB_MAX("1MB"),
    HUGETLB_MAX("2MB"),
    HUGETLB_MAX("16MB"),
    HUGETLB_MAX("32MB"),
    HUGETLB_MAX("512MB"),
    HUGETLB_MAX("1GB"),
    HUGETLB_MAX("2GB"),
    HUGETLB_MAX("16GB"),
    HUGETLB_RSVD("64KB"),
    HUGETLB_RSVD("1MB"),
    HUGETLB_RSVD("2MB"),
    HUGETLB_RSVD("16MB"),
    HUGETLB_RSVD("32MB"),
    HUGETLB_RSVD("512MB"),
    HUGETLB_RSVD("1GB"),
    HUGETLB_RSVD("2GB"),
    HUGETLB_RSVD("16GB"),
    {.name = "cgroup.freeze",
     .controller = -1,
     .type = KNOB_NUMBER,
     .max = 1,
     .running = true,
     .unit = "",
     .fallback = "0",
     .since = "5.2",
     .help = N_("1: stops all of it, until 0")},
    {.name = "cgroup.max.depth",
     .controller = -1,
     .type = KNOB_NUMBER,
     .max_word = true,
     .max = 2147483647,
     .unit = "",
     .fallback = "max",
     .since = "4.14",
     .help = N_("how many levels of cgroups may be made below it")},
    {.name = "cgroup.max.descendants",
     .controller = -1,
     .type = KNOB_NUMBER,
     .max_word = true,
     .max = 2147483647,
     .unit = "",
     .fallback = "max",
     .since = "4.14",
     .help = N_("how many cgroups may be made below it")},
    {.name = "cgroup.pressure",
     .controller = -1,
     .type = KNOB_NUMBER,
     .max = 1,
     .unit = "",
     .fallback = "1",
     .since = "6.1",
     .help = N_("0: its pressure is not measured, which costs a little less")},
};

const struct knob *knob_table(size_t *ret_count)
{
    *ret_count = COUNT_OF(knobs);
    return knobs;
}

const struct knob *knob_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(knobs); i++)
        if (strcmp(knobs[i].name, name) == 0 ||
            (knobs[i].option && strcmp(knobs[i].option + strlen("--"), name) == 0))
            return &knobs[i];
    return NULL;
}

const char *knob_title(const struct knob *knob)
{
    if (!knob->family)
        return knob->name;
    return knob > knobs && knob[-1].family && strcmp(knob[-1].family, knob->family) == 0 ? NULL
                                                                                         : knob->family;
}

int knob_unknown(const char *name, struct err *err)
{
    struct nearest near = nearest_init(name);
    for (size_t i = 0; i < COUNT_OF(knobs); i++)
        nearest_try(&near, knobs[i].name);
    err_set(err, EINVAL, "no knob '%s'", name);
    if (near.best)
        return err_hint(err, "did you mean %s? boxtop set --help lists them", near.best);
    return err_hint(err, "boxtop set --help lists them");
}
