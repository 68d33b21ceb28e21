/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What an OCI runtime bundle says beyond what run's options can say: the part of a spec that only a bundle
 * has. Read from its config.json (core/oci.h), which is kept: the record's spec.json has it whole. Plain
 * data; owns what it points to.
 */
#ifndef BOXTOP_CORE_BUNDLE_H
#define BOXTOP_CORE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "core/devices.h"

enum capability_set {
    CAPS_BOUNDING,
    CAPS_EFFECTIVE,
    CAPS_PERMITTED,
    CAPS_INHERITABLE,
    CAPS_AMBIENT,
    CAPS_COUNT
};

/* The bits that a mount changes, as mount_setattr(2) takes them. */
struct mount_change {
    uint64_t set, clear;
    uint64_t propagation; /* MS_PRIVATE, ...; 0: as it is */
};

struct bundle_mount {
    char *target, *type, *source;
    char *words; /* the options as they were written, for the explanation; NULL: none */
    bool bind, recursive;
    struct mount_change one, all; /* this mount; this and all below it */
    char *data;                   /* what the file system itself takes; NULL: nothing */
    bool id_map, id_map_all;
    char *uid_map, *gid_map; /* lines of uid_map; NULL: the container's */
};

struct bundle_device {
    char *path;
    unsigned type; /* S_IFCHR, S_IFBLK, S_IFIFO */
    unsigned major_number, minor_number, mode;
    uid_t uid;
    gid_t gid;
};

enum hook_kind {
    HOOK_PRESTART,
    HOOK_CREATE_RUNTIME,
    HOOK_CREATE_CONTAINER,
    HOOK_START_CONTAINER,
    HOOK_POSTSTART,
    HOOK_POSTSTOP,
    HOOK_COUNT
};

struct hook {
    enum hook_kind kind;
    char *path;
    char **args, **env;  /* NULL: the path alone; nothing */
    unsigned timeout_ms; /* 0: it may take its time */
};

struct bundle {
    char *path;     /* its directory, absolute */
    json_t *config; /* config.json */
    unsigned long namespaces;
    char *join[8]; /* namespaces to join, by the order of namespace_names; NULL: none */
    char *uid_map, *gid_map;
    struct bundle_mount *mounts;
    size_t mount_count;
    struct bundle_device *devices;
    size_t device_count;
    struct device_rule *rules; /* rule_count 0: none, and all containers' filter holds */
    size_t rule_count;
    char **masked, **read_only;
    uint64_t capabilities[CAPS_COUNT];
    gid_t *groups; /* beside the user's own */
    size_t group_count;
    int umask; /* -1: 022 */
    bool no_new_privs;
    char *apparmor, *selinux;
    char *seccomp;        /* JSON; NULL: no filter */
    uint64_t propagation; /* the root's: MS_*; 0: private */
    bool propagation_all; /* and of all below it */
    bool follows_host;    /* some mount asks for what the host mounts later */
    char *domainname;
    char *cgroup; /* of cgroupsPath: its name below boxtop's own; NULL: the container's name */
    unsigned short rows, columns; /* of the terminal; 0: the caller's */
    struct hook *hooks;
    size_t hook_count;
};

void bundle_free(struct bundle *bundle);
const char *hook_name(enum hook_kind kind); /* "createRuntime" */

#endif
