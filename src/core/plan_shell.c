/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A plan as shell lines: one row a kind of step.
 */
#include "core/plan.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "base/mem.h"
#include "base/self.h"
#include "base/str.h"
#include "base/words.h"
#include "core/cgroup.h"
#include "core/confine.h"
#include "core/net_shell.h"

struct shell {
    struct str *to;
    const struct container *container;
    bool link; /* a private network: the namespace has a name */
};

/* MOUNT_ATTR_* as mount's words, then `data`. */
static void add_options(struct str *to, unsigned long flags, const char *data)
{
    static const struct {
        unsigned long flag;
        const char *word;
    } words[] = {{MOUNT_ATTR_RDONLY, "ro"},
                 {MOUNT_ATTR_NOSUID, "nosuid"},
                 {MOUNT_ATTR_NODEV, "nodev"},
                 {MOUNT_ATTR_NOEXEC, "noexec"}};
    const char *between = " -o ";
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (flags & words[i].flag) {
            str_addf(to, "%s%s", between, words[i].word);
            between = ",";
        }
    if (data)
        str_addf(to, "%s%s", between, data);
}

/* Below the unit that systemd delegates: what boxtop-delegate asks for over the bus. */
static void shell_unit(struct shell *sh, const struct step *s)
{
    char program[PATH_MAX];
    struct err err;
    bool user = str_starts(sh->container->cgroup, "/user.slice/");
    if (self_find("boxtop-unit", program, &err) < 0)
        str_copy(program, sizeof program, "boxtop-unit");
    str_addf(sh->to,
             "systemd-run --quiet%s --unit=boxtop --slice=%s --collect -p Type=notify -p Delegate=yes "
             "-p TasksMax=infinity -p OOMPolicy=continue -p KillMode=mixed %s 2>/dev/null\n",
             user ? " --user" : "", user ? "app" : "system", program);
    str_addf(sh->to, "mkdir -p %s\n", s->where);
}

static void shell_cgroup(struct shell *sh, const struct step *s)
{
    const char *mount = sh->container->cgroup_mount;
    if (!str_starts(sh->container->cgroup, CGROUP_BASE "/")) {
        shell_unit(sh, s);
        return;
    }
    str_addf(sh->to, "mkdir -p %s\n", s->where);
    str_addf(
        sh->to,
        "for c in $(cat %s/cgroup.controllers); do echo +$c; done > %s/cgroup.subtree_control 2>/dev/null\n",
        mount, mount);
    str_addf(sh->to,
             "for c in $(cat %s/boxtop/cgroup.controllers); do echo +$c > %s/boxtop/cgroup.subtree_control; "
             "done\n",
             mount, mount);
}

static void shell_limit(struct shell *sh, const struct step *s)
{
    str_addf(sh->to, "echo '%s' > %s/%s\n", s->data, s->where, s->what);
}

static void shell_bridge(struct shell *sh, const struct step *s)
{
    (void)s;
    net_shell_bridge(sh->to, sh->container);
}

static void shell_link(struct shell *sh, const struct step *s)
{
    (void)s;
    net_shell_link(sh->to, sh->container);
}

static void shell_pasta(struct shell *sh, const struct step *s)
{
    (void)s;
    net_shell_pasta(sh->to, sh->container);
}

static void shell_hosts(struct shell *sh, const struct step *s)
{
    (void)s;
    net_shell_hosts(sh->to, sh->container);
}

static void shell_clone(struct shell *sh, const struct step *s)
{
    const char *name = sh->container->name;
    str_add(sh->to, "sh -c '");
    if (s->where)
        str_addf(sh->to, "echo $$ > %s/cgroup.procs; ", s->where);
    str_add(sh->to, "exec ");
    if (sh->link)
        str_addf(sh->to, "ip netns exec %s ", name);
    str_add(sh->to, "unshare");
    /* With a named network namespace ip has entered it already. */
    const char *net = sh->link ? strstr(s->what, " --net") : NULL;
    if (net)
        str_addf(sh->to, " %.*s%s", (int)(net - s->what), s->what, net + strlen(" --net"));
    else
        str_addf(sh->to, " %s", s->what);
    str_addf(sh->to, " sh /tmp/boxtop-%s.sh'\n", name);
}

/* Its lines, on one. */
static void shell_map(struct shell *sh, const char *file, const char *lines)
{
    str_addf(sh->to, "# %s:", file);
    for (size_t len; *lines; lines += len + (lines[len] == '\n')) {
        len = strcspn(lines, "\n");
        str_addf(sh->to, " %.*s%s", (int)len, lines, lines[len] ? "," : "\n");
    }
}

static void shell_id_map(struct shell *sh, const struct step *s)
{
    shell_map(sh, "uid_map", s->what);
    shell_map(sh, "gid_map", s->data);
}

static void shell_private(struct shell *sh, const struct step *s)
{
    str_addf(sh->to, "mount --make-r%s /\n", s->flags ? "slave" : "private");
}

static void shell_hostname(struct shell *sh, const struct step *s)
{
    str_add(sh->to, "echo ");
    str_add_shell(sh->to, s->what);
    str_add(sh->to, " > /proc/sys/kernel/hostname\n");
}

static void shell_root_overlay(struct shell *sh, const struct step *s)
{
    if (s->where) {
        str_add(sh->to, "R=");
        str_add_shell(sh->to, s->where);
        str_add(sh->to, "; mkdir -p $R/upper $R/work $R/root\n");
    } else {
        str_add(sh->to, "R=$(mktemp -d); mount -t tmpfs tmpfs $R; mkdir $R/upper $R/work $R/root\n");
    }
    str_add(sh->to, "mount -t overlay overlay");
    add_options(sh->to, s->flags, "lowerdir=");
    str_add_shell(sh->to, s->what);
    str_addf(sh->to, ",upperdir=$R/upper,workdir=$R/work%s%s $R/root; R=$R/root\n", s->data ? "," : "",
             s->data ? s->data : "");
}

static void shell_root_bind(struct shell *sh, const struct step *s)
{
    str_add(sh->to, "R=$(mktemp -d); mount --rbind ");
    str_add_shell(sh->to, s->what);
    str_add(sh->to, " $R\n");
    if (s->flags & MOUNT_ATTR_RDONLY)
        str_add(sh->to, "mount -o remount,bind,ro $R\n");
}

static void shell_mount(struct shell *sh, const struct step *s)
{
    struct str where = {0};
    str_add_shell(&where, s->where);
    str_addf(sh->to, "mkdir -p $R%s; mount -t %s", where.text, s->what);
    add_options(sh->to, s->flags, s->data);
    str_addf(sh->to, " %s $R%s\n", s->what, where.text);
    str_free(&where);
}

static void shell_etc(struct shell *sh, const struct step *s)
{
    bool host = s->data && strcmp(s->data, "host") == 0, none = s->data && strcmp(s->data, "none") == 0;
    int len = s->where ? (int)strcspn(s->where, "/") : 0;
    if (s->flags)
        str_add(sh->to, "F=$R/etc; rm -f $F/hosts $F/hostname $F/resolv.conf\n");
    else
        str_add(sh->to, "F=$(mktemp -d); mount -t tmpfs -o nosuid,nodev,noexec,mode=755 tmpfs $F\n");
    str_addf(sh->to, "echo %s > $F/hostname\n", s->what);
    if (host)
        str_add(sh->to, "cp /etc/hosts /etc/resolv.conf $F\n");
    else
        str_addf(sh->to,
                 "printf '127.0.0.1\\tlocalhost\\n::1\\tlocalhost ip6-localhost "
                 "ip6-loopback\\n%.*s\\t%s\\n' > $F/hosts\n%s > $F/resolv.conf\n",
                 len ? len : 9, len ? s->where : "127.0.1.1", s->what,
                 none ? ":" : "grep -vE '^nameserver +(127|::1)' /etc/resolv.conf");
    if (!s->flags)
        str_add(sh->to, "for p in hosts hostname resolv.conf; do [ ! -f $R/etc/$p ] || mount --bind $F/$p "
                        "$R/etc/$p; done; umount -l $F; rmdir $F\n");
}

static void shell_node(struct shell *sh, const struct step *s)
{
    if (s->flags)
        str_addf(sh->to, "touch $R%s; mount --bind %s $R%s\n", s->where, s->where, s->where);
    else
        str_addf(sh->to, "mknod -m 666 $R%s %s\n", s->where, s->data);
}

static void shell_symlink(struct shell *sh, const struct step *s)
{
    str_addf(sh->to, "ln -s %s $R%s\n", s->what, s->where);
}

/* The target is a directory or an empty file, as the source is. */
static void shell_bind(struct shell *sh, const struct step *s)
{
    struct str source = {0}, target = {0};
    str_add_shell(&source, s->what);
    str_add_shell(&target, s->where);
    str_addf(sh->to, "mkdir -p $(dirname $R%s); [ -d %s ] && mkdir -p $R%s || touch $R%s\n", target.text,
             source.text, target.text, target.text);
    str_addf(sh->to, "mount --rbind %s $R%s; mount", source.text, target.text);
    add_options(sh->to, s->flags, "remount,bind");
    str_addf(sh->to, " $R%s\n", target.text);
    str_free(&source);
    str_free(&target);
}

static void shell_terminal(struct shell *sh, const struct step *s)
{
    (void)s;
    str_add(sh->to, "# openpty: the container gets a pseudo terminal of its own, never the caller's\n");
}

/* A word of a loop over $p. */
static void shell_word(struct shell *sh, const struct step *s)
{
    str_addf(sh->to, " %s", s->where);
}

static void shell_loopback(struct shell *sh, const struct step *s)
{
    (void)s;
    str_add(sh->to, "ip link set lo up\n");
}

static void shell_address(struct shell *sh, const struct step *s)
{
    (void)s;
    net_shell_address(sh->to, sh->container);
}

static void shell_pivot(struct shell *sh, const struct step *s)
{
    (void)s;
    str_add(sh->to, "cd $R; pivot_root . .; umount -l .; cd /\n");
}

static void shell_workdir(struct shell *sh, const struct step *s)
{
    str_add(sh->to, "cd ");
    str_add_shell(sh->to, s->where);
    str_add(sh->to, "\n");
}

static void shell_capabilities(struct shell *sh, const struct step *s)
{
    str_addf(sh->to, "C=%s\n", s->data);
}

static void shell_user(struct shell *sh, const struct step *s)
{
    str_addf(sh->to, "U=--reuid=%s\n", s->what);
    if (s->where)
        str_addf(sh->to, "U=\"$U --regid=%s --clear-groups\"\n", s->where);
    else
        str_addf(sh->to,
                 "G=$(id -g %s 2>/dev/null) && U=\"$U --regid=$G --init-groups\" || U=\"$U --regid=0 "
                 "--groups=0\"\n",
                 s->what);
}

static void shell_no_new_privs(struct shell *sh, const struct step *s)
{
    (void)s;
    str_add(sh->to, "P=--no-new-privs\n");
}

static void shell_seccomp(struct shell *sh, const struct step *s)
{
    if (s->what)
        str_addf(sh->to, "# seccomp(SECCOMP_SET_MODE_FILTER), by %s: no shell command does it\n", s->what);
    else
        str_addf(sh->to,
                 "# seccomp(SECCOMP_SET_MODE_FILTER), %zu BPF instructions: no shell command does it\n",
                 confine_filter_length());
}

static void shell_init(struct shell *sh, const struct step *s)
{
    (void)s;
    str_add(sh->to, "# fork: the parent passes signals on, reaps, and ends as the command does\n");
}

static void shell_exec(struct shell *sh, const struct step *s)
{
    str_add(sh->to, "K=-all; for c in $(echo $C | tr , ' '); do K=$K,+$c; done\n");
    str_addf(sh->to, "exec setpriv $P $U --inh-caps=-all --bounding-set=$K %s\n", s->data);
}

static void shell_device_rules(struct shell *sh, const struct step *s)
{
    str_addf(sh->to, "# bpf(BPF_PROG_ATTACH) on %s: %s\n", s->where, s->data);
}

static void shell_rlimit(struct shell *sh, const struct step *s)
{
    str_addf(sh->to, "prlimit --pid $$ --%s=%s\n", s->what, s->data);
}

static void shell_oom_score(struct shell *sh, const struct step *s)
{
    str_addf(sh->to, "echo %s > /proc/$$/oom_score_adj\n", s->data);
}

static void shell_id_mount(struct shell *sh, const struct step *s)
{
    str_addf(sh->to, "# mount_setattr(MOUNT_ATTR_IDMAP) of %s for %s: %s\n", s->what, s->where, s->data);
}

static void shell_hooks(struct shell *sh, const struct step *s)
{
    if (s->data)
        str_addf(sh->to, "# %s, with the container's state as input: %s\n", s->what, s->data);
}

static void shell_join(struct shell *sh, const struct step *s)
{
    str_addf(sh->to, "# nsenter --%s=%s\n", s->what, s->where);
}

static void shell_domainname(struct shell *sh, const struct step *s)
{
    str_add(sh->to, "echo ");
    str_add_shell(sh->to, s->what);
    str_add(sh->to, " > /proc/sys/kernel/domainname\n");
}

static void shell_general(struct shell *sh, const struct step *s)
{
    struct str what = {0}, where = {0};
    bool bind = s->what[0] == '/';
    str_add_shell(&what, s->what);
    str_add_shell(&where, s->where);
    str_addf(sh->to, "mkdir -p $R%s; mount ", where.text);
    if (bind)
        str_addf(sh->to, "--bind %s", what.text);
    else
        str_addf(sh->to, "-t %s %s", strcmp(s->what, "cgroup") == 0 ? "cgroup2" : what.text, what.text);
    str_addf(sh->to, " $R%s", where.text);
    if (s->data) {
        str_add(sh->to, " -o ");
        str_add_shell(sh->to, s->data);
    }
    str_add(sh->to, "\n");
    str_free(&what);
    str_free(&where);
}

static void shell_device(struct shell *sh, const struct step *s)
{
    char type;
    unsigned major_number = 0, minor_number = 0, mode = 0, uid = 0, gid = 0;
    sscanf(s->data, "%c %u %u %o %u %u", &type, &major_number, &minor_number, &mode, &uid, &gid);
    if (s->flags)
        str_addf(sh->to, "touch $R%s; mount --bind %s $R%s\n", s->where, s->where, s->where);
    else if (type == 'p')
        str_addf(sh->to, "mknod -m %o $R%s p", mode, s->where);
    else
        str_addf(sh->to, "mknod -m %o $R%s %c %u %u", mode, s->where, type, major_number, minor_number);
    if (!s->flags && (uid || gid))
        str_addf(sh->to, "; chown %u:%u $R%s", uid, gid, s->where);
    if (!s->flags)
        str_add(sh->to, "\n");
}

static void shell_sysctl(struct shell *sh, const struct step *s)
{
    str_add(sh->to, "sysctl -w ");
    str_add_shell(sh->to, s->what);
    str_add(sh->to, "\n");
}

static void shell_directory(struct shell *sh, const struct step *s)
{
    str_add(sh->to, "mkdir -p $R");
    str_add_shell(sh->to, s->where);
    str_add(sh->to, "\n");
}

static void shell_root_read_only(struct shell *sh, const struct step *s)
{
    (void)s;
    str_add(sh->to, "mount -o remount,bind,ro $R\n");
}

static void shell_labels(struct shell *sh, const struct step *s)
{
    str_addf(sh->to, "# /proc/self/attr/exec: %s\n", s->what);
}

static void shell_propagation(struct shell *sh, const struct step *s)
{
    const char *word = s->flags & MS_SHARED       ? "shared"
                       : s->flags & MS_SLAVE      ? "slave"
                       : s->flags & MS_UNBINDABLE ? "unbindable"
                                                  : "private";
    str_addf(sh->to, "mount --make-%s%s /\n", s->flags & MS_REC ? "r" : "", word);
}

/* One row a kind: its name, whose it is, what it does in a sentence, how it is said in shell. */
static const struct {
    const char *name;
    bool inside;
    const char *sentence;
    void (*shell)(struct shell *, const struct step *);
    const char *loop; /* neighbours of this kind are one loop over $p; NULL: a line each */
} kinds[] = {
    [STEP_CGROUP] = {"cgroup", false, N_("a cgroup, with its controllers enabled above it"), shell_cgroup,
                     NULL},
    [STEP_LIMIT] = {"limit", false, N_("its limits, written before anything runs in it"), shell_limit, NULL},
    [STEP_DEVICE_RULES] = {"device rules", false, N_("which devices may be opened in it"), shell_device_rules,
                           NULL},
    [STEP_RLIMIT] = {"rlimit", false, N_("what a process of it may use"), shell_rlimit, NULL},
    [STEP_OOM_SCORE] = {"oom score", false, N_("how soon it is killed when there is no memory"),
                        shell_oom_score, NULL},
    [STEP_ID_MOUNT] = {"id mount", false, N_("files shown with other owners"), shell_id_mount, NULL},
    [STEP_HOOKS] = {"hooks", false, N_("the bundle's programs, run here when the mounts are made"),
                    shell_hooks, NULL},
    [STEP_JOIN] = {"join", true, N_("a namespace that is there already"), shell_join, NULL},
    [STEP_DOMAINNAME] = {"domainname", true, N_("and a domain name"), shell_domainname, NULL},
    [STEP_GENERAL] = {"mount", true, N_("its mounts"), shell_general, NULL},
    [STEP_DEVICE] = {"device", true, N_("device nodes"), shell_device, NULL},
    [STEP_SYSCTL] = {"sysctl", true, N_("parameters of the kernel, for its namespaces"), shell_sysctl, NULL},
    [STEP_DIRECTORY] = {"directory", true, N_("where the command starts is made"), shell_directory, NULL},
    [STEP_ROOT_READ_ONLY] = {"read-only root", true, N_("the root can't be written to"), shell_root_read_only,
                             NULL},
    [STEP_HOOKS_WAIT] = {"wait", true, N_("the bundle's programs are run outside now"), shell_hooks, NULL},
    [STEP_HOOKS_INSIDE] = {"hooks", true, N_("the bundle's programs, run in here"), shell_hooks, NULL},
    [STEP_LABELS] = {"labels", true, N_("what a security module confines it to"), shell_labels, NULL},
    [STEP_PROPAGATION] = {"propagation", true, N_("what becomes of mounts made later"), shell_propagation,
                          NULL},
    [STEP_BRIDGE] = {"bridge", false,
                     N_("the network of all containers: a bridge, and NAT in a table of its own"),
                     shell_bridge, NULL},
    [STEP_LINK] = {"link", false,
                   N_("a veth pair: a port of the bridge, and eth0 in the container's network namespace"),
                   shell_link, NULL},
    [STEP_PASTA] = {"pasta", false, N_("what carries a user's packets"), shell_pasta, NULL},
    [STEP_CLONE] = {"clone", false, N_("one clone3: born in its namespaces and in its cgroup"), shell_clone,
                    NULL},
    [STEP_ID_MAP] = {"id map", false, N_("who root inside is outside"), shell_id_map, NULL},
    [STEP_PRIVATE] = {"private", true, N_("mounts made from here on stay in here"), shell_private, NULL},
    [STEP_HOSTNAME] = {"hostname", true, N_("a hostname of its own"), shell_hostname, NULL},
    [STEP_ROOT_OVERLAY] = {"root", true,
                           N_("the root: what is below stays as it is, a throw-away layer takes the writes"),
                           shell_root_overlay, NULL},
    [STEP_ROOT_BIND] = {"root", true, N_("the root: a directory"), shell_root_bind, NULL},
    [STEP_MOUNT] = {"mount", true, N_("file systems of its own"), shell_mount, NULL},
    [STEP_ETC] = {"etc", true, N_("what it is called, and whom it can ask for names"), shell_etc, NULL},
    [STEP_HOSTS] = {"hosts", true, N_("the names of all containers, written once"), shell_hosts, NULL},
    [STEP_NODE] = {"node", true, N_("the device nodes that programs expect"), shell_node, NULL},
    [STEP_SYMLINK] = {"symlink", true, N_("and the links"), shell_symlink, NULL},
    [STEP_TMPFS] = {"tmpfs", true, N_("memory, as a directory"), shell_mount, NULL},
    [STEP_BIND] = {"bind", true, N_("what of the host is shown inside"), shell_bind, NULL},
    [STEP_TERMINAL] = {"terminal", true, N_("a terminal"), shell_terminal, NULL},
    [STEP_MASK] =
        {"mask", true, N_("what of the kernel is hidden"), shell_word,
         "[ ! -f $R$p ] || mount --bind $R/dev/null $R$p; [ ! -d $R$p ] || mount -t tmpfs -o ro tmpfs $R$p"},
    [STEP_READ_ONLY] = {"read-only", true, N_("what of the kernel may be read but not written"), shell_word,
                        "[ ! -e $R$p ] || { mount --bind $R$p $R$p; mount -o remount,bind,ro $R$p; }"},
    [STEP_LOOPBACK] = {"loopback", true, N_("lo up"), shell_loopback, NULL},
    [STEP_ADDRESS] = {"address", true, N_("addresses and default routes"), shell_address, NULL},
    [STEP_PIVOT] = {"pivot", true, N_("the new root becomes /, the old one is let go"), shell_pivot, NULL},
    [STEP_WORKDIR] = {"workdir", true, N_("where the command starts"), shell_workdir, NULL},
    [STEP_CAPABILITIES] = {"capabilities", true, N_("what root inside may still do"), shell_capabilities,
                           NULL},
    [STEP_USER] = {"user", true, N_("who runs the command, as the container's /etc/passwd knows it"),
                   shell_user, NULL},
    [STEP_NO_NEW_PRIVS] = {"no_new_privs", true, N_("no setuid program gives more"), shell_no_new_privs,
                           NULL},
    [STEP_SECCOMP] = {"seccomp", true, N_("system calls that nobody in there needs are refused"),
                      shell_seccomp, NULL},
    [STEP_INIT] = {"init", true, N_("a first process that reaps"), shell_init, NULL},
    [STEP_EXEC] = {"exec", true, N_("the command"), shell_exec, NULL},
};
_Static_assert(COUNT_OF(kinds) == STEP_COUNT, "a row for each kind of step");

const char *step_name(enum step_kind kind)
{
    return kinds[kind].name;
}

const char *step_sentence(enum step_kind kind)
{
    return kinds[kind].sentence;
}

bool step_is_inside(enum step_kind kind)
{
    return kinds[kind].inside;
}

/* One step, or a run of neighbours that make one loop. Returns how many. */
static size_t say(struct shell *sh, const struct step *steps, size_t count, bool new_kind)
{
    const struct step *s = steps;
    size_t said = 1;
    if (new_kind)
        str_addf(sh->to, "# %s\n", kinds[s->kind].sentence);
    if (!kinds[s->kind].loop) {
        kinds[s->kind].shell(sh, s);
        return 1;
    }
    str_add(sh->to, "for p in");
    for (said = 0; said < count && steps[said].kind == s->kind; said++)
        kinds[s->kind].shell(sh, &steps[said]);
    str_addf(sh->to, "; do\n    %s\ndone\n", kinds[s->kind].loop);
    return said;
}

static void say_all(struct shell *sh, const struct plan *plan, bool inside)
{
    for (size_t i = 0; i < plan->count;) {
        const struct step *s = &plan->steps[i];
        if (kinds[s->kind].inside == inside && s->kind != STEP_CLONE)
            i += say(sh, s, plan->count - i, i == 0 || s[-1].kind != s->kind);
        else
            i++;
    }
}

static void say_undo(struct shell *sh, const struct plan *plan)
{
    const struct step *cgroup = plan_find(plan, STEP_CGROUP);
    const char *name = sh->container->name;
    str_add(sh->to, "# afterwards: nothing is left\n");
    str_addf(sh->to, "rm /tmp/boxtop-%s.sh\n", name);
    if (sh->link)
        net_shell_undo(sh->to, sh->container);
    if (cgroup)
        str_addf(sh->to, "rmdir %s\n", cgroup->where);
}

/* By hand a namespace needs a name before anything runs in it, and what is done inside needs a file; boxtop
 * clones first and hands eth0 over. So the clone is printed behind the keeper's other steps and the script.
 */
void plan_explain(const struct plan *plan, const struct container *container, struct str *to)
{
    struct shell sh = {to, container, plan_find(plan, STEP_LINK) != NULL};
    say_all(&sh, plan, false);
    str_addf(to, "cat > /tmp/boxtop-%s.sh <<'INSIDE'\n", container->name);
    say_all(&sh, plan, true);
    str_add(to, "INSIDE\n");
    say(&sh, plan_find(plan, STEP_CLONE), 1, true);
    say_undo(&sh, plan);
}

void plan_each(const struct plan *plan, const struct container *container,
               void (*each)(void *data, const struct plan_part *part), void *data)
{
    for (size_t i = 0, next; i < plan->count; i = next) {
        struct str text = {0};
        struct shell sh = {&text, container, plan_find(plan, STEP_LINK) != NULL};
        const struct step *s = &plan->steps[i];
        for (next = i; next < plan->count && plan->steps[next].kind == s->kind;)
            next += say(&sh, &plan->steps[next], plan->count - next, false);
        each(data, &(struct plan_part){s->kind, i, next - i, kinds[s->kind].sentence, str_text(&text)});
        str_free(&text);
    }
}
