/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/recipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "core/sys.h"
#include "image/digest.h"

void recipe_free(struct recipe *recipe)
{
    image_free(&recipe->image);
    for (size_t i = 0; i < recipe->count; i++)
        free(recipe->parts[i].path);
    free(recipe->parts);
    fd_close(&recipe->dir);
    *recipe = (struct recipe){.dir = -1};
}

void recipe_add(struct recipe *recipe, const char *path, const char *digest, uint64_t size_bytes)
{
    recipe->parts = mem_resize(recipe->parts, recipe->count + 1, sizeof *recipe->parts);
    struct recipe_part *part = &recipe->parts[recipe->count++];
    *part = (struct recipe_part){.path = mem_dup(path), .size_bytes = size_bytes};
    str_copy(part->digest, sizeof part->digest, digest);
}

int recipe_open(int dir, const char *path, struct err *err)
{
    struct stat st;
    uint64_t how = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    cleanup_close int fd = sys_openat2(dir, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, how);
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_errno(err, "open %s", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, EINVAL, "open %s: it is not a file", path);
    return take_fd(&fd);
}

int recipe_read(int dir, const char *path, const char *digest, uint64_t size_bytes, json_t **ret,
                char *ret_digest, struct err *err)
{
    json_error_t where;
    char own[IMAGE_DIGEST_SIZE];
    cleanup_close int fd = recipe_open(dir, path, err);
    if (fd < 0)
        return fd;
    int rc = digest[0] ? digest_check_file(fd, digest, size_bytes, err) : 0;
    if (rc < 0)
        return err_prefix(err, "%s", path);
    cleanup_free char *text = mem_alloc(RECIPE_JSON_LIMIT);
    ssize_t len = fs_pread(fd, text, RECIPE_JSON_LIMIT);
    if (len < 0)
        return err_set(err, (int)-len, "read %s: %s", path, strerror((int)-len));
    digest_of(text, (size_t)len, own);
    if (digest[0] && strcmp(own, digest) != 0)
        return err_set(err, EBADMSG, "%s: it changed while it was read", path);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    if (!json)
        return err_set(err, EINVAL, "%s, line %d: %s", path, where.line, where.text);
    if (ret_digest)
        str_copy(ret_digest, IMAGE_DIGEST_SIZE, own);
    *ret = json;
    return 0;
}

/* What stands there is the image's own business as long as it can be kept in a record. */
int recipe_read_config(struct recipe *recipe, const json_t *config, struct err *err)
{
    json_t *ids = json_object_get(json_object_get(config, "rootfs"), "diff_ids");
    json_t *own = json_object_get(config, "config"), *created = json_object_get(config, "created");
    struct image image;
    if (!json_is_array(ids) || json_array_size(ids) == 0)
        return err_set(err, EINVAL, "the image's config: it names no layers (rootfs.diff_ids)");
    json_t *record = json_pack("{s:s, s:s, s:O, s:O?, s:O?}", "name", "unnamed", "digest",
                               recipe->image.digest, "layers", ids, "config", own, "created", created);
    int rc = image_from_json(record, &image, err);
    json_decref(record);
    if (rc < 0)
        return err_prefix(err, "the image's config");
    str_copy(image.digest, sizeof image.digest, recipe->image.digest);
    image.name[0] = '\0';
    image_free(&recipe->image);
    recipe->image = image;
    return 0;
}
