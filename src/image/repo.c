/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/repo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define TEMPORARY ".new-"
#define SUFFIX    ".json"

static const char *hex_of(const char *digest)
{
    return digest + strlen("sha256:");
}

void repo_short_name(const char *digest, char *to)
{
    snprintf(to, IMAGE_NAME_SIZE, "%.12s", hex_of(digest));
}

/* ---- all of them ---- */

void repo_free_list(struct image *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        image_free(&list[i]);
    free(list);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct image *)a)->name, ((const struct image *)b)->name);
}

/* The image's name in a record's, or "". */
static void name_of_record(const char *file, char *to)
{
    size_t len = strlen(file), suffix = strlen(SUFFIX);
    bool is_record =
        len > suffix && strcmp(file + len - suffix, SUFFIX) == 0 && len - suffix < IMAGE_NAME_SIZE;
    snprintf(to, IMAGE_NAME_SIZE, "%.*s", is_record ? (int)(len - suffix) : 0, file);
    if (!image_name_is_valid(to))
        to[0] = '\0';
}

static int read_all(DIR *dir, struct image **list, size_t *count, struct err *err)
{
    for (struct dirent *entry; (entry = readdir(dir));) {
        char name[IMAGE_NAME_SIZE];
        struct image image;
        name_of_record(entry->d_name, name);
        if (!name[0])
            continue;
        int rc = image_load(name, &image, NULL, err);
        if (rc == -ENOENT)
            continue; /* removed meanwhile */
        if (rc < 0)
            return rc;
        *list = mem_resize(*list, *count + 1, sizeof **list);
        (*list)[(*count)++] = image;
    }
    return 0;
}

int repo_list(struct image **ret, size_t *ret_count, struct err *err)
{
    char store[IMAGE_PATH_SIZE];
    struct image *list = NULL;
    size_t count = 0;
    int rc = image_store_path(store, err);
    if (rc < 0)
        return rc;
    cleanup_free char *path = mem_printf("%s/images", store);
    cleanup_dir DIR *dir = opendir(path);
    if (!dir && errno != ENOENT)
        return err_errno(err, "read the image store %s", path);
    rc = dir ? read_all(dir, &list, &count, err) : 0;
    if (rc < 0) {
        repo_free_list(list, count);
        return rc;
    }
    if (count)
        qsort(list, count, sizeof *list, by_name);
    *ret = list;
    *ret_count = count;
    return 0;
}

/* ---- removing what nobody has ---- */

/* A user's directories may be such that the user can't empty them. */
static void make_writable(int dirfd, const char *name)
{
    struct stat st;
    if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode) ||
        fchmodat(dirfd, name, 0700, 0) < 0)
        return;
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            make_writable(fd, entry->d_name);
}

static void remove_tree(int dirfd, const char *name)
{
    if (geteuid() != 0)
        make_writable(dirfd, name);
    fs_remove_tree_at(dirfd, name);
}

static bool is_used(const struct image *list, size_t count, const char *hex)
{
    for (size_t i = 0; i < count; i++)
        for (char **layer = list[i].layers; *layer; layer++)
            if (strcmp(hex_of(*layer), hex) == 0)
                return true;
    return false;
}

/* Under the lock: then a temporary is nobody's, and a layer without an image is of an import that ended.
 * Where a record can't be read nothing is known about the layers, and they stay. */
static void sweep(struct repo *repo)
{
    struct err ignored;
    struct image *list = NULL;
    size_t count = 0;
    bool known = repo_list(&list, &count, &ignored) == 0;
    int fd = openat(repo->layers, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        bool layer = strspn(entry->d_name, "0123456789abcdef") == 64 && !entry->d_name[64];
        if (str_starts(entry->d_name, TEMPORARY) || (layer && known && !is_used(list, count, entry->d_name)))
            remove_tree(repo->layers, entry->d_name);
    }
    repo_free_list(list, count);
}

/* ---- opening ---- */

static int open_part(const char *store, const char *part, int *ret, struct err *err)
{
    cleanup_free char *path = mem_printf("%s/%s", store, part);
    struct stat st;
    int rc = fs_mkdirs(path, 0700);
    if (rc < 0)
        err_set(err, -rc, "make the image store %s: %s", path, strerror(-rc));
    else if ((*ret = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0 || fstat(*ret, &st) < 0)
        rc = err_errno(err, "open the image store %s", path);
    else if (st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH))
        rc = err_set(err, EPERM, "image store %s: it is not a directory that only you can write", path);
    return rc < 0 ? err_hint(err, "set BOXTOP_IMAGES to a directory of your own") : 0;
}

int repo_open(struct repo *ret, struct err *err)
{
    struct repo repo = {.images = -1, .layers = -1, .lock = -1};
    int rc = image_store_path(repo.path, err);
    if (rc == 0)
        rc = open_part(repo.path, "images", &repo.images, err);
    if (rc == 0)
        rc = open_part(repo.path, "layers/sha256", &repo.layers, err);
    if (rc == 0) {
        repo.lock = openat(repo.images, ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (repo.lock < 0 || flock(repo.lock, LOCK_EX) < 0)
            rc = err_errno(err, "lock the image store %s", repo.path);
    }
    if (rc == 0)
        sweep(&repo);
    *ret = repo;
    if (rc < 0) {
        fd_close(&ret->images);
        fd_close(&ret->layers);
        fd_close(&ret->lock);
    }
    return rc < 0 ? -err->code : 0;
}

void repo_close(struct repo *repo)
{
    if (repo->lock >= 0)
        sweep(repo);
    fd_close(&repo->images);
    fd_close(&repo->layers);
    fd_close(&repo->lock);
}

/* ---- layers ---- */

bool repo_has_layer(const struct repo *repo, const char *diff_id)
{
    return faccessat(repo->layers, hex_of(diff_id), F_OK, 0) == 0;
}

int repo_temporary(struct repo *repo, char *ret_name, int *ret_fd, struct err *err)
{
    snprintf(ret_name, REPO_TEMPORARY_SIZE, TEMPORARY "%u", repo->temporaries++);
    if (mkdirat(repo->layers, ret_name, 0755) < 0)
        return err_errno(err, "make a layer in %s", repo->path);
    *ret_fd = openat(repo->layers, ret_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return *ret_fd < 0 ? err_errno(err, "open a new layer in %s", repo->path) : 0;
}

int repo_keep(struct repo *repo, const char *temporary, const char *diff_id, struct err *err)
{
    /* Not only renamed: what is in it must be there after the power went, too. */
    syncfs(repo->layers);
    if (renameat(repo->layers, temporary, repo->layers, hex_of(diff_id)) < 0)
        return err_errno(err, "keep the layer %s", diff_id);
    return 0;
}

static uint64_t tree_size(int dirfd, const char *name)
{
    struct stat st;
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    uint64_t sum = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            sum += S_ISDIR(st.st_mode)   ? tree_size(fd, entry->d_name)
                   : S_ISREG(st.st_mode) ? (uint64_t)st.st_size
                                         : 0;
    }
    return sum;
}

uint64_t repo_layer_size(const struct repo *repo, const char *diff_id)
{
    return tree_size(repo->layers, hex_of(diff_id));
}

void repo_drop(struct repo *repo, const char *temporary)
{
    remove_tree(repo->layers, temporary);
}

/* ---- records ---- */

/* Takes the record for its writer: no container may use it. -EBUSY, -ENOENT. */
static int claim(const struct repo *repo, const char *file, int *ret_fd)
{
    cleanup_close int fd = openat(repo->images, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    *ret_fd = take_fd(&fd);
    return 0;
}

/* A record that is used goes on under another name, with the lock on it. 1: it is of the same image, and
 * stays.
 */
static int step_aside(struct repo *repo, const struct image *image, const char *file, struct err *err)
{
    struct image old;
    char name[IMAGE_NAME_SIZE];
    int rc = image_load(image->name, &old, NULL, err);
    if (rc < 0)
        return rc;
    repo_short_name(old.digest, name);
    bool same = strcmp(old.digest, image->digest) == 0;
    image_free(&old);
    cleanup_free char *aside = mem_printf("%s" SUFFIX, name);
    if (same || strcmp(aside, file) == 0)
        return 1;
    return renameat(repo->images, file, repo->images, aside) < 0
               ? err_errno(err, "rename image %s", image->name)
               : 0;
}

int repo_save(struct repo *repo, const struct image *image, struct err *err)
{
    cleanup_free char *file = mem_printf("%s" SUFFIX, image->name);
    cleanup_close int own = -1;
    json_t *json = image_to_json(image);
    cleanup_free char *text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
    json_decref(json);
    if (!text)
        return err_set(err, EINVAL, "image %s: it can't be said in JSON", image->name);
    int rc = claim(repo, file, &own);
    rc = rc == -EBUSY ? step_aside(repo, image, file, err) : 0;
    if (rc == 0 && (rc = fs_replace_at(repo->images, file, text, strlen(text))) < 0)
        err_set(err, -rc, "write %s/images/%s: %s", repo->path, file, strerror(-rc));
    return rc;
}

int repo_remove(struct repo *repo, const char *name, struct err *err)
{
    cleanup_free char *file = mem_printf("%s" SUFFIX, name);
    cleanup_close int own = -1;
    int rc = image_name_is_valid(name) ? claim(repo, file, &own) : -ENOENT;
    if (rc == -ENOENT) {
        err_set(err, ENOENT, "no image %s", name);
        return err_hint(err, "boxtop image ls lists them");
    }
    if (rc == -EBUSY) {
        err_set(err, EBUSY, "image %s: a container runs on it", name);
        return err_hint(err, "stop the container first: boxtop ps shows which");
    }
    if (rc < 0 || unlinkat(repo->images, file, 0) < 0)
        return err_set(err, rc < 0 ? -rc : errno, "remove image %s: %s", name,
                       strerror(rc < 0 ? -rc : errno));
    return 0;
}
