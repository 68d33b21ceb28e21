/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/mounts.h"
#include "image/digest.h"

#define WHITEOUT ".wh."
#define OPAQUE   WHITEOUT WHITEOUT ".opq"
#define CHUNK    (128u << 10)
/* An archive may unpack to anything: how often it is looked whether there is room for it, and how much is
 * left to others. */
#define ROOM_BYTES   (1u << 20)
#define ROOM_ENTRIES 256
#define ROOM_PERCENT 5

struct unpacking {
    int from, to;
    bool whiteouts;
    struct progress *progress;
    struct digest digest;
    struct archive *bytes; /* decompresses */
    struct archive *tar;   /* reads what `bytes` gives */
    struct archive *disk;
    uint64_t bytes_unlooked, entries_unlooked;
    char **hidden; /* paths of the whiteouts met, made at the end */
    char chunk[CHUNK];
};

/* ---- names ---- */

/* How deep below the directory `path` leads from `depth`; -1: out of it. */
static int walk(int depth, const char *path)
{
    while (*path && depth >= 0) {
        size_t len = strcspn(path, "/");
        if (len == 2 && strncmp(path, "..", 2) == 0)
            depth--;
        else if (len > 0 && !(len == 1 && path[0] == '.'))
            depth++;
        path += len + strspn(path + len, "/");
    }
    return depth;
}

bool unpack_path_stays(const char *path)
{
    if (!path[0] || path[0] == '/')
        return false;
    for (const char *part = path; *part; part += strspn(part, "/")) {
        size_t len = strcspn(part, "/");
        if (len == 2 && strncmp(part, "..", 2) == 0)
            return false;
        part += len;
    }
    return true;
}

/* An absolute target is one inside the container's root, whose files these are. */
bool unpack_link_stays(const char *path, const char *target)
{
    const char *slash = strrchr(path, '/');
    cleanup_free char *parent = slash ? mem_printf("%.*s", (int)(slash - path), path) : mem_dup("");
    return target[0] == '/' || walk(walk(0, parent), target) >= 0;
}

static int check_entry(struct archive_entry *entry, const char *path, struct err *err)
{
    const char *hard = archive_entry_hardlink(entry), *soft = archive_entry_symlink(entry);
    mode_t type = archive_entry_filetype(entry);
    if (!unpack_path_stays(path))
        return err_set(err, EPERM, "'%s' leads out of the archive", path);
    if ((hard && !unpack_path_stays(hard)) || (soft && !unpack_link_stays(path, soft)))
        return err_set(err, EPERM, "the link '%s' to '%s' leads out of the archive", path,
                       hard ? hard : soft);
    if ((type == AE_IFCHR || type == AE_IFBLK) && geteuid() != 0) {
        err_set(err, EPERM, "'%s' is a device node, which only root can make", path);
        return err_hint(err, "import it as root, or leave /dev out of the archive");
    }
    return 0;
}

/* ---- reading: a file, decompressed, hashed ---- */

static la_ssize_t read_file(struct archive *a, void *user, const void **ret)
{
    struct unpacking *u = user;
    ssize_t got;
    while ((got = read(u->from, u->chunk, sizeof u->chunk)) < 0 && errno == EINTR && !progress_interrupted())
        ;
    if (progress_interrupted()) {
        archive_set_error(a, EINTR, "interrupted");
        return -1;
    }
    if (got < 0)
        archive_set_error(a, errno, "%s", strerror(errno));
    else
        progress_add(u->progress, (uint64_t)got);
    *ret = u->chunk;
    return got;
}

static la_ssize_t read_bytes(struct archive *a, void *user, const void **ret)
{
    struct unpacking *u = user;
    size_t count = 0;
    la_int64_t offset;
    int rc = archive_read_data_block(u->bytes, ret, &count, &offset);
    if (rc == ARCHIVE_EOF)
        return 0;
    if (rc < ARCHIVE_WARN) {
        archive_set_error(a, archive_errno(u->bytes), "%s", archive_error_string(u->bytes));
        return -1;
    }
    digest_add(&u->digest, *ret, count);
    return (la_ssize_t)count;
}

static int failed(struct archive *a, const char *doing, struct err *err)
{
    const char *why = archive_error_string(a);
    int code = archive_errno(a) > 0 ? archive_errno(a) : EBADMSG;
    return err_set(err, code, "%s%s%s", doing ? doing : "", doing ? ": " : "", why ? why : "it is damaged");
}

/* What was done to a path of the store. The library says "Write failed" where the system said why. */
static int failed_on_disk(struct unpacking *u, const char *doing, const char *path, struct err *err)
{
    int code = archive_errno(u->disk);
    return code > 0 ? err_set(err, code, "%s %s: %s", doing, path, strerror(code))
                    : failed(u->disk, path, err);
}

static int open_reading(struct unpacking *u, struct err *err)
{
    struct archive_entry *whole;
    u->bytes = archive_read_new();
    archive_read_support_filter_gzip(u->bytes);
    archive_read_support_filter_bzip2(u->bytes);
    archive_read_support_filter_xz(u->bytes);
    archive_read_support_filter_zstd(u->bytes);
    archive_read_support_format_raw(u->bytes);
    if (archive_read_open(u->bytes, u, NULL, read_file, NULL) != ARCHIVE_OK ||
        archive_read_next_header(u->bytes, &whole) != ARCHIVE_OK)
        return failed(u->bytes, NULL, err);
    u->tar = archive_read_new();
    archive_read_support_format_tar(u->tar);
    if (archive_read_open(u->tar, u, NULL, read_bytes, NULL) != ARCHIVE_OK)
        return failed(u->tar, NULL, err);
    return 0;
}

static void open_disk(struct unpacking *u)
{
    int flags = ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_XATTR |
                ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS |
                ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS;
    u->disk = archive_write_disk_new();
    archive_write_disk_set_options(u->disk, flags | (geteuid() == 0 ? ARCHIVE_EXTRACT_OWNER : 0));
}

/* ---- whiteouts ---- */

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* trusted.* is root's; in a user namespace overlay reads user.* instead (mount option userxattr), which not
 * every file system has. */
static int make_opaque(int dir, struct err *err)
{
    static const char trusted[] = "trusted.overlay.opaque", user[] = "user.overlay.opaque";
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", dir); /* dir is O_PATH */
    bool is_root = geteuid() == 0, done = setxattr(path, user, "y", 1, 0) == 0;
    if (is_root ? setxattr(path, trusted, "y", 1, 0) == 0 : done)
        return 0;
    err_errno(err, "set %s", is_root ? trusted : user);
    if (err->code == EOPNOTSUPP)
        err_hint(err, "set BOXTOP_IMAGES to a directory on a file system that has extended attributes");
    return -err->code;
}

/* A layer that hides what was below and has something of that name itself: a directory of its own hides by
 * being opaque, anything else by being there. */
static int hide(int parent, const char *name, struct err *err)
{
    struct err ignored;
    if (mknodat(parent, name, S_IFCHR, makedev(0, 0)) == 0)
        return 0;
    if (errno != EEXIST)
        return err_errno(err, "make the whiteout of %s", name);
    cleanup_close int own = mounts_resolve(parent, name, false, &ignored);
    struct stat st;
    return own >= 0 && fstat(own, &st) == 0 && S_ISDIR(st.st_mode) ? make_opaque(own, err) : 0;
}

static int make_whiteout(const struct unpacking *u, const char *path, struct err *err)
{
    const char *base = base_of(path), *name = base + strlen(WHITEOUT);
    cleanup_free char *above = mem_printf("/%.*s", (int)(base - path), path);
    bool opaque = strcmp(base, OPAQUE) == 0;
    if (!opaque && str_starts(name, WHITEOUT))
        return 0; /* aufs kept its own things under such names */
    if (!name[0] || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return err_set(err, EPERM, "'%s' leads out of the archive", path);
    cleanup_close int parent = mounts_resolve_or_make(u->to, above, false, true, err);
    if (parent < 0)
        return err_prefix(err, "'%s'", path);
    return opaque ? make_opaque(parent, err) : hide(parent, name, err);
}

/* ---- writing ---- */

/* What stays of an entry's attributes: overlay's own would tell the kernel to look elsewhere. */
static void filter_attributes(struct archive_entry *entry)
{
    struct {
        char *name;
        void *value;
        size_t size;
    } kept[64];
    const char *name;
    const void *value;
    size_t size, count = 0;
    archive_entry_xattr_reset(entry);
    while (count < COUNT_OF(kept) && archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
        bool capability = geteuid() == 0 && strcmp(name, "security.capability") == 0;
        if (!capability && (!str_starts(name, "user.") || str_starts(name, "user.overlay.")))
            continue;
        kept[count].name = mem_dup(name);
        kept[count].value = memcpy(mem_alloc(size + 1), value, size);
        kept[count++].size = size;
    }
    archive_entry_xattr_clear(entry);
    archive_entry_acl_clear(entry);
    while (count-- > 0) {
        archive_entry_xattr_add_entry(entry, kept[count].name, kept[count].value, kept[count].size);
        free(kept[count].name);
        free(kept[count].value);
    }
}

static bool is_nearly_full(uint64_t all, uint64_t left)
{
    return all > 0 && left < all / 100 * ROOM_PERCENT;
}

static int check_room(struct unpacking *u, uint64_t bytes, uint64_t entries, struct err *err)
{
    struct statvfs fs;
    u->bytes_unlooked += bytes;
    u->entries_unlooked += entries;
    if (u->bytes_unlooked < ROOM_BYTES && u->entries_unlooked < ROOM_ENTRIES)
        return 0;
    u->bytes_unlooked = u->entries_unlooked = 0;
    if (fstatvfs(u->to, &fs) < 0)
        return err_errno(err, "look how much room there is");
    if (!is_nearly_full(fs.f_blocks, fs.f_bavail) && !is_nearly_full(fs.f_files, fs.f_favail))
        return 0;
    return err_set(err, ENOSPC, "it would leave less than %d %% of the store's file system free",
                   ROOM_PERCENT);
}

static int copy_data(struct unpacking *u, const char *path, struct err *err)
{
    const void *block;
    size_t count;
    la_int64_t offset;
    int rc;
    while ((rc = archive_read_data_block(u->tar, &block, &count, &offset)) >= ARCHIVE_WARN &&
           rc != ARCHIVE_EOF) {
        if (archive_write_data_block(u->disk, block, count, offset) < ARCHIVE_OK)
            return failed_on_disk(u, "write", path, err);
        if (check_room(u, count, 0, err) < 0)
            return -err->code;
    }
    return rc == ARCHIVE_EOF ? 0 : failed(u->tar, NULL, err);
}

static int write_entry(struct unpacking *u, struct archive_entry *entry, struct err *err)
{
    const char *path = archive_entry_pathname(entry);
    if (!path)
        return err_set(err, EILSEQ, "an entry has a name that can't be read");
    int rc = check_entry(entry, path, err);
    if (rc == 0)
        rc = check_room(u, 0, 1, err);
    if (rc < 0)
        return rc;
    if (u->whiteouts && str_starts(base_of(path), WHITEOUT)) {
        mem_list_add(&u->hidden, mem_dup(path));
        return 0;
    }
    filter_attributes(entry);
    /* A warning is something of the entry that this file system has not, such as an attribute. */
    if (archive_write_header(u->disk, entry) < ARCHIVE_WARN)
        return failed_on_disk(u, "make", path, err);
    if (!archive_entry_hardlink(entry) || archive_entry_size(entry) > 0)
        rc = copy_data(u, path, err);
    if (rc == 0 && archive_write_finish_entry(u->disk) < ARCHIVE_WARN)
        rc = failed_on_disk(u, "complete", path, err);
    return rc;
}

static int write_all(struct unpacking *u, struct err *err)
{
    struct archive_entry *entry;
    int rc = 0, got;
    while (rc == 0 && (got = archive_read_next_header(u->tar, &entry)) != ARCHIVE_EOF)
        rc = got < ARCHIVE_WARN ? failed(u->tar, NULL, err) : write_entry(u, entry, err);
    for (char **path = u->hidden; rc == 0 && path && *path; path++)
        rc = make_whiteout(u, *path, err);
    /* Modes and times of directories are set last of all. */
    if (rc == 0 && archive_write_close(u->disk) < ARCHIVE_WARN)
        rc = failed_on_disk(u, "complete", "its directories", err);
    return rc;
}

/* What stands behind the archive's end belongs to what the digest is of. */
static int read_rest(struct unpacking *u, struct err *err)
{
    const void *block;
    la_ssize_t got;
    while ((got = read_bytes(u->tar, u, &block)) > 0)
        ;
    return got < 0 ? failed(u->tar, NULL, err) : 0;
}

static int work(struct unpacking *u, struct err *err)
{
    int rc = open_reading(u, err);
    if (rc == 0) {
        open_disk(u);
        rc = write_all(u, err);
    }
    return rc == 0 ? read_rest(u, err) : rc;
}

int unpack(int from, int to, bool whiteouts, struct progress *progress, char *ret_diff_id, struct err *err)
{
    struct unpacking *u = mem_alloc(sizeof *u);
    cleanup_close int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    *u = (struct unpacking){.from = from, .to = to, .whiteouts = whiteouts, .progress = progress};
    digest_init(&u->digest);
    int rc = fchdir(to) < 0 ? err_errno(err, "enter the directory to unpack into") : work(u, err);
    archive_free(u->disk);
    archive_free(u->tar);
    archive_free(u->bytes);
    if (here >= 0 && fchdir(here) < 0 && rc == 0)
        rc = err_errno(err, "go back to the working directory");
    if (rc == 0)
        digest_text(&u->digest, ret_diff_id);
    mem_free_list(u->hidden);
    free(u);
    return rc;
}
