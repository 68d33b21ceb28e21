/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/image.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/str.h"
#include "core/jsontext.h"
#include "core/spec_text.h"

#define RECORD_LIMIT (1u << 20) /* bytes */

static const char *const kinds[] = {"oci:", "docker-archive:", "docker://"};

void image_free(struct image *image)
{
    mem_free_list(image->layers);
    mem_free_list(image->entrypoint);
    mem_free_list(image->command);
    mem_free_list(image->env);
    free(image->workdir);
    free(image->user);
    free(image->stop_signal);
    free(image->created);
    *image = (struct image){0};
}

static bool has_kind(const char *text)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (str_starts(text, kinds[i]))
            return true;
    return false;
}

bool image_name_is_valid(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-";
    size_t len = strspn(name, letters);
    return isascii(name[0]) && isalnum((unsigned char)name[0]) && !name[len] && len < IMAGE_NAME_SIZE &&
           strcmp(name, "host") != 0 && !has_kind(name);
}

bool image_digest_is_valid(const char *digest)
{
    return str_starts(digest, "sha256:") && strlen(digest) == IMAGE_DIGEST_SIZE - 1 &&
           strspn(digest + 7, "0123456789abcdef") == 64;
}

bool image_is_source(const char *root)
{
    struct stat st;
    if (has_kind(root))
        return true;
    return strchr(root, '/') && stat(root, &st) == 0 && S_ISREG(st.st_mode);
}

/* ---- as JSON: the config's keys are the image specification's ---- */

static const struct {
    const char *key;
    size_t offset;
    bool list;
} fields[] = {
    {"Entrypoint", offsetof(struct image, entrypoint), true},
    {"Cmd", offsetof(struct image, command), true},
    {"Env", offsetof(struct image, env), true},
    {"WorkingDir", offsetof(struct image, workdir), false},
    {"User", offsetof(struct image, user), false},
    {"StopSignal", offsetof(struct image, stop_signal), false},
};

json_t *image_to_json(const struct image *image)
{
    json_t *config = json_object();
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        const char *at = (const char *)image + fields[i].offset;
        json_object_set_new(config, fields[i].key,
                            fields[i].list ? jsontext_list(*(char *const *const *)at)
                                           : jsontext(*(char *const *)at));
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:I, s:s}", "name", image->name, "digest", image->digest,
                     "layers", jsontext_list(image->layers), "config", config, "created",
                     jsontext(image->created), "size", (json_int_t)image->size_bytes, "stamp", image->stamp);
}

static int wrong(const char *key, struct err *err)
{
    return err_set(err, EINVAL, "\"%s\" is missing or wrong", key);
}

static int read_config(const json_t *config, struct image *image, struct err *err)
{
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        char *at = (char *)image + fields[i].offset;
        const json_t *value = json_object_get(config, fields[i].key);
        if (!value || json_is_null(value))
            continue;
        void *got = fields[i].list ? (void *)jsontext_get_list(value) : (void *)jsontext_get(value);
        if (!got)
            return wrong(fields[i].key, err);
        memcpy(at, &got, sizeof got);
    }
    for (char **entry = image->env; entry && *entry; entry++)
        if ((*entry)[0] == '=' || !strchr(*entry, '='))
            return wrong("Env", err);
    return 0;
}

static int read_layers(const json_t *list, struct image *image, struct err *err)
{
    image->layers = jsontext_get_list(list);
    for (char **layer = image->layers; layer && *layer; layer++)
        if (!image_digest_is_valid(*layer))
            return wrong("layers", err);
    return image->layers && image->layers[0] ? 0 : wrong("layers", err);
}

int image_from_json(const json_t *json, struct image *ret, struct err *err)
{
    struct image image = {0};
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *digest = json_string_value(json_object_get(json, "digest"));
    const char *stamp = json_string_value(json_object_get(json, "stamp"));
    json_int_t size = json_integer_value(json_object_get(json, "size"));
    int rc = 0;
    if (!name || !image_name_is_valid(name))
        rc = wrong("name", err);
    else if (!digest || !image_digest_is_valid(digest))
        rc = wrong("digest", err);
    else if (size < 0)
        rc = wrong("size", err);
    if (rc == 0)
        rc = read_layers(json_object_get(json, "layers"), &image, err);
    if (rc == 0)
        rc = read_config(json_object_get(json, "config"), &image, err);
    if (rc < 0) {
        image_free(&image);
        return rc;
    }
    str_copy(image.name, sizeof image.name, name);
    str_copy(image.digest, sizeof image.digest, digest);
    str_copy(image.stamp, sizeof image.stamp, stamp ? stamp : "");
    image.created = jsontext_get(json_object_get(json, "created"));
    image.size_bytes = (uint64_t)size;
    *ret = image;
    return 0;
}

/* ---- the store, to be read ---- */

int image_store_path(char *to, struct err *err)
{
    const char *own = getenv("BOXTOP_IMAGES"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int len;
    if (own && own[0])
        len = snprintf(to, IMAGE_PATH_SIZE, "%s", own);
    else if (geteuid() == 0)
        len = snprintf(to, IMAGE_PATH_SIZE, "/var/lib/boxtop");
    else if (data && data[0])
        len = snprintf(to, IMAGE_PATH_SIZE, "%s/boxtop", data);
    else
        len = snprintf(to, IMAGE_PATH_SIZE, "%s/.local/share/boxtop", home ? home : "");
    /* ':' and ',' have a meaning of their own among overlay's options. */
    if (len < IMAGE_PATH_SIZE && to[0] == '/' && !strpbrk(to, ":,\\"))
        return 0;
    err_set(err, EINVAL,
            "the image store's path '%s' is not an absolute one of less than %d letters without : , \\",
            len < IMAGE_PATH_SIZE ? to : "...", IMAGE_PATH_SIZE);
    return err_hint(err, "set BOXTOP_IMAGES to a directory of your own");
}

/* Opens and holds a record: what the name means must not have been replaced or removed before it was held. */
static int open_record(const char *path, struct err *err)
{
    for (;;) {
        struct stat held, named;
        cleanup_close int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &held) < 0)
            return err_errno(err, "open %s", path);
        if (!S_ISREG(held.st_mode) || held.st_uid != geteuid() || held.st_mode & (S_IWGRP | S_IWOTH))
            return err_set(err, EPERM, "%s: it is not a file that only you can write", path);
        if (flock(fd, LOCK_SH) < 0)
            return err_errno(err, "lock %s", path);
        if (stat(path, &named) == 0 && named.st_ino == held.st_ino && named.st_dev == held.st_dev)
            return take_fd(&fd);
    }
}

static int no_image(const char *name, struct err *err)
{
    err_set(err, ENOENT, "no image %s", name);
    return err_hint(err, "boxtop image ls lists them");
}

int image_load(const char *name, struct image *ret, int *ret_hold, struct err *err)
{
    char store[IMAGE_PATH_SIZE];
    json_error_t where;
    if (!image_name_is_valid(name))
        return no_image(name, err);
    int rc = image_store_path(store, err);
    if (rc < 0)
        return rc;
    cleanup_free char *path = mem_printf("%s/images/%s.json", store, name);
    cleanup_close int fd = open_record(path, err);
    if (fd < 0)
        return fd == -ENOENT ? no_image(name, err) : err_prefix(err, "image %s", name);
    cleanup_free char *text = mem_alloc(RECORD_LIMIT);
    if (fs_pread(fd, text, RECORD_LIMIT) < 0)
        return err_set(err, EIO, "image %s: %s can't be read", name, path);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    rc = json ? image_from_json(json, ret, err) : err_set(err, EINVAL, "line %d: %s", where.line, where.text);
    json_decref(json);
    if (rc < 0)
        return err_prefix(err, "image %s: %s", name, path);
    str_copy(ret->name, sizeof ret->name, name); /* a record that was renamed has its old name inside */
    if (ret_hold)
        *ret_hold = take_fd(&fd);
    return 0;
}

/* ---- in a spec ---- */

static int use_layers(const struct image *image, struct spec *spec, struct err *err)
{
    char store[IMAGE_PATH_SIZE];
    size_t count = 0;
    int rc = image_store_path(store, err);
    while (image->layers[count])
        count++;
    for (size_t i = count; i-- > 0 && rc == 0;) { /* overlay names the topmost first */
        char *path = mem_printf("%s/layers/sha256/%s", store, image->layers[i] + strlen("sha256:"));
        mem_list_add(&spec->layers, path);
        if (access(path, F_OK) < 0) {
            rc = err_set(err, EIO, "its layer %s is gone", path); /* not ENOENT: the image is there */
            err_hint(err, "import the image again");
        }
    }
    return rc;
}

static void add_all(char ***list, char *const *items)
{
    for (; items && *items; items++)
        mem_list_add(list, mem_dup(*items));
}

static size_t count_of(char *const *list)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    return count;
}

/* Entrypoint, and behind it the given command or else the image's own; neither of the image's with an
 * entrypoint that was given. */
static void use_command(const struct image *image, struct spec *spec)
{
    char **own = spec->command, **command = NULL;
    bool given = own && own[0];
    if (spec->entrypoint)
        return;
    add_all(&command, image->entrypoint);
    if (!given)
        add_all(&command, image->command);
    spec->image_words = count_of(command);
    add_all(&command, own);
    mem_free_list(own);
    spec->command = command;
}

static void use_env(const struct image *image, struct spec *spec)
{
    char **env = NULL;
    add_all(&env, image->env);
    add_all(&env, spec->env); /* the later one of two counts */
    mem_free_list(spec->env);
    spec->env = env;
}

/* Who runs it, where, and how it is told to stop. */
static int use_process(const struct image *image, struct spec *spec, struct err *err)
{
    bool user = image->user && image->user[0], signal = image->stop_signal && image->stop_signal[0];
    if (!spec->workdir && image->workdir && image->workdir[0] == '/')
        spec->workdir = mem_dup(image->workdir);
    if (signal && spec->stop_signal == SIGTERM && parse_signal(image->stop_signal, &spec->stop_signal) < 0)
        return err_set(err, EINVAL, "its stop signal '%s' is none", image->stop_signal);
    return user && !spec->user ? spec_set_user(spec, image->user, err) : 0;
}

int image_use(const char *name, struct spec *spec, struct err *err)
{
    struct image image;
    cleanup_close int hold = -1;
    int rc = image_load(name, &image, &hold, err);
    if (rc < 0)
        return rc;
    rc = use_layers(&image, spec, err);
    if (rc == 0)
        rc = use_process(&image, spec, err);
    if (rc == 0) {
        use_command(&image, spec);
        use_env(&image, spec);
        spec->image_hold = take_fd(&hold);
    }
    image_free(&image);
    return rc < 0 ? err_prefix(err, "image %s", name) : 0;
}

int image_hold(struct spec *spec, struct err *err)
{
    struct image image;
    struct spec now;
    cleanup_close int hold = -1;
    int rc = image_load(spec->root, &image, &hold, err);
    if (rc < 0)
        return rc;
    spec_init(&now);
    rc = use_layers(&image, &now, err);
    for (size_t i = 0; rc == 0 && (spec->layers[i] || now.layers[i]); i++)
        if (!spec->layers[i] || !now.layers[i] || strcmp(spec->layers[i], now.layers[i]) != 0)
            rc = err_set(err, ESTALE, "image %s: it is another one than the container was made of",
                         spec->root);
    if (rc == 0)
        spec->image_hold = take_fd(&hold);
    spec_free(&now);
    image_free(&image);
    return rc;
}
