/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whose a cgroup is, and what people call it: worked out from its path (pure), and from what engines have
 * written down about their containers (engines.h). An immutable value that snapshots share with the monitor
 * by counting references, from any thread. All texts are fit for a terminal: they were escaped when they were
 * read.
 */
#ifndef BOXTOP_MONITOR_IDENTITY_H
#define BOXTOP_MONITOR_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

enum manager {
    MANAGER_NONE, /* nobody that is known made it */
    MANAGER_BOXTOP,
    MANAGER_SYSTEMD,
    MANAGER_DOCKER,
    MANAGER_PODMAN,
    MANAGER_CONTAINERD,
    MANAGER_KUBERNETES, /* the groups above the containers; those are their runtime's */
    MANAGER_CRIO,
    MANAGER_LXC,
    MANAGER_LXD,
    MANAGER_INCUS,
    MANAGER_NSPAWN,
    MANAGER_LIBVIRT,
    MANAGER_SNAP,
    MANAGER_FLATPAK,
    MANAGER_COUNT
};

enum identity_kind {
    KIND_NONE,
    KIND_SLICE,
    KIND_SERVICE, /* also sockets, mounts and swaps: a unit that is no slice and no scope */
    KIND_SCOPE,
    KIND_SESSION,   /* a login's scope */
    KIND_USER,      /* user-1000.slice, user@1000.service */
    KIND_APP,       /* a snap, a flatpak, a desktop's application */
    KIND_CONTAINER, /* the group whose figures are the container's */
    KIND_POD,
    KIND_MACHINE, /* a virtual one */
    KIND_HELPER,  /* an engine's own process beside a container: conmon, lxc monitor */
    KIND_INSIDE,  /* a group that was made in a container */
    KIND_COUNT
};

/* Texts are NULL where they don't apply or are not known. */
struct identity {
    enum manager manager;
    enum identity_kind kind;
    const char *label; /* what people call it: "web", "shop/web-7d9f/nginx", "ssh.service"; never NULL */
    const char *id;    /* the engine's: usually 64 hex digits */
    const char *image;
    const char *ns, *pod, *container; /* of Kubernetes: namespace, pod, container; pod also of podman */
    const char *pod_uid;
    const char *unit; /* systemd's name of the group itself */
    uid_t uid;        /* whose session or user slice it is in; (uid_t)-1: the system's */
};

/* "docker", "kubernetes", ...; NULL for MANAGER_NONE. */
const char *manager_name(enum manager manager);
/* "container", "service", ...; NULL for KIND_NONE. */
const char *identity_kind_name(enum identity_kind kind);

/* What the path from the mount alone says. The caller's to unref; NULL: nothing. Raw kernel bytes may be in
 * it. */
struct identity *identity_of_path(const char *path);
/* A copy of `from` with the texts as they are in it now, escaped and cut to a sensible length. */
struct identity *identity_new(const struct identity *from);
/* Whether people call it so: by its label, its unit's name (that of a service also without ".service"), the
 * name of its pod or of its container in a pod, its engine's id or the first 12 or more of its digits. What
 * stands beside or in a container is called nothing. */
bool identity_is_called(const struct identity *identity, const char *word);
/* Another holder of it. NULL is fine, here and below. */
const struct identity *identity_ref(const struct identity *identity);
void identity_unref(const struct identity *identity);

#endif
