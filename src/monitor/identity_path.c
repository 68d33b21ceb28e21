/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a cgroup's path says. The forms are those that each engine gives its groups, with the cgroupfs driver
 * and the systemd one: docker      /docker/ID, docker-ID.scope                     podman  libpod-ID.scope,
 * libpod-payload-ID kubernetes  /kubepods/burstable/podUID/ID,
 * kubepods-burstable-podUID.slice/cri-containerd-ID.scope cri-o       crio-ID.scope      containerd
 * /NAMESPACE/ID    lxc     lxc.payload.NAME, /lxc/NAME nspawn      machine-NAME.scope,
 * systemd-nspawn@NAME.service A name alone proves nothing: anybody may make a group of that name where he may
 * make any. What is read of an engine's files goes by where in the tree the group is (engines.h).
 */
#include "monitor/identity.h"

#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#define NAME_SIZE (NAME_MAX + 1)

/* What stands between front and back of a group's name. */
enum form {
    FORM_HEX,     /* 64 hex digits */
    FORM_ANY,     /* anything but nothing */
    FORM_ESCAPED, /* as systemd escapes names in units' */
};

static const struct rule {
    const char *front, *back;
    enum form form;
    enum manager manager;
    enum identity_kind kind;
} rules[] = {
    {"docker-", ".scope", FORM_HEX, MANAGER_DOCKER, KIND_CONTAINER},
    {"libpod-conmon-", ".scope", FORM_HEX, MANAGER_PODMAN, KIND_HELPER},
    {"libpod-payload-", "", FORM_HEX, MANAGER_PODMAN, KIND_CONTAINER},
    {"libpod-", ".scope", FORM_HEX, MANAGER_PODMAN, KIND_CONTAINER},
    {"libpod-", "", FORM_HEX, MANAGER_PODMAN, KIND_CONTAINER},
    {"machine-libpod_pod_", ".slice", FORM_HEX, MANAGER_PODMAN, KIND_POD},
    {"user-libpod_pod_", ".slice", FORM_HEX, MANAGER_PODMAN, KIND_POD},
    {"cri-containerd-", ".scope", FORM_HEX, MANAGER_CONTAINERD, KIND_CONTAINER},
    {"nerdctl-", ".scope", FORM_HEX, MANAGER_CONTAINERD, KIND_CONTAINER},
    {"crio-conmon-", ".scope", FORM_HEX, MANAGER_CRIO, KIND_HELPER},
    {"crio-", ".scope", FORM_HEX, MANAGER_CRIO, KIND_CONTAINER},
    {"crio-", "", FORM_HEX, MANAGER_CRIO, KIND_CONTAINER},
    {"lxc.payload.", "", FORM_ANY, MANAGER_LXC, KIND_CONTAINER},
    {"lxc.monitor.", "", FORM_ANY, MANAGER_LXC, KIND_HELPER},
    {"machine-qemu\\x2d", ".scope", FORM_ESCAPED, MANAGER_LIBVIRT, KIND_MACHINE},
    {"machine-lxc\\x2d", ".scope", FORM_ESCAPED, MANAGER_LIBVIRT, KIND_CONTAINER},
    {"machine-", ".scope", FORM_ESCAPED, MANAGER_NSPAWN, KIND_CONTAINER},
    {"systemd-nspawn@", ".service", FORM_ESCAPED, MANAGER_NSPAWN, KIND_CONTAINER},
    {"session-", ".scope", FORM_ANY, MANAGER_SYSTEMD, KIND_SESSION},
    {"user-", ".slice", FORM_ANY, MANAGER_SYSTEMD, KIND_USER},
    {"user@", ".service", FORM_ANY, MANAGER_SYSTEMD, KIND_USER},
    {"snap.", ".service", FORM_ANY, MANAGER_SNAP, KIND_APP},
    {"snap.", ".scope", FORM_ANY, MANAGER_SNAP, KIND_APP},
    {"app-flatpak-", ".scope", FORM_ESCAPED, MANAGER_FLATPAK, KIND_APP},
    {"app-", ".scope", FORM_ESCAPED, MANAGER_SYSTEMD, KIND_APP},
    {"app-", ".service", FORM_ESCAPED, MANAGER_SYSTEMD, KIND_APP},
    {"", ".slice", FORM_ESCAPED, MANAGER_SYSTEMD, KIND_SLICE},
    {"", ".scope", FORM_ESCAPED, MANAGER_SYSTEMD, KIND_SCOPE},
    {"", ".service", FORM_ESCAPED, MANAGER_SYSTEMD, KIND_SERVICE},
    {"", ".socket", FORM_ESCAPED, MANAGER_SYSTEMD, KIND_SERVICE},
    {"", ".mount", FORM_ESCAPED, MANAGER_SYSTEMD, KIND_SERVICE},
    {"", ".swap", FORM_ESCAPED, MANAGER_SYSTEMD, KIND_SERVICE},
};

/* What is known while the path is walked. */
struct walk {
    struct identity now; /* of the component just walked; its texts are those here */
    struct identity box; /* of the container that it is in; MANAGER_NONE: in none */
    bool kube;           /* below kubepods */
    uid_t uid;
    char before[NAME_SIZE]; /* the component before */
    int depth;              /* 1 for the first */
    char label[NAME_SIZE + 32], id[NAME_SIZE], box_id[NAME_SIZE], unit[NAME_SIZE], pod_uid[64];
};

static bool is_hex(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isdigit((unsigned char)text[i]) && (text[i] < 'a' || text[i] > 'f'))
            return false;
    return len == 64;
}

static bool ends_with(const char *text, const char *back)
{
    size_t len = strlen(text), back_len = strlen(back);
    return len > back_len && strcmp(text + len - back_len, back) == 0;
}

static int hex_digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "foo\x2dbar" -> "foo-bar", in place. A NUL is none. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *c = text; *c; c++) {
        int high = c[0] == '\\' && c[1] == 'x' ? hex_digit(c[2]) : -1;
        int low = high >= 0 ? hex_digit(c[3]) : -1;
        if (low >= 0 && high * 16 + low) {
            *to++ = (char)(high * 16 + low);
            c += 3;
        } else
            *to++ = *c;
    }
    *to = '\0';
}

/* Cuts the middle out of a name that has this front and back; false: it has not, or the middle is not of the
 * form. */
static bool middle_of(const char *name, const struct rule *rule, char *to)
{
    size_t front = strlen(rule->front), back = strlen(rule->back), len = strlen(name);
    if (len <= front + back || !str_starts(name, rule->front) || strcmp(name + len - back, rule->back) != 0)
        return false;
    memcpy(to, name + front, len - front - back);
    to[len - front - back] = '\0';
    if (rule->form == FORM_HEX)
        return is_hex(to, strlen(to));
    if (rule->form == FORM_ESCAPED)
        unescape(to);
    return true;
}

static bool all_digits(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

/* A desktop's or a flatpak's: "gnome-org.gnome.Terminal-1234" -> "org.gnome.Terminal". A snap's:
 * "firefox.firefox-UUID" -> "firefox.firefox". */
static void tidy_app(enum manager manager, char *middle)
{
    enum { UUID = 36 };
    size_t len = strlen(middle);
    char *dash = strrchr(middle, '-'), *at = strchr(middle, '@');
    if (manager == MANAGER_SNAP) {
        if (len > UUID + 1 && strspn(middle + len - UUID, "0123456789abcdef-") == UUID)
            middle[len - UUID - 1] = '\0';
        return;
    }
    if (at && at > middle)
        *at = '\0';
    else if (dash && dash > middle && all_digits(dash + 1))
        *dash = '\0';
    dash = strchr(middle, '-');
    if (manager == MANAGER_SYSTEMD && dash && strchr(dash, '.')) /* the launcher */
        memmove(middle, dash + 1, strlen(dash + 1) + 1);
}

/* "user 1000", "session 3 of 1000"; who that is, engines.c knows. */
static void label_user(struct walk *walk, const char *middle)
{
    bool session = walk->now.kind == KIND_SESSION;
    if (!session && all_digits(middle) && strlen(middle) < 10)
        walk->uid = (uid_t)strtoul(middle, NULL, 10);
    if (session && walk->uid != (uid_t)-1)
        snprintf(walk->label, sizeof walk->label, "session %.200s of %u", middle, walk->uid);
    else
        snprintf(walk->label, sizeof walk->label, "%s %.200s",
                 session                           ? "session"
                 : str_starts(walk->unit, "user@") ? "user manager"
                                                   : "user",
                 middle);
}

/* In front of an id, until its engine says its name. */
static const char *short_of(const struct identity *identity)
{
    return identity->kind == KIND_POD      ? "pod"
           : identity->kind == KIND_HELPER ? "conmon"
                                           : manager_name(identity->manager);
}

static void label_rule(struct walk *walk, const struct rule *rule, char *middle)
{
    enum { SHORT_ID = 12 };
    switch (rule->kind) {
    case KIND_SESSION:
    case KIND_USER:
        label_user(walk, middle);
        return;
    case KIND_APP:
        tidy_app(rule->manager, middle);
        str_copy(walk->label, sizeof walk->label, middle);
        return;
    case KIND_SLICE:
    case KIND_SCOPE:
    case KIND_SERVICE:
        snprintf(walk->label, sizeof walk->label, "%s%s", middle, rule->back);
        return;
    default:
        break;
    }
    if (rule->manager == MANAGER_LIBVIRT && middle[strspn(middle, "0123456789")] == '-') /* its number */
        middle += strspn(middle, "0123456789") + 1;
    str_copy(walk->id, sizeof walk->id, middle);
    walk->now.id = walk->id;
    if (rule->form == FORM_HEX)
        snprintf(walk->label, sizeof walk->label, "%s:%.*s", short_of(&walk->now), SHORT_ID, middle);
    else
        snprintf(walk->label, sizeof walk->label, "%s%s", middle,
                 rule->kind == KIND_HELPER ? " monitor" : "");
}

/* By its name alone. */
static bool by_rules(struct walk *walk, const char *name)
{
    char middle[NAME_SIZE];
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        if (!middle_of(name, &rules[i], middle))
            continue;
        if (rules[i].kind == KIND_USER && !all_digits(middle))
            continue;
        walk->now.manager = rules[i].manager;
        walk->now.kind = rules[i].kind;
        if (rules[i].back[0]) {
            str_copy(walk->unit, sizeof walk->unit, name);
            walk->now.unit = walk->unit;
        }
        label_rule(walk, &rules[i], middle);
        return true;
    }
    return false;
}

/* "pod1234-..." or "kubepods-burstable-pod1234_....slice": the uid, with dashes. A static pod's is 32 hex
 * digits. */
static bool pod_uid_of(const char *name, char *to, size_t size)
{
    enum { SHORTEST = 32 };
    const char *pod = str_starts(name, "pod") ? name : strstr(name, "-pod");
    if (!pod)
        return false;
    pod += pod == name ? 3 : 4;
    size_t len = strspn(pod, "0123456789abcdef_-");
    if (len < SHORTEST || len >= size || (pod[len] && strcmp(pod + len, ".slice") != 0))
        return false;
    for (size_t i = 0; i < len; i++)
        to[i] = pod[i] == '_' ? '-' : pod[i];
    to[len] = '\0';
    return true;
}

/* "kubepods", "kubepods.slice", "kubepods-burstable.slice", "kubelet-kubepods-burstable.slice", "burstable".
 */
static bool by_kubernetes(struct walk *walk, const char *name)
{
    const char *found = strstr(name, "kubepods");
    bool here = found && (found == name || found[-1] == '-');
    if (!here && !walk->kube)
        return false;
    walk->kube = true;
    walk->now.manager = MANAGER_KUBERNETES;
    if (ends_with(name, ".slice")) {
        str_copy(walk->unit, sizeof walk->unit, name);
        walk->now.unit = walk->unit;
    }
    if (pod_uid_of(name, walk->pod_uid, sizeof walk->pod_uid)) {
        walk->now.kind = KIND_POD;
        snprintf(walk->label, sizeof walk->label, "pod %s", walk->pod_uid);
        return true;
    }
    bool is_class = strcmp(name, "burstable") == 0 || strcmp(name, "besteffort") == 0;
    if (!here && !is_class)
        return false;
    walk->now.kind = KIND_SLICE;
    str_copy(walk->label, sizeof walk->label, name);
    return true;
}

/* By the name of the group above: drivers that write the tree themselves. */
static bool by_parent(struct walk *walk, const char *name)
{
    static const struct {
        const char *parent; /* NULL: any group at the top, which is a containerd namespace's */
        enum manager manager;
        bool hex;
    } parents[] = {
        {"boxtop", MANAGER_BOXTOP, false},   {"docker", MANAGER_DOCKER, true}, {"lxc", MANAGER_LXC, false},
        {"lxc.payload", MANAGER_LXC, false}, {NULL, MANAGER_CONTAINERD, true},
    };
    bool hex = is_hex(name, strlen(name)), in_pod = walk->kube && walk->pod_uid[0];
    for (size_t i = 0; i < COUNT_OF(parents); i++) {
        const char *parent = parents[i].parent;
        if (parent ? strcmp(walk->before, parent) != 0 : walk->depth != 2 && !in_pod)
            continue;
        if (parents[i].hex && !hex)
            continue;
        static const struct rule found = {"", "", FORM_ANY, MANAGER_NONE, KIND_CONTAINER};
        static const struct rule found_hex = {"", "", FORM_HEX, MANAGER_NONE, KIND_CONTAINER};
        char middle[NAME_SIZE];
        walk->now.manager = parents[i].manager;
        walk->now.kind = KIND_CONTAINER;
        str_copy(middle, sizeof middle, name);
        label_rule(walk, parents[i].hex ? &found_hex : &found, middle);
        return true;
    }
    return false;
}

static void inside(struct walk *walk, const char *name)
{
    walk->now.manager = walk->box.manager;
    walk->now.kind = KIND_INSIDE;
    walk->now.id = walk->box.id;
    str_copy(walk->label, sizeof walk->label, name);
}

static void step(struct walk *walk, const char *name)
{
    walk->depth++;
    walk->now = (struct identity){0};
    if (walk->box.manager)
        inside(walk, name);
    else if (!by_kubernetes(walk, name) && !by_parent(walk, name))
        by_rules(walk, name);
    if (walk->now.kind == KIND_CONTAINER || walk->now.kind == KIND_MACHINE) {
        walk->box = walk->now;
        str_copy(walk->box_id, sizeof walk->box_id, walk->id);
        walk->box.id = walk->box_id;
    }
    str_copy(walk->before, sizeof walk->before, name);
}

struct identity *identity_of_path(const char *path)
{
    struct walk walk = {.uid = (uid_t)-1};
    char name[NAME_SIZE];
    while (*(path += strspn(path, "/"))) {
        size_t len = strcspn(path, "/");
        if (len >= sizeof name) /* the kernel has none so long */
            return NULL;
        memcpy(name, path, len);
        name[len] = '\0';
        step(&walk, name);
        path += len;
    }
    if (walk.now.kind == KIND_NONE)
        return NULL;
    walk.now.label = walk.label;
    walk.now.uid = walk.uid;
    walk.now.pod_uid = walk.kube && walk.pod_uid[0] ? walk.pod_uid : NULL;
    return identity_new(&walk.now);
}
