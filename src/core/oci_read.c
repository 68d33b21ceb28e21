/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * config.json: the file itself, its top, the process, the hooks.
 */
#include "core/oci.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/capability.h"
#include "core/oci_json.h"
#include "core/rlimit.h"
#include "core/spec_text.h"

/* ---- process ---- */

struct process {
    char *cwd, *apparmor, *selinux;
    char **args, **env;
    bool terminal;
    struct oci_number oom_score_adj;
};

struct pair {
    struct oci_number first, second;
};

static const struct oci_key size_keys[] = {
    {.key = "height", .kind = OCI_NUMBER, .offset = offsetof(struct pair, first)},
    {.key = "width", .kind = OCI_NUMBER, .offset = offsetof(struct pair, second)},
    {0},
};

static int read_console_size(struct oci *oci, const json_t *value, void *target)
{
    struct pair size = {0};
    (void)target;
    int rc = oci_object(oci, value, size_keys, &size);
    if (rc < 0)
        return rc;
    if (size.first.value < 0 || size.first.value > USHRT_MAX || size.second.value < 0 ||
        size.second.value > USHRT_MAX)
        return oci_wrong(oci, "a size of 0 to 65535");
    oci->bundle->rows = (unsigned short)size.first.value;
    oci->bundle->columns = (unsigned short)size.second.value;
    return 0;
}

static int read_capability(struct oci *oci, const json_t *value, void *target)
{
    uint64_t mask;
    const char *name = json_string_value(value);
    if (!name)
        return oci_wrong(oci, "a string");
    if (strncmp(name, "CAP_", 4) != 0 || capability_parse(name, &mask) < 0)
        return oci_fail(oci, EINVAL, "'%s' is no capability that this kernel has", name);
    *(uint64_t *)target |= mask;
    return 0;
}

static int read_capability_set(struct oci *oci, const json_t *value, void *target)
{
    return oci_array(oci, value, read_capability, target);
}

static int read_capabilities(struct oci *oci, const json_t *value, void *target)
{
#define SET(name, set)                                                                                       \
    {                                                                                                        \
        .key = name, .kind = OCI_CALL, .offset = (set) * sizeof(uint64_t), .read = read_capability_set       \
    }
    static const struct oci_key keys[] = {
        SET("bounding", CAPS_BOUNDING),   SET("effective", CAPS_EFFECTIVE),
        SET("permitted", CAPS_PERMITTED), SET("inheritable", CAPS_INHERITABLE),
        SET("ambient", CAPS_AMBIENT),     {0},
    };
    (void)target;
    uint64_t *sets = oci->bundle->capabilities;
    int rc = oci_object(oci, value, keys, sets);
    if (rc < 0)
        return rc;
    if (sets[CAPS_EFFECTIVE] & ~sets[CAPS_PERMITTED])
        return oci_fail(oci, EINVAL, "effective has what permitted has not");
    /* `crun spec` and `runc spec` write ambient ones without inheritable ones, which the kernel can't have.
     */
    sets[CAPS_AMBIENT] &= sets[CAPS_PERMITTED] & sets[CAPS_INHERITABLE];
    return 0;
}

struct rlimit_in {
    char *type;
    struct oci_number soft, hard;
};

static const struct oci_key rlimit_keys[] = {
    {.key = "type", .kind = OCI_TEXT, .offset = offsetof(struct rlimit_in, type)},
    {.key = "soft", .kind = OCI_NUMBER, .offset = offsetof(struct rlimit_in, soft)},
    {.key = "hard", .kind = OCI_NUMBER, .offset = offsetof(struct rlimit_in, hard)},
    {0},
};

static int add_rlimit(struct oci *oci, const struct rlimit_in *in)
{
    struct rlimit_row row = {.resource = in->type ? rlimit_find(in->type) : -1,
                             .soft = in->soft.value < 0 ? RLIM_INFINITY : (rlim_t)in->soft.value,
                             .hard = in->hard.value < 0 ? RLIM_INFINITY : (rlim_t)in->hard.value};
    if (row.resource < 0 || !str_starts(in->type, "RLIMIT_"))
        return oci_fail(oci, EINVAL, "'%s' is no resource limit", in->type ? in->type : "");
    if (!in->soft.said || !in->hard.said || in->soft.value < -1 || in->hard.value < -1 || row.soft > row.hard)
        return oci_wrong(oci, "a soft limit that is not above the hard one");
    for (size_t i = 0; i < oci->spec->rlimit_count; i++)
        if (oci->spec->rlimits[i].resource == row.resource)
            return oci_fail(oci, EINVAL, "%s is there twice", in->type);
    spec_set_rlimit(oci->spec, &row);
    return 0;
}

static int read_rlimit(struct oci *oci, const json_t *value, void *target)
{
    struct rlimit_in in = {0};
    (void)target;
    int rc = oci_object(oci, value, rlimit_keys, &in);
    if (rc == 0)
        rc = add_rlimit(oci, &in);
    free(in.type);
    return rc;
}

static int read_rlimits(struct oci *oci, const json_t *value, void *target)
{
    return oci_array(oci, value, read_rlimit, target);
}

struct user_in {
    struct oci_number uid, gid, umask;
};

static int read_group(struct oci *oci, const json_t *value, void *target)
{
    struct bundle *b = oci->bundle;
    int64_t gid;
    (void)target;
    int rc = oci_integer(oci, value, 0, UINT32_MAX - 1, &gid);
    if (rc < 0)
        return rc;
    b->groups = mem_resize(b->groups, b->group_count + 1, sizeof *b->groups);
    b->groups[b->group_count++] = (gid_t)gid;
    return 0;
}

static int read_groups(struct oci *oci, const json_t *value, void *target)
{
    return oci_array(oci, value, read_group, target);
}

static int read_user(struct oci *oci, const json_t *value, void *target)
{
    static const struct oci_key keys[] = {
        {.key = "uid", .kind = OCI_NUMBER, .offset = offsetof(struct user_in, uid)},
        {.key = "gid", .kind = OCI_NUMBER, .offset = offsetof(struct user_in, gid)},
        {.key = "umask", .kind = OCI_NUMBER, .offset = offsetof(struct user_in, umask)},
        {.key = "additionalGids", .kind = OCI_CALL, .read = read_groups},
        {.key = "username", .why = "it is for Windows: say uid and gid"},
        {0},
    };
    struct user_in in = {0};
    (void)target;
    int rc = oci_object(oci, value, keys, &in);
    if (rc < 0)
        return rc;
    if (in.uid.value < 0 || in.uid.value >= UINT32_MAX || in.gid.value < 0 || in.gid.value >= UINT32_MAX)
        return oci_wrong(oci, "ids of 0 to 4294967294");
    if (in.umask.value < 0 || in.umask.value > 0777)
        return oci_fail(oci, ERANGE, "the umask has to be 0 to 511 (0777)");
    if (in.umask.said)
        oci->bundle->umask = (int)in.umask.value;
    free(oci->spec->user);
    oci->spec->user = mem_printf("%lld:%lld", (long long)in.uid.value, (long long)in.gid.value);
    return 0;
}

static int read_no_new_privs(struct oci *oci, const json_t *value, void *target)
{
    (void)target;
    oci->bundle->no_new_privs = json_is_true(value);
    return json_is_boolean(value) ? 0 : oci_wrong(oci, "true or false");
}

const struct oci_key oci_process_keys[] = {
    {.key = "terminal", .kind = OCI_BOOL, .offset = offsetof(struct process, terminal)},
    {.key = "consoleSize", .kind = OCI_CALL, .read = read_console_size},
    {.key = "cwd", .kind = OCI_TEXT, .offset = offsetof(struct process, cwd)},
    {.key = "env", .kind = OCI_LIST, .offset = offsetof(struct process, env)},
    {.key = "args", .kind = OCI_LIST, .offset = offsetof(struct process, args)},
    {.key = "commandLine", .why = "it is for Windows: use args"},
    {.key = "rlimits", .kind = OCI_CALL, .read = read_rlimits},
    {.key = "user", .kind = OCI_CALL, .read = read_user},
    {.key = "capabilities", .kind = OCI_CALL, .read = read_capabilities},
    {.key = "noNewPrivileges", .kind = OCI_CALL, .read = read_no_new_privs},
    {.key = "apparmorProfile", .kind = OCI_TEXT, .offset = offsetof(struct process, apparmor)},
    {.key = "selinuxLabel", .kind = OCI_TEXT, .offset = offsetof(struct process, selinux)},
    {.key = "oomScoreAdj", .kind = OCI_NUMBER, .offset = offsetof(struct process, oom_score_adj)},
    {.key = "ioPriority"},
    {.key = "scheduler"},
    {.key = "execCPUAffinity"},
    {0},
};

static int take_process(struct oci *oci, struct process *in)
{
    struct spec *spec = oci->spec;
    if (!in->args || !in->args[0][0])
        return oci_fail(oci, EINVAL, "args does not say what to run");
    if (!in->cwd || in->cwd[0] != '/')
        return oci_fail(oci, EINVAL, "cwd has to be an absolute path");
    if (in->oom_score_adj.value < -1000 || in->oom_score_adj.value > 1000)
        return oci_fail(oci, ERANGE, "oomScoreAdj has to be -1000 to 1000");
    for (char **entry = in->env; entry && *entry; entry++)
        if ((*entry)[0] == '=' || !strchr(*entry, '='))
            return oci_fail(oci, EINVAL, "env: '%s' is not KEY=VALUE", *entry);
    spec->has_oom_score_adj = in->oom_score_adj.said;
    spec->oom_score_adj = (int)in->oom_score_adj.value;
    spec->tty = in->terminal;
    spec->command = take_ptr(&in->args);
    spec->env = take_ptr(&in->env);
    spec->workdir = take_ptr(&in->cwd);
    if (in->apparmor && in->apparmor[0])
        oci->bundle->apparmor = take_ptr(&in->apparmor);
    if (in->selinux && in->selinux[0])
        oci->bundle->selinux = take_ptr(&in->selinux);
    return 0;
}

static int read_process(struct oci *oci, const json_t *value, void *target)
{
    struct process in = {0};
    (void)target;
    int rc = oci_object(oci, value, oci_process_keys, &in);
    if (rc == 0)
        rc = take_process(oci, &in);
    mem_free_list(in.args);
    mem_free_list(in.env);
    free(in.cwd);
    free(in.apparmor);
    free(in.selinux);
    return rc;
}

/* ---- hooks ---- */

static const char *const hook_names[] = {
    [HOOK_PRESTART] = "prestart",
    [HOOK_CREATE_RUNTIME] = "createRuntime",
    [HOOK_CREATE_CONTAINER] = "createContainer",
    [HOOK_START_CONTAINER] = "startContainer",
    [HOOK_POSTSTART] = "poststart",
    [HOOK_POSTSTOP] = "poststop",
};

const char *hook_name(enum hook_kind kind)
{
    return hook_names[kind];
}

struct hook_in {
    char *path;
    char **args, **env;
    struct oci_number timeout_s;
};

static const struct oci_key hook_keys[] = {
    {.key = "path", .kind = OCI_TEXT, .offset = offsetof(struct hook_in, path)},
    {.key = "args", .kind = OCI_LIST, .offset = offsetof(struct hook_in, args)},
    {.key = "env", .kind = OCI_LIST, .offset = offsetof(struct hook_in, env)},
    {.key = "timeout", .kind = OCI_NUMBER, .offset = offsetof(struct hook_in, timeout_s)},
    {0},
};

static int add_hook(struct oci *oci, enum hook_kind kind, struct hook_in *in)
{
    struct bundle *b = oci->bundle;
    if (!in->path || in->path[0] != '/')
        return oci_fail(oci, EINVAL, "path has to be an absolute path");
    if (in->timeout_s.said && (in->timeout_s.value <= 0 || in->timeout_s.value > INT_MAX / 1000))
        return oci_fail(oci, ERANGE, "timeout has to be a number of seconds above 0");
    b->hooks = mem_resize(b->hooks, b->hook_count + 1, sizeof *b->hooks);
    b->hooks[b->hook_count++] = (struct hook){.kind = kind,
                                              .path = take_ptr(&in->path),
                                              .args = take_ptr(&in->args),
                                              .env = take_ptr(&in->env),
                                              .timeout_ms = (unsigned)in->timeout_s.value * 1000};
    return 0;
}

static int read_hook(struct oci *oci, const json_t *value, void *target)
{
    struct hook_in in = {0};
    int rc = oci_object(oci, value, hook_keys, &in);
    if (rc == 0)
        rc = add_hook(oci, *(const enum hook_kind *)target, &in);
    free(in.path);
    mem_free_list(in.args);
    mem_free_list(in.env);
    return rc;
}

static int read_hook_list(struct oci *oci, const json_t *value, enum hook_kind kind)
{
    return oci_array(oci, value, read_hook, &kind);
}

#define HOOK_READER(name, kind)                                                                              \
    static int name(struct oci *oci, const json_t *value, void *target)                                      \
    {                                                                                                        \
        (void)target;                                                                                        \
        return read_hook_list(oci, value, kind);                                                             \
    }
HOOK_READER(read_prestart, HOOK_PRESTART)
HOOK_READER(read_create_runtime, HOOK_CREATE_RUNTIME)
HOOK_READER(read_create_container, HOOK_CREATE_CONTAINER)
HOOK_READER(read_start_container, HOOK_START_CONTAINER)
HOOK_READER(read_poststart, HOOK_POSTSTART)
HOOK_READER(read_poststop, HOOK_POSTSTOP)

int oci_read_hooks(struct oci *oci, const json_t *value, void *target)
{
    static const struct oci_key keys[] = {
        {.key = "prestart", .kind = OCI_CALL, .read = read_prestart},
        {.key = "createRuntime", .kind = OCI_CALL, .read = read_create_runtime},
        {.key = "createContainer", .kind = OCI_CALL, .read = read_create_container},
        {.key = "startContainer", .kind = OCI_CALL, .read = read_start_container},
        {.key = "poststart", .kind = OCI_CALL, .read = read_poststart},
        {.key = "poststop", .kind = OCI_CALL, .read = read_poststop},
        {0},
    };
    return oci_object(oci, value, keys, target);
}

/* ---- the top ---- */

static int read_version(struct oci *oci, const json_t *value, void *target)
{
    (void)target;
    const char *version = json_string_value(value);
    if (!version || !str_starts(version, "1."))
        return oci_fail(oci, ENOTSUP, "'%s' is not a version 1 of the specification", version ? version : "");
    return 0;
}

static int read_hostname(struct oci *oci, const json_t *value, void *target)
{
    const char *name = json_string_value(value);
    (void)target;
    if (!name || (name[0] && !spec_hostname_is_valid(name)))
        return oci_fail(oci, EINVAL, "'%s' can't be a hostname", name ? name : "");
    str_copy(oci->spec->hostname, sizeof oci->spec->hostname, name);
    return 0;
}

struct root_in {
    char *path;
    bool read_only;
};

static int read_root(struct oci *oci, const json_t *value, void *target)
{
    static const struct oci_key keys[] = {
        {.key = "path", .kind = OCI_TEXT, .offset = offsetof(struct root_in, path)},
        {.key = "readonly", .kind = OCI_BOOL, .offset = offsetof(struct root_in, read_only)},
        {0},
    };
    struct root_in in = {0};
    (void)target;
    int rc = oci_object(oci, value, keys, &in);
    if (rc == 0 && (!in.path || !in.path[0]))
        rc = oci_fail(oci, EINVAL, "path does not say where it is");
    if (rc == 0) {
        free(oci->spec->root);
        oci->spec->root =
            in.path[0] == '/' ? mem_dup(in.path) : mem_printf("%s/%s", oci->bundle->path, in.path);
        oci->spec->read_only = in.read_only;
    }
    free(in.path);
    return rc;
}

static int read_mounts(struct oci *oci, const json_t *value, void *target)
{
    return oci_array(oci, value, oci_read_mount, target);
}

static int read_linux(struct oci *oci, const json_t *value, void *target)
{
    return oci_object(oci, value, oci_linux_keys, target);
}

static int read_annotations(struct oci *oci, const json_t *value, void *target)
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
        oci_leave(oci, mark);
    }
    return 0;
}

/* linux goes first: what namespaces there are decides about others; see oci_from_json(). */
static const struct oci_key top_keys[] = {
    {.key = "ociVersion", .kind = OCI_CALL, .read = read_version},
    {.key = "process", .kind = OCI_CALL, .read = read_process},
    {.key = "root", .kind = OCI_CALL, .read = read_root},
    {.key = "hostname", .kind = OCI_CALL, .read = read_hostname},
    {.key = "domainname", .kind = OCI_TEXT, .offset = offsetof(struct bundle, domainname)},
    {.key = "mounts", .kind = OCI_CALL, .read = read_mounts},
    {.key = "hooks", .kind = OCI_CALL, .read = oci_read_hooks},
    {.key = "annotations", .kind = OCI_CALL, .read = read_annotations},
    {.key = "linux", .kind = OCI_CALL, .read = read_linux},
    {.key = "windows"},
    {.key = "solaris"},
    {.key = "vm"},
    {.key = "zos"},
    {.key = "freebsd"},
    {0},
};

/* 2^64-1 is what Go writes for RLIM_INFINITY; jansson has no such integer. In place: -1 and blanks. */
static void replace_infinity(char *text)
{
    static const char infinity[] = "18446744073709551615";
    bool inside = false;
    for (char *c = text; *c; c++) {
        if (inside && *c == '\\' && c[1])
            c++;
        else if (*c == '"')
            inside = !inside;
        else if (!inside && str_starts(c, infinity) && !isdigit((unsigned char)c[sizeof infinity - 1])) {
            memset(c, ' ', sizeof infinity - 1);
            c[0] = '-', c[1] = '1';
        }
    }
}

json_t *oci_parse(const char *text, struct err *err)
{
    json_error_t at;
    cleanup_free char *copy = mem_dup(text);
    replace_infinity(copy);
    json_t *json = json_loads(copy, JSON_REJECT_DUPLICATES, &at);
    if (!json)
        err_set(err, EINVAL, "config.json: line %d: %s", at.line, at.text);
    return json;
}

/* What a spec says in words of its own. */
static void take_namespaces(struct spec *spec)
{
    const struct bundle *b = spec->bundle;
    spec->network = b->namespaces & CLONE_NEWNET ? NETWORK_NONE : NETWORK_HOST;
    spec->userns = b->namespaces & CLONE_NEWUSER ? USERNS_AUTO : USERNS_HOST;
}

static int check_whole(struct oci *oci)
{
    const struct spec *spec = oci->spec;
    const struct bundle *b = oci->bundle;
    bool pts = false;
    if (!json_object_get(b->config, "ociVersion"))
        return oci_fail(oci, EINVAL, "ociVersion is missing");
    if (!spec->command)
        return oci_fail(oci, EINVAL, "process is missing");
    if (!spec->root)
        return oci_fail(oci, EINVAL, "root is missing");
    if (!(b->namespaces & CLONE_NEWNS))
        return oci_fail(oci, ENOTSUP,
                        "linux.namespaces: a container without a mount namespace of its own is "
                        "not supported");
    if ((spec->hostname[0] || b->domainname) && !(b->namespaces & CLONE_NEWUTS))
        return oci_fail(oci, EINVAL, "%s: it needs a uts namespace in linux.namespaces",
                        spec->hostname[0] ? "hostname" : "domainname");
    if (b->namespaces & CLONE_NEWUSER ? !b->uid_map || !b->gid_map : b->uid_map || b->gid_map)
        return oci_fail(oci, EINVAL, "linux.uidMappings and gidMappings go together with a user namespace");
    for (size_t i = 0; i < b->mount_count; i++) {
        const struct bundle_mount *m = &b->mounts[i];
        if (m->id_map && !m->uid_map && !b->uid_map)
            return oci_fail(oci, EINVAL, "mounts[%zu]: idmap: there are no uidMappings", i);
    }
    for (size_t i = 0; i < b->mount_count; i++)
        pts |= strcmp(b->mounts[i].target, "/dev/pts") == 0 && strcmp(b->mounts[i].type, "devpts") == 0;
    if (spec->tty && !pts)
        return oci_fail(oci, ENOTSUP,
                        "process.terminal: not supported without a devpts on /dev/pts among "
                        "the mounts");
    return 0;
}

int oci_from_json(const json_t *config, const char *dir, struct spec *spec, struct err *err)
{
    struct oci oci = {.spec = spec, .err = err};
    oci.bundle = spec->bundle = mem_alloc(sizeof *spec->bundle);
    spec->bundle->umask = -1;
    spec->bundle->path = mem_dup(dir);
    spec->bundle->config = json_incref((json_t *)config);
    spec->user = mem_dup("0:0");
    int rc = oci_object(&oci, config, top_keys, spec->bundle);
    if (rc == 0)
        rc = check_whole(&oci);
    if (rc == 0)
        take_namespaces(spec);
    spec->ignored = mem_dup(oci.ignored.text);
    str_free(&oci.ignored);
    return rc;
}

int oci_read(const char *dir, struct spec *spec, struct err *err)
{
    char path[PATH_MAX];
    struct stat st;
    cleanup_free char *text = NULL;
    cleanup_close int fd = realpath(dir, path) ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0)
        return err_errno(err, "bundle %s", dir);
    if (fstatat(fd, "config.json", &st, 0) < 0)
        return err_errno(err, "bundle %s: config.json", dir);
    if (!S_ISREG(st.st_mode))
        return err_set(err, EINVAL, "bundle %s: config.json is not a file", dir);
    ssize_t got = fs_read_whole_at(fd, "config.json", OCI_CONFIG_LIMIT, &text);
    if (got < 0)
        return err_set(err, (int)-got, "bundle %s: config.json: %s", dir, strerror((int)-got));
    if (strlen(text) != (size_t)got)
        return err_set(err, EINVAL, "bundle %s: config.json is no text", dir);
    json_t *config = oci_parse(text, err);
    int rc = config ? oci_from_json(config, path, spec, err) : -err->code;
    json_decref(config);
    return rc;
}
