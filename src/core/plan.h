/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A launch as data: the ordered list of steps from a spec to the exec. Building it is pure; the keeper walks
 * its own steps (launch.c), the container's first process those inside (stage.c), and the same list prints
 * itself as shell lines. A step's three texts mean what its row in the table says.
 */
#ifndef BOXTOP_CORE_PLAN_H
#define BOXTOP_CORE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "core/spec.h"
#include "core/store.h"

enum step_kind {
    /* the keeper's */
    STEP_CGROUP,       /* where: its directory */
    STEP_LIMIT,        /* what: file, data: text, where: directory */
    STEP_DEVICE_RULES, /* where: directory, data: the bundle's rules */
    STEP_BRIDGE, /* the private network, if it is not there, and ports: data, "8080:80/tcp ..."; NULL: none */
    STEP_RLIMIT, /* what: name, data: "SOFT:HARD"; flags: which of the spec's */
    STEP_CLONE,  /* what: unshare's options, where: cgroup directory; flags: CLONE_NEW* */
    STEP_OOM_SCORE, /* data: oom_score_adj */
    STEP_ID_MAP,    /* what: lines of uid_map, data: of gid_map */
    STEP_PASTA, /* a user's private network; data: as STEP_BRIDGE. Done with the id maps: after them the first
                 * process can't be looked into any more */
    STEP_ID_MOUNT, /* what: source, where: target, data: uid_map; flags: which of the bundle's mounts */
    STEP_LINK,     /* what: host's end */
    STEP_HOOKS,    /* what: their kinds, data: as shell lines; when the mounts are made */
    /* inside, in the new namespaces */
    STEP_JOIN,         /* what: unshare's word for a namespace, where: its file */
    STEP_PRIVATE,      /* mounts: nothing goes back to the host; flags MS_SLAVE: what it mounts comes in */
    STEP_HOSTNAME,     /* what: name */
    STEP_DOMAINNAME,   /* what: name */
    STEP_ROOT_OVERLAY, /* what: lower directories, topmost first, ':' between; where: the directory that
                          writes go to and stay in, NULL: a tmpfs; data: more options; flags: MOUNT_ATTR_* */
    STEP_ROOT_BIND,    /* what: directory; flags: MOUNT_ATTR_* */
    STEP_MOUNT,        /* what: type, where: target, data: options, flags: MOUNT_ATTR_* */
    STEP_ETC,          /* hosts, hostname, resolv.conf. what: hostname, where: address or NULL, data: network;
                        * flags: into the throw-away layer */
    STEP_HOSTS,        /* one /etc/hosts for all containers of a private network, over the own one */
    STEP_GENERAL,      /* what: source or type, where: target, data: options; flags: which of the bundle's
                        * mounts */
    STEP_NODE,         /* where: node, data: "c 1 3" */
    STEP_DEVICE,       /* where: node, data: "c 1 3 0666 UID GID"; flags: the host's is shown */
    STEP_SYMLINK,      /* what: contents, where: the link; flags: it may be there */
    STEP_TMPFS,        /* as STEP_MOUNT, but somebody asked for it: links on the way are followed */
    STEP_BIND,         /* what: source on the host, where: target; flags: MOUNT_ATTR_* */
    STEP_TERMINAL,     /* a pseudo terminal of the container's own, as /dev/console too */
    STEP_SYSCTL,       /* what: NAME=VALUE */
    STEP_DIRECTORY,    /* where: made if it is not there */
    STEP_MASK,         /* where: file or directory that is emptied */
    STEP_READ_ONLY,    /* where: becomes read-only; flags: MOUNT_ATTR_* */
    STEP_ROOT_READ_ONLY,
    STEP_LOOPBACK,
    STEP_ADDRESS,      /* lo, eth0, the container's addresses and its gateways */
    STEP_HOOKS_WAIT,   /* until the keeper has run its STEP_HOOKS */
    STEP_HOOKS_INSIDE, /* what: kind, data: as shell lines; flags: enum hook_kind */
    STEP_LABELS,       /* what: AppArmor's profile or SELinux's label */
    STEP_PIVOT,
    STEP_PROPAGATION,  /* flags: MS_* of the root */
    STEP_WORKDIR,      /* where */
    STEP_CAPABILITIES, /* data: those that stay */
    STEP_USER,         /* what: user, where: group, NULL: those of the user */
    STEP_NO_NEW_PRIVS,
    STEP_SECCOMP, /* what: the profile, NULL: the built-in one */
    STEP_INIT,    /* a process of boxtop's own in front of the command */
    STEP_EXEC,    /* data: the command as a shell line */
    STEP_COUNT
};

/* STEP_MASK: of each CPU that has one. */
#define PLAN_EACH_CPU "/sys/devices/system/cpu/cpu*/thermal_throttle"

struct step {
    enum step_kind kind;
    char *what, *where, *data;
    unsigned long flags;
};

struct plan {
    struct step *steps;
    size_t count;
};

/* The steps for this spec (validated) and container (its names of cgroup, link, addresses). */
void plan_build(struct plan *ret, const struct spec *spec, const struct container *container);
void plan_free(struct plan *plan);
const char *step_name(enum step_kind kind);
const char *step_sentence(enum step_kind kind); /* what it is for */
bool step_is_inside(enum step_kind kind);
const struct step *plan_find(const struct plan *plan, enum step_kind kind); /* the first; NULL */
/* What it says to the kernel: "sethostname(2)". */
const char *step_call(enum step_kind kind);
/* A step with its neighbours of the same kind, for who shows them one after the other. */
struct plan_part {
    enum step_kind kind;
    size_t first, count;
    const char *sentence, *shell; /* what it is for; the same as shell lines */
};
/* In the order of the plan. */
void plan_each(const struct plan *plan, const struct container *container,
               void (*each)(void *data, const struct plan_part *part), void *data);
/* As shell lines, each group with a sentence: close enough to run by hand, as root. */
void plan_explain(const struct plan *plan, const struct container *container, struct str *to);

#endif
