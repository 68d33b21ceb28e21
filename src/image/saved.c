/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What `docker save` wrote: manifest.json -> config and layers, by the names of files in the archive.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "image/recipe.h"

/* "HEX.json" and "blobs/sha256/HEX" say what the file's digest is; other names do not. */
static void digest_in_name(const char *path, char *to)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t len = strspn(name, "0123456789abcdef");
    bool is_digest = len == 64 && (!name[64] || strcmp(name + 64, ".json") == 0);
    snprintf(to, IMAGE_DIGEST_SIZE, "%s%.*s", is_digest ? "sha256:" : "", is_digest ? 64 : 0, name);
}

static int read_layers(const json_t *layers, struct recipe *recipe, struct err *err)
{
    for (size_t i = 0; i < json_array_size(layers); i++) {
        const char *path = json_string_value(json_array_get(layers, i));
        if (!path)
            return err_set(err, EINVAL, "manifest.json: \"Layers\" is missing or wrong");
        /* Blobs are named by digests; "HEX/layer.tar" is not. The config's diff_ids decide in any case. */
        char digest[IMAGE_DIGEST_SIZE];
        digest_in_name(path, digest);
        recipe_add(recipe, path, digest, VALUE_ABSENT);
    }
    return 0;
}

/* "registry/library/debian:12" is "debian:12" here. */
static void short_tag(const json_t *tags, char *to)
{
    const char *tag = json_string_value(json_array_get(tags, 0));
    const char *slash = tag ? strrchr(tag, '/') : NULL;
    str_copy(to, IMAGE_NAME_SIZE, slash ? slash + 1 : tag ? tag : "");
}

static int read_entry(const json_t *entry, struct recipe *recipe, struct err *err)
{
    const char *path = json_string_value(json_object_get(entry, "Config"));
    char digest[IMAGE_DIGEST_SIZE];
    json_t *config = NULL;
    if (!path)
        return err_set(err, EINVAL, "manifest.json: \"Config\" is missing or wrong");
    digest_in_name(path, digest);
    int rc = recipe_read(recipe->dir, path, digest, VALUE_ABSENT, &config, recipe->image.digest, err);
    if (rc == 0)
        rc = recipe_read_config(recipe, config, err);
    json_decref(config);
    return rc == 0 ? read_layers(json_object_get(entry, "Layers"), recipe, err) : rc;
}

int saved_read(int dir, struct recipe *ret, char *ret_tag, struct err *err)
{
    struct recipe recipe = {.dir = dir};
    json_t *manifest = NULL;
    int rc = recipe_read(dir, "manifest.json", "", VALUE_ABSENT, &manifest, NULL, err);
    if (rc == -ENOENT)
        err_hint(err, "a plain tar of a root file system is given without docker-archive:");
    if (rc == 0 && json_array_size(manifest) != 1)
        rc = err_set(err, EINVAL, "it has %zu images, where one is read", json_array_size(manifest));
    if (rc == 0)
        rc = read_entry(json_array_get(manifest, 0), &recipe, err);
    if (rc == 0)
        short_tag(json_object_get(json_array_get(manifest, 0), "RepoTags"), ret_tag);
    json_decref(manifest);
    if (rc < 0)
        recipe_free(&recipe);
    else
        *ret = recipe;
    return rc;
}
