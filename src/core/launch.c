/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/cgroupfs.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/bundle.h"
#include "core/cgroup.h"
#include "core/etc.h"
#include "core/hooks.h"
#include "core/idmap.h"
#include "core/idmount.h"
#include "core/image.h"
#include "core/mounts.h"
#include "core/pasta.h"
#include "core/proc.h"
#include "core/stage.h"
#include "core/sync.h"
#include "core/sys.h"
#include "core/undo.h"
#include "core/unit.h"

/* ---- before anything is made
 * ------------------------------------------------------------------------------- */

void launch_name(struct container *ret, const struct spec *spec, const struct cgroupfs *fs)
{
    container_init(ret, spec);
    ret->keeper_pid = getpid();
    ret->keeper_start = proc_start_time(ret->keeper_pid);
    if (fs->layout != CGROUP_LAYOUT_NONE && fs->base[0]) {
        const char *name = spec->bundle && spec->bundle->cgroup ? spec->bundle->cgroup : spec->name;
        snprintf(ret->cgroup, sizeof ret->cgroup, "%s/%s", fs->base, name);
        str_copy(ret->cgroup_mount, sizeof ret->cgroup_mount, fs->mount);
    }
    ret->pasta = spec->network == NETWORK_PRIVATE && geteuid() != 0;
}

/* A directory without the command in it is refused before anything is made there: mount points would stay. */
static int check_command(const struct spec *spec, int *ret_exit_status, struct err *err)
{
    static const char path[] = STAGE_DEFAULT_PATH;
    const char *command = spec->command[0];
    struct err ignored;
    if (spec->root_is_host || spec->layers || spec->bind_count || spec->bundle || strchr(command, '/'))
        return 0;
    cleanup_close int root = open(spec->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return err_errno(err, "open the root directory %s", spec->root);
    for (size_t at = 0; at < sizeof path - 1; at += strcspn(path + at, ":") + 1) {
        cleanup_free char *full = mem_printf("%.*s/%s", (int)strcspn(path + at, ":"), path + at, command);
        cleanup_close int found = mounts_resolve(root, full, true, &ignored);
        if (found >= 0)
            return 0;
    }
    *ret_exit_status = 127;
    err_set(err, ENOENT, "run %s in %s: not found there", command, spec->root);
    return err_hint(err, "looked in %s below it; give a ROOT with that command, or `host`", path);
}

static bool is_absent(const struct cgroupfs *fs, const struct spec_limit *limit)
{
    return limit->knob->controller >= 0 && !(fs->controllers & 1u << limit->knob->controller);
}

void launch_drop_defaults(struct spec *spec, const struct cgroupfs *fs)
{
    size_t kept = 0;
    for (size_t i = 0; i < spec->limit_count; i++)
        if (spec->limits[i].asked || !is_absent(fs, &spec->limits[i]))
            spec->limits[kept++] = spec->limits[i];
    spec->limit_count = kept;
}

static int check_rights(const struct spec *spec, struct err *err)
{
    if (geteuid() == 0)
        return 0;
    if (spec->userns == USERNS_HOST) {
        err_set(err, EPERM, "run a container in the host's user namespace: not permitted for a user");
        return err_hint(err, "leave --userns host out, or run it with sudo");
    }
    return 0;
}

/* What this user was not given: more than a login gives is the administrator's to say. */
static int not_delegated(enum controller controller, struct err *err)
{
    err_set(err, ENOTSUP, "the %s controller is not delegated to user %u", controller_names[controller],
            (unsigned)geteuid());
    return err_hint(
        err,
        "as root: mkdir -p /etc/systemd/system/user@.service.d; printf '[Service]\\nDelegate=cpu cpuset "
        "io memory pids\\n' > /etc/systemd/system/user@.service.d/delegate.conf; systemctl daemon-reload; "
        "then log in anew");
}

/* `none`: why there is no place for a cgroup, if there is none. */
static int check_limits(const struct spec *spec, const struct cgroupfs *fs, const struct err *none,
                        struct err *err)
{
    for (size_t i = 0; i < spec->limit_count; i++) {
        const struct knob *knob = spec->limits[i].knob;
        if (none->code && spec->limits[i].asked)
            *err = *none;
        else if (!is_absent(fs, &spec->limits[i]))
            continue;
        else if (fs->delegated && geteuid() != 0)
            not_delegated((enum controller)knob->controller, err);
        else
            cgroupfs_missing(fs, (enum controller)knob->controller, err);
        return err_prefix(err, "limit %s", knob->name);
    }
    return 0;
}

int launch_check(struct spec *spec, struct cgroupfs *fs, int *ret_exit_status, struct err *err)
{
    struct err none = {0};
    int rc = check_rights(spec, err);
    *ret_exit_status = 125;
    if (rc == 0 && spec->layers && spec->image_hold < 0)
        rc = image_hold(spec, err);
    if (rc == 0)
        unit_find(fs, &none);
    launch_drop_defaults(spec, fs);
    if (rc == 0)
        rc = check_limits(spec, fs, &none, err);
    return rc < 0 ? rc : check_command(spec, ret_exit_status, err);
}

/* ---- the keeper's steps
 * ------------------------------------------------------------------------------------ */

#define ADDRESS_TRIES 100

struct walk {
    struct launch *launch;
    int socks[2];
    pid_t pid;
};

static bool asks_for_limits(const struct spec *spec)
{
    for (size_t i = 0; i < spec->limit_count; i++)
        if (spec->limits[i].asked)
            return true;
    return false;
}

static int run_cgroup(struct walk *w, const struct step *s, struct err *err)
{
    struct container *c = &w->launch->container;
    (void)s;
    int rc = cgroup_make(w->launch->fs, c->cgroup, c->id, &w->launch->cgroup, err);
    if ((rc == -EACCES || rc == -EPERM || rc == -EROFS) && !asks_for_limits(w->launch->spec)) {
        c->cgroup[0] = '\0'; /* nothing was asked of it: it goes without */
        *err = (struct err){0};
        return 0;
    }
    return rc;
}

static int run_limit(struct walk *w, const struct step *s, struct err *err)
{
    const struct knob *knob = knob_find(s->what);
    if (w->launch->cgroup < 0)
        return 0;
    return knob_write(w->launch->cgroup, knob, s->data, NULL, NULL, err);
}

static int run_device_rules(struct walk *w, const struct step *s, struct err *err)
{
    const struct bundle *b = w->launch->spec->bundle;
    (void)s;
    return w->launch->cgroup < 0 ? 0 : devices_filter_by(w->launch->cgroup, b->rules, b->rule_count, err);
}

static void run_stage(struct walk *w)
{
    struct launch *l = w->launch;
    struct stage stage = {.plan = &l->plan,
                          .spec = l->spec,
                          .stopwatch = &l->stopwatch,
                          .container = &l->container,
                          .hosts = l->network.hosts,
                          .sock = w->socks[1],
                          .layer = l->layer,
                          .user_ns = l->spec->userns == USERNS_AUTO,
                          .has_device_filter = l->cgroup >= 0 && geteuid() == 0};
    memcpy(stage.stdio, l->session->child_stdio, sizeof stage.stdio);
    fd_close(&w->socks[0]);
    stage_main(&stage);
}

/* A pid namespace that is joined holds for children. *ret_own: to come back with. */
static int join_pid(const struct bundle *b, int *ret_own, struct err *err)
{
    const char *path = b ? b->join[4] : NULL;
    cleanup_close int ns = -1;
    if (!path)
        return 0;
    *ret_own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
    ns = open(path, O_RDONLY | O_CLOEXEC);
    if (*ret_own < 0 || ns < 0 || setns(ns, CLONE_NEWPID) < 0)
        return err_errno(err, "join the pid namespace %s", path);
    return 0;
}

static int run_clone(struct walk *w, const struct step *s, struct err *err)
{
    struct launch *l = w->launch;
    cleanup_close int own = -1;
    if (join_pid(l->spec->bundle, &own, err) < 0)
        return -err->code;
    int pidfd = -1;
    struct clone_args args = {
        .flags = s->flags | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd, .exit_signal = SIGCHLD};
    if (l->cgroup >= 0) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = (uint64_t)l->cgroup;
    }
    w->pid = sys_clone3(&args);
    if (w->pid == 0)
        run_stage(w);
    if (own >= 0 && setns(own, CLONE_NEWPID) < 0)
        return err_errno(err, "come back from the pid namespace");
    if (w->pid < 0) {
        err_errno(err, "clone the container's first process");
        if (err->code == EPERM && geteuid() != 0)
            err_hint(err, "user namespaces are refused here: see sysctl kernel.unprivileged_userns_clone, "
                          "user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns");
        if (err->code == ENOSPC)
            err_hint(err, "a limit on namespaces is reached: see sysctl user.max_*_namespaces");
        return -err->code;
    }
    l->pidfd = pidfd;
    l->container.pid = w->pid;
    fd_close(&w->socks[1]);
    return 0;
}

/* What the root is made from, to be shown with other owners: itself, or the directory that an image's layers
 * are all in. The caller's to free; NULL: nothing. */
static char *source_of_root(const struct walk *w)
{
    const struct step *bind = plan_find(&w->launch->plan, STEP_ROOT_BIND);
    char *const *layers = w->launch->spec->layers;
    const char *slash = layers ? strrchr(layers[0], '/') : NULL;
    if (slash)
        return mem_printf("%.*s", (int)(slash - layers[0]), layers[0]);
    return bind ? mem_dup(bind->what) : NULL;
}

/* That with its owners shifted to the container's ids, so that its root owns the files; -1 where the file
 * system can't do it, or only the caller's own id is mapped. */
static int mapped_root(const struct walk *w)
{
    char path[64];
    struct err ignored = {0};
    cleanup_free char *root = source_of_root(w);
    const struct step *bind = plan_find(&w->launch->plan, STEP_ROOT_BIND);
    snprintf(path, sizeof path, "/proc/%d/ns/user", (int)w->pid);
    cleanup_close int ns = open(path, O_RDONLY | O_CLOEXEC);
    if (!root || ns < 0 || geteuid() != 0)
        return -1;
    cleanup_close int mount =
        mounts_copy(AT_FDCWD, root, !w->launch->spec->root_is_host, bind ? bind->flags : 0, &ignored);
    struct mount_attr shift = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)ns};
    if (mount < 0 || mount_setattr(mount, "", AT_EMPTY_PATH | AT_RECURSIVE, &shift, sizeof shift) < 0)
        return -1;
    return take_fd(&mount);
}

/* The first process sets it itself, last of all: what it does until then may need more. */
static int run_rlimit(struct walk *w, const struct step *s, struct err *err)
{
    return rlimit_make_room(&w->launch->spec->rlimits[s->flags], err);
}

static int run_oom_score(struct walk *w, const struct step *s, struct err *err)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/oom_score_adj", (int)w->pid);
    int rc = fs_write_at(AT_FDCWD, path, s->data);
    if (rc < 0)
        err_set(err, -rc, "set oom_score_adj to %s: %s", s->data, strerror(-rc));
    return rc == -EACCES || rc == -EPERM ? err_hint(err, "only root may make it less likely to be killed")
                                         : rc;
}

static int run_id_mount(struct walk *w, const struct step *s, struct err *err)
{
    const struct bundle_mount *m = &w->launch->spec->bundle->mounts[s->flags];
    cleanup_close int mount = idmount_make(m, w->pid, err);
    return mount < 0 ? err_prefix(err, "config.json: mounts[%lu] (%s)", s->flags, m->target)
                     : sync_send(w->socks[0], SYNC_MOUNT, mount, err);
}

static int run_hooks(struct walk *w, const struct step *s, struct err *err)
{
    static const int out[] = {STDERR_FILENO, STDERR_FILENO};
    const struct launch *l = w->launch;
    (void)s;
    int rc = sync_wait(w->socks[0], SYNC_MOUNTED, NULL, NULL, err);
    if (rc == 0)
        rc = hooks_run(l->spec->bundle, HOOK_PRESTART, l->container.name, w->pid, out, err);
    if (rc == 0)
        rc = hooks_run(l->spec->bundle, HOOK_CREATE_RUNTIME, l->container.name, w->pid, out, err);
    return rc < 0 ? rc : sync_send(w->socks[0], SYNC_HOOKED, -1, err);
}

/* A bundle's root is as its owners are; its root inside need not be able to find it. A user can copy no mount
 * of the host's, and finds it inside, too. */
static int bundle_root(const struct spec *spec, struct err *err)
{
    return geteuid() == 0 ? mounts_copy(AT_FDCWD, spec->root, true, 0, err) : -1;
}

static int run_id_map(struct walk *w, const struct step *s, struct err *err)
{
    struct launch *l = w->launch;
    const struct bundle *bundle = l->spec->bundle;
    int rc = bundle ? idmount_write_maps(w->pid, bundle, err) : idmap_write(w->pid, s->what, s->data, err);
    if (rc < 0)
        return rc;
    if (l->container.pasta) {
        cleanup_free char *record = mem_printf("%s/%s", l->store->path, l->container.name);
        if (pasta_start(record, l->spec->ports, w->pid, err) < 0)
            return -err->code;
    }
    cleanup_close int root = bundle ? bundle_root(l->spec, err) : mapped_root(w);
    if (bundle && root < 0 && geteuid() == 0)
        return root;
    return sync_send(w->socks[0], SYNC_MAPPED, root, err);
}

static int run_bridge(struct walk *w, const struct step *s, struct err *err)
{
    struct launch *l = w->launch;
    (void)s;
    return network_prepare(&l->network, l->store, l->spec, &l->container, err);
}

static int run_link(struct walk *w, const struct step *s, struct err *err)
{
    struct launch *l = w->launch;
    (void)s;
    int rc = network_link(&l->network, l->spec, &l->container, w->pid, err);
    return rc < 0 ? rc : sync_send(w->socks[0], SYNC_LINKED, -1, err);
}

/* Done by run_id_map(). */
static int run_pasta(struct walk *w, const struct step *s, struct err *err)
{
    (void)w, (void)s, (void)err;
    return 0;
}

static int (*const runners[STEP_COUNT])(struct walk *, const struct step *, struct err *) = {
    [STEP_CGROUP] = run_cgroup, [STEP_LIMIT] = run_limit,         [STEP_CLONE] = run_clone,
    [STEP_ID_MAP] = run_id_map, [STEP_LINK] = run_link,           [STEP_DEVICE_RULES] = run_device_rules,
    [STEP_RLIMIT] = run_rlimit, [STEP_OOM_SCORE] = run_oom_score, [STEP_ID_MOUNT] = run_id_mount,
    [STEP_HOOKS] = run_hooks,   [STEP_BRIDGE] = run_bridge,       [STEP_PASTA] = run_pasta,
};

/* Otherwise it waits for us. */
static bool has_spoken(const struct walk *w)
{
    struct pollfd sock = {.fd = w->socks[0], .events = POLLIN};
    return poll(&sock, 1, 0) > 0;
}

static int walk_steps(struct walk *w, struct err *err)
{
    const struct plan *plan = &w->launch->plan;
    for (size_t i = 0; i < plan->count; i++) {
        const struct step *s = &plan->steps[i];
        if (step_is_inside(s->kind))
            continue;
        uint64_t begin = clock_mono_ns();
        int rc = runners[s->kind](w, s, err);
        stopwatch_take(&w->launch->stopwatch, i, begin);
        stopwatch_tell(&w->launch->stopwatch, i, s->kind, rc < 0);
        /* A step that failed because the first process went away: its own error says more. */
        if (rc < 0 && w->pid > 0 && has_spoken(w)) {
            struct err inside = {0};
            if (sync_wait(w->socks[0], SYNC_READY, NULL, NULL, &inside) < 0 && inside.code != ECHILD)
                *err = inside;
        }
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* ---- the whole
 * --------------------------------------------------------------------------------------------- */

/* The record says that it runs before it may: whoever comes after a crash finds all of it. It is written
 * while the first process makes its mounts, and holds when that is ready (store_save_end). */
static int record_running(struct launch *l, struct err *err)
{
    struct container *c = &l->container;
    c->pid_start = proc_start_time(c->pid);
    c->started_ns = clock_wall_ns();
    c->state = CONTAINER_RUNNING;
    return store_save_begin(l->dir, c, err);
}

/* Before the terminal is the container's. */
static void tell(struct launch *l)
{
    if (l->spec->network == NETWORK_PRIVATE && etc_lacks_servers())
        str_add(&l->network.notes,
                "the container has no name server: those in /etc/resolv.conf are on this machine's "
                "loopback, where it does not reach them\n");
    launch_say(l->store, str_text(&l->network.notes));
}

void launch_say(const struct store *store, const char *lines)
{
    cleanup_free char *copy = mem_dup(lines);
    for (char *rest = copy, *line; store->say && (line = strsep(&rest, "\n"));)
        if (*line)
            store->say(line);
}

/* A hook that fails now ends it. */
static int run_poststart(const struct launch *l, struct err *err)
{
    static const int out[] = {STDERR_FILENO, STDERR_FILENO};
    const struct container *c = &l->container;
    return l->spec->bundle ? hooks_run(l->spec->bundle, HOOK_POSTSTART, c->name, c->pid, out, err) : 0;
}

void launch_run_poststop(const struct launch *l)
{
    static const int out[] = {STDERR_FILENO, STDERR_FILENO};
    struct err err = {0};
    if (l->spec->bundle && hooks_run(l->spec->bundle, HOOK_POSTSTOP, l->container.name, 0, out, &err) < 0)
        err_print(&err, stderr);
}

/* What the first process noted comes with its being ready. */
static int wait_until_ready(struct launch *l, const struct walk *w, int *ret_master, int *ret_exit_status,
                            struct err *err)
{
    size_t size = l->plan.count * sizeof(uint64_t);
    cleanup_free uint64_t *inside = mem_array(l->plan.count, sizeof *inside);
    int rc = sync_wait_ready(w->socks[0], ret_master, inside, size, ret_exit_status, err);
    for (size_t i = 0; i < l->plan.count && rc == 0; i++)
        if (step_is_inside(l->plan.steps[i].kind))
            l->stopwatch.ns[i] = inside[i];
    return rc;
}

static int go(struct launch *l, struct walk *w, int *ret_exit_status, struct err *err)
{
    cleanup_close int master = -1;
    int rc = walk_steps(w, err);
    if (rc == 0)
        rc = record_running(l, err);
    if (rc == 0)
        rc = wait_until_ready(l, w, &master, ret_exit_status, err);
    if (rc == 0)
        rc = store_save_end(l->dir, err);
    uint64_t begin = clock_mono_ns();
    bool ready = rc == 0;
    if (rc == 0)
        rc = sync_send(w->socks[0], SYNC_EXEC, -1, err);
    if (rc == 0)
        rc = sync_wait_exec(w->socks[0], ret_exit_status, err);
    stopwatch_take(&l->stopwatch, l->plan.count - 1, begin); /* the plan ends with the exec */
    if (ready)
        stopwatch_tell(&l->stopwatch, l->plan.count - 1, STEP_EXEC, rc < 0);
    if (rc == 0)
        rc = run_poststart(l, err);
    if (rc == 0)
        tell(l);
    if (rc == 0)
        session_started(l->session, take_fd(&master));
    if (rc == 0)
        stopwatch_save(&l->stopwatch, l->dir);
    fd_close(&l->spec->steps); /* of this launch, not of those that follow it */
    return rc;
}

static void end_first_process(struct launch *l, struct walk *w)
{
    if (l->pidfd >= 0) {
        sys_pidfd_send_signal(l->pidfd, SIGKILL);
        waitpid(w->pid, NULL, 0);
    }
    fd_close(&w->socks[0]);
    fd_close(&w->socks[1]);
}

/* A launch that failed leaves nothing but, if it was one again, the record. */
static void take_down(struct launch *l, struct walk *w, int exit_status, const struct err *why)
{
    struct err ignored = {0};
    end_first_process(l, w);
    if (undo_resources(l->store, &l->container, &ignored) == 0)
        container_forget_resources(&l->container);
    if (w->pid > 0)
        launch_run_poststop(l);
    l->container.state = CONTAINER_EXITED;
    l->container.exit_status = exit_status;
    l->container.finished_ns = clock_wall_ns();
    str_copy(l->container.why, sizeof l->container.why, why->text);
    store_save(l->dir, &l->container, &ignored);
    fd_close(&l->lock);
    if (l->again)
        return;
    store_remove(l->store, l->container.name, &ignored);
}

static bool needs_address(const struct launch *l)
{
    return l->spec->network == NETWORK_PRIVATE && !l->container.pasta;
}

/* The layer that is kept lies in the record, goes with it, and is its container's root's. Where boxtop is
 * root the first process can't reach it by its path from a user namespace, so it is handed a mount. */
static int open_layer(struct launch *l, struct err *err)
{
    const struct step *map = plan_find(&l->plan, STEP_ID_MAP);
    unsigned uid = 0, gid = 0;
    if (!l->spec->keep)
        return 0;
    if (mkdirat(l->dir, STORE_LAYER, 0755) < 0 && errno != EEXIST)
        return err_errno(err, "make the layer that is kept");
    if (geteuid() != 0)
        return 0;
    if (map && (sscanf(map->what, "0 %u", &uid) != 1 || sscanf(map->data, "0 %u", &gid) != 1))
        return err_set(err, EINVAL, "give the layer that is kept to its root: there is none in the id map");
    if (fchownat(l->dir, STORE_LAYER, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
        return err_errno(err, "give the layer that is kept to its root");
    l->layer = mounts_copy(l->dir, STORE_LAYER, false, 0, err);
    return l->layer < 0 ? l->layer : 0;
}

/* A new one; one that is at rest; or one that this keeper has kept all the time. */
static int take_record(struct launch *l, struct err *err)
{
    struct container before = l->container;
    launch_name(&l->container, l->spec, l->fs);
    l->container.created_ns = l->dir < 0 ? l->container.created_ns : before.created_ns;
    l->container.restarts = l->dir < 0 ? 0 : before.restarts + 1;
    if (l->dir >= 0)
        container_free(&before);
    int rc = needs_address(l) ? network_choose(&l->network, &l->container, err) : 0;
    if (rc < 0)
        return rc;
    if (!l->again)
        return store_create(l->store, l->spec, &l->container, &l->dir, &l->lock, err);
    if (l->dir < 0)
        return store_begin_again(l->store, &l->container, &l->dir, &l->lock, err);
    return store_save(l->dir, &l->container, err);
}

void launch_end(struct launch *l)
{
    plan_free(&l->plan);
    stopwatch_fini(&l->stopwatch);
    network_end(&l->network);
    fd_close(&l->cgroup);
    fd_close(&l->pidfd);
    fd_close(&l->layer);
}

/* Somebody was faster with the address, which is seen when the link is to be made: from there on once more,
 * with another one. */
static int choose_again(struct launch *l, struct walk *w, struct err *err)
{
    *err = (struct err){0};
    end_first_process(l, w);
    int rc = undo_resources(l->store, &l->container, err);
    launch_end(l);
    w->pid = 0;
    if (rc == 0)
        rc = network_choose(&l->network, &l->container, err);
    return rc < 0 ? rc : store_save(l->dir, &l->container, err);
}

static int attempt(struct launch *l, struct walk *w, int *ret_exit_status, struct err *err)
{
    int rc = sync_pair(w->socks, err);
    if (rc < 0)
        return rc;
    snprintf(l->container.layer, sizeof l->container.layer, "%s/%s/" STORE_LAYER, l->store->path,
             l->container.name);
    plan_build(&l->plan, l->spec, &l->container);
    stopwatch_init(&l->stopwatch, l->plan.count, l->spec->steps);
    rc = open_layer(l, err);
    return rc == 0 ? go(l, w, ret_exit_status, err) : rc;
}

int launch_start(struct launch *l, int *ret_exit_status, struct err *err)
{
    struct walk w = {.launch = l, .socks = {-1, -1}};
    *ret_exit_status = 125;
    network_init(&l->network);
    int rc = take_record(l, err);
    if (rc < 0 && l->dir < 0)
        return rc;
    for (int tries = 0; rc == 0; tries++) {
        rc = attempt(l, &w, ret_exit_status, err);
        if (rc == 0 || !l->network.collided || tries == ADDRESS_TRIES)
            break;
        rc = choose_again(l, &w, err);
    }
    if (rc < 0)
        take_down(l, &w, *ret_exit_status, err);
    network_launched(&l->network);
    fd_close(&w.socks[0]);
    fd_close(&w.socks[1]);
    return rc;
}

void launch_free(struct launch *l)
{
    launch_end(l);
    container_free(&l->container);
    fd_close(&l->dir);
    fd_close(&l->lock);
}
