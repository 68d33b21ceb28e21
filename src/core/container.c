/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/container.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cgroupfs.h"
#include "base/mem.h"
#include "core/bundle.h"
#include "core/cgroup.h"
#include "core/keeper.h"
#include "core/launch.h"
#include "core/pasta.h"
#include "core/plan.h"
#include "core/proc.h"
#include "core/session.h"
#include "core/sys.h"
#include "core/unit.h"

/* How long taking down may take after the last process has ended. */
#define TAKE_DOWN_TIMEOUT_MS 30000

/* What is looked at before anything is made. */
static int check(struct store *store, struct spec *spec, struct cgroupfs *fs, int *ret_status,
                 struct err *err)
{
    int rc = launch_check(spec, fs, ret_status, err);
    if (rc < 0 || !spec_has_filter(spec) || spec->filter.count)
        return rc;
    if (!spec->seccomp) {
        rc = filter_compile(spec->bundle->seccomp, spec_capabilities(spec), &spec->filter, err);
        return rc < 0 ? err_prefix(err, "config.json: linux.seccomp") : 0;
    }
    return filter_of_file(store->fd, spec->seccomp, spec_capabilities(spec), &spec->filter, err);
}

/* A user has a private network through pasta, or none. */
static int settle_network(struct store *store, struct spec *spec, struct err *err)
{
    const char *why;
    if (spec->network != NETWORK_PRIVATE || geteuid() == 0 || pasta_find(NULL, &why))
        return 0;
    if (spec->ports) {
        err_set(err, ENOENT, "publish ports: a user's private network takes pasta");
        return err_hint(err, "%s; or run it with sudo", why);
    }
    cleanup_free char *line = mem_printf("no network but lo: a user's private one takes pasta (%s)", why);
    spec->network = NETWORK_NONE;
    launch_say(store, line);
    return 0;
}

int container_run(struct store *store, struct spec *spec, struct err *err)
{
    int status;
    struct cgroupfs fs;
    cgroupfs_find(&fs, NULL, NULL);
    if (check(store, spec, &fs, &status, err) < 0)
        return status;
    if (settle_network(store, spec, err) < 0)
        return 125;
    if (spec->tty && spec->interactive && !spec->detach && !isatty(0)) {
        err_set(err, ENOTTY, "run with a terminal (-t): standard input is not a terminal");
        err_hint(err,
                 spec->bundle ? "say \"terminal\": false in config.json, or run it with -d" : "leave -t out");
        return 125;
    }
    return spec->detach ? keeper_detach(store, spec, &fs, false, err)
                        : keeper_run(store, spec, &fs, false, -1, err);
}

int container_create(struct store *store, struct spec *spec, struct err *err)
{
    int status;
    struct cgroupfs fs;
    struct container c;
    cleanup_close int dir = -1, lock = -1;
    cgroupfs_find(&fs, NULL, NULL);
    int rc = check(store, spec, &fs, &status, err);
    if (rc < 0)
        return rc;
    container_init(&c, spec);
    rc = store_create(store, spec, &c, &dir, &lock, err);
    container_free(&c);
    return rc;
}

/* As it was run, but with nobody in front of it. */
static int start_again(struct store *store, const char *name, struct err *err)
{
    int status;
    struct spec spec;
    struct cgroupfs fs;
    int rc = store_load_spec(store, name, &spec, err);
    if (rc < 0)
        return rc;
    cgroupfs_find(&fs, NULL, NULL);
    spec.detach = true;
    rc = launch_check(&spec, &fs, &status, err); /* it was validated before it was written down */
    if (rc == 0)
        rc = settle_network(store, &spec, err);
    if (rc == 0 && keeper_detach(store, &spec, &fs, true, err) != 0)
        rc = -err->code;
    spec_free(&spec);
    return rc < 0 ? err_prefix(err, "start container %s", name) : 0;
}

int container_start(struct store *store, const char *name, struct err *err)
{
    struct container c;
    int rc = store_load(store, name, &c, err);
    if (rc < 0)
        return rc;
    bool at_rest = container_is_at_rest(&c);
    container_free(&c);
    return at_rest ? start_again(store, name, err) : 0;
}

int container_restart(struct store *store, const char *name, int timeout_ms, struct err *err)
{
    struct container c;
    int rc = store_load(store, name, &c, err);
    if (rc < 0)
        return rc;
    if (c.remove && !container_is_at_rest(&c)) {
        err_set(err, EINVAL, "restart container %s: it was run with --rm, so its record goes when it ends",
                name);
        rc = -EINVAL;
    }
    container_free(&c);
    if (rc == 0)
        rc = container_stop(store, name, timeout_ms, err);
    return rc < 0 ? rc : container_start(store, name, err);
}

/* Nothing of it runs now. */
static bool has_ended(const struct container *c)
{
    return c->state == CONTAINER_EXITED || container_is_at_rest(c);
}

/* Loads a container that has to be running, and opens its first process. */
static int open_running(struct store *store, const char *name, struct container *c, int *ret_pidfd,
                        struct err *err)
{
    int rc = store_load(store, name, c, err);
    if (rc < 0)
        return rc;
    int pidfd = has_ended(c) ? -ESRCH : proc_open(c->pid, c->pid_start);
    if (pidfd < 0) {
        err_set(err, -pidfd, "container %s is not running", name);
        container_free(c);
        return -err->code;
    }
    *ret_pidfd = pidfd;
    return 0;
}

int container_find_files(struct store *store, const char *name, struct container_files *ret, struct err *err)
{
    struct container c;
    struct spec spec;
    cleanup_close int pidfd = -1;
    int rc = open_running(store, name, &c, &pidfd, err);
    if (rc < 0)
        return rc;
    container_free(&c);
    spec_init(&spec);
    if ((rc = store_load_spec(store, name, &spec, err)) < 0)
        return rc;
    *ret = (struct container_files){take_fd(&pidfd), spec.userns == USERNS_AUTO};
    spec_free(&spec);
    return 0;
}

int container_join_files(const struct container_files *files, struct err *err)
{
    if (setns(files->pidfd, CLONE_NEWNS | (files->own_users ? CLONE_NEWUSER : 0)) < 0)
        return err_errno(err, "join the container's mount namespace");
    if (files->own_users && (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0))
        return err_errno(err, "become root of the container's user namespace");
    if (files->own_users && setgroups(0, NULL) < 0 && errno != EPERM)
        return err_errno(err, "give up the caller's groups");
    return 0;
}

int container_kill(struct store *store, const char *name, int signal, struct err *err)
{
    struct container c;
    cleanup_close int pidfd = -1;
    int rc = open_running(store, name, &c, &pidfd, err);
    if (rc < 0)
        return rc;
    if (sys_pidfd_send_signal(pidfd, signal) < 0)
        rc = errno == ESRCH ? err_set(err, ESRCH, "container %s is not running", name)
                            : err_errno(err, "send signal %d to container %s", signal, name);
    container_free(&c);
    return rc;
}

static int kill_everything(const struct container *c, int pidfd, struct err *err)
{
    cleanup_close int cgroup = -1;
    if (!c->cgroup[0])
        return sys_pidfd_send_signal(pidfd, SIGKILL) < 0 && errno != ESRCH
                   ? err_errno(err, "kill container %s", c->name)
                   : 0;
    int rc = cgroup_open(c->cgroup_mount, c->cgroup, &cgroup, err);
    if (rc < 0)
        return rc == -ENOENT ? 0 : rc;
    rc = cgroup_kill(cgroup);
    return rc < 0 ? err_set(err, -rc, "kill container %s: %s", c->name, strerror(-rc)) : 0;
}

/* Waits until the keeper, which ends after it has taken everything down, is gone. */
static int wait_keeper(const struct container *c, int timeout_ms, struct err *err)
{
    cleanup_close int keeper = proc_open(c->keeper_pid, c->keeper_start);
    int rc = keeper < 0 ? 0 : proc_wait_pidfd(keeper, timeout_ms);
    return rc < 0 ? err_set(err, -rc, "wait until container %s is taken down: %s", c->name, strerror(-rc))
                  : 0;
}

/* Before it is looked at: whatever its keeper does next, it is the last. */
static int end_restarts(struct store *store, const char *name, struct err *err)
{
    struct container c;
    int rc = store_load(store, name, &c, err);
    if (rc < 0)
        return rc;
    if (!container_is_at_rest(&c)) {
        cleanup_close int keeper = proc_open(c.keeper_pid, c.keeper_start);
        rc = store_ask_stop(store, name, err);
        if (rc == -ENOENT) /* with --rm the record may be gone by now */
            rc = 0;
        if (keeper >= 0)
            sys_pidfd_send_signal(keeper, SESSION_WAKE);
    }
    container_free(&c);
    return rc;
}

int container_stop(struct store *store, const char *name, int timeout_ms, struct err *err)
{
    struct container c;
    int rc = end_restarts(store, name, err);
    if (rc == 0)
        rc = store_load(store, name, &c, err);
    if (rc < 0)
        return rc;
    cleanup_close int pidfd = has_ended(&c) ? -1 : proc_open(c.pid, c.pid_start);
    if (pidfd >= 0) {
        if (timeout_ms == CONTAINER_STOP_TIMEOUT)
            timeout_ms = c.stop_timeout_ms;
        sys_pidfd_send_signal(pidfd, c.stop_signal);
        if (c.state == CONTAINER_PAUSED || proc_wait_pidfd(pidfd, timeout_ms) == -ETIMEDOUT)
            rc = kill_everything(&c, pidfd, err);
    }
    if (rc == 0)
        rc = wait_keeper(&c, TAKE_DOWN_TIMEOUT_MS, err);
    container_free(&c);
    return rc;
}

int container_pause(struct store *store, const char *name, bool pause, struct err *err)
{
    struct container c;
    cleanup_close int pidfd = -1, cgroup = -1;
    int rc = open_running(store, name, &c, &pidfd, err);
    if (rc < 0)
        return rc;
    if (!c.cgroup[0])
        rc = err_set(err, ENOTSUP, "%s container %s: it has no cgroup of its own", pause ? "pause" : "resume",
                     name);
    if (rc == 0)
        rc = cgroup_open(c.cgroup_mount, c.cgroup, &cgroup, err);
    if (rc == 0 && (rc = cgroup_freeze(cgroup, pause, err)) < 0)
        err_prefix(err, "container %s", name);
    container_free(&c);
    return rc;
}

int container_wait(struct store *store, const char *name, int *ret_status, struct err *err)
{
    struct container c;
    int rc = store_load(store, name, &c, err);
    if (rc < 0)
        return rc;
    if (c.state == CONTAINER_CREATED && container_is_at_rest(&c)) {
        container_free(&c);
        return err_set(err, EINVAL, "wait for container %s: it has not been started", name);
    }
    if (!container_is_at_rest(&c)) {
        rc = wait_keeper(&c, -1, err);
        container_free(&c);
        if (rc < 0)
            return rc;
        /* With --rm the record went with it: how it ended is not known any more. */
        if ((rc = store_load(store, name, &c, err)) < 0)
            return err_hint(err, "it was run with --rm, so its record is gone; wait for `boxtop run` itself");
    }
    *ret_status = c.exit_status == EXIT_STATUS_UNKNOWN ? 125 : c.exit_status;
    container_free(&c);
    return 0;
}

int container_remove(struct store *store, const char *name, bool force, struct err *err)
{
    struct container c;
    int rc = store_load(store, name, &c, err);
    if (rc < 0)
        return rc;
    bool running = !container_is_at_rest(&c), gone = running && c.remove;
    container_free(&c);
    if (running && !force) {
        err_set(err, EBUSY, "remove container %s: it is running", name);
        return err_hint(err, "boxtop stop %s first, or use rm -f", name);
    }
    if (running && (rc = container_stop(store, name, 0, err)) < 0)
        return rc;
    return gone ? 0 : store_remove(store, name, err);
}

/* "/sys/fs/cgroup/a/b" and "/a/b" both mean /a/b. */
static const char *from_mount(const char *name, const char *mount)
{
    size_t len = strlen(mount);
    if (len && strncmp(name, mount, len) == 0 && (name[len] == '/' || !name[len]))
        return name[len] ? name + len : "/";
    return name;
}

static int open_path(const char *name, int *ret_fd, char *ret_path, struct err *err)
{
    struct cgroupfs fs;
    cgroupfs_find(&fs, NULL, NULL);
    if (fs.layout == CGROUP_LAYOUT_NONE)
        return err_set(err, ENOTSUP, "open the cgroup %s: no cgroup v2 is mounted", name);
    const char *path = from_mount(name, fs.mount);
    if (strstr(path, "/../") || (strlen(path) >= 3 && strcmp(path + strlen(path) - 3, "/..") == 0))
        return err_set(err, EINVAL, "open the cgroup %s: a path with .. in it", name);
    int rc = cgroup_open(fs.mount, path, ret_fd, err);
    if (rc == -ENOENT)
        err_hint(err, "give a cgroup's path from %s, or a container's name", fs.mount);
    if (rc == 0)
        str_copy(ret_path, 300, path);
    return rc;
}

int container_open_cgroup(struct store *store, const char *name, int *ret_fd, char *ret_path, struct err *err)
{
    struct container c;
    if (name[0] == '/')
        return open_path(name, ret_fd, ret_path, err);
    int rc = store_load(store, name, &c, err);
    if (rc < 0)
        return rc;
    if (has_ended(&c))
        rc = err_set(err, ESRCH, "container %s is not running", name);
    else if (!c.cgroup[0])
        rc = err_set(err, ENOTSUP, "container %s has no cgroup of its own", name);
    else if ((rc = cgroup_open(c.cgroup_mount, c.cgroup, ret_fd, err)) == 0)
        str_copy(ret_path, 300, c.cgroup);
    container_free(&c);
    return rc;
}

static void copy_network(struct container *to, const struct container *from)
{
    str_copy(to->id, sizeof to->id, from->id);
    str_copy(to->host_link, sizeof to->host_link, from->host_link);
    str_copy(to->address, sizeof to->address, from->address);
    str_copy(to->gateway, sizeof to->gateway, from->gateway);
    str_copy(to->address6, sizeof to->address6, from->address6);
    str_copy(to->gateway6, sizeof to->gateway6, from->gateway6);
}

struct steps {
    void (*each)(void *data, const struct container_step *step);
    void *data;
    uint64_t *ns;
};

static void one_part(void *user, const struct plan_part *part)
{
    const struct steps *steps = user;
    struct container_step step = {step_name(part->kind),      part->sentence,
                                  step_call(part->kind),      part->shell,
                                  step_is_inside(part->kind), 0};
    for (size_t i = part->first; i < part->first + part->count; i++)
        step.ns = step.ns == STOPWATCH_UNKNOWN || steps->ns[i] == STOPWATCH_UNKNOWN ? STOPWATCH_UNKNOWN
                                                                                    : step.ns + steps->ns[i];
    steps->each(steps->data, &step);
}

/* The plan of what was launched, or would be, with the names that it has. */
static void plan_of(struct spec *spec, const struct container *container, struct container *ret_named,
                    struct plan *ret_plan)
{
    struct cgroupfs fs;
    cgroupfs_find(&fs, NULL, NULL);
    unit_locate(&fs);
    launch_drop_defaults(spec, &fs);
    launch_name(ret_named, spec, &fs);
    bool known = container && container->host_link[0];
    if (known)
        copy_network(ret_named, container);
    else if (spec->network == NETWORK_PRIVATE && !ret_named->pasta)
        network_example(ret_named);
    plan_build(ret_plan, spec, ret_named);
}

void container_explain(struct spec *spec, const struct container *container, struct str *to)
{
    struct container named;
    struct plan plan;
    plan_of(spec, container, &named, &plan);
    plan_explain(&plan, &named, to);
    plan_free(&plan);
    container_free(&named);
}

void container_steps(struct spec *spec, const struct container *container, int record,
                     void (*each)(void *data, const struct container_step *step), void *data)
{
    struct container named;
    struct plan plan;
    plan_of(spec, container, &named, &plan);
    struct steps steps = {.each = each, .data = data, .ns = mem_array(plan.count, sizeof *steps.ns)};
    stopwatch_load(record, steps.ns, plan.count);
    plan_each(&plan, &named, one_part, &steps);
    free(steps.ns);
    plan_free(&plan);
    container_free(&named);
}
