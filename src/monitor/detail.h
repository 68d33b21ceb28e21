/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is too expensive to read of every group at every tick, and is read only of those that somebody looks
 * at (monitor_look): all figures by the kernel's names, devices, network, processes, namespaces. Immutable,
 * shared by counting references; a snapshot's row holds one. Counters are VALUE_ABSENT, a number or
 * VALUE_MAX, rates NAN where unknown. Texts are fit for a terminal.
 */
#ifndef BOXTOP_MONITOR_DETAIL_H
#define BOXTOP_MONITOR_DETAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum detail_part {
    DETAIL_FIGURES = 1 << 0,    /* figures, pressure, cpuset */
    DETAIL_IO = 1 << 1,         /* devices */
    DETAIL_NET = 1 << 2,        /* links, addresses */
    DETAIL_PROCESSES = 1 << 3,  /* processes */
    DETAIL_NAMESPACES = 1 << 4, /* namespaces, maps */
    DETAIL_WAYS = 1 << 5,       /* besides DETAIL_NET: routes, the other ends of its links */
    DETAIL_ALL = (1 << 6) - 1,
    /* Nothing of these: the group is on a screen, and its counters are read with each sample. */
    DETAIL_SHOWN = 1 << 6
};

/* Of which group which parts are wanted. */
struct detail_look {
    uint64_t id; /* of the cgroup; 0: every container */
    unsigned parts;
};

/* A number of a file of the group that the sample does not have: {"memory.stat", "anon", 4096}. A file of one
 * value has the key "". Texts (cpuset.cpus, io.max) are in `text`, and the value is absent. In the order of
 * the files, and in a file as the kernel has it. */
struct detail_figure {
    const char *file, *key, *text; /* text: NULL if it is a number */
    uint64_t value;
    double per_s; /* growth */
};

struct detail_pressure_line {
    uint64_t avg10, avg60, avg300; /* 1/100 percent */
    uint64_t total_usec;
    double percent; /* growth of total / time */
};

enum detail_resource { RESOURCE_CPU, RESOURCE_MEMORY, RESOURCE_IO, RESOURCE_IRQ, RESOURCE_COUNT };

struct detail_pressure {
    struct detail_pressure_line some, full;
};

/* A line of io.stat, and what io.max says of the same device (VALUE_MAX: no limit). */
struct detail_device {
    unsigned major, minor;
    char name[32]; /* "sda", "" if it is not known */
    uint64_t rbytes, wbytes, dbytes, rios, wios, dios;
    double rbytes_per_s, wbytes_per_s, rios_per_s, wios_per_s;
    uint64_t max_rbps, max_wbps, max_riops, max_wiops;
};

/* A key of io.max that is limited: the smallest along the ancestors, of several the topmost's. */
struct detail_bound {
    unsigned major, minor;
    char key[8]; /* "rbps" */
    uint64_t value;
    const char *by; /* the path of the group that says so: itself, or one above */
};

struct detail_link_counters {
    uint64_t bytes, packets, errors, dropped;
    double bytes_per_s, packets_per_s, errors_per_s, dropped_per_s;
};

/* An interface in the group's own network namespace, as it is seen inside. */
struct detail_link {
    int index;
    char name[32];
    char mac[18]; /* "" if it has none */
    unsigned mtu; /* 0: not known */
    bool up, loopback;
    int peer_index, peer_namespace; /* of the other end: its index (0: there is none), and where; -1: here */
    /* What the other end is called in the monitor's own namespace, and the bridge that it is in; "": not
     * there, or not known. */
    char peer[32], bridge[32];
    struct detail_link_counters rx, tx;
};

struct detail_address {
    int link;      /* index of its interface */
    char text[52]; /* "10.88.0.2/24" */
};

/* A way out of the namespace; the default ones first. */
struct detail_route {
    bool six, refused; /* IPv6; what is sent there is dropped (blackhole, unreachable, prohibit) */
    unsigned prefix;   /* 0: everywhere */
    char to[52];       /* "10.88.0.0/16"; "": everywhere */
    char via[48];      /* the gateway; "": there is none */
    int link;          /* index of the interface */
    uint32_t metric;
    int number; /* in the order that the kernel has them */
};

struct detail_process {
    pid_t pid, inside;    /* as the monitor sees it; in the innermost namespace (0: not known) */
    uint64_t start_ticks; /* with the pid: the same process */
    uid_t uid;
    char user[32];     /* by /etc/passwd, else the number */
    char state;        /* R S D Z T ... */
    char command[128]; /* arguments, or [name] of one that has none; cut */
    uint64_t cpu_ticks, rss_bytes, threads;
    int oom_score_adj;
    double cpu_percent; /* 100: one CPU; NAN at first */
    const char *below;  /* the group it is in, from the group that was asked for; "" if in that very one */
};

enum { DETAIL_SHARED = 4, DETAIL_NAMESPACE_COUNT = 8, DETAIL_NS_NET = 3 };
/* Of the group's first process. */
struct detail_namespace {
    const char *type;     /* "mnt", "pid", ... */
    uint64_t inode;       /* 0: hidden from us */
    bool is_host;         /* the same as the monitor's own */
    uint64_t owner_inode; /* the user namespace that owns it; 0: not known */
    uid_t owner_uid;      /* of a user namespace; (uid_t)-1: not known */
    size_t shared_count; /* with how many other groups that are not below this one; the host's: not counted */
    const char *shared[DETAIL_SHARED]; /* the first of them, paths from the mount */
};

struct detail_map {
    uint32_t inside, outside, count;
};

struct detail {
    unsigned parts;     /* enum detail_part: which were read; the others' arrays are empty */
    uint64_t time_ns;   /* monotonic */
    uint64_t before_ns; /* what the rates are since; 0: there are none yet */

    size_t figure_count;
    const struct detail_figure *figures;
    struct detail_pressure pressure[RESOURCE_COUNT];
    const char *cpuset_cpus; /* cpuset.cpus.effective; NULL: no cpuset controller */
    const char *cpuset_by;   /* the path of the group that says so; NULL: none does */

    size_t device_count, bound_count;
    const struct detail_device *devices; /* those that a group above limits, too */
    const struct detail_bound *bounds;

    bool net_own; /* it has a network namespace that is not the monitor's; else it has no links */
    uint64_t net_inode;
    size_t link_count, address_count;
    const struct detail_link *links;        /* "lo" among them */
    const struct detail_address *addresses; /* empty without the right to look: links then come from /proc */
    struct detail_link_counters net_rx, net_tx; /* of all links but the loopback */
    size_t route_count;
    const struct detail_route *routes;

    size_t process_total; /* in the group and below it; the array has the first DETAIL_PROCESSES_MAX */
    size_t process_count;
    const struct detail_process *processes;

    pid_t namespaces_of; /* whose namespaces; 0: nobody's */
    struct detail_namespace namespaces[DETAIL_NAMESPACE_COUNT];
    size_t uid_map_count, gid_map_count;
    const struct detail_map *uid_map, *gid_map;
};

#define DETAIL_PROCESSES_MAX  500
#define DETAIL_PROCESSES_KEPT 50 /* in what is remembered */

/* The value of a figure; VALUE_ABSENT if there is none ("memory.stat", "anon"; key "" for a single value). */
uint64_t detail_value(const struct detail *detail, const char *file, const char *key);
/* What the interface of that index is called; "" if it isn't there. */
const char *detail_link_name(const struct detail *detail, int index);
const struct detail_figure *detail_figure(const struct detail *detail, const char *file, const char *key);

/* As it is remembered: of its processes those that use most. The caller's to unref. */
const struct detail *detail_kept(const struct detail *detail);
/* Another holder of it. NULL is fine, here and below. */
const struct detail *detail_ref(const struct detail *detail);
void detail_unref(const struct detail *detail);

#endif
