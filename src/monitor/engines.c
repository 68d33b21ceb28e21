/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/engines.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

/* A container's own record, and the list of all of an engine's: some KiB each in truth. */
#define RECORD_MAX (1u << 20)
#define LIST_MAX   (16u << 20)
#define HOME_SIZE  256

/* Where which engine keeps what. %s: the container's id. */
static const struct place {
    enum manager manager; /* MANAGER_CONTAINERD stands for all of Kubernetes' too: a pod's group does not say
                             whose its containers are */
    enum engine_format format;
    bool home;  /* below the home of the user whose group it is; else of the system */
    bool whole; /* one file for all containers */
    const char *path;
} places[] = {
    {MANAGER_DOCKER, ENGINE_DOCKER, false, false, "/var/lib/docker/containers/%s/config.v2.json"},
    {MANAGER_DOCKER, ENGINE_DOCKER, false, false,
     "/var/snap/docker/common/var-lib-docker/containers/%s/config.v2.json"},
    {MANAGER_DOCKER, ENGINE_DOCKER, true, false, "/.local/share/docker/containers/%s/config.v2.json"},
    {MANAGER_PODMAN, ENGINE_STORAGE, false, true,
     "/var/lib/containers/storage/overlay-containers/containers.json"},
    {MANAGER_PODMAN, ENGINE_STORAGE, false, true,
     "/var/lib/containers/storage/overlay-containers/volatile-containers.json"},
    {MANAGER_PODMAN, ENGINE_STORAGE, false, true,
     "/var/lib/containers/storage/vfs-containers/containers.json"},
    {MANAGER_PODMAN, ENGINE_STORAGE, true, true,
     "/.local/share/containers/storage/overlay-containers/containers.json"},
    {MANAGER_PODMAN, ENGINE_STORAGE, true, true,
     "/.local/share/containers/storage/overlay-containers/volatile-containers.json"},
    {MANAGER_PODMAN, ENGINE_STORAGE, true, true,
     "/.local/share/containers/storage/vfs-containers/containers.json"},
    {MANAGER_CONTAINERD, ENGINE_OCI, false, false,
     "/run/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json"},
    {MANAGER_CONTAINERD, ENGINE_OCI, false, false,
     "/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json"},
    {MANAGER_CONTAINERD, ENGINE_OCI, false, false,
     "/var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json"},
    {MANAGER_CONTAINERD, ENGINE_OCI, false, false,
     "/run/containerd/io.containerd.runtime.v2.task/default/%s/config.json"},
    {MANAGER_CRIO, ENGINE_OCI, false, false,
     "/run/containers/storage/overlay-containers/%s/userdata/config.json"},
    {MANAGER_CRIO, ENGINE_OCI, false, false,
     "/var/lib/containers/storage/overlay-containers/%s/userdata/config.json"},
};

/* Directories that say whose a container of LXC's kind is. */
static const struct {
    enum manager manager;
    const char *path;
} lxc_places[] = {
    {MANAGER_INCUS, "/var/lib/incus/containers/%s"},
    {MANAGER_LXD, "/var/snap/lxd/common/lxd/containers/%s"},
    {MANAGER_LXD, "/var/lib/lxd/containers/%s"},
    {MANAGER_LXC, "/var/lib/lxc/%s"},
};

void engines_init(struct engines *engines, const char *root, uid_t system_uid)
{
    *engines = (struct engines){.root = root, .system_uid = system_uid};
}

void engines_fini(struct engines *engines)
{
    for (int i = 0; i < ENGINE_CACHES; i++)
        json_decref(take_ptr(&engines->cache[i].json));
}

/* In a home nothing leads out of it, neither by a link nor by a mount: its owner can't make us wait. */
static int open_below(const char *base, const char *path, bool home)
{
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                           .resolve = home ? RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV | RESOLVE_BENEATH : 0};
    cleanup_close int dir = open(base[0] ? base : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return -1;
    return (int)syscall(SYS_openat2, dir, path + strspn(path, "/"), &how, sizeof how);
}

static bool is_trusted(const struct engines *engines, const struct stat *st, uid_t uid)
{
    return S_ISREG(st->st_mode) && !(st->st_mode & S_IWOTH) &&
           (st->st_uid == engines->system_uid || (uid != (uid_t)-1 && st->st_uid == uid));
}

/* Allocated; NULL if it can't be had. */
static char *read_whole(int fd, const struct stat *st, size_t limit, size_t *ret_len)
{
    if (st->st_size < 0 || (uint64_t)st->st_size > limit)
        return NULL;
    size_t cap = (size_t)st->st_size + 1, len = 0;
    char *text = mem_alloc(cap + 1);
    while (len < cap) {
        ssize_t got = pread(fd, text + len, cap - len, (off_t)len);
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    *ret_len = len;
    return text;
}

static json_t *load(int fd, const struct stat *st, size_t limit)
{
    size_t len = 0;
    cleanup_free char *text = read_whole(fd, st, limit, &len);
    return text ? engine_load(text, len) : NULL;
}

static bool is_cached(const struct engine_cache *cache, const char *path, const struct stat *st)
{
    return strcmp(cache->path, path) == 0 && cache->inode == st->st_ino && cache->size == st->st_size &&
           cache->changed.tv_sec == st->st_mtim.tv_sec && cache->changed.tv_nsec == st->st_mtim.tv_nsec;
}

/* The cache's; NULL if it is no JSON. */
static const json_t *load_list(struct engines *engines, const char *path, int fd, const struct stat *st)
{
    struct engine_cache *cache = NULL;
    for (int i = 0; i < ENGINE_CACHES; i++) {
        if (is_cached(&engines->cache[i], path, st))
            return engines->cache[i].json;
        if (strcmp(engines->cache[i].path, path) == 0)
            cache = &engines->cache[i];
    }
    if (!cache)
        cache = &engines->cache[engines->cache_next++ % ENGINE_CACHES];
    json_decref(cache->json);
    *cache = (struct engine_cache){.inode = st->st_ino, .size = st->st_size, .changed = st->st_mtim};
    cache->json = load(fd, st, LIST_MAX);
    if (!str_copy(cache->path, sizeof cache->path, path))
        cache->path[0] = '\0';
    return cache->json;
}

/* The entry of a user in the machine's own list: no name service, which could take its time. */
static bool passwd_of(const struct engines *engines, uid_t uid, char *name, size_t name_size, char *home,
                      size_t home_size)
{
    char path[PATH_MAX], buffer[1024];
    struct passwd entry, *found;
    snprintf(path, sizeof path, "%s/etc/passwd", engines->root);
    cleanup_file FILE *file = fopen(path, "re");
    while (file && fgetpwent_r(file, &entry, buffer, sizeof buffer, &found) == 0)
        if (found->pw_uid == uid)
            return str_copy(name, name_size, found->pw_name) && str_copy(home, home_size, found->pw_dir);
    return false;
}

bool engines_user(const struct engines *engines, uid_t uid, char *to, size_t size)
{
    char home[HOME_SIZE];
    return passwd_of(engines, uid, to, size, home, sizeof home);
}

/* What one place says. */
static bool ask(struct engines *engines, const struct place *place, const struct identity *from,
                struct engine_names *ret)
{
    char home[HOME_SIZE] = "", name[64], base[PATH_MAX], path[PATH_MAX], key[PATH_MAX * 2];
    struct stat st;
    bool user = from->uid != (uid_t)-1;
    if (place->home != user || (user && !passwd_of(engines, from->uid, name, sizeof name, home, sizeof home)))
        return false;
    snprintf(base, sizeof base, "%s%s", engines->root, home);
    snprintf(path, sizeof path, place->path, from->id);
    cleanup_close int fd = open_below(base, path, place->home);
    if (fd < 0 || fstat(fd, &st) < 0 || !is_trusted(engines, &st, from->uid))
        return false;
    snprintf(key, sizeof key, "%s%s", base, path);
    if (place->whole)
        return engine_names_of(place->format, load_list(engines, key, fd, &st), from->id, ret);
    json_t *json = load(fd, &st, RECORD_MAX);
    bool known = json && engine_names_of(place->format, json, from->id, ret);
    json_decref(json);
    return known;
}

/* A pod's containers are any runtime's that Kubernetes may use. */
static bool may_be_of(const struct place *place, const struct identity *from)
{
    if (place->manager == from->manager)
        return true;
    return from->pod_uid && from->manager == MANAGER_CONTAINERD && place->manager != MANAGER_PODMAN;
}

static const char *or_null(const char *text)
{
    return text[0] ? text : NULL;
}

static struct identity *named(const struct identity *from, enum manager manager,
                              const struct engine_names *names)
{
    struct identity now = *from;
    char label[ENGINE_TEXT * 3 + 3];
    const char *container = names->sandbox ? "sandbox" : names->container;
    now.manager = manager;
    if (names->pod[0]) {
        snprintf(label, sizeof label, "%s/%s/%s", names->ns, names->pod, container);
        now.label = label;
        now.ns = or_null(names->ns);
        now.pod = names->pod;
        now.container = or_null(container);
        now.pod_uid = names->pod_uid[0] ? names->pod_uid : from->pod_uid;
    } else if (names->name[0])
        now.label = names->name;
    now.image = or_null(names->image);
    return identity_new(&now);
}

static struct identity *name_by_places(struct engines *engines, const struct identity *from)
{
    struct engine_names names;
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (may_be_of(&places[i], from) && ask(engines, &places[i], from, &names))
            return named(from, places[i].manager, &names);
    return NULL;
}

/* All three call their groups alike. LXD and incus put the project in front: "project_name". */
static struct identity *name_lxc(const struct engines *engines, const struct identity *from)
{
    if (strchr(from->id, '/') || from->id[0] == '.')
        return NULL;
    for (size_t i = 0; i < COUNT_OF(lxc_places); i++) {
        char below[PATH_MAX], path[PATH_MAX * 2];
        struct stat st;
        snprintf(below, sizeof below, lxc_places[i].path, from->id);
        snprintf(path, sizeof path, "%s%s", engines->root, below);
        if (stat(path, &st) < 0)
            continue;
        struct identity now = *from;
        now.manager = lxc_places[i].manager;
        return identity_new(&now);
    }
    return NULL;
}

/* systemd-machined's record: the image is the directory it stands on. Virtual machines of others are there
 * too. */
static struct identity *name_machine(const struct engines *engines, const struct identity *from)
{
    char path[PATH_MAX], service[64], root[ENGINE_TEXT];
    struct stat st;
    if (strchr(from->id, '/') || snprintf(path, sizeof path, "/run/systemd/machines/%s", from->id) < 0)
        return NULL;
    cleanup_close int fd = open_below(engines->root, path, false);
    size_t len = 0;
    if (fd < 0 || fstat(fd, &st) < 0 || !is_trusted(engines, &st, (uid_t)-1))
        return NULL;
    cleanup_free char *text = read_whole(fd, &st, RECORD_MAX, &len);
    if (!text)
        return NULL;
    struct identity now = *from;
    if (engine_line(text, "SERVICE", service, sizeof service) && strcmp(service, "systemd-nspawn") != 0)
        now.manager = str_starts(service, "libvirt") ? MANAGER_LIBVIRT : MANAGER_SYSTEMD;
    if (engine_line(text, "ROOT", root, sizeof root))
        now.image = root;
    return identity_new(&now);
}

/* "user 1000" becomes "user alice", "session 3 of 1000" "session 3 of alice". */
static struct identity *name_user(const struct engines *engines, const struct identity *from)
{
    char name[64], label[ENGINE_TEXT], number[16];
    snprintf(number, sizeof number, " %u", from->uid);
    size_t len = strlen(from->label), tail = strlen(number);
    if (from->uid == (uid_t)-1 || len <= tail || strcmp(from->label + len - tail, number) != 0 ||
        !engines_user(engines, from->uid, name, sizeof name))
        return NULL;
    snprintf(label, sizeof label, "%.*s %s", (int)(len - tail), from->label, name);
    struct identity now = *from;
    now.label = label;
    return identity_new(&now);
}

bool engines_may_name(const struct identity *identity)
{
    if (!identity)
        return false;
    if (identity->kind == KIND_USER || identity->kind == KIND_SESSION)
        return true;
    return identity->kind == KIND_CONTAINER && identity->id && identity->manager != MANAGER_BOXTOP;
}

struct identity *engines_name(struct engines *engines, const struct identity *from)
{
    if (!engines_may_name(from))
        return NULL;
    switch (from->manager) {
    case MANAGER_SYSTEMD:
        return name_user(engines, from);
    case MANAGER_LXC:
        return name_lxc(engines, from);
    case MANAGER_NSPAWN:
        return name_machine(engines, from);
    default:
        return strchr(from->id, '/') ? NULL : name_by_places(engines, from);
    }
}
