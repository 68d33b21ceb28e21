/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An OCI image layout: index.json -> (an index for several platforms) -> manifest -> config and layers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "image/recipe.h"

#define NESTING 4 /* indexes in indexes */

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? text : "";
}

/* The architecture's name in an image, or "". */
static const char *own_architecture(void)
{
    static const struct {
        const char *machine, *image;
    } names[] = {{"x86_64", "amd64"}, {"aarch64", "arm64"},      {"armv7l", "arm"},
                 {"i686", "386"},     {"riscv64", "riscv64"},    {"ppc64le", "ppc64le"},
                 {"s390x", "s390x"},  {"loongarch64", "loong64"}};
    struct utsname name;
    if (uname(&name) < 0)
        return "";
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(names[i].machine, name.machine) == 0)
            return names[i].image;
    return "";
}

static bool is_index(const json_t *descriptor)
{
    const char *type = text_of(descriptor, "mediaType");
    return strcmp(type, "application/vnd.oci.image.index.v1+json") == 0 ||
           strcmp(type, "application/vnd.docker.distribution.manifest.list.v2+json") == 0;
}

/* The blob that a descriptor means, checked in its text: digest, size, path. */
static int read_descriptor(const json_t *descriptor, const char **ret_digest, uint64_t *ret_size,
                           char **ret_path, struct err *err)
{
    const char *digest = text_of(descriptor, "digest");
    const json_t *size = json_object_get(descriptor, "size");
    if (!image_digest_is_valid(digest))
        return err_set(err, EINVAL, "'%s' is no sha256 digest", digest);
    if (!json_is_integer(size) || json_integer_value(size) < 0)
        return err_set(err, EINVAL, "%s: its size is not said", digest);
    *ret_digest = digest;
    *ret_size = (uint64_t)json_integer_value(size);
    *ret_path = mem_printf("blobs/sha256/%s", digest + strlen("sha256:"));
    return 0;
}

static int read_blob(int dir, const json_t *descriptor, json_t **ret, struct err *err)
{
    const char *digest = "";
    uint64_t size = 0;
    cleanup_free char *path = NULL;
    int rc = read_descriptor(descriptor, &digest, &size, &path, err);
    if (rc == 0 && size > RECIPE_JSON_LIMIT)
        rc = err_set(err, EFBIG, "%s: too long for what it is", digest);
    return rc == 0 ? recipe_read(dir, path, digest, size, ret, NULL, err) : rc;
}

/* ---- which of them ---- */

static bool has_tag(const json_t *descriptor, const char *tag)
{
    const char *name =
        text_of(json_object_get(descriptor, "annotations"), "org.opencontainers.image.ref.name");
    const char *colon = strrchr(name, ':');
    return strcmp(name, tag) == 0 || (colon && strcmp(colon + 1, tag) == 0);
}

static bool fits(const json_t *descriptor)
{
    const json_t *platform = json_object_get(descriptor, "platform");
    return !platform || (strcmp(text_of(platform, "os"), "linux") == 0 &&
                         strcmp(text_of(platform, "architecture"), own_architecture()) == 0);
}

static void list_tags(const json_t *manifests, struct str *to)
{
    for (size_t i = 0; i < json_array_size(manifests); i++) {
        const json_t *notes = json_object_get(json_array_get(manifests, i), "annotations");
        const char *name = text_of(notes, "org.opencontainers.image.ref.name");
        if (name[0])
            str_addf(to, "%s%s", to->len ? ", " : "", name);
    }
}

static int no_choice(const json_t *manifests, const char *tag, size_t count, size_t tagged, struct err *err)
{
    struct str tags = {0};
    list_tags(manifests, &tags);
    if (count > 1)
        err_set(err, EINVAL, "it has %zu images", count);
    else if (tag && !tagged)
        err_set(err, ENOENT, "it has no image '%s'", tag);
    else
        err_set(err, ENOENT, "it has no image for linux/%s", own_architecture());
    if (tags.len && (count > 1 || !tagged))
        err_hint(err, "say which: %s", tags.text);
    str_free(&tags);
    return -err->code;
}

/* The one that is meant: with the tag if there is one, and for this machine. */
static int choose(const json_t *index, const char *tag, const json_t **ret, struct err *err)
{
    const json_t *manifests = json_object_get(index, "manifests");
    size_t count = 0, tagged = 0;
    for (size_t i = 0; i < json_array_size(manifests); i++) {
        const json_t *descriptor = json_array_get(manifests, i);
        bool named = !tag || has_tag(descriptor, tag);
        tagged += named;
        if (!named || !fits(descriptor))
            continue;
        *ret = descriptor;
        count++;
    }
    return count == 1 ? 0 : no_choice(manifests, tag, count, tagged, err);
}

/* Down to the manifest; *ret_digest is its. */
static int find_manifest(int dir, const char *tag, json_t **ret, char *ret_digest, struct err *err)
{
    json_t *index = NULL;
    int rc = recipe_read(dir, "index.json", "", VALUE_ABSENT, &index, NULL, err);
    for (int depth = 0; rc == 0; depth++) {
        const json_t *descriptor = NULL;
        json_t *next = NULL;
        rc = depth < NESTING ? choose(index, depth == 0 ? tag : NULL, &descriptor, err)
                             : err_set(err, ELOOP, "its indexes lead into each other");
        if (rc == 0)
            rc = read_blob(dir, descriptor, &next, err);
        bool more = rc == 0 && is_index(descriptor);
        if (rc == 0)
            str_copy(ret_digest, IMAGE_DIGEST_SIZE, text_of(descriptor, "digest"));
        json_decref(index);
        index = next;
        if (rc == 0 && !more)
            break;
    }
    *ret = index;
    return rc;
}

/* ---- what it is made of ---- */

static bool is_layer_type(const char *type)
{
    static const char *const types[] = {
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.oci.image.layer.v1.tar+zstd",
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
        "application/vnd.docker.image.rootfs.diff.tar",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
    };
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (strcmp(types[i], type) == 0)
            return true;
    return false;
}

static int read_layers(const json_t *manifest, struct recipe *recipe, struct err *err)
{
    const json_t *layers = json_object_get(manifest, "layers");
    int rc = 0;
    for (size_t i = 0; i < json_array_size(layers) && rc == 0; i++) {
        const json_t *layer = json_array_get(layers, i);
        const char *digest = "";
        uint64_t size = 0;
        cleanup_free char *path = NULL;
        rc = read_descriptor(layer, &digest, &size, &path, err);
        if (rc == 0 && !is_layer_type(text_of(layer, "mediaType")))
            rc = err_set(err, ENOTSUP, "layer %s: its type '%s' is not a tar archive", digest,
                         text_of(layer, "mediaType"));
        if (rc == 0)
            recipe_add(recipe, path, digest, size);
    }
    return rc;
}

static int read_manifest(const json_t *manifest, struct recipe *recipe, struct err *err)
{
    json_t *config = NULL;
    int rc = read_blob(recipe->dir, json_object_get(manifest, "config"), &config, err);
    if (rc == 0)
        rc = recipe_read_config(recipe, config, err);
    json_decref(config);
    return rc == 0 ? read_layers(manifest, recipe, err) : err_prefix(err, "config");
}

int layout_read(int dir, const char *tag, struct recipe *ret, struct err *err)
{
    struct recipe recipe = {.dir = dir};
    json_t *manifest = NULL;
    int rc = find_manifest(dir, tag, &manifest, recipe.image.digest, err);
    if (rc == 0)
        rc = read_manifest(manifest, &recipe, err);
    json_decref(manifest);
    if (rc < 0)
        recipe_free(&recipe);
    else
        *ret = recipe;
    return rc;
}
