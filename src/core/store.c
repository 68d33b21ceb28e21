/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/proc.h"
#include "core/store_json.h"
#include "core/undo.h"

#define STATE_FILE         "state.json"
#define SPEC_FILE          "spec.json"
#define LOCK_FILE          "lock"
#define STORE_LOCK         ".lock" /* held while a record is made, and while one without a keeper is judged */
#define STORE_NEW          ".new"  /* a record that is being made from another */
#define STOP_ASKED         "stopped"     /* in a record: `stop` was asked for */
#define FILTER_FILE        "seccomp.bpf" /* in a record: what --seccomp FILE was compiled to */
#define KEEPER_DEATH_WAITS 400           /* of 5 ms */
#define RECORD_LIMIT       (8u << 20)    /* bytes of a JSON file; arguments and environment can be large */

/* ---- the directory ---- */

static int find_path(char *to, size_t size, struct err *err)
{
    const char *own = getenv("BOXTOP_STATE"), *user = getenv("XDG_RUNTIME_DIR");
    int len;
    if (own && own[0])
        len = snprintf(to, size, "%s", own);
    else if (geteuid() == 0)
        len = snprintf(to, size, "/run/boxtop");
    else if (user && user[0])
        len = snprintf(to, size, "%s/boxtop", user);
    else {
        err_set(err, ENOENT, "find the state directory: XDG_RUNTIME_DIR is not set");
        return err_hint(err, "set BOXTOP_STATE to a directory of your own");
    }
    if ((size_t)len >= size)
        return err_set(err, ENAMETOOLONG, "state directory: its path has more than %zu letters", size - 1);
    return 0;
}

static int check_owner(const struct store *store, struct err *err)
{
    struct stat st;
    if (fstat(store->fd, &st) < 0)
        return err_errno(err, "state directory %s", store->path);
    if (st.st_uid != geteuid())
        err_set(err, EPERM, "state directory %s: it belongs to user %u, not to you", store->path, st.st_uid);
    else if (st.st_mode & (S_IWGRP | S_IWOTH))
        err_set(err, EPERM, "state directory %s: others may write to it", store->path);
    else
        return 0;
    return err_hint(err, "chmod 700 it, or set BOXTOP_STATE to a directory of your own");
}

/* Records are removed from here, so a directory with somebody's other files is refused. */
static int check_ours(const struct store *store, struct err *err)
{
    int fd = openat(store->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    bool other = false;
    if (!dir)
        return err_errno(err, "read the state directory %s", store->path);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (strcmp(entry->d_name, STORE_LOCK) == 0)
            return 0;
        other |= strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    if (!other)
        return 0;
    err_set(err, ENOTEMPTY, "state directory %s: there is something else in it", store->path);
    return err_hint(err, "BOXTOP_STATE has to be a directory of its own");
}

static int open_lock_file(const struct store *store, int flags)
{
    return openat(store->fd, STORE_LOCK, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
}

int store_open(struct store *ret, struct err *err)
{
    struct store store = {.fd = -1};
    int rc = find_path(store.path, sizeof store.path, err);
    if (rc < 0)
        return rc;
    store.fd = open(store.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store.fd < 0 && errno == ENOENT && (rc = fs_mkdirs(store.path, 0700)) == 0)
        store.fd = open(store.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store.fd < 0) {
        errno = rc < 0 ? -rc : errno;
        err_errno(err, "state directory %s", store.path);
        return err_hint(err, "set BOXTOP_STATE to a directory of your own");
    }
    rc = check_owner(&store, err);
    cleanup_close int lock = rc < 0 ? -1 : open_lock_file(&store, 0);
    if (rc == 0 && lock < 0) {
        rc = check_ours(&store, err);
        if (rc == 0 && (lock = open_lock_file(&store, O_CREAT)) < 0)
            rc = err_errno(err, "make %s/%s", store.path, STORE_LOCK);
    }
    if (rc < 0) {
        store_close(&store);
        return rc;
    }
    *ret = store;
    return 0;
}

void store_close(struct store *store)
{
    if (store)
        fd_close(&store->fd);
}

static int lock_fd(int fd)
{
    int rc;
    while ((rc = flock(fd, LOCK_EX)) < 0 && errno == EINTR)
        ;
    return rc;
}

/* Held until the descriptor is closed. */
static int lock_store(struct store *store, int *ret_fd, struct err *err)
{
    cleanup_close int fd = open_lock_file(store, O_CREAT);
    if (fd < 0 || lock_fd(fd) < 0)
        return err_errno(err, "lock %s/%s", store->path, STORE_LOCK);
    *ret_fd = take_fd(&fd);
    return 0;
}

/* ---- one record ---- */

static int open_record(struct store *store, const char *name)
{
    if (!spec_name_is_valid(name))
        return -ENOENT;
    int fd = openat(store->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* A regular file of a record; never a link, never something that blocks. */
static int read_json(int dir_fd, const char *file, json_t **ret, struct err *err)
{
    struct stat st;
    json_error_t where;
    cleanup_close int fd = openat(dir_fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_errno(err, "open %s", file);
    if (!S_ISREG(st.st_mode) || st.st_size > RECORD_LIMIT)
        return err_set(err, EINVAL, "%s: not a file that boxtop wrote", file);
    size_t size = (size_t)st.st_size + 2;
    cleanup_free char *text = mem_alloc(size);
    if (fs_pread(fd, text, size) < 0)
        return err_set(err, EIO, "read %s: it can't be read, or changed meanwhile", file);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    if (!json)
        return err_set(err, EINVAL, "%s, line %d: %s", file, where.line, where.text);
    *ret = json;
    return 0;
}

static int write_record(int dir_fd, const char *file, const struct str *json,
                        int (*write)(int dirfd, const char *name, const char *text, size_t len),
                        struct err *err)
{
    int rc = write(dir_fd, file, json->text, json->len);
    return rc < 0 ? err_set(err, -rc, "write %s: %s", file, strerror(-rc)) : 0;
}

static int write_spec(int dir_fd, const struct spec *spec, struct err *err)
{
    struct str json = {0};
    spec_to_text(spec, &json);
    int rc = write_record(dir_fd, SPEC_FILE, &json, fs_create_at, err);
    str_free(&json);
    return rc;
}

static int write_state(int dir_fd, const struct container *container,
                       int (*write)(int dirfd, const char *name, const char *text, size_t len),
                       struct err *err)
{
    struct str json = {0};
    container_to_state(container, &json);
    int rc = write_record(dir_fd, STATE_FILE, &json, write, err);
    str_free(&json);
    return rc;
}

bool container_is_at_rest(const struct container *container)
{
    if (container->state == CONTAINER_CREATED)
        return container->keeper_pid == 0;
    return container->state == CONTAINER_EXITED && container->restart_ns == 0;
}

/* What of it may still be there: it has not ended, or its end was written down but not yet what was taken
 * down. */
static bool needs_care(const struct container *container)
{
    return !container_is_at_rest(container) || container->cgroup[0] || container->host_link[0] ||
           container->pasta;
}

/* Pausing is the kernel's business: whoever froze the group, this is where it says so. */
static bool is_frozen(const struct container *container)
{
    char path[sizeof container->cgroup_mount + sizeof container->cgroup + 32], text[256];
    if (!container->cgroup[0] || !container->cgroup_mount[0])
        return false;
    snprintf(path, sizeof path, "%s%s/cgroup.events", container->cgroup_mount, container->cgroup);
    return fs_read_at(AT_FDCWD, path, text, sizeof text) > 0 && strstr(text, "frozen 1");
}

static int load_state(int dir_fd, const char *name, struct container *ret, struct err *err)
{
    json_t *json;
    struct container container;
    int rc = read_json(dir_fd, STATE_FILE, &json, err);
    if (rc < 0)
        return rc;
    rc = container_from_state(json, &container, err);
    json_decref(json);
    if (rc < 0)
        return err_prefix(err, STATE_FILE);
    if (strcmp(container.name, name) != 0) {
        container_free(&container);
        return err_set(err, EINVAL, "state.json: it is about another container");
    }
    if (container.state == CONTAINER_RUNNING || container.state == CONTAINER_PAUSED)
        container.state = is_frozen(&container) ? CONTAINER_PAUSED : CONTAINER_RUNNING;
    *ret = container;
    return 0;
}

/* Whether a keeper holds the record's lock. To look, a shared lock is tried, so that two who look do not take
 * each other for keepers; whoever wants to clean up keeps an exclusive one: *ret_fd (may be NULL). */
static bool has_keeper(int dir_fd, int *ret_fd)
{
    int fd = openat(dir_fd, LOCK_FILE, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && flock(fd, (ret_fd ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0) {
        close(fd);
        return true;
    }
    if (ret_fd)
        *ret_fd = fd;
    else
        fd_close(&fd);
    return false;
}

/* A keeper's lock outlives it for a moment where it was killed amid a launch: what was to become the
 * container's first process has it too, until it notices. */
static bool is_kept(int dir_fd, const struct container *c)
{
    for (int waits = 0; has_keeper(dir_fd, NULL); waits++) {
        if (c->keeper_pid <= 0 || kill(c->keeper_pid, 0) == 0 || errno != ESRCH ||
            waits == KEEPER_DEATH_WAITS)
            return true;
        usleep(5000);
    }
    return false;
}

static int no_container(const char *name, struct err *err)
{
    err_set(err, ENOENT, "no container %s", name);
    return err_hint(err, "boxtop ps -a lists them");
}

/* Without a look at its keeper. */
static int load_as_is(struct store *store, const char *name, struct container *ret, bool *ret_keeper,
                      struct err *err)
{
    cleanup_close int dir_fd = open_record(store, name);
    if (dir_fd < 0)
        return no_container(name, err);
    int rc = load_state(dir_fd, name, ret, err);
    if (rc < 0)
        return err_prefix(err, "container %s", name);
    *ret_keeper = !needs_care(ret) || is_kept(dir_fd, ret);
    return 0;
}

int store_load_spec(struct store *store, const char *name, struct spec *ret, struct err *err)
{
    json_t *json;
    cleanup_close int dir_fd = open_record(store, name);
    if (dir_fd < 0)
        return no_container(name, err);
    int rc = read_json(dir_fd, SPEC_FILE, &json, err);
    if (rc == 0) {
        rc = spec_from_json(json, ret, err);
        json_decref(json);
    }
    if (rc == 0 && spec_has_filter(ret) && (rc = filter_load_at(dir_fd, FILTER_FILE, &ret->filter, err)) < 0)
        spec_free(ret);
    return rc < 0 ? err_prefix(err, "container %s: " SPEC_FILE, name) : 0;
}

/* ---- making and removing one ---- */

static void make_id(char *to, size_t size)
{
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) < 0)
        random = clock_mono_ns() ^ (uint64_t)getpid() << 32;
    snprintf(to, size, "%016" PRIx64, random);
}

void container_init(struct container *ret, const struct spec *spec)
{
    static const char *const networks[] = {
        [NETWORK_PRIVATE] = "private", [NETWORK_NONE] = "none", [NETWORK_HOST] = "host"};
    *ret =
        (struct container){.state = CONTAINER_CREATED, .remove = spec->remove, .created_ns = clock_wall_ns()};
    ret->stop_signal = spec->stop_signal;
    ret->stop_timeout_ms = (int)spec->stop_timeout_ms;
    make_id(ret->id, sizeof ret->id);
    proc_boot_id(ret->boot_id);
    str_copy(ret->name, sizeof ret->name, spec->name);
    str_copy(ret->root, sizeof ret->root, spec->root);
    str_copy(ret->network, sizeof ret->network, networks[spec->network]);
    ret->command = mem_dup_list(spec->command);
    ret->ports = mem_dup_list(spec->ports);
}

void container_forget_resources(struct container *container)
{
    container->cgroup[0] = container->host_link[0] = '\0';
    container->address[0] = container->gateway[0] = '\0';
    container->address6[0] = container->gateway6[0] = '\0';
    container->pasta = false;
}

/* In a directory that is there, empty, and ours. A crash amid it leaves a record that can't be read, which
 * goes. */
static int fill_record(int dir_fd, const struct spec *spec, const struct container *container,
                       int *ret_lock_fd, struct err *err)
{
    cleanup_close int lock =
        openat(dir_fd, LOCK_FILE, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (lock < 0 || lock_fd(lock) < 0)
        return err_errno(err, "make its lock");
    int rc = write_spec(dir_fd, spec, err);
    if (rc == 0 && spec->filter.count)
        rc = filter_save_at(dir_fd, FILTER_FILE, &spec->filter, err);
    if (rc == 0)
        rc = write_state(dir_fd, container, fs_create_at, err);
    if (rc == 0)
        *ret_lock_fd = take_fd(&lock);
    return rc;
}

static int make_record(struct store *store, const struct spec *spec, const struct container *container,
                       int *ret_dir_fd, int *ret_lock_fd, struct err *err)
{
    cleanup_close int lock = -1;
    int rc = lock_store(store, &lock, err);
    if (rc < 0)
        return rc;
    if (mkdirat(store->fd, spec->name, 0700) < 0)
        return err_errno(err, "make the record %s/%s", store->path, spec->name);
    cleanup_close int dir_fd = open_record(store, spec->name);
    if (dir_fd < 0)
        rc = err_set(err, -dir_fd, "open the record %s: %s", spec->name, strerror(-dir_fd));
    else
        rc = fill_record(dir_fd, spec, container, ret_lock_fd, err);
    if (rc < 0) {
        fs_remove_tree_at(store->fd, spec->name);
        return err_prefix(err, "container %s", spec->name);
    }
    *ret_dir_fd = take_fd(&dir_fd);
    return 0;
}

int store_create(struct store *store, const struct spec *spec, const struct container *container,
                 int *ret_dir_fd, int *ret_lock_fd, struct err *err)
{
    if (!spec_name_is_valid(spec->name))
        return err_set(err, EINVAL, "'%s' can't be a container's name", spec->name);
    int rc = make_record(store, spec, container, ret_dir_fd, ret_lock_fd, err);
    if (rc == -EEXIST && store_sweep(store, err) > 0) /* its owner may be dead */
        rc = make_record(store, spec, container, ret_dir_fd, ret_lock_fd, err);
    if (rc != -EEXIST)
        return rc;
    err_set(err, EEXIST, "the name %s is taken", spec->name);
    return err_hint(err, "boxtop rm %s, or choose another --name", spec->name);
}

/* ---- one that is there, once more ---- */

/* What is in nearly every record goes by its name, first what makes it one, so that what a crash leaves can't
 * be read; the tree is looked through only if there is more. */
static int remove_record(struct store *store, const char *name, struct err *err)
{
    static const char *const files[] = {STATE_FILE, SPEC_FILE, "steps", "log", LOCK_FILE};
    cleanup_close int dir_fd = open_record(store, name);
    for (size_t i = 0; i < COUNT_OF(files) && dir_fd >= 0; i++)
        unlinkat(dir_fd, files[i], 0);
    int rc = unlinkat(store->fd, name, AT_REMOVEDIR) == 0 ? 0 : fs_remove_tree_at(store->fd, name);
    return rc < 0 ? err_set(err, -rc, "remove %s/%s: %s", store->path, name, strerror(-rc)) : 0;
}

/* Under the store's lock: the record NAME, its container at rest, its own lock held. */
static int claim_at_rest(struct store *store, const char *name, struct container *ret, int *ret_dir_fd,
                         int *ret_lock_fd, struct err *err)
{
    cleanup_close int dir_fd = open_record(store, name), lock = -1;
    if (dir_fd < 0)
        return no_container(name, err);
    int rc = load_state(dir_fd, name, ret, err);
    if (rc < 0)
        return err_prefix(err, "container %s", name);
    if (needs_care(ret) || has_keeper(dir_fd, &lock) || lock < 0) {
        container_free(ret);
        err_set(err, EBUSY, "container %s is running", name);
        return err_hint(err, "boxtop stop %s", name);
    }
    *ret_dir_fd = take_fd(&dir_fd);
    *ret_lock_fd = take_fd(&lock);
    return 0;
}

int store_begin_again(struct store *store, struct container *container, int *ret_dir_fd, int *ret_lock_fd,
                      struct err *err)
{
    struct container before;
    cleanup_close int store_lock = -1, dir_fd = -1, lock = -1;
    int rc = lock_store(store, &store_lock, err);
    if (rc == 0)
        rc = claim_at_rest(store, container->name, &before, &dir_fd, &lock, err);
    if (rc < 0)
        return rc;
    container->created_ns = before.created_ns;
    container_free(&before);
    unlinkat(dir_fd, STOP_ASKED, 0);
    if ((rc = store_save(dir_fd, container, err)) < 0)
        return rc;
    *ret_dir_fd = take_fd(&dir_fd);
    *ret_lock_fd = take_fd(&lock);
    return 0;
}

int store_ask_stop(struct store *store, const char *name, struct err *err)
{
    cleanup_close int dir_fd = open_record(store, name);
    if (dir_fd < 0)
        return no_container(name, err);
    cleanup_close int fd = openat(dir_fd, STOP_ASKED, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    return fd < 0 ? err_errno(err, "container %s: make %s", name, STOP_ASKED) : 0;
}

bool store_stop_is_asked(int dir_fd)
{
    return faccessat(dir_fd, STOP_ASKED, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A whole record under another name first, then the old one goes: a crash in between leaves both. */
static int copy_record(struct store *store, int from, const struct spec *spec,
                       const struct container *container, struct err *err)
{
    static const char *const logs[] = {"log", "log.1"};
    cleanup_close int lock = -1, to = -1;
    fs_remove_tree_at(store->fd, STORE_NEW);
    if (mkdirat(store->fd, STORE_NEW, 0700) < 0 ||
        (to = openat(store->fd, STORE_NEW, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
        return err_errno(err, "make the record %s/%s", store->path, STORE_NEW);
    int rc = fill_record(to, spec, container, &lock, err);
    for (size_t i = 0; i < COUNT_OF(logs) && rc == 0; i++)
        if (linkat(from, logs[i], to, logs[i], 0) < 0 && errno != ENOENT)
            rc = err_errno(err, "keep its %s", logs[i]);
    if (rc == 0 && renameat2(store->fd, STORE_NEW, store->fd, spec->name, RENAME_NOREPLACE) < 0)
        rc = errno == EEXIST ? err_set(err, EEXIST, "the name %s is taken", spec->name)
                             : err_errno(err, "make the record %s/%s", store->path, spec->name);
    if (rc < 0)
        fs_remove_tree_at(store->fd, STORE_NEW);
    return rc;
}

/* Last: if that is interrupted, it is still in the old record. */
static int move_layer(struct store *store, int from, const char *name, struct err *err)
{
    cleanup_close int to = open_record(store, name);
    if (to < 0 || (renameat(from, STORE_LAYER, to, STORE_LAYER) < 0 && errno != ENOENT))
        return err_errno(err, "take the layer of container %s along", name);
    return 0;
}

static void give_name(struct spec *spec, struct container *container, const char *name)
{
    if (strcmp(spec->hostname, spec->name) == 0)
        str_copy(spec->hostname, sizeof spec->hostname, name);
    str_copy(spec->name, sizeof spec->name, name);
    str_copy(container->name, sizeof container->name, name);
}

int store_rename(struct store *store, const char *name, const char *new_name, struct err *err)
{
    struct container container;
    struct spec spec;
    cleanup_close int store_lock = -1, dir_fd = -1, lock = -1;
    if (!spec_name_is_valid(new_name))
        return err_set(err, EINVAL, "'%s' can't be a container's name", new_name);
    int rc = lock_store(store, &store_lock, err);
    if (rc == 0)
        rc = claim_at_rest(store, name, &container, &dir_fd, &lock, err);
    if (rc < 0)
        return rc;
    spec_init(&spec);
    rc = store_load_spec(store, name, &spec, err);
    /* The ids inside, whom the layer's files belong to, are chosen by the name. */
    if (rc == 0 && spec.keep && spec.userns == USERNS_AUTO)
        rc = err_set(err, ENOTSUP, "rename container %s: the layer it keeps belongs to users of that name",
                     name);
    if (rc == 0) {
        give_name(&spec, &container, new_name);
        rc = copy_record(store, dir_fd, &spec, &container, err);
    }
    if (rc == 0 && spec.keep)
        rc = move_layer(store, dir_fd, new_name, err);
    spec_free(&spec);
    container_free(&container);
    return rc < 0 ? rc : remove_record(store, name, err);
}

int store_save(int dir_fd, const struct container *container, struct err *err)
{
    return write_state(dir_fd, container, fs_replace_at, err);
}

int store_save_begin(int dir_fd, const struct container *container, struct err *err)
{
    return write_state(dir_fd, container, fs_replace_begin_at, err);
}

int store_save_end(int dir_fd, struct err *err)
{
    int rc = fs_replace_end_at(dir_fd, STATE_FILE);
    return rc < 0 ? err_set(err, -rc, "write " STATE_FILE ": %s", strerror(-rc)) : 0;
}

int store_remove_own(struct store *store, const char *name, struct err *err)
{
    cleanup_close int lock = -1;
    int rc = lock_store(store, &lock, err);
    return rc < 0 ? rc : remove_record(store, name, err);
}

int store_remove(struct store *store, const char *name, struct err *err)
{
    cleanup_close int lock = -1;
    struct container container;
    int rc = lock_store(store, &lock, err);
    if (rc < 0)
        return rc;
    cleanup_close int dir_fd = open_record(store, name);
    if (dir_fd < 0)
        return no_container(name, err);
    bool readable = load_state(dir_fd, name, &container, err) == 0;
    bool busy = readable ? !container_is_at_rest(&container) : has_keeper(dir_fd, NULL);
    if (readable)
        container_free(&container);
    if (!busy)
        return remove_record(store, name, err);
    err_set(err, EBUSY, "container %s has not ended", name);
    return err_hint(err, "boxtop stop %s first, or boxtop rm -f %s", name, name);
}

/* ---- all of them ---- */

static int for_each(struct store *store, void (*visit)(struct store *, const char *name, void *user),
                    void *user, struct err *err)
{
    int fd = openat(store->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return err_errno(err, "read the state directory %s", store->path);
    for (struct dirent *entry; (entry = readdir(dir));)
        if (spec_name_is_valid(entry->d_name))
            visit(store, entry->d_name, user);
    return 0;
}

struct listing {
    struct container *items;
    size_t count;
    bool dead; /* there are records to clean up */
};

static void add_to_listing(struct store *store, const char *name, void *user)
{
    struct listing *listing = user;
    bool keeper = false;
    struct container container;
    struct err ignored; /* being made or removed at this moment, or not a record: not listed */
    int rc = load_as_is(store, name, &container, &keeper, &ignored);
    listing->dead |= rc < 0 || !keeper;
    if (rc < 0)
        return;
    listing->items = mem_resize(listing->items, listing->count + 1, sizeof *listing->items);
    listing->items[listing->count++] = container;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct container *)a)->name, ((const struct container *)b)->name);
}

int store_list(struct store *store, bool as_is, struct container **ret, size_t *ret_count, struct err *err)
{
    struct listing listing = {0};
    struct err ignored; /* what can't be cleaned up is still listed */
    int rc = for_each(store, add_to_listing, &listing, err);
    if (rc == 0 && listing.dead && !as_is && store_sweep(store, &ignored) > 0) {
        container_free_list(listing.items, listing.count);
        listing = (struct listing){0};
        rc = for_each(store, add_to_listing, &listing, err);
    }
    if (rc < 0) {
        container_free_list(listing.items, listing.count);
        return rc;
    }
    if (listing.count)
        qsort(listing.items, listing.count, sizeof *listing.items, by_name);
    *ret = listing.items;
    *ret_count = listing.count;
    return 0;
}

/* ---- after a crash ---- */

/* What a boot ended needs no taking down, and its numbers and names may be somebody else's by now. */
static void forget_boot(struct container *container)
{
    container->pid = container->keeper_pid = 0;
    container->cgroup[0] = container->host_link[0] = '\0';
}

static int bury(struct store *store, int dir_fd, struct container *container, struct err *err)
{
    char boot_id[sizeof container->boot_id];
    proc_boot_id(boot_id);
    bool rebooted = strcmp(boot_id, container->boot_id) != 0;
    if (rebooted)
        forget_boot(container);
    int rc = undo_resources(store, container, err);
    if (rc < 0)
        return err_prefix(err, "clean up after container %s", container->name);
    if (container->state != CONTAINER_EXITED) {
        container->state = CONTAINER_EXITED;
        container->exit_status = EXIT_STATUS_UNKNOWN;
        container->finished_ns = clock_wall_ns();
        str_copy(container->why, sizeof container->why,
                 rebooted ? "the machine was restarted; how it ended is not known"
                          : "its keeper was killed; how it ended is not known");
    }
    container->restart_ns = 0;
    container_forget_resources(container);
    return store_save(dir_fd, container, err);
}

/* Takes the record's lock if nobody has it: 1, with the lock in *ret_lock (-1: it has no lock file), or 0.
 * Under the store's lock, so that a record that is being made is never judged. */
static int claim(struct store *store, const char *name, int *ret_dir, int *ret_lock, struct err *err)
{
    cleanup_close int store_lock = -1;
    int rc = lock_store(store, &store_lock, err);
    if (rc < 0)
        return rc;
    *ret_dir = open_record(store, name);
    return *ret_dir >= 0 && !has_keeper(*ret_dir, ret_lock);
}

/* 1: it was marked or removed, 0: nothing was to be done. */
static int sweep_one(struct store *store, const char *name, struct err *err)
{
    cleanup_close int dir_fd = -1, lock = -1;
    struct container container = {0};
    int rc = claim(store, name, &dir_fd, &lock, err);
    if (rc <= 0)
        return rc;
    bool readable = load_state(dir_fd, name, &container, err) == 0;
    bool dead = readable && needs_care(&container),
         created = readable && !dead && container.state == CONTAINER_CREATED;
    bool remove = !readable || (container.remove && !created);
    rc = dead ? bury(store, dir_fd, &container, err) : 0;
    container_free(&container);
    if (rc == 0 && remove)
        rc = remove_record(store, name, err);
    return rc < 0 ? rc : dead || remove;
}

int store_load(struct store *store, const char *name, struct container *ret, struct err *err)
{
    struct container container;
    bool keeper = true;
    int rc = load_as_is(store, name, &container, &keeper, err);
    if (rc == 0 && !keeper) {
        container_free(&container);
        rc = sweep_one(store, name, err);
        if (rc >= 0)
            rc = load_as_is(store, name, &container, &keeper, err);
    }
    if (rc == 0)
        *ret = container;
    return rc;
}

struct sweep {
    int count, failed; /* failed: the first one's code */
    struct err *err;
};

/* One that can't be cleaned up does not keep the others from it. */
static void sweep_next(struct store *store, const char *name, void *user)
{
    struct sweep *sweep = user;
    struct err err;
    int rc = sweep_one(store, name, &err);
    if (rc > 0)
        sweep->count++;
    if (rc < 0 && !sweep->failed) {
        sweep->failed = rc;
        *sweep->err = err;
    }
}

int store_sweep(struct store *store, struct err *err)
{
    struct sweep sweep = {.err = err};
    int rc = for_each(store, sweep_next, &sweep, err);
    return rc < 0 ? rc : sweep.failed ? sweep.failed : sweep.count;
}
