/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * linux: namespaces, id maps, devices, paths. Its resources are in oci_resources.c.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "core/cgroup.h"
#include "core/oci_json.h"
#include "core/spec_text.h"
#include "core/store.h"

/* ---- namespaces and ids ---- */

struct namespace_in {
    char *type, *path;
};

/* As the specification calls them, and where they stand among namespace_names. */
static const struct {
    const char *type;
    int index;
    unsigned long flag;
} namespaces[] = {
    {"cgroup", 0, CLONE_NEWCGROUP}, {"ipc", 1, CLONE_NEWIPC}, {"mount", 2, CLONE_NEWNS},
    {"network", 3, CLONE_NEWNET},   {"pid", 4, CLONE_NEWPID}, {"user", 6, CLONE_NEWUSER},
    {"uts", 7, CLONE_NEWUTS},
};

static int add_namespace(struct oci *oci, struct namespace_in *in)
{
    struct bundle *b = oci->bundle;
    bool joined = in->path && in->path[0];
    size_t i = 0;
    while (i < COUNT_OF(namespaces) && strcmp(namespaces[i].type, in->type ? in->type : "") != 0)
        i++;
    if (i == COUNT_OF(namespaces))
        return oci_fail(oci, ENOTSUP, "a namespace of type '%s' is not supported", in->type ? in->type : "");
    if (b->namespaces & namespaces[i].flag || b->join[namespaces[i].index])
        return oci_fail(oci, EINVAL, "type %s is there twice", in->type);
    if (joined && (namespaces[i].flag == CLONE_NEWNS || namespaces[i].flag == CLONE_NEWUSER))
        return oci_fail(oci, ENOTSUP, "path: joining a %s namespace is not supported", in->type);
    if (joined && in->path[0] != '/')
        return oci_fail(oci, EINVAL, "path has to be absolute");
    if (joined)
        b->join[namespaces[i].index] = take_ptr(&in->path);
    else
        b->namespaces |= namespaces[i].flag;
    return 0;
}

static int read_namespace(struct oci *oci, const json_t *value, void *target)
{
    static const struct oci_key keys[] = {
        {.key = "type", .kind = OCI_TEXT, .offset = offsetof(struct namespace_in, type)},
        {.key = "path", .kind = OCI_TEXT, .offset = offsetof(struct namespace_in, path)},
        {0},
    };
    struct namespace_in in = {0};
    (void)target;
    int rc = oci_object(oci, value, keys, &in);
    if (rc == 0)
        rc = add_namespace(oci, &in);
    free(in.type);
    free(in.path);
    return rc;
}

static int read_namespaces(struct oci *oci, const json_t *value, void *target)
{
    return oci_array(oci, value, read_namespace, target);
}

struct id_in {
    struct oci_number inside, outside, size;
};

static int read_id(struct oci *oci, const json_t *value, void *target)
{
    static const struct oci_key keys[] = {
        {.key = "containerID", .kind = OCI_NUMBER, .offset = offsetof(struct id_in, inside)},
        {.key = "hostID", .kind = OCI_NUMBER, .offset = offsetof(struct id_in, outside)},
        {.key = "size", .kind = OCI_NUMBER, .offset = offsetof(struct id_in, size)},
        {0},
    };
    struct id_in in = {0};
    const int64_t last = UINT32_MAX - 1;
    int rc = oci_object(oci, value, keys, &in);
    if (rc < 0)
        return rc;
    if (!in.size.said || in.inside.value < 0 || in.outside.value < 0 || in.size.value < 1 ||
        in.size.value > last || in.inside.value > last - in.size.value ||
        in.outside.value > last - in.size.value)
        return oci_wrong(oci, "containerID, hostID and size of 32 bits");
    str_addf(target, "%lld %lld %lld\n", (long long)in.inside.value, (long long)in.outside.value,
             (long long)in.size.value);
    return 0;
}

int oci_read_ids(struct oci *oci, const json_t *value, void *target)
{
    struct str lines = {0};
    int rc = json_array_size(value) > 340 ? oci_fail(oci, E2BIG, "the kernel takes 340 lines at most")
                                          : oci_array(oci, value, read_id, &lines);
    if (rc == 0 && lines.len) {
        mem_cleanup_free(target);
        *(char **)target = mem_dup(lines.text);
    }
    str_free(&lines);
    return rc;
}

/* ---- devices ---- */

struct device_in {
    char *path, *type;
    struct oci_number major_number, minor_number, mode, uid, gid;
};

static const struct oci_key device_keys[] = {
    {.key = "path", .kind = OCI_TEXT, .offset = offsetof(struct device_in, path)},
    {.key = "type", .kind = OCI_TEXT, .offset = offsetof(struct device_in, type)},
    {.key = "major", .kind = OCI_NUMBER, .offset = offsetof(struct device_in, major_number)},
    {.key = "minor", .kind = OCI_NUMBER, .offset = offsetof(struct device_in, minor_number)},
    {.key = "fileMode", .kind = OCI_NUMBER, .offset = offsetof(struct device_in, mode)},
    {.key = "uid", .kind = OCI_NUMBER, .offset = offsetof(struct device_in, uid)},
    {.key = "gid", .kind = OCI_NUMBER, .offset = offsetof(struct device_in, gid)},
    {0},
};

static bool is_below(int64_t value, int64_t limit)
{
    return value >= 0 && value < limit;
}

static int add_device(struct oci *oci, struct device_in *in)
{
    struct bundle *b = oci->bundle;
    const char *type = in->type ? in->type : "";
    struct bundle_device d = {.mode = in->mode.said ? (unsigned)in->mode.value : 0666,
                              .major_number = (unsigned)in->major_number.value,
                              .minor_number = (unsigned)in->minor_number.value,
                              .uid = (uid_t)in->uid.value,
                              .gid = (gid_t)in->gid.value};
    d.type = strcmp(type, "c") == 0 || strcmp(type, "u") == 0 ? S_IFCHR
             : strcmp(type, "b") == 0                         ? S_IFBLK
             : strcmp(type, "p") == 0                         ? S_IFIFO
                                                              : 0;
    if (!d.type)
        return oci_fail(oci, EINVAL, "type '%s' is none of c, b, u, p", type);
    if (!in->path || !spec_target_is_valid(in->path))
        return oci_fail(oci, EINVAL, "path '%s' is not an absolute path below / without ..",
                        in->path ? in->path : "");
    if (d.type != S_IFIFO &&
        (!is_below(in->major_number.value, 4096) || !is_below(in->minor_number.value, 1 << 20)))
        return oci_fail(oci, ERANGE, "major has to be 0 to 4095, minor 0 to 1048575");
    if (!is_below(in->uid.value, UINT32_MAX) || !is_below(in->gid.value, UINT32_MAX) ||
        !is_below(in->mode.value, 010000))
        return oci_fail(oci, ERANGE, "fileMode has to be 0 to 4095, uid and gid have to be ids");
    d.path = take_ptr(&in->path);
    b->devices = mem_resize(b->devices, b->device_count + 1, sizeof *b->devices);
    b->devices[b->device_count++] = d;
    return 0;
}

static int read_device(struct oci *oci, const json_t *value, void *target)
{
    struct device_in in = {0};
    (void)target;
    int rc = oci_object(oci, value, device_keys, &in);
    /* fileMode may have the type in front (S_IFMT), as stat(2) gives it. */
    in.mode.value &= 07777 | ~(int64_t)S_IFMT;
    if (rc == 0)
        rc = add_device(oci, &in);
    free(in.path);
    free(in.type);
    return rc;
}

static int read_devices(struct oci *oci, const json_t *value, void *target)
{
    return oci_array(oci, value, read_device, target);
}

/* ---- the rest ---- */

static int read_paths(struct oci *oci, const json_t *value, char ***to)
{
    if (!json_is_array(value))
        return oci_wrong(oci, "an array of strings");
    for (size_t i = 0; i < json_array_size(value); i++) {
        size_t mark = oci_enter(oci, NULL, i);
        const char *path = json_string_value(json_array_get(value, i));
        if (!path || !spec_target_is_valid(path))
            return oci_fail(oci, EINVAL, "'%s' is not an absolute path below / without ..", path ? path : "");
        mem_list_add(to, mem_dup(path));
        oci_leave(oci, mark);
    }
    return 0;
}

static int read_masked(struct oci *oci, const json_t *value, void *target)
{
    (void)target;
    return read_paths(oci, value, &oci->bundle->masked);
}

static int read_read_only(struct oci *oci, const json_t *value, void *target)
{
    (void)target;
    return read_paths(oci, value, &oci->bundle->read_only);
}

static int read_sysctl(struct oci *oci, const json_t *value, void *target)
{
    const char *key;
    json_t *member;
    (void)target;
    if (!json_is_object(value))
        return oci_wrong(oci, "an object");
    json_object_foreach((json_t *)value, key, member)
    {
        size_t mark = oci_enter(oci, key, 0);
        if (!json_is_string(member))
            return oci_wrong(oci, "a string");
        cleanup_free char *text = mem_printf("%s=%s", key, json_string_value(member));
        if (spec_add_sysctl(oci->spec, text, oci->err) < 0)
            return oci_at(oci);
        oci_leave(oci, mark);
    }
    return 0;
}

static int read_propagation(struct oci *oci, const json_t *value, void *target)
{
    struct bundle *b = oci->bundle;
    const char *word = json_string_value(value);
    (void)target;
    if (word && !word[0])
        return 0;
    b->propagation = word ? oci_propagation(word, &b->propagation_all) : 0;
    if (!b->propagation)
        return oci_wrong(oci, "private, slave, shared or unbindable, or one of these with r in front");
    return 0;
}

/* Our containers' groups stand side by side in one (core/unit.h), so that a crash leaves nothing that is not
 * looked for. */
static int read_cgroups_path(struct oci *oci, const json_t *value, void *target)
{
    const char *path = json_string_value(value);
    (void)target;
    if (!path)
        return oci_wrong(oci, "a string");
    if (!path[0])
        return 0;
    const char *name = str_starts(path, CGROUP_BASE "/") ? path + strlen(CGROUP_BASE "/") : path;
    if (!spec_name_is_valid(name)) {
        oci_fail(oci, ENOTSUP, "'%s' is not a group of boxtop's own", path);
        return err_hint(oci->err, "one name, or " CGROUP_BASE
                                  "/NAME, or remove it: then the container's name is taken");
    }
    oci->bundle->cgroup = mem_dup(name);
    return 0;
}

static int read_seccomp(struct oci *oci, const json_t *value, void *target)
{
    (void)target;
    if (!json_is_object(value))
        return oci_wrong(oci, "an object");
    oci->bundle->seccomp = json_dumps(value, JSON_COMPACT);
    return 0;
}

const struct oci_key oci_linux_keys[] = {
    {.key = "namespaces", .kind = OCI_CALL, .read = read_namespaces},
    {.key = "uidMappings",
     .kind = OCI_CALL,
     .offset = offsetof(struct bundle, uid_map),
     .read = oci_read_ids},
    {.key = "gidMappings",
     .kind = OCI_CALL,
     .offset = offsetof(struct bundle, gid_map),
     .read = oci_read_ids},
    {.key = "devices", .kind = OCI_CALL, .read = read_devices},
    {.key = "cgroupsPath", .kind = OCI_CALL, .read = read_cgroups_path},
    {.key = "resources", .kind = OCI_CALL, .read = oci_read_resources},
    {.key = "seccomp", .kind = OCI_CALL, .read = read_seccomp},
    {.key = "maskedPaths", .kind = OCI_CALL, .read = read_masked},
    {.key = "readonlyPaths", .kind = OCI_CALL, .read = read_read_only},
    {.key = "sysctl", .kind = OCI_CALL, .read = read_sysctl},
    {.key = "rootfsPropagation", .kind = OCI_CALL, .read = read_propagation},
    {.key = "mountLabel"},
    {.key = "intelRdt"},
    {.key = "personality"},
    {.key = "timeOffsets"},
    {.key = "netDevices"},
    {.key = "memoryPolicy"},
    {0},
};

void bundle_free(struct bundle *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->mount_count; i++)
        oci_mount_free(&b->mounts[i]);
    for (size_t i = 0; i < b->device_count; i++)
        free(b->devices[i].path);
    for (size_t i = 0; i < b->hook_count; i++) {
        free(b->hooks[i].path);
        mem_free_list(b->hooks[i].args);
        mem_free_list(b->hooks[i].env);
    }
    for (size_t i = 0; i < COUNT_OF(b->join); i++)
        free(b->join[i]);
    json_decref(b->config);
    mem_free_list(b->masked);
    mem_free_list(b->read_only);
    void *const owned[] = {b->path,       b->uid_map, b->gid_map,  b->mounts,  b->devices,
                           b->rules,      b->groups,  b->apparmor, b->selinux, b->seccomp,
                           b->domainname, b->cgroup,  b->hooks,    b};
    for (size_t i = 0; i < COUNT_OF(owned); i++)
        free(owned[i]);
}
