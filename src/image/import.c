/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/import.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "image/build.h"
#include "image/digest.h"
#include "image/recipe.h"
#include "image/repo.h"
#include "image/unpack.h"

struct import {
    struct repo repo;
    struct progress *progress;
    char kept[REPO_TEMPORARY_SIZE]; /* what `docker save` wrote, unpacked; "": none */
    struct recipe recipe;
    char suggested[IMAGE_NAME_SIZE]; /* what the source calls itself; "" */
};

struct source {
    const struct kind *kind;
    char *path, *tag; /* tag NULL: none */
    const struct build *build;
};

/* ---- layers ---- */

static int same_digest(const char *expected, const char *got, struct err *err)
{
    if (!expected || strcmp(expected, got) == 0)
        return 0;
    return err_set(err, EBADMSG, "it is not what the config says: unpacked its digest is %s, not %s", got,
                   expected);
}

/* Into the store, unless it is there. expected NULL: not known before. */
static int add_layer(struct import *m, int from, const char *expected, bool whiteouts, char *ret_diff_id,
                     struct err *err)
{
    char temporary[REPO_TEMPORARY_SIZE];
    cleanup_close int to = -1;
    int rc = repo_temporary(&m->repo, temporary, &to, err);
    if (rc == 0)
        rc = unpack(from, to, whiteouts, m->progress, ret_diff_id, err);
    if (rc == 0)
        rc = same_digest(expected, ret_diff_id, err);
    if (rc == 0 && progress_interrupted())
        rc = err_set(err, EINTR, "interrupted");
    if (rc == 0 && !repo_has_layer(&m->repo, ret_diff_id))
        rc = repo_keep(&m->repo, temporary, ret_diff_id, err);
    repo_drop(&m->repo, temporary);
    return rc;
}

/* 0: not known. */
static uint64_t size_of(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

static int add_part(struct import *m, size_t index, struct err *err)
{
    const struct recipe_part *part = &m->recipe.parts[index];
    const char *diff_id = m->recipe.image.layers[index];
    char what[32], unpacked[IMAGE_DIGEST_SIZE];
    if (repo_has_layer(&m->repo, diff_id))
        return 0;
    cleanup_close int fd = recipe_open(m->recipe.dir, part->path, err);
    if (fd < 0)
        return fd;
    snprintf(what, sizeof what, "layer %zu of %zu", index + 1, m->recipe.count);
    progress_part(m->progress, what, size_of(fd));
    int rc = part->digest[0] ? digest_check_file(fd, part->digest, part->size_bytes, err) : 0;
    if (rc == 0)
        rc = add_layer(m, fd, diff_id, true, unpacked, err);
    return rc;
}

static size_t count_of(char *const *list)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    return count;
}

static int add_parts(struct import *m, struct err *err)
{
    const struct recipe *recipe = &m->recipe;
    size_t expected = count_of(recipe->image.layers);
    if (expected != recipe->count)
        return err_set(err, EINVAL, "the manifest has %zu layers, the config %zu", recipe->count, expected);
    for (size_t i = 0; i < recipe->count; i++)
        if (add_part(m, i, err) < 0)
            return err_prefix(err, "layer %zu", i + 1);
    return 0;
}

/* ---- kinds of source ---- */

static int open_input(const char *path, struct err *err)
{
    struct stat st;
    cleanup_close int fd =
        strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_errno(err, "open it");
    if (S_ISDIR(st.st_mode)) {
        err_set(err, EISDIR, "it is a directory");
        return err_hint(err, "run it as it is: boxtop run DIRECTORY; an OCI layout is oci:DIRECTORY");
    }
    return take_fd(&fd);
}

/* An archive says nothing but what is in it. */
static int describe_tar(struct import *m, const char *diff_id)
{
    char now[CLOCK_ISO_SIZE];
    struct image *image = &m->recipe.image;
    clock_iso(now, clock_wall_ns());
    mem_list_add(&image->layers, mem_dup(diff_id));
    image->created = mem_dup(now);
    str_copy(image->digest, sizeof image->digest, diff_id);
    return 0;
}

static int import_tar(struct import *m, const struct source *source, struct err *err)
{
    char unpacked[IMAGE_DIGEST_SIZE];
    cleanup_close int fd = open_input(source->path, err);
    if (fd < 0)
        return fd;
    progress_part(m->progress, "the archive", size_of(fd));
    int rc = add_layer(m, fd, NULL, false, unpacked, err);
    return rc < 0 ? rc : describe_tar(m, unpacked);
}

/* What a distribution's tools make. */
static int import_built(struct import *m, const struct source *source, struct err *err)
{
    char unpacked[IMAGE_DIGEST_SIZE];
    struct err tools = {0};
    cleanup_close int dir = -1, output = -1;
    int pid = 0, rc = repo_temporary(&m->repo, m->kept, &dir, err);
    cleanup_free char *path = mem_printf("%s/layers/sha256/%s", m->repo.path, m->kept);
    if (rc == 0)
        rc = build_begin(source->build, path, &output, &pid, err);
    if (rc == 0)
        rc = add_layer(m, output, NULL, false, unpacked, err);
    fd_close(&output);
    /* A tool that fails leaves an archive that is cut off: its own words say more. */
    if (build_end(pid, rc < 0, &tools) < 0 && !progress_interrupted()) {
        *err = tools;
        rc = -EIO;
    }
    return rc < 0 ? rc : describe_tar(m, unpacked);
}

static int open_layout(const struct source *source, struct err *err)
{
    int dir = open(source->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return dir < 0 ? err_errno(err, "open the directory %s", source->path) : dir;
}

static int import_layout(struct import *m, const struct source *source, struct err *err)
{
    int dir = open_layout(source, err);
    int rc = dir < 0 ? dir : layout_read(dir, source->tag, &m->recipe, err);
    return rc == 0 ? add_parts(m, err) : rc;
}

static int import_saved(struct import *m, const struct source *source, struct err *err)
{
    char unpacked[IMAGE_DIGEST_SIZE];
    cleanup_close int dir = -1, fd = open_input(source->path, err);
    if (fd < 0)
        return fd;
    progress_part(m->progress, "the archive", size_of(fd));
    int rc = repo_temporary(&m->repo, m->kept, &dir, err);
    if (rc == 0)
        rc = unpack(fd, dir, false, m->progress, unpacked, err);
    if (rc == 0)
        rc = saved_read(take_fd(&dir), &m->recipe, m->suggested, err);
    return rc == 0 ? add_parts(m, err) : rc;
}

/* skopeo, which says on stderr what it does and what is wrong. 0, or a negative errno. */
static int run_skopeo(char *const *argv, int *ret_status)
{
    pid_t pid;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    int rc = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    while (rc == 0 && waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
        ;
    return -rc;
}

static int copy_from_registry(const struct import *m, const struct source *source, struct err *err)
{
    int status = 0;
    cleanup_free char *from = mem_printf("docker://%s", source->path);
    cleanup_free char *to = mem_printf("oci:%s/layers/sha256/%s:image", m->repo.path, m->kept);
    int rc = run_skopeo((char *[]){(char *)"skopeo", (char *)"copy", from, to, NULL}, &status);
    if (rc == -ENOENT) {
        err_set(err, ENOENT, "skopeo, which speaks to registries, is not on this machine");
        return err_hint(err, "install it, or import what `docker save` writes: docker-archive:FILE");
    }
    if (rc < 0)
        return err_set(err, -rc, "start skopeo: %s", strerror(-rc));
    if (progress_interrupted())
        return err_set(err, EINTR, "interrupted");
    return status ? err_set(err, EIO, "skopeo could not copy it; it said why above") : 0;
}

static int import_registry(struct import *m, const struct source *source, struct err *err)
{
    cleanup_close int dir = -1;
    int rc = repo_temporary(&m->repo, m->kept, &dir, err);
    if (rc == 0)
        rc = copy_from_registry(m, source, err);
    if (rc == 0)
        rc = layout_read(take_fd(&dir), NULL, &m->recipe, err);
    return rc == 0 ? add_parts(m, err) : rc;
}

/* Which file it is, and when it last changed: the same stamp is the same image. */
static void stamp_of(const struct source *source, char *to)
{
    struct stat st;
    to[0] = '\0';
    if (strcmp(source->path, "-") != 0 && stat(source->path, &st) == 0)
        snprintf(to, IMAGE_STAMP_SIZE, "%" PRIu64 ":%" PRIu64 ":%" PRId64 ":%" PRId64 ".%09ld",
                 (uint64_t)st.st_dev, (uint64_t)st.st_ino, (int64_t)st.st_size, (int64_t)st.st_ctim.tv_sec,
                 st.st_ctim.tv_nsec);
}

/* What a registry has under a name is asked for once, as docker does. */
static void stamp_of_registry(const struct source *source, char *to)
{
    if (snprintf(to, IMAGE_STAMP_SIZE, "docker://%s", source->path) >= IMAGE_STAMP_SIZE)
        to[0] = '\0';
}

static bool is_from_registry(const struct source *source, const struct image *image)
{
    char stamp[IMAGE_STAMP_SIZE];
    stamp_of_registry(source, stamp);
    return stamp[0] && strcmp(stamp, image->stamp) == 0;
}

static bool is_from_file(const struct source *source, const struct image *image)
{
    char stamp[IMAGE_STAMP_SIZE];
    stamp_of(source, stamp);
    return stamp[0] && strcmp(stamp, image->stamp) == 0;
}

/* A layout's own files say which image it is. */
static bool is_from_layout(const struct source *source, const struct image *image)
{
    struct recipe recipe = {.dir = -1};
    struct err ignored;
    int dir = open_layout(source, &ignored);
    bool same = dir >= 0 && layout_read(dir, source->tag, &recipe, &ignored) == 0 &&
                strcmp(recipe.image.digest, image->digest) == 0;
    recipe_free(&recipe);
    return same;
}

static const struct kind {
    const char *front;
    int (*import)(struct import *m, const struct source *source, struct err *err);
    bool (*is_from)(const struct source *source, const struct image *image);
    void (*stamp)(const struct source *source, char *to);
    bool tag;
} kinds[] = {
    {"oci:", import_layout, is_from_layout, stamp_of, true},
    {"docker-archive:", import_saved, is_from_file, stamp_of, false},
    {"docker://", import_registry, is_from_registry, stamp_of_registry, false},
    {"", import_tar, is_from_file, stamp_of, false},
};

/* "oci:DIR:TAG" is a directory with a colon in its name, if there is one. */
static void parse_source(const char *text, struct source *ret)
{
    const struct kind *kind = kinds;
    struct stat st;
    while (!str_starts(text, kind->front))
        kind++;
    *ret = (struct source){.kind = kind, .path = mem_dup(text + strlen(kind->front))};
    char *colon = strrchr(ret->path, ':');
    if (kind->tag && colon && stat(ret->path, &st) < 0) {
        *colon = '\0';
        ret->tag = mem_dup(colon + 1);
    }
}

static void drop_source(struct source *source)
{
    free(source->path);
    free(source->tag);
}

/* ---- its name ---- */

/* "/srv/debian-12.tar.xz" is "debian-12". */
static void name_of_path(const struct source *source, char *to)
{
    static const char *const ends[] = {".gz", ".xz", ".zst", ".bz2", ".tgz", ".txz", ".tar", ".oci"};
    cleanup_free char *copy = mem_dup(source->path);
    size_t len = strlen(copy);
    while (len > 1 && copy[len - 1] == '/')
        copy[--len] = '\0';
    char *slash = strrchr(copy, '/'), *name = slash ? slash + 1 : copy;
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < COUNT_OF(ends); i++) {
            char *end = strlen(name) > strlen(ends[i]) ? name + strlen(name) - strlen(ends[i]) : NULL;
            if (end && strcmp(end, ends[i]) == 0)
                *end = '\0';
        }
    snprintf(to, IMAGE_NAME_SIZE, "%s%s%s", name, source->tag ? ":" : "", source->tag ? source->tag : "");
}

static int choose_name(struct import *m, const struct source *source, struct err *err)
{
    char *name = m->recipe.image.name;
    if (m->suggested[0] && image_name_is_valid(m->suggested))
        str_copy(name, IMAGE_NAME_SIZE, m->suggested);
    else
        name_of_path(source, name);
    if (image_name_is_valid(name))
        return 0;
    err_set(err, EINVAL, "no name for the image can be made of that");
    return err_hint(err, "give one: boxtop image import SOURCE NAME");
}

/* ---- the whole ---- */

static void sum_up(const struct import *m, struct image *image)
{
    image->size_bytes = 0;
    for (char **layer = image->layers; *layer; layer++)
        image->size_bytes += repo_layer_size(&m->repo, *layer);
}

static int import(const struct source *source, const char *name, bool by_digest, struct progress *progress,
                  char *ret_name, struct err *err)
{
    struct import m = {.progress = progress, .recipe = {.dir = -1}};
    struct image *image = &m.recipe.image;
    int rc = repo_open(&m.repo, err);
    if (rc < 0)
        return rc;
    rc = source->kind->import(&m, source, err);
    if (rc == 0 && by_digest)
        repo_short_name(image->digest, image->name);
    else if (rc == 0 && name)
        str_copy(image->name, sizeof image->name, name);
    else if (rc == 0)
        rc = choose_name(&m, source, err);
    if (rc == 0) {
        sum_up(&m, image);
        source->kind->stamp(source, image->stamp);
        rc = repo_save(&m.repo, image, err);
    }
    if (rc == 0)
        str_copy(ret_name, IMAGE_NAME_SIZE, image->name);
    recipe_free(&m.recipe);
    if (m.kept[0])
        repo_drop(&m.repo, m.kept);
    repo_close(&m.repo);
    return rc;
}

/* Whatever it was that there was no room for, the same can be done about it. */
static int failed_at(const char *doing, const char *what, struct err *err)
{
    if (err->code == ENOSPC || err->code == EDQUOT)
        err_hint(err, "make room, or set BOXTOP_IMAGES to a directory where there is some");
    return err_prefix(err, "%s %s", doing, what);
}

static int import_failed(const char *source, struct err *err)
{
    return failed_at("import", source, err);
}

static int check_name(const char *name, struct err *err)
{
    if (image_name_is_valid(name))
        return 0;
    err_set(err, EINVAL, "'%s' can't be an image's name", name);
    return err_hint(err, "letters, digits, _ . - : and a letter or digit first; not host, not oci:...");
}

static bool is_never_there(const struct source *source, const struct image *image)
{
    (void)source, (void)image;
    return false;
}

static void no_stamp(const struct source *source, char *to)
{
    (void)source;
    to[0] = '\0';
}

int import_build(const struct build *build, const char *name, struct progress *progress, struct err *err)
{
    static const struct kind built = {"", import_built, is_never_there, no_stamp, false};
    char made[IMAGE_NAME_SIZE];
    const struct source source = {.kind = &built, .path = (char *)"", .build = build};
    int rc = build_check(build, err);
    if (rc < 0 || (rc = check_name(name, err)) < 0)
        return rc;
    rc = import(&source, name, false, progress, made, err);
    return rc < 0 ? failed_at("build", name, err) : 0;
}

int import_as(const char *text, const char *name, struct progress *progress, char *ret_name, struct err *err)
{
    struct source source;
    if (name && check_name(name, err) < 0)
        return -err->code;
    parse_source(text, &source);
    int rc = import(&source, name, false, progress, ret_name, err);
    drop_source(&source);
    return rc < 0 ? import_failed(text, err) : 0;
}

static bool find_imported(const struct source *source, char *ret_name)
{
    struct image *list;
    size_t count;
    struct err ignored;
    bool found = false;
    if (repo_list(&list, &count, &ignored) < 0)
        return false;
    for (size_t i = 0; i < count && !found; i++) {
        found = source->kind->is_from(source, &list[i]);
        if (found)
            str_copy(ret_name, IMAGE_NAME_SIZE, list[i].name);
    }
    repo_free_list(list, count);
    return found;
}

int import_once(const char *text, struct progress *progress, char *ret_name, struct err *err)
{
    struct source source;
    parse_source(text, &source);
    int rc = 0;
    if (!find_imported(&source, ret_name))
        rc = import(&source, NULL, true, progress, ret_name, err);
    drop_source(&source);
    return rc < 0 ? import_failed(text, err) : 0;
}
