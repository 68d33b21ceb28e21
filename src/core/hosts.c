/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/mounts.h"

#define FILE_NAME  "hosts"
#define LINE_SIZE  192 /* an address, a container's name and a hostname at their longest */
#define SLOT_LINES 2   /* IPv4, IPv6 */
#define SLOT_SIZE  (LINE_SIZE * SLOT_LINES)
#define SLOT_LIMIT 65536
#define FREE       '#' /* the first letter of a line that is void: a comment to who reads */

/* What is the same for all; the slots follow it. */
#define HEADER_SIZE (sizeof header - 1)
static const char header[] = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";

struct hosts {
    int dir, fd;
    struct str text;
};

static void hosts_close(struct hosts *h)
{
    str_free(&h->text);
    fd_close(&h->fd);
    fd_close(&h->dir);
}
#define cleanup_hosts __attribute__((cleanup(hosts_close)))

/* ---- the file ---- */

static int write_at(const struct hosts *h, size_t at, const char *bytes, size_t size)
{
    ssize_t done = pwrite(h->fd, bytes, size, (off_t)at);
    return done == (ssize_t)size ? 0 : done < 0 ? -errno : -EIO;
}

/* Locked, and still the file of that name: who was last has taken it away. 0, or -EAGAIN: once more. */
static int lock_file(const struct hosts *h)
{
    struct stat st;
    int rc;
    while ((rc = flock(h->fd, LOCK_EX)) < 0 && errno == EINTR)
        ;
    if (rc < 0 || fstat(h->fd, &st) < 0)
        return -errno;
    if (st.st_nlink == 0)
        return -EAGAIN;
    return st.st_size == 0 ? write_at(h, 0, header, HEADER_SIZE) : 0;
}

static int open_file(int store_fd, bool create, struct hosts *h)
{
    *h = (struct hosts){.dir = -1, .fd = -1};
    if (create && mkdirat(store_fd, HOSTS_DIRECTORY, 0700) < 0 && errno != EEXIST)
        return -errno;
    h->dir = openat(store_fd, HOSTS_DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (h->dir < 0)
        return -errno;
    for (;;) {
        h->fd = openat(h->dir, FILE_NAME, O_RDWR | O_NOFOLLOW | O_CLOEXEC | (create ? O_CREAT : 0), 0644);
        int rc = h->fd < 0 ? -errno : lock_file(h);
        if (rc != -EAGAIN)
            return rc;
        fd_close(&h->fd);
    }
}

static int read_all(struct hosts *h)
{
    struct stat st;
    if (fstat(h->fd, &st) < 0)
        return -errno;
    size_t size = (size_t)st.st_size;
    if (size < HEADER_SIZE || (size - HEADER_SIZE) % SLOT_SIZE || size > SLOT_SIZE * SLOT_LIMIT)
        return -EINVAL;
    cleanup_free char *text = mem_alloc(size + 1);
    ssize_t got = pread(h->fd, text, size, 0);
    if (got != st.st_size)
        return got < 0 ? -errno : -EIO;
    str_add_bytes(&h->text, text, size);
    return 0;
}

/* ---- its slots ---- */

static size_t slot_count(const struct hosts *h)
{
    return (h->text.len - HEADER_SIZE) / SLOT_SIZE;
}

static size_t slot_at(size_t number)
{
    return HEADER_SIZE + number * SLOT_SIZE;
}

static char *slot(const struct hosts *h, size_t number)
{
    return h->text.text + slot_at(number);
}

/* "ADDRESS\tNAME HOSTNAME   \n" as far as the address or name goes. */
static bool begins_with(const char *line, const char *text, size_t len, const char *ends)
{
    return strncmp(line, text, len) == 0 && strchr(ends, line[len]);
}

static bool has_address(const char *line, const char *address)
{
    return begins_with(line, address, strcspn(address, "/"), "\t");
}

static bool has_name(const char *line, const char *name)
{
    return line[0] != FREE && begins_with(line + strcspn(line, "\t") + 1, name, strlen(name), " ");
}

static bool has_hostname(const char *line, const char *name)
{
    const char *names = line + strcspn(line, "\t") + 1, *blank = names + strcspn(names, " ");
    return line[0] != FREE && begins_with(blank + 1, name, strlen(name), " ");
}

static void write_line(char *line, const char *address, const char *name, const char *hostname)
{
    char text[LINE_SIZE];
    int len = snprintf(text, sizeof text, "%.*s\t%s%s%s", (int)strcspn(address, "/"), address, name,
                       hostname ? " " : "", hostname ? hostname : "");
    memset(line, ' ', LINE_SIZE - 1);
    memcpy(line, text, (size_t)len < LINE_SIZE - 2 ? (size_t)len : LINE_SIZE - 2);
    line[LINE_SIZE - 1] = '\n';
}

/* All but the first letters, then those: until then it is a comment. */
static int write_slot(const struct hosts *h, size_t number, const char *lines)
{
    char hidden[SLOT_SIZE];
    int rc = 0;
    memcpy(hidden, lines, SLOT_SIZE);
    for (size_t i = 0; i < SLOT_LINES; i++)
        hidden[i * LINE_SIZE] = FREE;
    rc = write_at(h, slot_at(number), hidden, SLOT_SIZE);
    for (size_t i = 0; i < SLOT_LINES && rc == 0; i++)
        rc = write_at(h, slot_at(number) + i * LINE_SIZE, &lines[i * LINE_SIZE], 1);
    return rc;
}

/* Another one's hostname is not to stand for the container of that name. */
static void take_name_back(const struct hosts *h, size_t number, const char *name)
{
    for (size_t i = 0; i < SLOT_LINES; i++) {
        char *line = slot(h, number) + i * LINE_SIZE;
        if (!has_hostname(line, name))
            continue;
        char *at = line + strcspn(line, " ") + 1;
        memset(at, ' ', strlen(name));
        write_at(h, (size_t)(at - h->text.text), at, strlen(name));
    }
}

/* ---- the whole ---- */

static int add_slot(struct hosts *h, const char *name, const char *hostname, const char *address,
                    const char *address6)
{
    char lines[SLOT_SIZE];
    size_t place = slot_count(h);
    const char *also = strcmp(name, hostname) != 0 ? hostname : NULL;
    for (size_t i = slot_count(h); i-- > 0;) {
        if (slot(h, i)[0] == FREE || has_address(slot(h, i), address) || has_name(slot(h, i), name))
            place = i;
        take_name_back(h, i, name);
        if (also && (has_name(slot(h, i), also) || has_hostname(slot(h, i), also)))
            also = NULL;
    }
    write_line(lines, address, name, also);
    write_line(lines + LINE_SIZE, address6[0] ? address6 : "#", name, also);
    return write_slot(h, place, lines);
}

int hosts_add(int store_fd, const char *name, const char *hostname, const char *address, const char *address6,
              int *ret_mount, struct err *err)
{
    cleanup_hosts struct hosts h = {.dir = -1, .fd = -1};
    int rc = open_file(store_fd, true, &h);
    if (rc == 0)
        rc = read_all(&h);
    if (rc == 0)
        rc = add_slot(&h, name, hostname, address, address6);
    if (rc < 0)
        return err_set(err, -rc, "write the containers' /etc/hosts: %s", strerror(-rc));
    if (!ret_mount)
        return 0;
    *ret_mount =
        mounts_copy(h.dir, FILE_NAME, false,
                    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, err);
    return *ret_mount < 0 ? *ret_mount : 0;
}

void hosts_remove(int store_fd, const char *name, const char *address)
{
    bool used = false;
    cleanup_hosts struct hosts h = {.dir = -1, .fd = -1};
    if (open_file(store_fd, false, &h) < 0 || read_all(&h) < 0)
        return;
    for (size_t i = 0; i < slot_count(&h); i++) {
        char *line = slot(&h, i);
        if (has_name(line, name) && has_address(line, address))
            for (size_t n = 0; n < SLOT_LINES; n++) {
                line[n * LINE_SIZE] = FREE;
                write_at(&h, slot_at(i) + n * LINE_SIZE, &line[n * LINE_SIZE], 1);
            }
        used |= line[0] != FREE;
    }
    if (!used)
        unlinkat(h.dir, FILE_NAME, 0);
}
