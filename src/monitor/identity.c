/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/identity.h"

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#define TEXT_MAX 256 /* of each text, with its end */

static const char *const manager_names[] = {
    [MANAGER_NONE] = NULL,
    [MANAGER_BOXTOP] = "boxtop",
    [MANAGER_SYSTEMD] = "systemd",
    [MANAGER_DOCKER] = "docker",
    [MANAGER_PODMAN] = "podman",
    [MANAGER_CONTAINERD] = "containerd",
    [MANAGER_KUBERNETES] = "kubernetes",
    [MANAGER_CRIO] = "cri-o",
    [MANAGER_LXC] = "lxc",
    [MANAGER_LXD] = "lxd",
    [MANAGER_INCUS] = "incus",
    [MANAGER_NSPAWN] = "nspawn",
    [MANAGER_LIBVIRT] = "libvirt",
    [MANAGER_SNAP] = "snap",
    [MANAGER_FLATPAK] = "flatpak",
};
static_assert(COUNT_OF(manager_names) == MANAGER_COUNT, "a name for each");

static const char *const kind_names[] = {
    [KIND_NONE] = NULL,         [KIND_SLICE] = "slice",         [KIND_SERVICE] = "service",
    [KIND_SCOPE] = "scope",     [KIND_SESSION] = "session",     [KIND_USER] = "user",
    [KIND_APP] = "app",         [KIND_CONTAINER] = "container", [KIND_POD] = "pod",
    [KIND_MACHINE] = "machine", [KIND_HELPER] = "helper",       [KIND_INSIDE] = "inside",
};
static_assert(COUNT_OF(kind_names) == KIND_COUNT, "a name for each");

/* The texts, wherever they are in the struct. */
static const size_t texts[] = {
    offsetof(struct identity, label),   offsetof(struct identity, id),   offsetof(struct identity, image),
    offsetof(struct identity, ns),      offsetof(struct identity, pod),  offsetof(struct identity, container),
    offsetof(struct identity, pod_uid), offsetof(struct identity, unit),
};

/* What is allocated: the texts stand behind it. */
struct shared {
    atomic_uint holders;
    struct identity identity;
    char text[];
};

const char *manager_name(enum manager manager)
{
    return manager < MANAGER_COUNT ? manager_names[manager] : NULL;
}

const char *identity_kind_name(enum identity_kind kind)
{
    return kind < KIND_COUNT ? kind_names[kind] : NULL;
}

static struct shared *shared_of(const struct identity *identity)
{
    return (struct shared *)(void *)((char *)(uintptr_t)identity - offsetof(struct shared, identity));
}

struct identity *identity_new(const struct identity *from)
{
    char copy[COUNT_OF(texts)][TEXT_MAX];
    size_t size = 0;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const char *text = *(const char *const *)(const void *)((const char *)from + texts[i]);
        size += text ? str_printable(copy[i], TEXT_MAX, text) + 1 : 0;
    }
    struct shared *shared = mem_alloc(sizeof *shared + size);
    char *at = shared->text;
    atomic_init(&shared->holders, 1);
    shared->identity = *from;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const char **text = (const char **)(void *)((char *)&shared->identity + texts[i]);
        if (*text) {
            *text = strcpy(at, copy[i]);
            at += strlen(at) + 1;
        }
    }
    return &shared->identity;
}

static bool is(const char *text, const char *word)
{
    return text && strcmp(text, word) == 0;
}

static bool is_service(const char *unit, const char *word)
{
    size_t len = strlen(word);
    return unit && strncmp(unit, word, len) == 0 && strcmp(unit + len, ".service") == 0;
}

static bool begins_id(const char *id, const char *word)
{
    enum { SHORT_ID = 12 };
    return id && strlen(word) >= SHORT_ID && str_starts(id, word);
}

bool identity_is_called(const struct identity *identity, const char *word)
{
    if (!word[0] || identity->kind == KIND_HELPER || identity->kind == KIND_INSIDE)
        return false;
    return is(identity->label, word) || is(identity->unit, word) || is_service(identity->unit, word) ||
           is(identity->id, word) || begins_id(identity->id, word) ||
           is(identity->kind == KIND_POD ? identity->pod : identity->container, word);
}

const struct identity *identity_ref(const struct identity *identity)
{
    if (identity)
        atomic_fetch_add_explicit(&shared_of(identity)->holders, 1, memory_order_relaxed);
    return identity;
}

void identity_unref(const struct identity *identity)
{
    if (identity && atomic_fetch_sub_explicit(&shared_of(identity)->holders, 1, memory_order_acq_rel) == 1)
        free(shared_of(identity));
}
