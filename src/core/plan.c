/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/plan.h"

#include <sys/mount.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/confine.h"
#include "core/idmap.h"
#include "core/tmpfs.h"

#define SAFE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

static void add(struct plan *plan, enum step_kind kind, const char *what, const char *where, const char *data,
                unsigned long flags)
{
    plan->steps = mem_resize(plan->steps, plan->count + 1, sizeof *plan->steps);
    plan->steps[plan->count++] = (struct step){kind, mem_dup(what), mem_dup(where), mem_dup(data), flags};
}

/* ---- building
 * ---------------------------------------------------------------------------------------------- */

/* The namespaces, said once: clone's flag and unshare's option. */
static const struct {
    unsigned long flag;
    const char *option;
} namespaces[] = {
    {CLONE_NEWNS, "--mount"},
    {CLONE_NEWPID, "--pid --fork"},
    {CLONE_NEWUTS, "--uts"},
    {CLONE_NEWIPC, "--ipc"},
    {CLONE_NEWNET, "--net"},
    {CLONE_NEWCGROUP, "--cgroup"},
    {CLONE_NEWUSER, "--user --map-root-user"},
};

static void add_clone(struct plan *plan, const struct spec *spec, const char *cgroup)
{
    unsigned long flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP;
    struct str options = {0};
    if (spec->network != NETWORK_HOST)
        flags |= CLONE_NEWNET;
    if (spec->userns == USERNS_AUTO)
        flags |= CLONE_NEWUSER;
    for (size_t i = 0; i < COUNT_OF(namespaces); i++)
        if (flags & namespaces[i].flag)
            str_addf(&options, "%s%s", options.len ? " " : "", namespaces[i].option);
    add(plan, STEP_CLONE, options.text, cgroup, NULL, flags);
    str_free(&options);
}

static void add_keeper_steps(struct plan *plan, const struct spec *spec, const struct container *c)
{
    cleanup_free char *cgroup = c->cgroup[0] ? mem_printf("%s%s", c->cgroup_mount, c->cgroup) : NULL;
    if (cgroup) {
        add(plan, STEP_CGROUP, NULL, cgroup, NULL, 0);
        for (size_t i = 0; i < spec->limit_count; i++)
            add(plan, STEP_LIMIT, spec->limits[i].knob->name, cgroup, spec->limits[i].text,
                spec->limits[i].asked);
    }
    add_clone(plan, spec, cgroup);
    if (spec->userns == USERNS_AUTO) {
        char map[IDMAP_SIZE];
        idmap_choose(spec->name, map);
        add(plan, STEP_ID_MAP, NULL, NULL, map, 0);
    }
    if (spec->network == NETWORK_PRIVATE)
        add(plan, STEP_LINK, c->host_link, c->address, c->gateway, 0);
}

static void add_image_root(struct plan *plan, const struct spec *spec)
{
    struct str layers = {0};
    for (char *const *layer = spec->layers; *layer; layer++)
        str_addf(&layers, "%s%s", layers.len ? ":" : "", *layer);
    add(plan, STEP_ROOT_OVERLAY, layers.text, NULL, spec->userns == USERNS_AUTO ? "userxattr" : NULL,
        MOUNT_ATTR_NODEV | (spec->read_only ? MOUNT_ATTR_RDONLY : 0));
    str_free(&layers);
}

static void add_root(struct plan *plan, const struct spec *spec)
{
    /* Overlay can't have / as its lower directory inside a user namespace (locked mounts below it): there the
     * host's root is a recursive read-only bind, with fresh tmpfs where programs expect to write. */
    static const struct {
        const char *path, *mode;
    } writable[] = {
        {"/tmp", "mode=1777"}, {"/run", "mode=755"}, {"/var/tmp", "mode=1777"}, {"/root", "mode=700"}};
    if (spec->layers) {
        add_image_root(plan, spec);
        return;
    }
    bool bind = spec->userns == USERNS_AUTO, read_only = spec->read_only || (spec->root_is_host && bind);
    if (spec->root_is_host && !bind && !spec->read_only)
        add(plan, STEP_ROOT_OVERLAY, "/", NULL, NULL, 0);
    else
        add(plan, STEP_ROOT_BIND, spec->root_is_host ? "/" : spec->root, NULL, NULL,
            read_only ? MOUNT_ATTR_RDONLY : 0);
    if (!spec->root_is_host)
        return;
    for (size_t i = 0; i < (read_only ? COUNT_OF(writable) : 2); i++)
        add(plan, STEP_MOUNT, "tmpfs", writable[i].path, writable[i].mode,
            MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

static void add_devices(struct plan *plan, const struct spec *spec)
{
    static const struct {
        const char *path, *numbers;
    } nodes[] = {
        {"/dev/null", "c 1 3"},   {"/dev/zero", "c 1 5"},    {"/dev/full", "c 1 7"},
        {"/dev/random", "c 1 8"}, {"/dev/urandom", "c 1 9"}, {"/dev/tty", "c 5 0"},
    };
    static const struct {
        const char *path, *to;
    } links[] = {
        {"/dev/fd", "/proc/self/fd"},       {"/dev/stdin", "/proc/self/fd/0"},
        {"/dev/stdout", "/proc/self/fd/1"}, {"/dev/stderr", "/proc/self/fd/2"},
        {"/dev/ptmx", "pts/ptmx"},
    };
    bool mapped = spec->userns == USERNS_AUTO && geteuid() != 0; /* then group 5 (tty) has no id inside */
    add(plan, STEP_MOUNT, "tmpfs", "/dev", "mode=755,size=65536k",
        MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME);
    for (size_t i = 0; i < COUNT_OF(nodes); i++)
        add(plan, STEP_NODE, NULL, nodes[i].path, nodes[i].numbers, spec->userns == USERNS_AUTO);
    for (size_t i = 0; i < COUNT_OF(links); i++)
        add(plan, STEP_SYMLINK, links[i].to, links[i].path, NULL, 0);
    add(plan, STEP_MOUNT, "devpts", "/dev/pts",
        mapped ? "newinstance,ptmxmode=0666,mode=0620" : "newinstance,ptmxmode=0666,mode=0620,gid=5",
        MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    add(plan, STEP_MOUNT, "tmpfs", "/dev/shm", "mode=1777,size=65536k", SAFE);
    add(plan, STEP_MOUNT, "mqueue", "/dev/mqueue", NULL, SAFE);
    if (spec->tty)
        add(plan, STEP_TERMINAL, NULL, "/dev/console", NULL, 0);
}

/* What docker hides and what it makes read-only below /proc and /sys. */
static const char *const masked[] = {
    "/proc/acpi",       "/proc/asound",        "/proc/interrupts",  "/proc/kcore",
    "/proc/keys",       "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
    "/proc/timer_list", "/proc/timer_stats",   "/sys/firmware",     "/sys/devices/virtual/powercap",
};
static const char *const read_only_paths[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                              "/proc/sysrq-trigger"};

/* What was asked for, outer directories before inner ones: /app from the host and /app/cache in memory go
 * together in whatever order they were said. */
static int by_target(const void *a, const void *b)
{
    const struct step *one = a, *other = b;
    return strcmp(one->where, other->where);
}

static void add_asked(struct plan *plan, const struct spec *spec)
{
    size_t first = plan->count;
    for (size_t i = 0; i < spec->tmpfs_count; i++) {
        struct str data = {0};
        struct err ignored; /* read before: spec_add_tmpfs() */
        unsigned long attributes = 0;
        tmpfs_read_options(spec->tmpfs[i].options, &attributes, &data, &ignored);
        add(plan, STEP_TMPFS, "tmpfs", spec->tmpfs[i].target, data.text, attributes);
        str_free(&data);
    }
    for (size_t i = 0; i < spec->bind_count; i++)
        add(plan, STEP_BIND, spec->binds[i].source, spec->binds[i].target, NULL,
            MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (spec->binds[i].read_only ? MOUNT_ATTR_RDONLY : 0));
    if (plan->count > first)
        qsort(plan->steps + first, plan->count - first, sizeof *plan->steps, by_target);
}

static void add_mounts(struct plan *plan, const struct spec *spec)
{
    add(plan, STEP_MOUNT, "proc", "/proc", NULL, SAFE);
    /* sysfs belongs to a network namespace: who has none of its own and no right over the host's sees it
     * through a read-only bind. */
    if (spec->network == NETWORK_HOST && spec->userns == USERNS_AUTO) {
        add(plan, STEP_BIND, "/sys", "/sys", NULL, SAFE | MOUNT_ATTR_RDONLY);
    } else {
        add(plan, STEP_MOUNT, "sysfs", "/sys", NULL, SAFE | MOUNT_ATTR_RDONLY);
        add(plan, STEP_MOUNT, "cgroup2", "/sys/fs/cgroup", NULL, SAFE | MOUNT_ATTR_RDONLY);
    }
    add_devices(plan, spec);
    add_asked(plan, spec);
    for (size_t i = 0; i < COUNT_OF(masked); i++)
        add(plan, STEP_MASK, NULL, masked[i], NULL, 0);
    for (size_t i = 0; i < COUNT_OF(read_only_paths); i++)
        add(plan, STEP_READ_ONLY, NULL, read_only_paths[i], NULL, 0);
}

void plan_build(struct plan *ret, const struct spec *spec, const struct container *container)
{
    struct str text = {0};
    *ret = (struct plan){0};
    add_keeper_steps(ret, spec, container);
    add(ret, STEP_PRIVATE, NULL, NULL, NULL, 0);
    add(ret, STEP_HOSTNAME, spec->hostname, NULL, NULL, 0);
    add_root(ret, spec);
    add(ret, STEP_ETC, spec->hostname, spec->network == NETWORK_PRIVATE ? container->address : NULL,
        container->network, plan_find(ret, STEP_ROOT_OVERLAY) != NULL);
    add_mounts(ret, spec);
    if (spec->network != NETWORK_HOST)
        add(ret, STEP_LOOPBACK, NULL, NULL, NULL, 0);
    if (spec->network == NETWORK_PRIVATE)
        add(ret, STEP_ADDRESS, NULL, container->address, container->gateway, 0);
    add(ret, STEP_PIVOT, NULL, NULL, NULL, 0);
    add(ret, STEP_WORKDIR, NULL, spec->workdir ? spec->workdir : "/", NULL, 0);
    confine_capability_names(&text);
    add(ret, STEP_CAPABILITIES, NULL, NULL, text.text, 0);
    if (spec->user) {
        cleanup_free char *user = mem_dup(spec->user);
        char *group = strchr(user, ':');
        if (group)
            *group++ = '\0';
        add(ret, STEP_USER, user, group, NULL, 0);
    }
    add(ret, STEP_NO_NEW_PRIVS, NULL, NULL, NULL, 0);
    add(ret, STEP_SECCOMP, NULL, NULL, NULL, 0);
    if (spec->init)
        add(ret, STEP_INIT, NULL, NULL, NULL, 0);
    str_clear(&text);
    str_add_shell_list(&text, spec->command);
    add(ret, STEP_EXEC, NULL, NULL, text.text, 0);
    str_free(&text);
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        free(plan->steps[i].what);
        free(plan->steps[i].where);
        free(plan->steps[i].data);
    }
    free(plan->steps);
    *plan = (struct plan){0};
}

const struct step *plan_find(const struct plan *plan, enum step_kind kind)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->steps[i].kind == kind)
            return &plan->steps[i];
    return NULL;
}

/* ---- the same list as shell lines
 * -------------------------------------------------------------------------- */

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

static void shell_cgroup(struct shell *sh, const struct step *s)
{
    const char *mount = sh->container->cgroup_mount;
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

static void shell_link(struct shell *sh, const struct step *s)
{
    const char *name = sh->container->name, *length = strchr(s->where, '/');
    str_addf(sh->to, "ip netns add %s\n", name);
    str_addf(sh->to, "ip link add %s type veth peer name eth0 netns %s\n", s->what, name);
    str_addf(sh->to, "ip address add %s%s dev %s\n", s->data, length ? length : "", s->what);
    str_addf(sh->to, "ip link set %s up\n", s->what);
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

static void shell_id_map(struct shell *sh, const struct step *s)
{
    str_addf(sh->to, "# uid_map and gid_map: %s\n", s->data);
}

static void shell_private(struct shell *sh, const struct step *s)
{
    (void)s;
    str_add(sh->to, "mount --make-rprivate /\n");
}

static void shell_hostname(struct shell *sh, const struct step *s)
{
    str_add(sh->to, "echo ");
    str_add_shell(sh->to, s->what);
    str_add(sh->to, " > /proc/sys/kernel/hostname\n");
}

static void shell_root_overlay(struct shell *sh, const struct step *s)
{
    str_add(sh->to, "R=$(mktemp -d); mount -t tmpfs tmpfs $R; mkdir $R/upper $R/work $R/root\n");
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
    str_addf(sh->to, "ip address add %s dev eth0; ip link set eth0 up; ip route add default via %s\n",
             s->where, s->data);
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
    (void)s;
    str_addf(sh->to, "# seccomp(SECCOMP_SET_MODE_FILTER), %zu BPF instructions: no shell command does it\n",
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

/* One row a kind: its name, whose it is, what it does in a sentence, how it is said in shell. */
static const struct {
    const char *name;
    bool inside;
    const char *sentence;
    void (*shell)(struct shell *, const struct step *);
    const char *loop; /* neighbours of this kind are one loop over $p; NULL: a line each */
} kinds[] = {
    [STEP_CGROUP] = {"cgroup", false, "a cgroup, with its controllers enabled above it", shell_cgroup, NULL},
    [STEP_LIMIT] = {"limit", false, "its limits, written before anything runs in it", shell_limit, NULL},
    [STEP_LINK] = {"link", false, "a veth pair: one end here, eth0 in the container's network namespace",
                   shell_link, NULL},
    [STEP_CLONE] = {"clone", false, "one clone3: born in its namespaces and in its cgroup", shell_clone,
                    NULL},
    [STEP_ID_MAP] = {"id map", false, "who root inside is outside", shell_id_map, NULL},
    [STEP_PRIVATE] = {"private", true, "mounts made from here on stay in here", shell_private, NULL},
    [STEP_HOSTNAME] = {"hostname", true, "a hostname of its own", shell_hostname, NULL},
    [STEP_ROOT_OVERLAY] = {"root", true,
                           "the root: what is below stays as it is, a throw-away layer takes the writes",
                           shell_root_overlay, NULL},
    [STEP_ROOT_BIND] = {"root", true, "the root: a directory", shell_root_bind, NULL},
    [STEP_MOUNT] = {"mount", true, "file systems of its own", shell_mount, NULL},
    [STEP_ETC] = {"etc", true, "what it is called, and whom it can ask for names", shell_etc, NULL},
    [STEP_NODE] = {"node", true, "the device nodes that programs expect", shell_node, NULL},
    [STEP_SYMLINK] = {"symlink", true, "and the links", shell_symlink, NULL},
    [STEP_TMPFS] = {"tmpfs", true, "memory, as a directory", shell_mount, NULL},
    [STEP_BIND] = {"bind", true, "what of the host is shown inside", shell_bind, NULL},
    [STEP_TERMINAL] = {"terminal", true, "a terminal", shell_terminal, NULL},
    [STEP_MASK] =
        {"mask", true, "what of the kernel is hidden", shell_word,
         "[ ! -f $R$p ] || mount --bind $R/dev/null $R$p; [ ! -d $R$p ] || mount -t tmpfs -o ro tmpfs $R$p"},
    [STEP_READ_ONLY] = {"read-only", true, "what of the kernel may be read but not written", shell_word,
                        "[ ! -e $R$p ] || { mount --bind $R$p $R$p; mount -o remount,bind,ro $R$p; }"},
    [STEP_LOOPBACK] = {"loopback", true, "lo up", shell_loopback, NULL},
    [STEP_ADDRESS] = {"address", true, "address and default route", shell_address, NULL},
    [STEP_PIVOT] = {"pivot", true, "the new root becomes /, the old one is let go", shell_pivot, NULL},
    [STEP_WORKDIR] = {"workdir", true, "where the command starts", shell_workdir, NULL},
    [STEP_CAPABILITIES] = {"capabilities", true, "what root inside may still do", shell_capabilities, NULL},
    [STEP_USER] = {"user", true, "who runs the command, as the container's /etc/passwd knows it", shell_user,
                   NULL},
    [STEP_NO_NEW_PRIVS] = {"no_new_privs", true, "no setuid program gives more", shell_no_new_privs, NULL},
    [STEP_SECCOMP] = {"seccomp", true, "system calls that nobody in there needs are refused", shell_seccomp,
                      NULL},
    [STEP_INIT] = {"init", true, "a first process that reaps", shell_init, NULL},
    [STEP_EXEC] = {"exec", true, "the command", shell_exec, NULL},
};
_Static_assert(COUNT_OF(kinds) == STEP_COUNT, "a row for each kind of step");

const char *step_name(enum step_kind kind)
{
    return kinds[kind].name;
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
        str_addf(sh->to, "ip netns delete %s\n", name);
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
