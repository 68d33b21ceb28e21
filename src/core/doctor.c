/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cgroupfs.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/self.h"
#include "base/str.h"
#include "core/idmap.h"

#define FILE_LIMIT (16u << 20) /* modules.dep has some megabytes */

struct look {
    const struct patient *patient;
    struct cgroupfs fs;
    bool systemd;
    bool dnf; /* else apt */
};

/* Whom a check concerns. */
enum { ROOT = 1, USER = 2, ALL = ROOT | USER };

struct check {
    const char *name, *feature;
    int whom;
    bool vital;
    enum finding_state (*look)(const struct look *l, const struct check *check, struct finding *f);
    const char *what;      /* a program, a module, a file, a sysctl, a kernel's release */
    const char *apt, *dnf; /* packages, or: */
    const char *fix;
    int number; /* a controller; what a sysctl has to be */
};

/* ---- the host's files ---- */

static char *path_of(const struct look *l, const char *path)
{
    return mem_printf("%s%s", l->patient->root, path);
}

static bool is_there(const struct look *l, const char *path, int mode)
{
    cleanup_free char *full = path_of(l, path);
    return faccessat(AT_FDCWD, full, mode, AT_EACCESS) == 0;
}

/* NULL: it can't be read. The caller's to free. */
static char *read_text(const struct look *l, const char *path)
{
    char *text = NULL;
    cleanup_free char *full = path_of(l, path);
    return fs_read_whole_at(AT_FDCWD, full, FILE_LIMIT, &text) < 0 ? NULL : text;
}

/* A number in a file; -1: there is none. */
static long read_number(const struct look *l, const char *path)
{
    cleanup_free char *text = read_text(l, path);
    uint64_t value;
    return text && parse_u64(text, &value) == 0 && value <= LONG_MAX ? (long)value : -1;
}

static void say(struct finding *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct finding *f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(f->found, sizeof f->found, format, args);
    va_end(args);
}

static void say_fix(struct finding *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say_fix(struct finding *f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(f->fix, sizeof f->fix, format, args);
    va_end(args);
}

/* ---- kinds of checks ---- */

static enum finding_state look_kernel(const struct look *l, const struct check *check, struct finding *f)
{
    unsigned has[2] = {0}, needs[2] = {0};
    say(f, "Linux %s", l->patient->release);
    if (sscanf(l->patient->release, "%u.%u", &has[0], &has[1]) != 2)
        return FINDING_UNKNOWN;
    sscanf(check->what, "%u.%u", &needs[0], &needs[1]);
    if (has[0] > needs[0] || (has[0] == needs[0] && has[1] >= needs[1]))
        return FINDING_PRESENT;
    say(f, "since Linux %s; this is %s", check->what, l->patient->release);
    return FINDING_ABSENT;
}

static enum finding_state look_file(const struct look *l, const struct check *check, struct finding *f)
{
    say(f, "%s", check->what);
    return is_there(l, check->what, F_OK) ? FINDING_PRESENT : FINDING_ABSENT;
}

static enum finding_state look_readable(const struct look *l, const struct check *check, struct finding *f)
{
    say(f, "%s%s", check->what, is_there(l, check->what, F_OK) ? "" : " is not there");
    if (is_there(l, check->what, R_OK))
        return FINDING_PRESENT;
    if (is_there(l, check->what, F_OK))
        say(f, "%s: not for this user", check->what);
    return FINDING_ABSENT;
}

static bool find_program(const struct look *l, const char *name, char *to, size_t size)
{
    static const char *const directories[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                              "/usr/bin",        "/sbin",          "/bin",
                                              "/usr/libexec",    "/usr/lib/qemu"};
    for (size_t i = 0; i < COUNT_OF(directories); i++) {
        snprintf(to, size, "%s/%s", directories[i], name);
        if (is_there(l, to, X_OK))
            return true;
    }
    return false;
}

/* One of several, "a|b". */
static enum finding_state look_program(const struct look *l, const struct check *check, struct finding *f)
{
    cleanup_free char *names = mem_dup(check->what);
    for (char *save = NULL, *name = strtok_r(names, "|", &save); name; name = strtok_r(NULL, "|", &save))
        if (find_program(l, name, f->found, sizeof f->found))
            return FINDING_PRESENT;
    say(f, "no %s", check->what);
    return FINDING_ABSENT;
}

/* Our own: beside this program or where they were installed. */
static enum finding_state look_own(const struct look *l, const struct check *check, struct finding *f)
{
    char path[PATH_MAX];
    struct err err;
    (void)l;
    if (self_find(check->what, path, &err) == 0) {
        char *dot = strstr(path, "/./");
        if (dot)
            memmove(dot, dot + 2, strlen(dot + 2) + 1);
        say(f, "%.150s", path);
        return FINDING_PRESENT;
    }
    say(f, "no %s beside boxtop, and none is installed", check->what);
    return FINDING_ABSENT;
}

/* Whether a list of modules ("kernel/net/bridge/bridge.ko.xz: …") has it; '-' and '_' are one in names. */
static bool lists_module(const char *text, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = text; at && (at = strchr(at, '/')); at++) {
        size_t same = 0;
        while (same < len && (at[1 + same] == name[same] || (at[1 + same] == '-' && name[same] == '_')))
            same++;
        if (same == len && strncmp(at + 1 + len, ".ko", 3) == 0 && strchr(":. \n", at[4 + len]))
            return true;
    }
    return false;
}

static enum finding_state look_module(const struct look *l, const struct check *check, struct finding *f)
{
    cleanup_free char *loaded = mem_printf("/sys/module/%s", check->what);
    cleanup_free char *builtin_path = mem_printf("/lib/modules/%s/modules.builtin", l->patient->release);
    cleanup_free char *dep_path = mem_printf("/lib/modules/%s/modules.dep", l->patient->release);
    if (is_there(l, loaded, F_OK)) {
        say(f, "in the kernel");
        return FINDING_PRESENT;
    }
    cleanup_free char *builtin = read_text(l, builtin_path), *dep = read_text(l, dep_path);
    if (!builtin && !dep) {
        say(f, "no list of this kernel's modules");
        return FINDING_UNKNOWN;
    }
    if (lists_module(builtin, check->what) || lists_module(dep, check->what)) {
        say(f, "in the kernel, or loaded when it is used");
        return FINDING_PRESENT;
    }
    say(f, "this kernel has no %s", check->what);
    return FINDING_ABSENT;
}

/* A file system that the kernel knows, or could load. */
static enum finding_state look_filesystem(const struct look *l, const struct check *check, struct finding *f)
{
    cleanup_free char *known = read_text(l, "/proc/filesystems"), *word = mem_printf("\t%s\n", check->what);
    if (known && strstr(known, word)) {
        say(f, "in the kernel");
        return FINDING_PRESENT;
    }
    return look_module(l, check, f);
}

/* One that is not there does not restrict anything. */
static enum finding_state look_sysctl(const struct look *l, const struct check *check, struct finding *f)
{
    cleanup_free char *path = mem_printf("/proc/sys/%s", check->what), *name = mem_dup(check->what);
    long value = read_number(l, path);
    for (char *c = name; *c; c++)
        *c = *c == '/' ? '.' : *c;
    say(f, value < 0 ? "no %s here" : "%s = %ld", name, value);
    if (value < 0 || value == check->number)
        return FINDING_PRESENT;
    say_fix(f, "sysctl -w %s=%d; echo '%s = %d' > /etc/sysctl.d/60-boxtop.conf", name, check->number, name,
            check->number);
    return FINDING_ABSENT;
}

/* ---- cgroups ---- */

static enum finding_state look_cgroup2(const struct look *l, const struct check *check, struct finding *f)
{
    (void)check;
    char text[128];
    cgroupfs_describe(&l->fs, NULL, text, sizeof text);
    say(f, "%s%s%s", text, l->fs.mount[0] ? " at " : "", l->fs.mount);
    return l->fs.layout == CGROUP_LAYOUT_NONE ? FINDING_ABSENT : FINDING_PRESENT;
}

/* The mask that root has, or that was delegated to this user's manager. */
static unsigned controllers_here(const struct look *l)
{
    if (l->patient->uid == 0)
        return l->fs.controllers;
    unsigned uid = l->patient->uid;
    cleanup_free char *path =
        mem_printf("%s/user.slice/user-%u.slice/user@%u.service/cgroup.controllers", l->fs.mount, uid, uid);
    cleanup_free char *text = read_text(l, path);
    return text ? cgroupfs_parse_controllers(text) : 0;
}

static enum finding_state look_controller(const struct look *l, const struct check *check, struct finding *f)
{
    unsigned bit = 1u << check->number;
    if (controllers_here(l) & bit) {
        say(f, l->patient->uid == 0 ? "on cgroup v2" : "delegated to this user");
        return FINDING_PRESENT;
    }
    if (!(l->fs.controllers & bit)) {
        struct err err;
        cgroupfs_missing(&l->fs, (enum controller)check->number, &err);
        say(f, "%.150s", err.text);
        say_fix(f, "%s", err.hint);
        return FINDING_ABSENT;
    }
    say(f, "not delegated to this user");
    say_fix(f,
            "mkdir -p /etc/systemd/system/user@.service.d; printf '[Service]\\nDelegate=cpu cpuset io memory "
            "pids\\n' > "
            "/etc/systemd/system/user@.service.d/delegate.conf; systemctl daemon-reload; then log in anew");
    return FINDING_ABSENT;
}

static enum finding_state look_delegation(const struct look *l, const struct check *check, struct finding *f)
{
    (void)check;
    unsigned uid = l->patient->uid;
    cleanup_free char *manager = mem_printf("/run/user/%u/systemd/private", uid);
    if (uid == 0) {
        say(f, "%s", l->systemd ? "boxtop.service, by systemd" : "no systemd: plain directories");
        return FINDING_PRESENT;
    }
    if (l->systemd && is_there(l, manager, F_OK)) {
        say(f, "boxtop.service, by the user's own systemd");
        return FINDING_PRESENT;
    }
    say(f, "%s", l->systemd ? "the user's own systemd does not run" : "no systemd that could delegate");
    if (l->systemd)
        say_fix(f, "loginctl enable-linger %u", uid);
    else
        say_fix(f, "run boxtop as root (sudo)");
    return FINDING_ABSENT;
}

/* ---- users ---- */

/* What files can't tell, such as a security module's rule for this program. */
static bool can_unshare(void)
{
    int status = 1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(unshare(CLONE_NEWUSER) < 0 || unshare(CLONE_NEWNS | CLONE_NEWUTS) < 0);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return pid > 0 && status == 0;
}

static enum finding_state look_userns(const struct look *l, const struct check *check, struct finding *f)
{
    (void)check;
    if (!is_there(l, "/proc/self/ns/user", F_OK)) {
        say(f, "this kernel has none");
        return FINDING_ABSENT;
    }
    if (read_number(l, "/proc/sys/user/max_user_namespaces") == 0) {
        say(f, "user.max_user_namespaces = 0");
        say_fix(f, "sysctl -w user.max_user_namespaces=65536");
        return FINDING_ABSENT;
    }
    if (l->patient->uid != 0 && l->patient->probe && !can_unshare()) {
        say(f, "refused when tried");
        return FINDING_ABSENT;
    }
    say(f, l->patient->probe && l->patient->uid ? "tried" : "in the kernel");
    return FINDING_PRESENT;
}

/* The first that nobody has, as useradd(8) gives them. */
static unsigned free_range(const struct look *l)
{
    cleanup_free char *uids = read_text(l, "/etc/subuid"), *gids = read_text(l, "/etc/subgid");
    unsigned first = 100000;
    while (first < 600000000 &&
           !(idmap_is_free(uids ? uids : "", first, 65536) && idmap_is_free(gids ? gids : "", first, 65536)))
        first += 65536;
    return first;
}

static enum finding_state look_ranges(const struct look *l, const struct check *check, struct finding *f)
{
    char map[IDMAP_SIZE], number[16];
    unsigned uid = l->patient->uid;
    cleanup_free char *text = read_text(l, check->what), *passwd = read_text(l, "/etc/passwd"), *name = NULL;
    snprintf(number, sizeof number, ":%u:", uid);
    for (char *save = NULL, *line = passwd ? strtok_r(passwd, "\n", &save) : NULL; line && !name;
         line = strtok_r(NULL, "\n", &save)) {
        char *password = strchr(line, ':'), *id = password ? strchr(password + 1, ':') : NULL;
        if (id && strncmp(id, number, strlen(number)) == 0)
            name = mem_printf("%.*s", (int)(password - line), line);
    }
    idmap_of_user(text ? text : "", name, uid, map);
    const char *more = strchr(map, '\n');
    if (more) {
        say(f, "%s: from %.60s", check->what, more + 1 + strcspn(more + 1, " ") + 1);
        return FINDING_PRESENT;
    }
    say(f, "%s has no line for this user", check->what);
    unsigned first = free_range(l);
    say_fix(f, "usermod --add-subuids %u-%u --add-subgids %u-%u %s", first, first + 65535, first,
            first + 65535, name ? name : "USER");
    return FINDING_ABSENT;
}

/* It has to be able to write maps: set-user-ID, or with a capability of its own (Fedora). */
static enum finding_state look_newuidmap(const struct look *l, const struct check *check, struct finding *f)
{
    struct stat st;
    char capability[64], found[sizeof f->found];
    if (look_program(l, check, f) != FINDING_PRESENT)
        return FINDING_ABSENT;
    cleanup_free char *full = path_of(l, f->found);
    if (stat(full, &st) == 0 &&
        (st.st_mode & S_ISUID || getxattr(full, "security.capability", capability, sizeof capability) > 0))
        return FINDING_PRESENT;
    str_copy(found, sizeof found, f->found);
    say(f, "%.120s is not set-user-ID", found);
    say_fix(f, "chmod u+s %.120s", found);
    return FINDING_ABSENT;
}

static enum finding_state look_runtime(const struct look *l, const struct check *check, struct finding *f)
{
    (void)check;
    cleanup_free char *path = mem_printf("/run/user/%u", (unsigned)l->patient->uid);
    bool there = is_there(l, path, F_OK) || (l->patient->probe && getenv("BOXTOP_STATE")) ||
                 (l->patient->probe && getenv("XDG_RUNTIME_DIR"));
    say(f, "%s%s", path, there ? "" : " is not there");
    say_fix(f, "loginctl enable-linger %u, or export BOXTOP_STATE=DIR", (unsigned)l->patient->uid);
    return there ? FINDING_PRESENT : FINDING_ABSENT;
}

/* ---- the table ---- */

static const struct check checks[] = {
    {"kernel", "any container", ALL, true, look_kernel, "5.14", NULL, NULL, "a kernel of Linux 5.14 or later",
     0},
    {"seccomp", "any container: its filter of system calls", ALL, true, look_file,
     "/proc/sys/kernel/seccomp/actions_avail", NULL, NULL, "a kernel with CONFIG_SECCOMP_FILTER", 0},
    {"user namespaces", "any container of a user; --userns auto", USER, true, look_userns, NULL, NULL, NULL,
     "a kernel with CONFIG_USER_NS", 0},
    {"user namespaces", "--userns auto", ROOT, false, look_userns, NULL, NULL, NULL,
     "a kernel with CONFIG_USER_NS", 0},
    {"unprivileged user namespaces", "any container of a user", USER, true, look_sysctl,
     "kernel/unprivileged_userns_clone", NULL, NULL, NULL, 1},
    {"AppArmor lets users have namespaces", "any container of a user", USER, true, look_sysctl,
     "kernel/apparmor_restrict_unprivileged_userns", NULL, NULL, NULL, 0},
    {"runtime directory", "containers of a user: their records", USER, true, look_runtime, NULL, NULL, NULL,
     NULL, 0},
    {"subuid range", "more than one id in a container: -u USER, images with several owners", USER, false,
     look_ranges, "/etc/subuid", NULL, NULL, NULL, 0},
    {"subgid range", "more than one group in a container", USER, false, look_ranges, "/etc/subgid", NULL,
     NULL, NULL, 0},
    {"newuidmap", "more than one id in a container", USER, false, look_newuidmap, "newuidmap", "uidmap",
     "shadow-utils", NULL, 0},
    {"newgidmap", "more than one group in a container", USER, false, look_newuidmap, "newgidmap", "uidmap",
     "shadow-utils", NULL, 0},

    {"cgroup v2", "limits, pause, stats, the screen", ALL, false, look_cgroup2, NULL, NULL, NULL,
     "mount -t cgroup2 cgroup2 /sys/fs/cgroup", 0},
    {"delegation", "limits, pause", ALL, false, look_delegation, NULL, NULL, NULL, NULL, 0},
    {"cpu controller", "--cpus, --cpu-weight, throttling", ALL, false, look_controller, NULL, NULL, NULL,
     NULL, CONTROLLER_CPU},
    {"memory controller", "--memory, OOM kills", ALL, false, look_controller, NULL, NULL, NULL, NULL,
     CONTROLLER_MEMORY},
    {"pids controller", "--pids-limit", ALL, false, look_controller, NULL, NULL, NULL, NULL, CONTROLLER_PIDS},
    {"io controller", "--io-max", ALL, false, look_controller, NULL, NULL, NULL, NULL, CONTROLLER_IO},
    {"cpuset controller", "--cpuset-cpus", ALL, false, look_controller, NULL, NULL, NULL, NULL,
     CONTROLLER_CPUSET},
    {"pressure (PSI)", "pressure and stalls on the screen", ALL, false, look_file, "/proc/pressure/memory",
     NULL, NULL, "boot with psi=1 on the kernel's command line", 0},
    {"memory.peak", "the most memory that a container had", ALL, false, look_kernel, "5.19", NULL, NULL,
     "a kernel of Linux 5.19 or later", 0},

    {"overlay", "a throw-away writable layer: host, images", ALL, false, look_filesystem, "overlay", NULL,
     NULL, "a kernel with CONFIG_OVERLAY_FS", 0},
    {"overlay on shifted owners", "images in a user namespace", ROOT, false, look_kernel, "5.19", NULL, NULL,
     "a kernel of Linux 5.19 or later, or --userns host", 0},

    {"veth", "--network private", ROOT, false, look_module, "veth", NULL, NULL, "a kernel with CONFIG_VETH",
     0},
    {"bridge", "--network private", ROOT, false, look_module, "bridge", NULL, NULL,
     "a kernel with CONFIG_BRIDGE", 0},
    {"nftables", "the way out of --network private, -p", ROOT, false, look_module, "nf_tables", NULL, NULL,
     "a kernel with CONFIG_NF_TABLES", 0},
    {"IP forwarding", "the way out of --network private", ROOT, false, look_sysctl, "net/ipv4/ip_forward",
     NULL, NULL, NULL, 1},
    {"pasta", "a network for a user's containers", USER, false, look_program, "pasta", "passt", "passt", NULL,
     0},
    {"tun device", "a network for a user's containers", USER, false, look_readable, "/dev/net/tun", NULL,
     NULL, "modprobe tun; chmod 666 /dev/net/tun", 0},

    {"kernel log", "why something was killed, in the ledger", ALL, false, look_readable, "/dev/kmsg", NULL,
     NULL, "run boxtop as root (sudo)", 0},
    {"BTF", "the cgroup iterator: sampling at a fraction of the cost", ROOT, false, look_file,
     "/sys/kernel/btf/vmlinux", NULL, NULL, "a kernel with CONFIG_DEBUG_INFO_BTF", 0},
    {"cgroup iterator", "sampling at a fraction of the cost", ROOT, false, look_kernel, "6.1", NULL, NULL,
     "a kernel of Linux 6.1 or later", 0},
    {"no typing into other terminals",
     "hardening the host: TIOCSTI (containers have terminals of their own anyway)", ALL, false, look_sysctl,
     "dev/tty/legacy_tiocsti", NULL, NULL, NULL, 0},

    {"boxtop-view", "the screen, stats, events", ALL, false, look_own, "boxtop-view", NULL, NULL,
     "cmake --install", 0},
    {"boxtop-image", "images and archives", ALL, false, look_own, "boxtop-image", NULL, NULL,
     "cmake --install", 0},
    {"boxtop-delegate", "a delegated unit under systemd", ALL, false, look_own, "boxtop-delegate", NULL, NULL,
     "cmake --install", 0},
    {"boxtop-unit", "a delegated unit under systemd", ALL, false, look_own, "boxtop-unit", NULL, NULL,
     "cmake --install", 0},
    {"skopeo", "image import docker://...", ALL, false, look_program, "skopeo", "skopeo", "skopeo", NULL, 0},
    {"debootstrap", "image build --debootstrap", ALL, false, look_program, "mmdebstrap|debootstrap",
     "mmdebstrap", "debootstrap", NULL, 0},
    {"dnf", "image build --dnf", ALL, false, look_program, "dnf", "dnf", "dnf", NULL, 0},
    {"QEMU", "scripts/run --vm: all of it in a throw-away VM", ALL, false, look_program, "qemu-system-x86_64",
     "qemu-system-x86", "qemu-system-x86-core", NULL, 0},
    {"virtiofsd", "scripts/run --vm", ALL, false, look_program, "virtiofsd", "virtiofsd", "virtiofsd", NULL,
     0},
};
_Static_assert(COUNT_OF(checks) <= DOCTOR_MAX, "more checks than findings");

static void complete(const struct look *l, const struct check *check, struct finding *f)
{
    if (f->state != FINDING_ABSENT) {
        f->fix[0] = '\0';
        return;
    }
    if (f->fix[0])
        return;
    const char *package = l->dnf ? check->dnf : check->apt;
    if (package)
        say_fix(f, "%s install %s", l->dnf ? "dnf" : "apt", package);
    else if (check->fix)
        say_fix(f, "%s", check->fix);
}

void patient_self(struct patient *ret, char release[65])
{
    struct utsname name = {0};
    uname(&name);
    str_copy(release, 65, name.release);
    *ret = (struct patient){.root = "", .release = release, .uid = geteuid(), .probe = true};
}

size_t doctor_look(const struct patient *patient, struct finding ret[DOCTOR_MAX])
{
    struct look l = {.patient = patient};
    cleanup_free char *mounts = mem_printf("%s/proc/self/mountinfo", patient->root);
    size_t count = 0;
    cgroupfs_find(&l.fs, mounts, patient->root);
    l.systemd = is_there(&l, "/run/systemd/system", F_OK);
    l.dnf = is_there(&l, "/usr/bin/dnf", F_OK) && !is_there(&l, "/usr/bin/apt", F_OK);
    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        if (!(checks[i].whom & (patient->uid == 0 ? ROOT : USER)))
            continue;
        struct finding *f = &ret[count++];
        *f = (struct finding){.name = checks[i].name, .feature = checks[i].feature, .vital = checks[i].vital};
        f->state = checks[i].look(&l, &checks[i], f);
        complete(&l, &checks[i], f);
    }
    return count;
}

bool doctor_is_well(const struct finding *findings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (findings[i].vital && findings[i].state == FINDING_ABSENT)
            return false;
    return true;
}

const char *finding_state_name(enum finding_state state)
{
    static const char *const names[] = {
        [FINDING_PRESENT] = "present", [FINDING_ABSENT] = "absent", [FINDING_UNKNOWN] = "unknown"};
    return names[state];
}
