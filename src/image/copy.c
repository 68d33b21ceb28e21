/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/sys.h"
#include "image/unpack.h"

#define CHUNK (64u << 10)

/* ---- the pipe ---- */

static int broken(int rc, struct err *err)
{
    return rc < 0 ? err_set(err, -rc, "hand the files on: %s", strerror(-rc)) : 0;
}

int copy_put(int to, const struct copy_item *item, struct err *err)
{
    int rc = fs_write_all(to, (const char *)item, offsetof(struct copy_item, name));
    if (rc == 0)
        rc = fs_write_all(to, item->name, item->name_size);
    if (rc == 0)
        rc = fs_write_all(to, item->link, item->link_size);
    return broken(rc, err);
}

static int read_all(int from, char *to, size_t size)
{
    while (size > 0) {
        ssize_t got = read(from, to, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -EPIPE;
        to += got;
        size -= (size_t)got;
    }
    return 0;
}

int copy_get(int from, struct copy_item *ret, struct err *err)
{
    int rc = read_all(from, (char *)ret, offsetof(struct copy_item, name));
    if (rc == 0 && (ret->name_size >= COPY_NAME_MAX || ret->link_size >= COPY_NAME_MAX))
        rc = -ENAMETOOLONG;
    if (rc == 0)
        rc = read_all(from, ret->name, ret->name_size);
    if (rc == 0)
        rc = read_all(from, ret->link, ret->link_size);
    if (rc < 0)
        return broken(rc, err);
    ret->name[ret->name_size] = ret->link[ret->link_size] = '\0';
    if (!ret->mode)
        return 0;
    if (strlen(ret->name) != ret->name_size || strlen(ret->link) != ret->link_size ||
        !unpack_path_stays(ret->name))
        return err_set(err, EPERM, "'%s' leads out of what is copied", ret->name);
    if (!S_ISREG(ret->mode) && !S_ISDIR(ret->mode) && !S_ISLNK(ret->mode))
        return err_set(err, EPERM, "'%s' is neither a file, nor a directory, nor a link", ret->name);
    return 0;
}

/* ---- places ---- */

static int open_place(int root, const char *path, int flags)
{
    int fd;
    if (root == AT_FDCWD)
        return open(path, flags | O_CLOEXEC);
    while ((fd = sys_openat2(root, path, (uint64_t)flags | O_CLOEXEC,
                             RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)) < 0 &&
           errno == EAGAIN)
        ;
    return fd;
}

/* A path's last part, and what is in front of it. */
struct parts {
    char *parent, *name;
    bool contents; /* ends with "/." */
    bool directory;
};

static void parts_free(struct parts *parts)
{
    free(parts->parent);
    free(parts->name);
}

static struct parts split(const char *path)
{
    struct parts parts = {0};
    size_t len = strlen(path), all = len;
    while (len > 1 && path[len - 1] == '/')
        len--;
    parts.directory = len < all;
    size_t at = len;
    while (at > 0 && path[at - 1] != '/')
        at--;
    const char *name = path + at;
    size_t name_len = len - at;
    bool dots = (name_len == 1 && name[0] == '.') || (name_len == 2 && strncmp(name, "..", 2) == 0);
    if (dots || name_len == 0) { /* ".", "a/.", "..", "/" */
        parts.contents = parts.directory = true;
        parts.parent = mem_printf("%.*s", len ? (int)len : 1, len ? path : ".");
        parts.name = mem_dup(".");
    } else {
        parts.parent = at == 0 ? mem_dup(".") : mem_printf("%.*s", (int)at, path);
        parts.name = mem_printf("%.*s", (int)name_len, name);
    }
    return parts;
}

/* ---- sending ---- */

struct sending {
    int to;
    unsigned left_out;
    struct copy_item item;
    char chunk[CHUNK];
};

static int send_item(struct sending *s, const char *path, const struct stat *st, struct err *err)
{
    struct copy_item *item = &s->item;
    item->mode = st->st_mode;
    item->uid = st->st_uid;
    item->gid = st->st_gid;
    item->mtime = st->st_mtim;
    item->size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0;
    item->name_size = (uint32_t)strlen(path);
    if (item->name_size >= COPY_NAME_MAX)
        return err_set(err, ENAMETOOLONG, "%.60s...: its path is too long", path);
    memcpy(item->name, path, item->name_size);
    return copy_put(s->to, item, err);
}

/* As many bytes as were announced: one that shrinks meanwhile is filled up with zeros. */
static int send_contents(struct sending *s, int fd, const char *path, struct err *err)
{
    for (uint64_t left = s->item.size; left > 0;) {
        size_t want = left < CHUNK ? (size_t)left : CHUNK;
        ssize_t got = read(fd, s->chunk, want);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(err, "read %s", path);
        if (got == 0)
            memset(s->chunk, 0, (size_t)(got = (ssize_t)want));
        int rc = fs_write_all(s->to, s->chunk, (size_t)got);
        if (rc < 0)
            return broken(rc, err);
        left -= (uint64_t)got;
    }
    return 0;
}

static int send_file(struct sending *s, int dir, const char *name, const char *path, struct err *err)
{
    struct stat st;
    /* It may have become something else since it was looked at. */
    cleanup_close int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_errno(err, "open %s", path);
    if (!S_ISREG(st.st_mode)) {
        s->left_out++;
        return 0;
    }
    int rc = send_item(s, path, &st, err);
    return rc < 0 ? rc : send_contents(s, fd, path, err);
}

static int send_link(struct sending *s, int dir, const char *name, const char *path, const struct stat *st,
                     struct err *err)
{
    ssize_t len = readlinkat(dir, name, s->item.link, sizeof s->item.link);
    if (len < 0 || len == sizeof s->item.link)
        return len < 0 ? err_errno(err, "read the link %s", path)
                       : err_set(err, ENAMETOOLONG, "%s: where it leads is too long", path);
    s->item.link_size = (uint32_t)len;
    int rc = send_item(s, path, st, err);
    s->item.link_size = 0;
    return rc;
}

/* What the kernel makes up as it is read. */
static bool is_made_up(int fd)
{
    struct statfs fs;
    static const long types[] = {PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC};
    for (size_t i = 0; fstatfs(fd, &fs) == 0 && i < COUNT_OF(types); i++)
        if (fs.f_type == types[i])
            return true;
    return false;
}

static int send_any(struct sending *s, int dir, const char *name, const char *path, dev_t device,
                    struct err *err);

static int send_directory(struct sending *s, int dir, const char *name, const char *path, dev_t device,
                          struct err *err)
{
    struct stat st;
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_errno(err, "open %s", path);
    bool made_up = st.st_dev != device && is_made_up(fd);
    cleanup_dir DIR *entries = fdopendir(fd);
    int rc = entries ? send_item(s, path, &st, err) : err_errno(err, "read %s", path);
    struct dirent *entry;
    while (rc == 0 && !made_up && (entry = readdir(entries)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            cleanup_free char *below = mem_printf("%s/%s", path, entry->d_name);
            rc = send_any(s, fd, entry->d_name, below, st.st_dev, err);
            if (rc == -ENOENT) /* gone meanwhile */
                rc = 0;
        }
    return rc;
}

static int send_any(struct sending *s, int dir, const char *name, const char *path, dev_t device,
                    struct err *err)
{
    struct stat st;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return err_errno(err, "look at %s", path);
    if (S_ISDIR(st.st_mode))
        return send_directory(s, dir, name, path, device ? device : st.st_dev, err);
    if (S_ISREG(st.st_mode))
        return send_file(s, dir, name, path, err);
    if (S_ISLNK(st.st_mode))
        return send_link(s, dir, name, path, &st, err);
    s->left_out++;
    return 0;
}

/* A link there is looked through: the directory that holds what it leads to is not known, so a directory is
 * sent as ".", and a file from its own descriptor. */
static int send_followed(struct sending *s, const struct copy_place *from, const char *name, struct err *err)
{
    struct stat st;
    cleanup_close int fd = open_place(from->root, from->path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_errno(err, "open %s", from->path);
    if (S_ISDIR(st.st_mode))
        return send_directory(s, fd, ".", name, st.st_dev, err);
    if (!S_ISREG(st.st_mode)) {
        s->left_out++;
        return 0;
    }
    int rc = send_item(s, name, &st, err);
    return rc < 0 ? rc : send_contents(s, fd, name, err);
}

int copy_send(const struct copy_place *from, bool follow, int to, unsigned *ret_left_out, struct err *err)
{
    struct stat st;
    struct sending *s = mem_alloc(sizeof *s);
    struct parts parts = split(from->path);
    s->to = to;
    cleanup_close int parent = open_place(from->root, parts.parent, O_PATH | O_DIRECTORY);
    int rc = parent < 0 ? err_errno(err, "find %s", from->path) : 0;
    if (rc == 0 && fstatat(parent, parts.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        rc = err_errno(err, "find %s", from->path);
    if (rc == 0 && parts.directory && !S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode))
        rc = err_set(err, ENOTDIR, "%s is not a directory", from->path);
    if (rc == 0)
        rc = S_ISLNK(st.st_mode) && (follow || parts.directory)
                 ? send_followed(s, from, parts.name, err)
                 : send_any(s, parent, parts.name, parts.name, 0, err);
    if (rc == 0)
        rc = copy_put(to, &(struct copy_item){.mode = 0}, err);
    *ret_left_out = s->left_out;
    parts_free(&parts);
    free(s);
    return rc;
}

/* ---- receiving ---- */

struct receiving {
    int from, dir; /* names are below dir */
    bool exact;
    char *name; /* the first part of each becomes this; NULL: stays */
    struct later {
        char *path;
        mode_t mode;
        struct timespec mtime;
    } * later; /* directories: their own modes and times come last */
    size_t count;
    struct copy_item item;
    char chunk[CHUNK];
};

static int below(const struct receiving *r, const char *path, int flags)
{
    int fd;
    while ((fd = sys_openat2(r->dir, path, (uint64_t)flags | O_CLOEXEC,
                             RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)) < 0 &&
           errno == EAGAIN)
        ;
    return fd;
}

static mode_t mode_of(const struct receiving *r)
{
    return r->item.mode & (r->exact ? 07777 : 01777);
}

static int own(const struct receiving *r, int dir, const char *name, const char *path, struct err *err)
{
    if (!r->exact || fchownat(dir, name, r->item.uid, r->item.gid, AT_SYMLINK_NOFOLLOW) == 0)
        return 0;
    err_errno(err, "give %s to %u:%u", path, r->item.uid, r->item.gid);
    return err->code == EPERM || err->code == EINVAL ? err_hint(err, "leave -a out") : -err->code;
}

static int receive_contents(struct receiving *r, int fd, const char *path, struct err *err)
{
    for (uint64_t left = r->item.size; left > 0;) {
        size_t want = left < CHUNK ? (size_t)left : CHUNK;
        int rc = read_all(r->from, r->chunk, want);
        if (rc < 0)
            return broken(rc, err);
        if ((rc = fs_write_all(fd, r->chunk, want)) < 0)
            return err_set(err, -rc, "write %s: %s", path, strerror(-rc));
        left -= want;
    }
    return 0;
}

/* A new file in the place of an old one; a mount point, which can't be replaced, is written into. */
static int create(int parent, const char *name)
{
    struct stat st;
    if (unlinkat(parent, name, 0) < 0 && errno != ENOENT && errno != EBUSY)
        return -1;
    int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0 || errno != EEXIST)
        return fd;
    fd = openat(parent, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || ftruncate(fd, 0) < 0)) {
        fd_close(&fd);
        errno = EEXIST;
    }
    return fd;
}

static int receive_file(struct receiving *r, int parent, const char *name, const char *path, struct err *err)
{
    cleanup_close int fd = create(parent, name);
    if (fd < 0)
        return err_errno(err, "make %s", path);
    int rc = receive_contents(r, fd, path, err);
    if (rc == 0)
        rc = own(r, parent, name, path, err);
    if (rc == 0 && fchmod(fd, mode_of(r)) < 0)
        rc = err_errno(err, "set the mode of %s", path);
    if (rc == 0)
        futimens(fd, (struct timespec[]){{.tv_nsec = UTIME_OMIT}, r->item.mtime});
    return rc;
}

static int receive_directory(struct receiving *r, int parent, const char *name, const char *path,
                             struct err *err)
{
    struct stat st;
    bool there = mkdirat(parent, name, 0700) < 0;
    if (there && errno != EEXIST)
        return err_errno(err, "make %s", path);
    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return err_errno(err, "look at %s", path);
    if (!S_ISDIR(st.st_mode))
        return err_set(err, ENOTDIR, "%s is there already, and is not a directory", path);
    if (strcmp(name, ".") == 0)
        return 0; /* the directory that all goes into stays as it is */
    r->later = mem_resize(r->later, r->count + 1, sizeof *r->later);
    r->later[r->count++] = (struct later){mem_dup(path), mode_of(r), r->item.mtime};
    return own(r, parent, name, path, err);
}

static int receive_link(struct receiving *r, int parent, const char *name, const char *path, struct err *err)
{
    if ((unlinkat(parent, name, 0) < 0 && errno != ENOENT) || symlinkat(r->item.link, parent, name) < 0)
        return err_errno(err, "make the link %s", path);
    utimensat(parent, name, (struct timespec[]){{.tv_nsec = UTIME_OMIT}, r->item.mtime}, AT_SYMLINK_NOFOLLOW);
    return own(r, parent, name, path, err);
}

/* The directory of that path; made where an archive has only what is in it. */
static int open_parent(const struct receiving *r, char *path)
{
    int fd = below(r, path, O_PATH | O_DIRECTORY);
    for (char *end = path; fd < 0 && errno == ENOENT && *end; end++) {
        end += strcspn(end, "/");
        char kept = *end;
        *end = '\0';
        char *slash = strrchr(path, '/');
        cleanup_free char *above = slash ? mem_printf("%.*s", (int)(slash - path), path) : mem_dup(".");
        cleanup_close int parent = below(r, above, O_PATH | O_DIRECTORY);
        bool made = parent >= 0 && mkdirat(parent, slash ? slash + 1 : path, 0755) == 0;
        *end = kept;
        if (!made && errno != EEXIST)
            return -1;
        fd = below(r, path, O_PATH | O_DIRECTORY);
        if (!kept)
            break;
    }
    return fd;
}

static int receive_one(struct receiving *r, struct err *err)
{
    const char *rest = r->item.name + strcspn(r->item.name, "/");
    cleanup_free char *path = r->name ? mem_printf("%s%s", r->name, rest) : mem_dup(r->item.name);
    char *slash;
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
    slash = strrchr(path, '/');
    cleanup_free char *above = slash ? mem_printf("%.*s", (int)(slash - path), path) : mem_dup(".");
    const char *name = slash ? slash + 1 : path;
    cleanup_close int parent = open_parent(r, above);
    if (parent < 0)
        return err_errno(err, "find where %s goes", path);
    if (S_ISDIR(r->item.mode))
        return receive_directory(r, parent, name, path, err);
    return S_ISLNK(r->item.mode) ? receive_link(r, parent, name, path, err)
                                 : receive_file(r, parent, name, path, err);
}

static int finish_directories(struct receiving *r, struct err *err)
{
    while (r->count > 0) {
        struct later *l = &r->later[r->count - 1];
        cleanup_close int fd = below(r, l->path, O_RDONLY | O_DIRECTORY);
        if (fd < 0 || fchmod(fd, l->mode) < 0)
            return err_errno(err, "set the mode of %s", l->path);
        futimens(fd, (struct timespec[]){{.tv_nsec = UTIME_OMIT}, l->mtime});
        free(l->path);
        r->count--;
    }
    return 0;
}

static int receive_all(struct receiving *r, struct err *err)
{
    int rc = 0;
    while (rc == 0 && r->item.mode) {
        rc = receive_one(r, err);
        if (rc == 0)
            rc = copy_get(r->from, &r->item, err);
    }
    return rc < 0 ? rc : finish_directories(r, err);
}

/* Where it goes: the directory, and the name that the first part of each gets there. */
static int find_place(struct receiving *r, const struct copy_place *to, bool inside, struct err *err)
{
    struct stat st;
    struct parts parts = split(to->path);
    cleanup_close int there = open_place(to->root, to->path, O_PATH);
    int rc = 0;
    if (there >= 0 && fstat(there, &st) < 0)
        rc = err_errno(err, "look at %s", to->path);
    else if (there >= 0 && S_ISDIR(st.st_mode))
        r->dir = take_fd(&there);
    else if (there < 0 && errno != ENOENT && errno != ENOTDIR)
        rc = err_errno(err, "find %s", to->path);
    else if (inside || (there >= 0 && (parts.directory || S_ISDIR(r->item.mode))))
        rc = err_set(err, there < 0 ? ENOENT : ENOTDIR, "%s is not a directory", to->path);
    else if (parts.directory && (parts.contents || !S_ISDIR(r->item.mode)))
        rc = err_set(err, ENOENT, "the directory %s is not there", to->path);
    else if ((r->dir = open_place(to->root, parts.parent, O_PATH | O_DIRECTORY)) < 0)
        rc = err_errno(err, "find the directory %s", parts.parent);
    else
        r->name = mem_dup(parts.name);
    parts_free(&parts);
    return rc;
}

int copy_receive(const struct copy_place *to, bool exact, bool inside, int from, struct err *err)
{
    struct receiving *r = mem_alloc(sizeof *r);
    r->from = from;
    r->exact = exact;
    r->dir = -1;
    int rc = copy_get(from, &r->item, err);
    if (rc == 0 && (r->item.mode || inside))
        rc = find_place(r, to, inside, err);
    if (rc == 0)
        rc = receive_all(r, err);
    while (r->count > 0)
        free(r->later[--r->count].path);
    free(r->later);
    free(r->name);
    fd_close(&r->dir);
    free(r);
    return rc;
}
