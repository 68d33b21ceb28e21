/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A container as a config.json: its plan, which is all there is to it, step by step in the words of the
 * specification.
 */
#include "core/oci.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/bundle.h"
#include "core/capability.h"
#include "core/jsontext.h"
#include "core/plan.h"
#include "core/stage.h"
#include "core/user.h"

/* jansson has no integers above 2^63: this one stands for 2^64-1 until all is text. */
#define INFINITY_MARK INT64_MIN
#define INFINITY_TEXT "-9223372036854775808"

struct writer {
    const struct spec *spec;
    const struct container *container;
    const char *place; /* an empty directory to mount the root on, if it is made of layers */
    json_t *config, *mounts, *devices, *masked, *read_only, *sysctl, *namespaces;
    json_t *uid_map, *gid_map;
};

/* ---- mounts ---- */

static void add_words(json_t *options, unsigned long attributes, const char *data)
{
    static const struct {
        unsigned long flag;
        const char *word;
    } words[] = {{MOUNT_ATTR_RDONLY, "ro"},
                 {MOUNT_ATTR_NOSUID, "nosuid"},
                 {MOUNT_ATTR_NODEV, "nodev"},
                 {MOUNT_ATTR_NOEXEC, "noexec"}};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (attributes & words[i].flag)
            json_array_append_new(options, json_string(words[i].word));
    if ((attributes & MOUNT_ATTR__ATIME) == MOUNT_ATTR_STRICTATIME)
        json_array_append_new(options, json_string("strictatime"));
    cleanup_free char *copy = mem_dup(data ? data : "");
    for (char *rest = copy, *word; (word = strsep(&rest, ","));)
        if (word[0])
            json_array_append_new(options, json_string(word));
}

static json_t *add_mount(struct writer *w, const char *type, const char *source, const char *target)
{
    json_t *options = json_array();
    json_array_append_new(w->mounts,
                          json_pack("{s:o, s:s, s:o, s:o}", "destination", jsontext_shown(target), "type",
                                    type, "source", jsontext_shown(source), "options", options));
    return options;
}

static void write_mount(struct writer *w, const struct step *s)
{
    const char *type = strcmp(s->what, "cgroup2") == 0 ? "cgroup" : s->what;
    add_words(add_mount(w, type, type, s->where), s->flags, s->data);
}

static void write_bind(struct writer *w, const struct step *s)
{
    json_t *options = add_mount(w, "bind", s->what, s->where);
    json_array_append_new(options, json_string("rbind"));
    add_words(options, s->flags, NULL);
    if (s->flags & MOUNT_ATTR_RDONLY)
        json_array_append_new(options, json_string("rro"));
}

static void set_root(struct writer *w, const char *path)
{
    json_object_set_new(
        w->config, "root",
        json_pack("{s:o, s:b}", "path", jsontext_shown(path), "readonly", w->spec->read_only));
}

static void write_root_bind(struct writer *w, const struct step *s)
{
    set_root(w, s->what);
}

/* The throw-away layer is a tmpfs on the root; a mount point is a directory that others make in it, as they
 * do for every mount. The overlay then covers both. */
static void write_root_overlay(struct writer *w, const struct step *s)
{
    set_root(w, w->place);
    json_array_append_new(add_mount(w, "tmpfs", "tmpfs", "/"), json_string("mode=755"));
    add_mount(w, "tmpfs", "tmpfs", "/upper/dev");
    add_mount(w, "tmpfs", "tmpfs", "/work/unused");
    json_t *options = add_mount(w, "overlay", "overlay", "/");
    cleanup_free char *lower = mem_printf("lowerdir=%s", s->what),
                      *upper = mem_printf("upperdir=%s/upper", w->place),
                      *work = mem_printf("workdir=%s/work", w->place);
    json_array_append_new(options, json_string(lower));
    json_array_append_new(options, json_string(upper));
    json_array_append_new(options, json_string(work));
    add_words(options, 0, s->data);
}

/* ---- the rest of what is inside ---- */

static void write_clone(struct writer *w, const struct step *s)
{
    static const struct {
        unsigned long flag;
        const char *type;
    } types[] = {{CLONE_NEWNS, "mount"}, {CLONE_NEWPID, "pid"},     {CLONE_NEWUTS, "uts"},
                 {CLONE_NEWIPC, "ipc"},  {CLONE_NEWNET, "network"}, {CLONE_NEWCGROUP, "cgroup"},
                 {CLONE_NEWUSER, "user"}};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (s->flags & types[i].flag)
            json_array_append_new(w->namespaces, json_pack("{s:s}", "type", types[i].type));
}

static void add_ids(json_t *to, const char *lines)
{
    unsigned inside, outside, count;
    for (const char *line = lines; line && sscanf(line, "%u %u %u", &inside, &outside, &count) == 3;) {
        json_array_append_new(to, json_pack("{s:I, s:I, s:I}", "containerID", (json_int_t)inside, "hostID",
                                            (json_int_t)outside, "size", (json_int_t)count));
        line = strchr(line, '\n');
        line += line ? 1 : 0;
    }
}

static void write_id_map(struct writer *w, const struct step *s)
{
    add_ids(w->uid_map, s->what);
    add_ids(w->gid_map, s->data);
}

static void write_hostname(struct writer *w, const struct step *s)
{
    json_object_set_new(w->config, "hostname", json_string(s->what));
}

static void write_mask(struct writer *w, const struct step *s)
{
    if (strcmp(s->where, PLAN_EACH_CPU) != 0) /* a path for each CPU: others do not have that */
        json_array_append_new(w->masked, jsontext_shown(s->where));
}

static void write_read_only(struct writer *w, const struct step *s)
{
    json_array_append_new(w->read_only, jsontext_shown(s->where));
}

static void write_sysctl(struct writer *w, const struct step *s)
{
    const char *value = strchr(s->what, '=');
    cleanup_free char *name = mem_printf("%.*s", (int)(value - s->what), s->what);
    json_object_set_new(w->sysctl, name, json_string(value + 1));
}

/* A step that is not here is every runtime's own (nodes, links, pivot), the process's, or can't be said. */
static void (*const writers[STEP_COUNT])(struct writer *, const struct step *) = {
    [STEP_CLONE] = write_clone,         [STEP_ID_MAP] = write_id_map,
    [STEP_HOSTNAME] = write_hostname,   [STEP_ROOT_OVERLAY] = write_root_overlay,
    [STEP_ROOT_BIND] = write_root_bind, [STEP_MOUNT] = write_mount,
    [STEP_TMPFS] = write_mount,         [STEP_BIND] = write_bind,
    [STEP_MASK] = write_mask,           [STEP_READ_ONLY] = write_read_only,
    [STEP_SYSCTL] = write_sysctl,
};

/* ---- the process ---- */

static json_t *capability_list(uint64_t mask)
{
    json_t *list = json_array();
    for (int i = 0; i < 64; i++) {
        struct str name = {0};
        if (mask >> i & 1)
            capability_names(UINT64_C(1) << i, "", &name);
        if (name.len) {
            for (char *c = name.text; *c; c++)
                *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
            cleanup_free char *full = mem_printf("CAP_%s", name.text);
            json_array_append_new(list, json_string(full));
        }
        str_free(&name);
    }
    return list;
}

static json_t *capabilities(uint64_t mask)
{
    return json_pack("{s:o, s:o, s:o}", "bounding", capability_list(mask), "effective", capability_list(mask),
                     "permitted", capability_list(mask));
}

static json_t *limit_value(rlim_t value)
{
    return json_integer(value == RLIM_INFINITY ? INFINITY_MARK : (json_int_t)value);
}

static json_t *rlimits(const struct spec *spec)
{
    json_t *list = json_array();
    for (size_t i = 0; i < spec->rlimit_count; i++) {
        cleanup_free char *type = mem_printf("RLIMIT_%s", rlimit_name(spec->rlimits[i].resource));
        for (char *c = type; *c; c++)
            *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
        json_array_append_new(list, json_pack("{s:s, s:o, s:o}", "type", type, "soft",
                                              limit_value(spec->rlimits[i].soft), "hard",
                                              limit_value(spec->rlimits[i].hard)));
    }
    return list;
}

/* Its ids, as its own files know them: those are there as long as it runs. */
static int find_user(const struct writer *w, struct user *ret, struct err *err)
{
    char path[64];
    *ret = (struct user){0};
    if (!w->spec->user)
        return 0;
    snprintf(path, sizeof path, "/proc/%d/root", (int)w->container->pid);
    cleanup_close int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return err_errno(err, "open the root of container %s", w->container->name);
    return user_find(ret, root, w->spec->user, err);
}

static json_t *user_object(const struct user *user)
{
    json_t *groups = json_array();
    for (size_t i = 0; i < user->group_count; i++)
        json_array_append_new(groups, json_integer(user->groups[i]));
    return json_pack("{s:I, s:I, s:o}", "uid", (json_int_t)user->uid, "gid", (json_int_t)user->gid,
                     "additionalGids", groups);
}

static int write_process(struct writer *w, struct err *err)
{
    const struct spec *spec = w->spec;
    struct user user;
    int rc = find_user(w, &user, err);
    if (rc < 0)
        return rc;
    cleanup_list char **env = stage_environment(spec, user.home, spec->tty, NULL);
    json_t *process = json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "terminal", spec->tty, "args",
                                jsontext_list(spec->command), "env", jsontext_list(env), "cwd",
                                jsontext_shown(spec->workdir ? spec->workdir : "/"), "user",
                                user_object(&user), "capabilities", capabilities(spec_capabilities(spec)),
                                "noNewPrivileges", 1, "rlimits", rlimits(spec));
    user_free(&user);
    if (!process)
        return err_set(err, EILSEQ, "write the process: its words are no UTF-8");
    if (spec->has_oom_score_adj)
        json_object_set_new(process, "oomScoreAdj", json_integer(spec->oom_score_adj));
    json_object_set_new(w->config, "process", process);
    return 0;
}

/* ---- limits ---- */

static json_t *member(json_t *object, const char *key)
{
    json_t *found = json_object_get(object, key);
    if (!found) {
        found = json_object();
        json_object_set_new(object, key, found);
    }
    return found;
}

/* The least shares that the runtimes turn into this weight (core/oci_resources.c). */
static json_int_t shares_of_weight(json_int_t weight)
{
    return ((weight - 1) * 262142 + 9998) / 9999 + 2;
}

/* In words that crun and runc take on cgroup v1, too; what has none goes by its file. */
static void write_limit(json_t *resources, const struct spec_limit *limit)
{
    const char *name = limit->knob->name, *text = limit->text;
    json_int_t number = strtoll(text, NULL, 10);
    bool none = strncmp(text, "max", 3) == 0;
    if (none)
        return;
    if (strcmp(name, "memory.max") == 0)
        json_object_set_new(member(resources, "memory"), "limit", json_integer(number));
    else if (strcmp(name, "memory.low") == 0)
        json_object_set_new(member(resources, "memory"), "reservation", json_integer(number));
    else if (strcmp(name, "pids.max") == 0)
        json_object_set_new(member(resources, "pids"), "limit", json_integer(number));
    else if (strcmp(name, "cpu.weight") == 0)
        json_object_set_new(member(resources, "cpu"), "shares", json_integer(shares_of_weight(number)));
    else if (strcmp(name, "cpu.max") == 0) {
        const char *period = strchr(text, ' ');
        json_object_set_new(member(resources, "cpu"), "quota", json_integer(number));
        json_object_set_new(member(resources, "cpu"), "period",
                            json_integer(period ? strtoll(period, NULL, 10) : 100000));
    } else if (strcmp(name, "cpuset.cpus") == 0 || strcmp(name, "cpuset.mems") == 0)
        json_object_set_new(member(resources, "cpu"), name + strlen("cpuset."), json_string(text));
    else {
        json_t *unified = member(resources, "unified");
        const char *before = json_string_value(json_object_get(unified, name));
        cleanup_free char *lines = mem_printf("%s%s%s", before ? before : "", before ? "\n" : "", text);
        json_object_set_new(unified, name, json_string(lines));
    }
}

static json_t *resources(const struct spec *spec)
{
    /* docker's rule, which all our containers have, is what the runtimes add to this. */
    json_t *object = json_pack("{s:[{s:b, s:s}]}", "devices", "allow", 0, "access", "rwm");
    for (size_t i = 0; i < spec->limit_count; i++)
        write_limit(object, &spec->limits[i]);
    return object;
}

/* ---- the whole ---- */

static void replace_mark(struct str *to, const char *text)
{
    for (const char *found; (found = strstr(text, INFINITY_TEXT)); text = found + strlen(INFINITY_TEXT)) {
        str_add_bytes(to, text, (size_t)(found - text));
        str_add(to, "18446744073709551615");
    }
    str_add(to, text);
}

static char *to_text(const json_t *config)
{
    struct str text = {0};
    cleanup_free char *dumped = json_dumps(config, JSON_INDENT(2));
    replace_mark(&text, dumped ? dumped : "");
    str_add(&text, "\n");
    return text.text;
}

static void add_linux(struct writer *w)
{
    json_t *object = json_pack("{s:o, s:o, s:o, s:o}", "namespaces", w->namespaces, "resources",
                               resources(w->spec), "maskedPaths", w->masked, "readonlyPaths", w->read_only);
    if (json_array_size(w->uid_map)) {
        json_object_set(object, "uidMappings", w->uid_map);
        json_object_set(object, "gidMappings", w->gid_map);
    }
    if (json_object_size(w->sysctl))
        json_object_set(object, "sysctl", w->sysctl);
    json_decref(w->uid_map);
    json_decref(w->gid_map);
    json_decref(w->sysctl);
    json_object_set_new(w->config, "linux", object);
}

static int write_plan(struct writer *w, struct err *err)
{
    struct plan plan;
    plan_build(&plan, w->spec, w->container);
    for (size_t i = 0; i < plan.count; i++)
        if (writers[plan.steps[i].kind])
            writers[plan.steps[i].kind](w, &plan.steps[i]);
    plan_free(&plan);
    json_object_set_new(w->config, "mounts", w->mounts);
    add_linux(w);
    return write_process(w, err);
}

/* Of -u, if it said numbers; names are the container's, and the config.json's stay. */
static void set_user(json_t *process, const char *text)
{
    unsigned uid, gid;
    char more;
    json_t *user = json_object_get(process, "user");
    if (!user || sscanf(text, "%u:%u%c", &uid, &gid, &more) != 2)
        return;
    json_object_set_new(user, "uid", json_integer(uid));
    json_object_set_new(user, "gid", json_integer(gid));
}

/* A bundle's own, with what options changed of its process and limits. */
static json_t *bundle_config(const struct spec *spec)
{
    const json_t *before = spec->bundle->config;
    json_t *config = json_deep_copy(before), *process = json_object_get(config, "process"),
           *linux_part = json_object_get(config, "linux"), *fresh = resources(spec);
    const json_t *rules = json_object_get(json_object_get(linux_part, "resources"), "devices");
    json_object_set_new(process, "args", jsontext_list(spec->command));
    json_object_set_new(process, "env", spec->env ? jsontext_list(spec->env) : json_array());
    json_object_set_new(process, "cwd", jsontext_shown(spec->workdir));
    json_object_set_new(process, "rlimits", rlimits(spec));
    set_user(process, spec->user);
    json_object_set_new(json_object_get(config, "root"), "path", jsontext_shown(spec->root));
    if (rules)
        json_object_set(fresh, "devices", (json_t *)rules);
    json_object_set_new(linux_part, "resources", fresh);
    json_object_del(linux_part, "cgroupsPath"); /* it is in use */
    return config;
}

void oci_left_out(const struct spec *spec, struct str *to)
{
    const struct {
        bool is;
        const char *what;
    } rows[] = {
        {spec->network == NETWORK_PRIVATE, "the link of its private network"},
        {spec->init, "--init"},
        {spec->keep, "what --keep kept"},
        {!spec->bundle && !spec_is_unconfined(spec), "its seccomp filter"},
        {spec->bundle && spec->seccomp, "--seccomp"},
        {spec->bundle && (spec->bind_count || spec->tmpfs_count), "-v and --tmpfs"},
        {spec->bundle && (spec->cap_add || spec->cap_drop), "--cap-add and --cap-drop"},
        {!spec->bundle, "its own /etc/hosts, hostname and resolv.conf"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].is)
            str_addf(to, "%s%s", to->len ? ", " : "", rows[i].what);
}

int oci_write(const struct spec *spec, const struct container *container, const char *place, char **ret_text,
              struct err *err)
{
    struct writer w = {.spec = spec, .container = container, .place = place};
    int rc = 0;
    if (spec->bundle) {
        w.config = bundle_config(spec);
    } else {
        w.config = json_pack("{s:s}", "ociVersion", "1.0.2");
        w.mounts = json_array(), w.masked = json_array(), w.read_only = json_array();
        w.namespaces = json_array(), w.uid_map = json_array(), w.gid_map = json_array();
        w.sysctl = json_object();
        rc = write_plan(&w, err);
    }
    if (rc == 0)
        *ret_text = to_text(w.config);
    json_decref(w.config);
    return rc < 0 ? err_prefix(err, "write the config.json of container %s", container->name) : 0;
}
