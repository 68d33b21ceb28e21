/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/stage_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/confine.h"
#include "core/init.h"
#include "core/net.h"
#include "core/privilege.h"
#include "core/sync.h"
#include "core/sys.h"

static int run_hostname(struct stage *st, const struct step *s, struct err *err)
{
    (void)st;
    if (sethostname(s->what, strlen(s->what)) < 0)
        return err_errno(err, "set the hostname %s", s->what);
    return 0;
}

static int run_loopback(struct stage *st, const struct step *s, struct err *err)
{
    (void)st, (void)s;
    return net_lo_up(err);
}

static int run_address(struct stage *st, const struct step *s, struct err *err)
{
    const struct container *c = st->container;
    struct net_inside inside = {c->address, c->gateway, c->address6, c->gateway6};
    (void)s;
    int rc = sync_wait(st->sock, SYNC_LINKED, NULL, NULL, err);
    return rc < 0 ? rc : net_configure_inside(&inside, err);
}

static int run_pivot(struct stage *st, const struct step *s, struct err *err)
{
    (void)s;
    /* pivot_root(".", ".") puts the old root over the new one, from where it is let go (pivot_root(2)). */
    if (fchdir(st->root) < 0 || sys_pivot_root(".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
        chdir("/") < 0)
        return err_errno(err, "change to the new root");
    return 0;
}

static int run_workdir(struct stage *st, const struct step *s, struct err *err)
{
    char cwd[PATH_MAX];
    (void)st;
    if (strcmp(s->where, "/") == 0)
        return 0; /* where the new root has left it */
    if (chdir(s->where) < 0)
        return err_errno(err, "change to the working directory %s", s->where);
    /* A working directory that is not below the root would be a way out of it (CVE-2024-21626). */
    if (!getcwd(cwd, sizeof cwd) || cwd[0] != '/')
        return err_set(err, EPERM, "change to the working directory %s: it is outside of the root", s->where);
    return 0;
}

static int run_capabilities(struct stage *st, const struct step *s, struct err *err)
{
    (void)s;
    if (st->spec->bundle)
        return privilege_capabilities(st->spec, st->has_device_filter, err);
    /* Where no device filter holds nobody may make device nodes. */
    if (!st->has_device_filter && prctl(PR_CAPBSET_DROP, CAP_MKNOD, 0, 0, 0) < 0)
        return err_errno(err, "drop the capability mknod");
    int rc = confine_bounding(spec_capabilities(st->spec), err);
    return rc < 0 || st->spec->user ? rc : confine_own(spec_capabilities(st->spec), err);
}

static int run_user(struct stage *st, const struct step *s, struct err *err)
{
    (void)s;
    cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int rc = root < 0 ? err_errno(err, "open the container's root")
                      : user_find(&st->user, root, st->spec->user, err);
    if (rc == 0 && st->spec->bundle)
        return privilege_user(st->spec->bundle, &st->user, st->stdio, err);
    if (rc == 0)
        rc = user_become(&st->user, st->stdio, err);
    return rc < 0 ? rc : confine_own(spec_capabilities(st->spec), err);
}

static int run_no_new_privs(struct stage *st, const struct step *s, struct err *err)
{
    (void)st, (void)s;
    return confine_no_new_privs(err);
}

static int run_seccomp(struct stage *st, const struct step *s, struct err *err)
{
    (void)s;
    return confine_seccomp(&st->spec->filter, spec_capabilities(st->spec), err);
}

/* Done where the command is executed: what comes before concerns both processes. */
static int run_init(struct stage *st, const struct step *s, struct err *err)
{
    (void)st, (void)s, (void)err;
    return 0;
}

static int run_exec(struct stage *st, const struct step *s, struct err *err)
{
    cleanup_list char **env = stage_environment(st->spec, st->user.home, st->spec->tty, NULL);
    int status = 125;
    (void)s;
    int rc = 0;
    for (size_t i = 0; i < st->spec->rlimit_count && rc == 0; i++)
        rc = rlimit_set(&st->spec->rlimits[i], err);
    if (rc == 0)
        rc = sync_send_ready(st->sock, st->master, st->stopwatch->ns, st->stopwatch->count * sizeof(uint64_t),
                             err);
    if (rc == 0)
        rc = sync_wait(st->sock, SYNC_EXEC, NULL, NULL, err);
    /* Not before it is recorded, and as late as can be: two processes have no one channel to the keeper. */
    if (rc == 0 && st->spec->init)
        rc = init_fork(err);
    if (rc == 0)
        rc = stage_exec(st->spec, st->spec->command, env, st->stdio, st->spec->tty, &status, err);
    sync_fail(st->sock, err, status);
    _exit(status);
    return rc;
}

static int (*const runners[STEP_COUNT])(struct stage *, const struct step *, struct err *) = {
    [STEP_PRIVATE] = stage_private,
    [STEP_HOSTNAME] = run_hostname,
    [STEP_ROOT_OVERLAY] = stage_root_overlay,
    [STEP_ROOT_BIND] = stage_root_bind,
    [STEP_MOUNT] = stage_mount,
    [STEP_ETC] = stage_etc,
    [STEP_HOSTS] = stage_hosts,
    [STEP_NODE] = stage_node,
    [STEP_SYMLINK] = stage_symlink,
    [STEP_TMPFS] = stage_tmpfs,
    [STEP_BIND] = stage_bind,
    [STEP_TERMINAL] = stage_terminal,
    [STEP_MASK] = stage_mask,
    [STEP_READ_ONLY] = stage_read_only,
    [STEP_JOIN] = stage_join,
    [STEP_DOMAINNAME] = stage_domainname,
    [STEP_GENERAL] = stage_general,
    [STEP_DEVICE] = stage_device,
    [STEP_SYSCTL] = stage_sysctl,
    [STEP_DIRECTORY] = stage_directory,
    [STEP_ROOT_READ_ONLY] = stage_root_read_only,
    [STEP_HOOKS_WAIT] = stage_hooks_wait,
    [STEP_HOOKS_INSIDE] = stage_hooks_inside,
    [STEP_LABELS] = stage_labels,
    [STEP_PROPAGATION] = stage_propagation,
    [STEP_LOOPBACK] = run_loopback,
    [STEP_ADDRESS] = run_address,
    [STEP_PIVOT] = run_pivot,
    [STEP_WORKDIR] = run_workdir,
    [STEP_CAPABILITIES] = run_capabilities,
    [STEP_USER] = run_user,
    [STEP_NO_NEW_PRIVS] = run_no_new_privs,
    [STEP_SECCOMP] = run_seccomp,
    [STEP_INIT] = run_init,
    [STEP_EXEC] = run_exec,
};

/* In a user namespace this process is nobody until the keeper has written the maps; then it becomes its root.
 */
static int become_root(struct stage *st, struct err *err)
{
    int rc = sync_wait(st->sock, SYNC_MAPPED, &st->root_mount, NULL, err);
    if (rc < 0)
        return rc;
    if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
        return err_errno(err, "become root of the user namespace");
    if (setgroups(0, NULL) < 0 && errno != EPERM) /* EPERM: given up for a single-id map */
        return err_errno(err, "give up the caller's groups");
    return 0;
}

static int walk(struct stage *st, struct err *err)
{
    int rc = st->user_ns ? become_root(st, err) : 0;
    /* Nobody inside may look at this process (CVE-2016-9962); after the maps, which are written through
     * /proc. */
    if (rc == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        rc = err_errno(err, "make the first process undumpable");
    umask(0);
    for (size_t i = 0; i < st->plan->count && rc == 0; i++)
        if (step_is_inside(st->plan->steps[i].kind)) {
            uint64_t begin = clock_mono_ns();
            rc = runners[st->plan->steps[i].kind](st, &st->plan->steps[i], err);
            stopwatch_take(st->stopwatch, i, begin);
            stopwatch_tell(st->stopwatch, i, st->plan->steps[i].kind, rc < 0);
        }
    return rc;
}

void stage_main(struct stage *st)
{
    struct err err = {0};
    st->root_mount = st->root = st->proc = st->sys = st->dev = st->pts = st->empty = st->master = -1;
    if (walk(st, &err) < 0)
        sync_fail(st->sock, &err, 125);
    _exit(125);
}
