/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * container_exec(): a command in all of a running container's namespaces, in its cgroup, with what its first
 * process may do and no more. This process joins only the pid namespace, and that for its children; the child
 * is born in the cgroup and joins the rest. Nothing of the container's files is executed or trusted before
 * the capabilities are gone: boxtop is static, looks up no names, and takes the terminal only from a devpts.
 */
#include "core/container.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/bundle.h"
#include "core/cgroup.h"
#include "core/confine.h"
#include "core/mounts.h"
#include "core/privilege.h"
#include "core/proc.h"
#include "core/session.h"
#include "core/stage.h"
#include "core/sync.h"
#include "core/sys.h"
#include "core/user.h"

struct exec {
    struct container container;
    struct spec spec;
    const struct exec_options *options;
    char *const *command;
    struct session session;
    int target; /* pidfd of the container's first process */
    int cgroup; /* -1: it has none */
    int socks[2];
    int child;    /* pidfd */
    bool as_user; /* who called is not root: asked before the user namespace is joined, where everybody's root
                     is 0 */
};

/* All of them: also one that a bundle's container has joined itself. */
static int join(const struct exec *e, struct err *err)
{
    int flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP;
    if (e->spec.network != NETWORK_HOST || e->spec.bundle)
        flags |= CLONE_NEWNET;
    /* As a user the user namespace was joined before, by the parent, for the right to join the others. */
    if (e->spec.userns == USERNS_AUTO && !e->as_user)
        flags |= CLONE_NEWUSER;
    if (setns(e->target, flags) < 0)
        return err_errno(err, "join the namespaces of container %s", e->container.name);
    if (e->spec.userns == USERNS_AUTO && (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0))
        return err_errno(err, "become root of the container's user namespace");
    return 0;
}

/* The container owns the path /dev/pts/ptmx: what is opened has to be a devpts, reached without a link. */
static int open_terminal(int *ret_master, int *ret_slave, struct err *err)
{
    struct statfs fs;
    cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    cleanup_close int pts = root < 0 ? -1 : mounts_resolve(root, "dev/pts", false, err);
    if (pts < 0 || fstatfs(pts, &fs) < 0 || fs.f_type != DEVPTS_SUPER_MAGIC)
        return err_set(err, ENOTTY, "open a terminal in the container: its /dev/pts is not a devpts");
    return stage_open_pty(pts, ret_master, ret_slave, err);
}

static int become(struct user *user, const char *who, const int stdio[3], struct err *err)
{
    cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int rc = root < 0 ? err_errno(err, "open the container's root") : user_find(user, root, who, err);
    return rc < 0 ? rc : user_become(user, stdio, err);
}

static int confine(const struct exec *e, const char *who, struct user *user, const int stdio[3],
                   struct err *err)
{
    uint64_t capabilities = spec_capabilities(&e->spec);
    int rc = 0;
    if ((e->cgroup < 0 || e->as_user) && prctl(PR_CAPBSET_DROP, CAP_MKNOD, 0, 0, 0) < 0)
        return err_errno(err, "drop the capability mknod");
    if ((rc = confine_bounding(capabilities, err)) == 0 && who)
        rc = become(user, who, stdio, err);
    if (rc == 0)
        rc = confine_own(capabilities, err);
    if (rc == 0 && (rc = confine_no_new_privs(err)) == 0 && !spec_is_unconfined(&e->spec))
        rc = confine_seccomp(&e->spec.filter, capabilities, err);
    return rc;
}

/* In the order of plan_bundle.c. */
static int confine_as_bundle(const struct exec *e, const char *who, struct user *user, const int stdio[3],
                             struct err *err)
{
    const struct spec *spec = &e->spec;
    bool filter = spec_has_filter(spec), first = !spec->bundle->no_new_privs;
    cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int rc = root < 0 ? err_errno(err, "open the container's root") : user_find(user, root, who, err);
    if (rc == 0 && filter && first)
        rc = confine_seccomp(&spec->filter, 0, err);
    if (rc == 0)
        rc = privilege_user(spec->bundle, user, stdio, err);
    if (rc == 0)
        rc = privilege_capabilities(spec, e->cgroup >= 0 && !e->as_user, err);
    if (rc == 0 && !first && (rc = confine_no_new_privs(err)) == 0 && filter)
        rc = confine_seccomp(&spec->filter, 0, err);
    return rc;
}

static int go_inside(struct exec *e, int *status, struct err *err)
{
    const struct exec_options *o = e->options;
    const char *workdir = o->workdir ? o->workdir : e->spec.workdir ? e->spec.workdir : "/";
    const char *who = o->user ? o->user : e->spec.user;
    struct user user = {0};
    int stdio[3], slave, master = -1, rc = e->spec.bundle ? privilege_labels(e->spec.bundle, err) : 0;
    if (rc == 0)
        rc = join(e, err);
    memcpy(stdio, e->session.child_stdio, sizeof stdio);
    if (rc == 0 && o->tty && (rc = open_terminal(&master, &slave, err)) == 0)
        stdio[0] = stdio[1] = stdio[2] = slave;
    if (rc == 0 && chdir(workdir) < 0)
        rc = err_errno(err, "change to the working directory %s", workdir);
    if (rc == 0)
        rc = e->spec.bundle ? confine_as_bundle(e, who, &user, stdio, err)
                            : confine(e, who, &user, stdio, err);
    cleanup_list char **env = stage_environment(&e->spec, user.home, o->tty, o->env);
    user_free(&user);
    for (size_t i = 0; i < e->spec.rlimit_count && rc == 0; i++)
        rc = rlimit_set(&e->spec.rlimits[i], err);
    if (rc == 0)
        rc = sync_send(e->socks[1], SYNC_READY, master, err);
    return rc < 0 ? rc : stage_exec(&e->spec, e->command, env, stdio, o->tty, status, err);
}

static int start(struct exec *e, struct err *err)
{
    int pidfd = -1, status = 125;
    struct clone_args args = {
        .flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd, .exit_signal = SIGCHLD};
    if (e->cgroup >= 0) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = (uint64_t)e->cgroup;
    }
    /* Not dumpable from before it is visible inside: nobody there can look at our descriptors. */
    e->as_user = geteuid() != 0 && e->spec.userns == USERNS_AUTO;
    cleanup_close int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
        setns(e->target, CLONE_NEWPID | (e->as_user ? CLONE_NEWUSER : 0)) < 0)
        return err_errno(err, "join the pid namespace of container %s", e->container.name);
    for (size_t i = 0; i < e->spec.rlimit_count; i++)
        if (rlimit_make_room(&e->spec.rlimits[i], err) < 0)
            return -err->code;
    pid_t pid = sys_clone3(&args);
    if (pid > 0 && !e->as_user)
        setns(own, CLONE_NEWPID); /* what else this process may start is not meant for in there */
    if (pid == 0) {
        fd_close(&e->socks[0]);
        go_inside(e, &status, err);
        sync_fail(e->socks[1], err, status);
        _exit(status);
    }
    if (pid < 0) {
        err_errno(err, "start a process in container %s", e->container.name);
        return err->code == EAGAIN
                   ? err_hint(err, "its pids.max is reached: boxtop set %s pids.max=...", e->container.name)
                   : -err->code;
    }
    e->child = pidfd;
    fd_close(&e->socks[1]);
    return 0;
}

static void kill_child(void *user)
{
    const struct exec *e = user;
    sys_pidfd_send_signal(e->child, SIGKILL);
}

static int run(struct exec *e, struct err *err)
{
    cleanup_close int master = -1;
    int status = 125;
    siginfo_t info = {0};
    if (sync_pair(e->socks, err) < 0 || start(e, err) < 0 ||
        sync_wait(e->socks[0], SYNC_READY, &master, &status, err) < 0 ||
        sync_wait_exec(e->socks[0], &status, err) < 0)
        return status;
    session_started(&e->session, take_fd(&master));
    session_run(&e->session, e->child, kill_child, e);
    waitid(P_PIDFD, (id_t)e->child, &info, WEXITED);
    return session_exit_status(info.si_code, info.si_status);
}

/* Everything that is looked up on the host, before anything is joined. */
static int find(struct exec *e, struct store *store, const char *name, struct err *err)
{
    int rc = store_load(store, name, &e->container, err);
    if (rc < 0 || (rc = store_load_spec(store, name, &e->spec, err)) < 0)
        return rc;
    e->target =
        e->container.state == CONTAINER_EXITED ? -ESRCH : proc_open(e->container.pid, e->container.pid_start);
    if (e->target < 0)
        return err_set(err, ESRCH, "container %s is not running", name);
    if (!e->container.cgroup[0])
        return 0;
    if ((rc = cgroup_open(e->container.cgroup_mount, e->container.cgroup, &e->cgroup, err)) < 0)
        return rc;
    if (cgroup_keyed(e->cgroup, "cgroup.events", "frozen") == 1) {
        err_set(err, EBUSY, "run a command in container %s: it is paused", name);
        return err_hint(err, "boxtop resume %s", name);
    }
    return 0;
}

int container_exec(struct store *store, const char *name, char *const *command,
                   const struct exec_options *options, struct err *err)
{
    struct exec e = {
        .options = options, .command = command, .target = -1, .cgroup = -1, .socks = {-1, -1}, .child = -1};
    int status = 125;
    spec_init(&e.spec);
    if (options->tty && options->interactive && !isatty(0)) {
        err_set(err, ENOTTY, "run a command with a terminal (-t): standard input is not a terminal");
        err_hint(err, "leave -t out");
    } else if (find(&e, store, name, err) == 0) {
        if (session_open(&e.session, options->tty, options->interactive, false, err) == 0)
            status = run(&e, err);
        session_close(&e.session);
    }
    fd_close(&e.target);
    fd_close(&e.cgroup);
    fd_close(&e.child);
    fd_close(&e.socks[0]);
    fd_close(&e.socks[1]);
    spec_free(&e.spec);
    container_free(&e.container);
    return status;
}
