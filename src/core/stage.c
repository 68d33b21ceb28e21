/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/capability.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/confine.h"
#include "core/etc.h"
#include "core/init.h"
#include "core/mounts.h"
#include "core/net.h"
#include "core/sync.h"
#include "core/sys.h"

#define OVERLAY_MAX 200 /* layers; overlay itself takes 500, docker makes 127 */

/* ---- targets below the new root
 * ---------------------------------------------------------------------------- */

/* A target in one of our own fresh mounts is looked up from that mount's descriptor: nobody can have put
 * anything else in its way. The rest is looked up below the root. */
static int anchor(const struct stage *st, const char **path)
{
    const struct {
        const char *front;
        int fd;
    } anchors[] = {{"/proc/", st->proc}, {"/sys/", st->sys}, {"/dev/", st->dev}};
    for (size_t i = 0; i < COUNT_OF(anchors); i++)
        if (anchors[i].fd >= 0 && str_starts(*path, anchors[i].front)) {
            *path += strlen(anchors[i].front);
            return anchors[i].fd;
        }
    return st->root;
}

static int target(const struct stage *st, const char *path, bool links, bool directory, struct err *err)
{
    int root = anchor(st, &path);
    return mounts_resolve_or_make(root, path, links, directory, err);
}

static int existing_target(const struct stage *st, const char *path, struct err *err)
{
    int root = anchor(st, &path);
    return mounts_resolve(root, path, false, err);
}

static int attach(const struct stage *st, int mount, const char *where, bool links, bool directory,
                  struct err *err)
{
    cleanup_close int to = target(st, where, links, directory, err);
    return to < 0 ? to : mounts_attach(mount, to, where, err);
}

/* ---- the steps
 * --------------------------------------------------------------------------------------------- */

static int run_private(struct stage *st, const struct step *s, struct err *err)
{
    (void)st, (void)s;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return err_errno(err, "make the mounts private");
    return 0;
}

static int run_hostname(struct stage *st, const struct step *s, struct err *err)
{
    (void)st;
    if (sethostname(s->what, strlen(s->what)) < 0)
        return err_errno(err, "set the hostname %s", s->what);
    return 0;
}

/* Puts a mount over "/": lookups of this process still begin below it, and it needs no directory of the
 * host's as its mount point. */
static int cover_root(int mount, struct err *err)
{
    if (move_mount(mount, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return err_errno(err, "attach the container's root");
    return 0;
}

/* The overlay's lower directories as descriptors: their paths would not fit into a mount's options, which are
 * a page (fsconfig takes even less, 256 bytes). */
struct lower {
    int fds[OVERLAY_MAX];
    size_t count;
};

static void lower_close(struct lower *lower)
{
    while (lower->count > 0)
        fd_close(&lower->fds[--lower->count]);
}

/* In a user namespace the keeper's id-mapped copy of the directory that all layers are in takes its place. It
 * has to be attached somewhere for the overlay to take it. */
static int attach_layers(const struct stage *st, int layer, struct err *err)
{
    if (st->root_mount < 0)
        return 0;
    cleanup_close int at =
        mkdirat(layer, "lower", 0755) < 0 ? -1 : openat(layer, "lower", O_PATH | O_CLOEXEC);
    return at < 0 ? err_errno(err, "make a place for the layers")
                  : mounts_attach(st->root_mount, at, "lower", err);
}

static int layer_open(const struct stage *st, const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    int fd = st->root_mount >= 0 && slash
                 ? openat(st->root_mount, slash + 1, O_PATH | O_DIRECTORY | O_CLOEXEC)
                 : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        return fd;
    err_errno(err, "open the root's layer %s", path);
    if (err->code == EACCES && st->user_ns)
        err_hint(err, "its file system can't shift owners to a user namespace's: use --userns host");
    return -err->code;
}

static int lower_open(const struct stage *st, const char *paths, struct lower *ret, struct str *options,
                      struct err *err)
{
    cleanup_free char *copy = mem_dup(paths);
    for (char *rest = copy, *path; (path = strsep(&rest, ":"));) {
        if (ret->count == OVERLAY_MAX)
            return err_set(err, E2BIG, "the root has more than %d layers", OVERLAY_MAX);
        int fd = layer_open(st, path, err);
        if (fd < 0)
            return fd;
        ret->fds[ret->count++] = fd;
        str_addf(options, "%s/proc/self/fd/%d", options->len ? ":" : "lowerdir=", fd);
    }
    return 0;
}

/* Made on a directory of the writable layer, from where it is taken: the overlay keeps the layer, which as a
 * mount of its own had only to be there when the overlay was made. */
static int make_overlay(const char *layer, const char *options, unsigned long attributes, struct err *err)
{
    cleanup_free char *at = mem_printf("%s/root", layer);
    if (mount("overlay", at, "overlay", 0, options) < 0)
        return err_errno(err, "make an overlay file system with %s", options);
    cleanup_close int made = mounts_copy(AT_FDCWD, at, false, attributes, err);
    if (made >= 0 && umount2(layer, MNT_DETACH) < 0)
        return err_errno(err, "let the writable layer go");
    return take_fd(&made);
}

static int run_root_overlay(struct stage *st, const struct step *s, struct err *err)
{
    char path[64];
    struct lower lower = {.count = 0};
    struct str options = {0};
    cleanup_close int layer = mounts_new("tmpfs", "mode=755", 0, err);
    if (layer < 0 || cover_root(layer, err) < 0)
        return -err->code;
    snprintf(path, sizeof path, "/proc/self/fd/%d", layer);
    if (mkdirat(layer, "upper", 0755) < 0 || mkdirat(layer, "work", 0755) < 0 ||
        mkdirat(layer, "root", 0755) < 0)
        return err_errno(err, "make the writable layer");
    int rc = attach_layers(st, layer, err);
    if (rc == 0)
        rc = lower_open(st, s->what, &lower, &options, err);
    str_addf(&options, ",upperdir=%s/upper,workdir=%s/work%s%s", path, path, s->data ? "," : "",
             s->data ? s->data : "");
    if (rc == 0)
        rc = st->root = make_overlay(path, options.text, s->flags, err);
    lower_close(&lower);
    str_free(&options);
    return rc < 0 ? rc : cover_root(st->root, err);
}

static int run_root_bind(struct stage *st, const struct step *s, struct err *err)
{
    if (st->root_mount >= 0)
        st->root = take_fd(&st->root_mount);
    else
        st->root = mounts_copy(AT_FDCWD, s->what, true, s->flags, err);
    return st->root < 0 ? st->root : cover_root(st->root, err);
}

static int run_mount(struct stage *st, const struct step *s, struct err *err)
{
    const struct {
        const char *where;
        int *fd;
    } kept[] = {{"/proc", &st->proc}, {"/sys", &st->sys}, {"/dev", &st->dev}, {"/dev/pts", &st->pts}};
    cleanup_close int mount = mounts_new(s->what, s->data, s->flags, err);
    if (mount < 0)
        return err_prefix(err, "mount %s", s->where);
    int rc = attach(st, mount, s->where, false, true, err);
    for (size_t i = 0; i < COUNT_OF(kept) && rc == 0; i++)
        if (strcmp(s->where, kept[i].where) == 0)
            *kept[i].fd = take_fd(&mount);
    return rc;
}

static int run_etc(struct stage *st, const struct step *s, struct err *err)
{
    struct etc etc;
    etc_make(&etc, st->spec->network, s->what, s->where);
    int rc = s->flags ? etc_write(&etc, st->root, err)
                      : etc_mount(&etc, st->root, st->spec->root_is_host, st->spec->read_only, err);
    etc_free(&etc);
    return rc;
}

static int run_tmpfs(struct stage *st, const struct step *s, struct err *err)
{
    cleanup_close int mount = mounts_new(s->what, s->data, s->flags, err);
    return mount < 0 ? err_prefix(err, "tmpfs %s", s->where) : attach(st, mount, s->where, true, true, err);
}

static int run_node(struct stage *st, const struct step *s, struct err *err)
{
    unsigned major_number, minor_number;
    const char *name = s->where + strlen("/dev/");
    if (s->flags) { /* no device nodes can be made in a user namespace: the host's is shown */
        cleanup_close int node = mounts_copy(AT_FDCWD, s->where, false, 0, err);
        return node < 0 ? node : attach(st, node, s->where, false, false, err);
    }
    if (sscanf(s->data, "c %u %u", &major_number, &minor_number) != 2)
        return err_set(err, EINVAL, "make the device node %s: no numbers", s->where);
    if (mknodat(st->dev, name, S_IFCHR | 0666, makedev(major_number, minor_number)) < 0)
        return err_errno(err, "make the device node %s", s->where);
    return 0;
}

static int run_symlink(struct stage *st, const struct step *s, struct err *err)
{
    if (symlinkat(s->what, st->dev, s->where + strlen("/dev/")) < 0)
        return err_errno(err, "make the link %s", s->where);
    return 0;
}

static int run_bind(struct stage *st, const struct step *s, struct err *err)
{
    struct stat info;
    cleanup_close int source = mounts_copy(AT_FDCWD, s->what, true, s->flags, err);
    if (source < 0)
        return err_prefix(err, "volume %s", s->what);
    if (fstat(source, &info) < 0)
        return err_errno(err, "look at volume %s", s->what);
    return attach(st, source, s->where, true, S_ISDIR(info.st_mode), err);
}

int stage_open_pty(int pts_fd, int *ret_master, int *ret_slave, struct err *err)
{
    int unlock = 0;
    cleanup_close int master = openat(pts_fd, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
    if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0)
        return err_errno(err, "open a pseudo terminal in the container");
    int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0)
        return err_errno(err, "open the other end of the pseudo terminal");
    *ret_master = take_fd(&master);
    *ret_slave = slave;
    return 0;
}

static int run_terminal(struct stage *st, const struct step *s, struct err *err)
{
    int slave;
    int rc = stage_open_pty(st->pts, &st->master, &slave, err);
    if (rc < 0)
        return rc;
    for (int i = 0; i < 3; i++)
        st->stdio[i] = slave;
    cleanup_close int console = mounts_copy(slave, "", false, 0, err);
    return console < 0 ? err_prefix(err, "%s", s->where) : attach(st, console, s->where, false, false, err);
}

/* An empty read-only directory to put over another: a file system is made once and attached with its first
 * use; the next are copies of it (one that is attached nowhere can't be copied before Linux 6.15). */
static int empty_directory(struct stage *st, struct err *err)
{
    return st->empty >= 0 ? mounts_copy(st->empty, "", false, 0, err)
                          : mounts_new("tmpfs", "size=0,mode=555", MOUNT_ATTR_RDONLY, err);
}

static int run_mask(struct stage *st, const struct step *s, struct err *err)
{
    struct stat info;
    cleanup_close int at = existing_target(st, s->where, err);
    if (at < 0)
        return at == -ENOENT ? 0 : at; /* this kernel has no such file */
    if (fstat(at, &info) < 0)
        return err_errno(err, "look at %s", s->where);
    bool directory = S_ISDIR(info.st_mode);
    cleanup_close int cover =
        directory ? empty_directory(st, err) : mounts_copy(st->dev, "null", false, 0, err);
    if (cover < 0)
        return err_prefix(err, "mask %s", s->where);
    int rc = mounts_attach(cover, at, s->where, err);
    if (rc == 0 && directory && st->empty < 0)
        st->empty = take_fd(&cover);
    return rc;
}

static int run_read_only(struct stage *st, const struct step *s, struct err *err)
{
    cleanup_close int at = existing_target(st, s->where, err);
    if (at < 0)
        return at == -ENOENT ? 0 : at;
    cleanup_close int copy = mounts_copy(
        at, "", true, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, err);
    return copy < 0 ? err_prefix(err, "make %s read-only", s->where) : mounts_attach(copy, at, s->where, err);
}

static int run_loopback(struct stage *st, const struct step *s, struct err *err)
{
    (void)st, (void)s;
    return net_lo_up(err);
}

static int run_address(struct stage *st, const struct step *s, struct err *err)
{
    int rc = sync_wait(st->sock, SYNC_LINKED, NULL, NULL, err);
    return rc < 0 ? rc : net_configure_inside(s->where, s->data, err);
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
    /* Where no device filter holds nobody may make device nodes. */
    if (!st->has_cgroup && prctl(PR_CAPBSET_DROP, CAP_MKNOD, 0, 0, 0) < 0)
        return err_errno(err, "drop the capability mknod");
    return confine_capabilities(err);
}

static int run_user(struct stage *st, const struct step *s, struct err *err)
{
    (void)s;
    cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int rc = root < 0 ? err_errno(err, "open the container's root")
                      : user_find(&st->user, root, st->spec->user, err);
    return rc < 0 ? rc : user_become(&st->user, st->stdio, err);
}

static int run_no_new_privs(struct stage *st, const struct step *s, struct err *err)
{
    (void)st, (void)s;
    return confine_no_new_privs(err);
}

static int run_seccomp(struct stage *st, const struct step *s, struct err *err)
{
    (void)st, (void)s;
    return confine_seccomp(err);
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
    int rc = sync_send(st->sock, SYNC_READY, st->master, err);
    if (rc == 0)
        rc = sync_wait(st->sock, SYNC_EXEC, NULL, NULL, err);
    /* Not before it is recorded, and as late as can be: two processes have no one channel to the keeper. */
    if (rc == 0 && st->spec->init)
        rc = init_fork(err);
    if (rc == 0)
        rc = stage_exec(st->spec->command, env, st->stdio, st->spec->tty, &status, err);
    sync_fail(st->sock, err, status);
    _exit(status);
    return rc;
}

static int (*const runners[STEP_COUNT])(struct stage *, const struct step *, struct err *) = {
    [STEP_PRIVATE] = run_private,
    [STEP_HOSTNAME] = run_hostname,
    [STEP_ROOT_OVERLAY] = run_root_overlay,
    [STEP_ROOT_BIND] = run_root_bind,
    [STEP_MOUNT] = run_mount,
    [STEP_ETC] = run_etc,
    [STEP_NODE] = run_node,
    [STEP_SYMLINK] = run_symlink,
    [STEP_TMPFS] = run_tmpfs,
    [STEP_BIND] = run_bind,
    [STEP_TERMINAL] = run_terminal,
    [STEP_MASK] = run_mask,
    [STEP_READ_ONLY] = run_read_only,
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
        if (step_is_inside(st->plan->steps[i].kind))
            rc = runners[st->plan->steps[i].kind](st, &st->plan->steps[i], err);
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

/* ---- the exec, shared with `boxtop exec`
 * ------------------------------------------------------------------- */

static void set_variable(char ***env, size_t *count, const char *assignment)
{
    size_t len = strcspn(assignment, "=");
    for (size_t i = 0; i < *count; i++)
        if (strncmp((*env)[i], assignment, len) == 0 && (*env)[i][len] == '=') {
            free((*env)[i]);
            (*env)[i] = mem_dup(assignment);
            return;
        }
    *env = mem_resize(*env, *count + 2, sizeof **env);
    (*env)[(*count)++] = mem_dup(assignment);
    (*env)[*count] = NULL;
}

char **stage_environment(const struct spec *spec, const char *home, bool tty, char *const *more)
{
    char **env = NULL;
    size_t count = 0;
    const char *term = getenv("TERM");
    cleanup_free char *path = mem_dup("PATH=" STAGE_DEFAULT_PATH),
                      *host = mem_printf("HOSTNAME=%s", spec->hostname);
    cleanup_free char *terminal = mem_printf("TERM=%s", term && *term ? term : "xterm"),
                      *home_is = mem_printf("HOME=%s", home ? home : "/root");
    set_variable(&env, &count, path);
    set_variable(&env, &count, host);
    set_variable(&env, &count, home_is);
    set_variable(&env, &count, "container=boxtop");
    if (tty)
        set_variable(&env, &count, terminal);
    for (char *const *e = spec->env; e && *e; e++)
        set_variable(&env, &count, *e);
    for (char *const *e = more; e && *e; e++)
        set_variable(&env, &count, *e);
    return env;
}

static void reset_signals(void)
{
    /* exec resets handlers by itself, but what was ignored stays so: these the keeper or its caller may
     * ignore. */
    static const int ignored[] = {SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
    sigset_t none;
    for (size_t i = 0; i < COUNT_OF(ignored); i++)
        signal(ignored[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* execve along PATH, as a shell looks a command up. Returns the errno that tells most. */
static int exec_by_path(char *const *command, char *const *env)
{
    int found = ENOENT;
    if (strchr(command[0], '/')) {
        execve(command[0], command, env);
        return errno;
    }
    const char *path = STAGE_DEFAULT_PATH;
    for (char *const *e = env; *e; e++)
        if (str_starts(*e, "PATH="))
            path = *e + strlen("PATH=");
    while (*path) {
        char full[PATH_MAX];
        int len = (int)strcspn(path, ":");
        if (snprintf(full, sizeof full, "%.*s/%s", len, path, command[0]) < (int)sizeof full) {
            execve(full, command, env);
            if (errno != ENOENT && errno != ENOTDIR)
                found = errno;
            else if (access(full, F_OK) == 0)
                found = ELIBBAD;
        }
        path += len + (path[len] == ':');
    }
    return found;
}

static int exec_failed(const char *command, int code, int *ret_exit_status, struct err *err)
{
    bool there = code == ELIBBAD || (strchr(command, '/') && access(command, F_OK) == 0);
    *ret_exit_status = code == ENOENT ? 127 : 126;
    if (there && (code == ENOENT || code == ELIBBAD)) {
        err_set(err, ENOENT, "run %s: its interpreter or loader is not in the root", command);
        return err_hint(err, "copy the libraries it needs into the root, or use a static program");
    }
    err_set(err, code, "run %s: %s", command,
            code == ENOENT ? "not found in the container's root" : strerror(code));
    if (code == ENOENT)
        return err_hint(err, "give a command that is there, or another ROOT");
    return -err->code;
}

int stage_exec(char *const *command, char *const *env, const int stdio[3], bool tty, int *ret_exit_status,
               struct err *err)
{
    *ret_exit_status = 125;
    if (setsid() < 0 && errno != EPERM)
        return err_errno(err, "begin a session");
    for (int i = 0; i < 3; i++)
        if (dup2(stdio[i], i) < 0)
            return err_errno(err, "set the standard descriptors");
    if (tty && ioctl(0, TIOCSCTTY, 0) < 0)
        return err_errno(err, "take the pseudo terminal as the controlling one");
    if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) < 0)
        return err_errno(err, "close the other descriptors");
    umask(022);
    reset_signals();
    return exec_failed(command[0], exec_by_path(command, env), ret_exit_status, err);
}
