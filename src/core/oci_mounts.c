/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * mounts: what the words of a mount's options mean.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/mem.h"
#include "core/oci_json.h"
#include "core/spec_text.h"

/* Each with an r in front concerns what is mounted below, too. */
static const struct {
    const char *word;
    uint64_t set, clear;
} attributes[] = {
    {"ro", MOUNT_ATTR_RDONLY, 0},
    {"rw", 0, MOUNT_ATTR_RDONLY},
    {"nosuid", MOUNT_ATTR_NOSUID, 0},
    {"suid", 0, MOUNT_ATTR_NOSUID},
    {"nodev", MOUNT_ATTR_NODEV, 0},
    {"dev", 0, MOUNT_ATTR_NODEV},
    {"noexec", MOUNT_ATTR_NOEXEC, 0},
    {"exec", 0, MOUNT_ATTR_NOEXEC},
    {"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
    {"diratime", 0, MOUNT_ATTR_NODIRATIME},
    {"relatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"norelatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {"noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
    {"atime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {"nostrictatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    {"symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
};

static const struct {
    const char *word;
    uint64_t propagation;
} propagations[] = {
    {"private", MS_PRIVATE}, {"slave", MS_SLAVE}, {"shared", MS_SHARED}, {"unbindable", MS_UNBINDABLE}};

/* Known to mount(8) or to other runtimes, and not to be handed on as if the file system knew them. */
static const char *const refused[] = {
    "remount", "tmpcopyup", "copy-symlink", "src-nofollow", "dest-nofollow", "iversion", "noiversion", "mand",
    "nomand",  "loud",      "silent",       "acl",          "noacl",         "context",  "fscontext"};

uint64_t oci_propagation(const char *word, bool *ret_all)
{
    *ret_all = word[0] == 'r';
    for (size_t i = 0; i < COUNT_OF(propagations); i++)
        if (strcmp(propagations[i].word, word + *ret_all) == 0)
            return propagations[i].propagation;
    return 0;
}

static void change(struct mount_change *to, uint64_t set, uint64_t clear)
{
    to->set = (to->set & ~clear) | set;
    to->clear = (to->clear & ~set) | clear;
}

static bool take_attribute(struct bundle_mount *m, const char *word)
{
    for (size_t i = 0; i < COUNT_OF(attributes); i++) {
        if (strcmp(attributes[i].word, word) == 0)
            return change(&m->one, attributes[i].set, attributes[i].clear), true;
        if (word[0] == 'r' && strcmp(attributes[i].word, word + 1) == 0)
            return change(&m->all, attributes[i].set, attributes[i].clear), true;
    }
    return false;
}

/* Nothing of a container's is ever mounted in the host's namespace: what is mounted in a bind can't go back.
 */
static int take_propagation(struct oci *oci, struct bundle_mount *m, uint64_t propagation, bool all)
{
    if (propagation == MS_SHARED && m->bind)
        return oci_refuse(oci, "nothing of a container's is mounted in the host's namespace: use slave or "
                               "rslave");
    *(all ? &m->all.propagation : &m->one.propagation) = propagation;
    oci->bundle->follows_host |= propagation == MS_SLAVE && m->bind;
    return 0;
}

static int take_word(struct oci *oci, struct bundle_mount *m, const char *word, struct str *data)
{
    bool all;
    uint64_t propagation = oci_propagation(word, &all);
    size_t len = strcspn(word, "=");
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        if (strlen(refused[i]) == len && strncmp(refused[i], word, len) == 0)
            return oci_refuse(oci, NULL);
    if (strcmp(word, "bind") == 0 || strcmp(word, "rbind") == 0 || strcmp(word, "defaults") == 0 ||
        strcmp(word, "async") == 0)
        return 0; /* seen before, or what is so anyway */
    if (strcmp(word, "idmap") == 0 || strcmp(word, "ridmap") == 0) {
        m->id_map = true;
        m->id_map_all = word[0] == 'r';
        return 0;
    }
    if (propagation)
        return take_propagation(oci, m, propagation, all);
    if (take_attribute(m, word))
        return 0;
    if (m->bind) {
        oci_fail(oci, ENOTSUP, "'%s': not supported", word);
        return err_hint(oci->err, "a bind has no options of a file system: remove it");
    }
    str_addf(data, "%s%s", data->len ? "," : "", word);
    return 0;
}

struct mount_in {
    char *destination, *type, *source;
    char **options;
    char *uid_map, *gid_map;
};

static const struct oci_key mount_keys[] = {
    {.key = "destination", .kind = OCI_TEXT, .offset = offsetof(struct mount_in, destination)},
    {.key = "type", .kind = OCI_TEXT, .offset = offsetof(struct mount_in, type)},
    {.key = "source", .kind = OCI_TEXT, .offset = offsetof(struct mount_in, source)},
    {.key = "options", .kind = OCI_LIST, .offset = offsetof(struct mount_in, options)},
    {.key = "uidMappings",
     .kind = OCI_CALL,
     .offset = offsetof(struct mount_in, uid_map),
     .read = oci_read_ids},
    {.key = "gidMappings",
     .kind = OCI_CALL,
     .offset = offsetof(struct mount_in, gid_map),
     .read = oci_read_ids},
    {0},
};

static void find_bind(struct bundle_mount *m, char *const *options)
{
    m->bind = strcmp(m->type, "bind") == 0 || strcmp(m->type, "rbind") == 0;
    m->recursive = strcmp(m->type, "rbind") == 0;
    for (char *const *word = options; word && *word; word++) {
        m->recursive |= strcmp(*word, "rbind") == 0;
        m->bind |= m->recursive || strcmp(*word, "bind") == 0;
    }
}

static int read_options(struct oci *oci, struct bundle_mount *m, char *const *options)
{
    struct str data = {0}, words = {0};
    int rc = 0;
    for (size_t i = 0; options && options[i] && rc == 0; i++) {
        size_t outer = oci_enter(oci, "options", 0), mark = oci_enter(oci, NULL, i);
        str_addf(&words, "%s%s", words.len ? "," : "", options[i]);
        rc = take_word(oci, m, options[i], &data);
        if (rc == 0)
            oci_leave(oci, mark), oci_leave(oci, outer);
    }
    m->data = mem_dup(data.text);
    m->words = mem_dup(words.text);
    str_free(&data);
    str_free(&words);
    return rc;
}

static int check(struct oci *oci, const struct bundle_mount *m)
{
    if (!spec_target_is_valid(m->target))
        return oci_fail(oci, EINVAL, "destination '%s' is not an absolute path below / without ..",
                        m->target);
    if (!m->type[0])
        return oci_fail(oci, EINVAL, "type is missing");
    if (m->bind && !m->source[0])
        return oci_fail(oci, EINVAL, "a bind needs a source");
    if (m->id_map && !m->bind)
        return oci_fail(oci, ENOTSUP, "idmap: not supported but for a bind");
    if (m->id_map && !m->uid_map != !m->gid_map)
        return oci_fail(oci, EINVAL, "uidMappings and gidMappings need each other");
    if (!m->id_map && (m->uid_map || m->gid_map))
        return oci_fail(oci, EINVAL, "uidMappings: the options have to say idmap or ridmap");
    return 0;
}

void oci_mount_free(struct bundle_mount *m)
{
    free(m->target);
    free(m->type);
    free(m->source);
    free(m->words);
    free(m->data);
    free(m->uid_map);
    free(m->gid_map);
}

int oci_read_mount(struct oci *oci, const json_t *value, void *target)
{
    struct bundle *b = oci->bundle;
    struct mount_in in = {0};
    struct bundle_mount m = {0};
    (void)target;
    int rc = oci_object(oci, value, mount_keys, &in);
    if (rc == 0) {
        m = (struct bundle_mount){.target = mem_dup(in.destination ? in.destination : ""),
                                  .uid_map = take_ptr(&in.uid_map),
                                  .gid_map = take_ptr(&in.gid_map)};
        m.type = mem_dup(in.type ? in.type : "");
        find_bind(&m, in.options);
        if (m.bind && in.source && in.source[0] && in.source[0] != '/')
            m.source = mem_printf("%s/%s", b->path, in.source);
        else
            m.source = mem_dup(in.source ? in.source : "");
        if (m.bind && !m.type[0]) {
            free(m.type);
            m.type = mem_dup("bind");
        }
        rc = read_options(oci, &m, in.options);
    }
    if (rc == 0)
        rc = check(oci, &m);
    free(in.destination);
    free(in.type);
    free(in.source);
    free(in.uid_map);
    free(in.gid_map);
    mem_free_list(in.options);
    if (rc < 0) {
        oci_mount_free(&m);
        return rc;
    }
    b->mounts = mem_resize(b->mounts, b->mount_count + 1, sizeof *b->mounts);
    b->mounts[b->mount_count++] = m;
    return 0;
}
