/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What cp sends, as a tar archive, and back: in a process that has joined nothing.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/fs.h"
#include "base/mem.h"
#include "image/copy.h"

#define CHUNK (64u << 10)

static int failed(struct archive *a, const char *doing, struct err *err)
{
    const char *why = archive_error_string(a);
    int code = archive_errno(a) > 0 ? archive_errno(a) : EBADMSG;
    return err_set(err, code, "%s: %s", doing, why ? why : "it is damaged");
}

/* ---- to tar ---- */

static void describe(struct archive_entry *entry, const struct copy_item *item)
{
    archive_entry_clear(entry);
    archive_entry_copy_pathname(entry, item->name);
    archive_entry_set_filetype(entry, item->mode & S_IFMT);
    archive_entry_set_perm(entry, item->mode & 07777);
    archive_entry_set_uid(entry, item->uid);
    archive_entry_set_gid(entry, item->gid);
    archive_entry_set_mtime(entry, item->mtime.tv_sec, item->mtime.tv_nsec);
    archive_entry_set_size(entry, (la_int64_t)item->size);
    if (item->link_size)
        archive_entry_copy_symlink(entry, item->link);
}

static int contents_to_tar(int from, struct archive *tar, uint64_t left, struct err *err)
{
    static char chunk[CHUNK];
    while (left > 0) {
        ssize_t got = read(from, chunk, left < CHUNK ? (size_t)left : CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return err_set(err, EPIPE, "read what is copied: it is cut off");
        if (archive_write_data(tar, chunk, (size_t)got) < 0)
            return failed(tar, "write the archive", err);
        left -= (uint64_t)got;
    }
    return 0;
}

static int items_to_tar(int from, struct archive *tar, struct copy_item *item, struct err *err)
{
    struct archive_entry *entry = archive_entry_new();
    int rc;
    while ((rc = copy_get(from, item, err)) == 0 && item->mode) {
        describe(entry, item);
        rc = archive_write_header(tar, entry) < ARCHIVE_WARN ? failed(tar, "write the archive", err)
                                                             : contents_to_tar(from, tar, item->size, err);
        if (rc < 0)
            break;
    }
    archive_entry_free(entry);
    return rc;
}

int copy_to_tar(int from, int to, struct err *err)
{
    struct archive *tar = archive_write_new();
    struct copy_item *item = mem_alloc(sizeof *item);
    archive_write_set_format_pax_restricted(tar);
    int rc = archive_write_open_fd(tar, to) != ARCHIVE_OK ? failed(tar, "write the archive", err)
                                                          : items_to_tar(from, tar, item, err);
    if (rc == 0 && archive_write_close(tar) != ARCHIVE_OK)
        rc = failed(tar, "write the archive", err);
    archive_write_free(tar);
    mem_cleanup_free(&item);
    return rc;
}

/* ---- from tar ---- */

static int contents_from_tar(struct archive *tar, int to, uint64_t left, struct err *err)
{
    static char chunk[CHUNK];
    while (left > 0) {
        la_ssize_t got = archive_read_data(tar, chunk, left < CHUNK ? (size_t)left : CHUNK);
        if (got <= 0)
            return got < 0 ? failed(tar, "read the archive", err)
                           : err_set(err, EBADMSG, "read the archive: it is cut off");
        int rc = fs_write_all(to, chunk, (size_t)got);
        if (rc < 0)
            return err_set(err, -rc, "hand the files on: %s", strerror(-rc));
        left -= (uint64_t)got;
    }
    return 0;
}

static int entry_from_tar(struct archive *tar, struct archive_entry *entry, int to, struct copy_item *item,
                          struct err *err)
{
    const char *name = archive_entry_pathname(entry), *link = archive_entry_symlink(entry);
    mode_t type = archive_entry_filetype(entry);
    if (!name || strlen(name) >= COPY_NAME_MAX || (link && strlen(link) >= COPY_NAME_MAX))
        return err_set(err, ENAMETOOLONG, "read the archive: an entry has no name, or one that is too long");
    if (archive_entry_hardlink(entry))
        return err_set(err, ENOTSUP, "'%s' is a hard link, which is not copied", name);
    memset(item, 0, offsetof(struct copy_item, name));
    item->mode = archive_entry_mode(entry);
    item->uid = (uid_t)archive_entry_uid(entry);
    item->gid = (gid_t)archive_entry_gid(entry);
    item->mtime.tv_sec = archive_entry_mtime(entry);
    item->mtime.tv_nsec = archive_entry_mtime_nsec(entry);
    item->size = type == AE_IFREG ? (uint64_t)archive_entry_size(entry) : 0;
    item->name_size = (uint32_t)strlen(name);
    memcpy(item->name, name, item->name_size);
    item->link_size = link ? (uint32_t)strlen(link) : 0;
    if (link)
        memcpy(item->link, link, item->link_size);
    int rc = copy_put(to, item, err);
    return rc < 0 ? rc : contents_from_tar(tar, to, item->size, err);
}

int copy_from_tar(int from, int to, struct err *err)
{
    struct archive *tar = archive_read_new();
    struct copy_item *item = mem_alloc(sizeof *item);
    struct archive_entry *entry;
    int rc = 0, got;
    archive_read_support_format_tar(tar);
    archive_read_support_filter_gzip(tar);
    archive_read_support_filter_bzip2(tar);
    archive_read_support_filter_xz(tar);
    archive_read_support_filter_zstd(tar);
    if (archive_read_open_fd(tar, from, CHUNK) != ARCHIVE_OK)
        rc = failed(tar, "read the archive", err);
    while (rc == 0 && (got = archive_read_next_header(tar, &entry)) != ARCHIVE_EOF)
        rc = got < ARCHIVE_WARN ? failed(tar, "read the archive", err)
                                : entry_from_tar(tar, entry, to, item, err);
    archive_read_free(tar);
    mem_cleanup_free(&item);
    return rc < 0 ? rc : copy_put(to, &(struct copy_item){.mode = 0}, err);
}
