/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * docker's --mount: words with commas between.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/spec_text.h"

struct mount_words {
    const char *type, *source, *target, *size, *mode;
    bool read_only;
};

/* `value` NULL: the word stood alone. */
static int read_flag(const char *key, const char *value, bool *ret, struct err *err)
{
    bool yes = !value || strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
    if (!yes && strcmp(value, "false") != 0 && strcmp(value, "0") != 0)
        return err_set(err, EINVAL, "%s is true or false, not '%s'", key, value);
    *ret = yes;
    return 0;
}

static int read_word(struct mount_words *words, const char *key, const char *value, struct err *err)
{
    const struct {
        const char *key;
        const char **to;
    } rows[] = {{"type", &words->type},       {"source", &words->source},      {"src", &words->source},
                {"target", &words->target},   {"destination", &words->target}, {"dst", &words->target},
                {"tmpfs-size", &words->size}, {"tmpfs-mode", &words->mode}};
    if (strcmp(key, "readonly") == 0 || strcmp(key, "ro") == 0)
        return read_flag(key, value, &words->read_only, err);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].key, key) == 0) {
            *rows[i].to = value;
            return value && value[0] ? 0 : err_set(err, EINVAL, "%s= is empty", key);
        }
    /* What every mount of ours is: nothing goes out of it, nothing comes in. */
    if (strcmp(key, "bind-propagation") == 0 && value && strcmp(value, "rprivate") == 0)
        return 0;
    err_set(err, ENOTSUP, "'%s' is not supported", key);
    return err_hint(err, "type=bind|tmpfs, source=, target=, readonly, tmpfs-size=, tmpfs-mode=");
}

static int add_tmpfs(struct spec *spec, const struct mount_words *words, struct err *err)
{
    if (words->source)
        return err_set(err, EINVAL, "a tmpfs has no source");
    cleanup_free char *options = mem_printf("%s%s%s%s%s", words->read_only ? "ro" : "rw",
                                            words->size ? ",size=" : "", words->size ? words->size : "",
                                            words->mode ? ",mode=" : "", words->mode ? words->mode : "");
    return spec_add_tmpfs(spec, words->target, options, err);
}

static int add_mount(struct spec *spec, const struct mount_words *words, struct err *err)
{
    bool bind = words->type && strcmp(words->type, "bind") == 0;
    if (!bind && (!words->type || strcmp(words->type, "tmpfs") != 0)) {
        err_set(err, words->type ? ENOTSUP : EINVAL, "type=%s is not supported",
                words->type ? words->type : "volume, docker's default,");
        return err_hint(err, "type=bind or type=tmpfs");
    }
    if (!words->target)
        return err_set(err, EINVAL, "target= is missing");
    if (!bind)
        return add_tmpfs(spec, words, err);
    if (!words->source)
        return err_set(err, EINVAL, "source= is missing");
    if (words->size || words->mode)
        return err_set(err, EINVAL, "tmpfs-size= and tmpfs-mode= are for type=tmpfs");
    spec_add_bind(spec, words->source, words->target, words->read_only);
    return 0;
}

int spec_add_mount(struct spec *spec, const char *text, struct err *err)
{
    struct mount_words words = {0};
    cleanup_free char *copy = mem_dup(text);
    for (char *rest = copy, *word; (word = strsep(&rest, ","));) {
        char *value = strchr(word, '=');
        if (value)
            *value++ = '\0';
        int rc = read_word(&words, word, value, err);
        if (rc < 0)
            return rc;
    }
    return add_mount(spec, &words, err);
}
