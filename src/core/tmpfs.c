/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/tmpfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/mem.h"

static const struct word {
    const char *name;
    unsigned long set, clear; /* MOUNT_ATTR_* */
    const char *letters;      /* of its value, which goes to the file system; NULL: it has none */
} words[] = {
    {"rw", 0, MOUNT_ATTR_RDONLY, NULL},   {"ro", MOUNT_ATTR_RDONLY, 0, NULL},
    {"suid", 0, MOUNT_ATTR_NOSUID, NULL}, {"nosuid", MOUNT_ATTR_NOSUID, 0, NULL},
    {"exec", 0, MOUNT_ATTR_NOEXEC, NULL}, {"noexec", MOUNT_ATTR_NOEXEC, 0, NULL},
    {"nodev", MOUNT_ATTR_NODEV, 0, NULL}, /* and no "dev": device nodes are for /dev */
    {"size", 0, 0, "0123456789kKmMgG%"},  {"nr_inodes", 0, 0, "0123456789kKmMgG"},
    {"mode", 0, 0, "01234567"},           {"uid", 0, 0, "0123456789"},
    {"gid", 0, 0, "0123456789"},
};

static const struct word *find(const char *text, size_t len)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strlen(words[i].name) == len && strncmp(words[i].name, text, len) == 0)
            return &words[i];
    return NULL;
}

int tmpfs_read_options(const char *options, unsigned long *ret_attributes, struct str *data, struct err *err)
{
    unsigned long attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    cleanup_free char *copy = mem_dup(options);
    for (char *rest = copy, *text; (text = strsep(&rest, ","));) {
        size_t len = strcspn(text, "=");
        const char *value = text[len] ? text + len + 1 : NULL;
        const struct word *word = find(text, len);
        bool good = word && !word->letters == !value;
        if (good && value)
            good = value[0] && !value[strspn(value, word->letters)];
        if (!good) {
            err_set(err, EINVAL, "'%s' is no option of a tmpfs", text);
            return err_hint(err, "size=64m, mode=1777, uid=, gid=, nr_inodes=, ro, exec, suid");
        }
        attributes = (attributes | word->set) & ~word->clear;
        if (value)
            str_addf(data, "%s%s", data->len ? "," : "", text);
    }
    *ret_attributes = attributes;
    return 0;
}
