/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The doctor, on hosts made of files.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/doctor.h"

#define ALICE 1500

static char root[] = "/tmp/boxtop-test-XXXXXX";
static struct finding findings[DOCTOR_MAX];
static size_t count;

static void put(const char *path, const char *text, mode_t mode)
{
    cleanup_free char *full = mem_printf("%s%s", root, path), *directory = mem_dup(full);
    *strrchr(directory, '/') = '\0';
    assert_int_equal(fs_mkdirs(directory, 0755), 0);
    cleanup_close int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(fs_write_all(fd, text, strlen(text)), 0);
    assert_int_equal(fchmod(fd, mode), 0);
}

/* A Debian 12 with all that can be had: what each test then spoils. */
static int set_up(void **state)
{
    static const char *const files[][2] = {
        {"/proc/self/mountinfo", "30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"},
        {"/proc/self/ns/user", ""},
        {"/proc/sys/kernel/seccomp/actions_avail", "allow\n"},
        {"/proc/sys/user/max_user_namespaces", "15000\n"},
        {"/proc/sys/kernel/unprivileged_userns_clone", "1\n"},
        {"/proc/sys/net/ipv4/ip_forward", "1\n"},
        {"/proc/pressure/memory", ""},
        {"/proc/filesystems", "nodev\tproc\n\text4\nnodev\toverlay\n"},
        {"/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory hugetlb pids\n"},
        {"/sys/fs/cgroup/user.slice/user-1500.slice/user@1500.service/cgroup.controllers",
         "cpu memory pids\n"},
        {"/sys/kernel/btf/vmlinux", ""},
        {"/lib/modules/6.1.0-9-amd64/modules.builtin", "kernel/net/ipv4/inet.ko\n"},
        {"/lib/modules/6.1.0-9-amd64/modules.dep",
         "kernel/net/bridge/bridge.ko: kernel/net/802/stp.ko\nkernel/drivers/net/veth.ko.xz:\n"
         "kernel/net/netfilter/nf-tables.ko.zst:\n"},
        {"/run/systemd/system/x", ""},
        {"/run/user/1500/systemd/private", ""},
        {"/etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1500:1500::/home/alice:/bin/sh\n"},
        {"/etc/subuid", "bob:100000:65536\nalice:165536:65536\n"},
        {"/etc/subgid", "bob:100000:65536\nalice:165536:65536\n"},
        {"/dev/kmsg", ""},
        {"/dev/net/tun", ""},
    };
    static const char *const programs[] = {"apt",        "pasta", "skopeo",
                                           "mmdebstrap", "dnf",   "qemu-system-x86_64"};
    (void)state;
    strcpy(root + strlen(root) - 6, "XXXXXX");
    assert_non_null(mkdtemp(root));
    for (size_t i = 0; i < COUNT_OF(files); i++)
        put(files[i][0], files[i][1], 0644);
    for (size_t i = 0; i < COUNT_OF(programs); i++) {
        cleanup_free char *path = mem_printf("/usr/bin/%s", programs[i]);
        put(path, "", 0755);
    }
    put("/usr/bin/newuidmap", "", 04755);
    put("/usr/bin/newgidmap", "", 04755);
    put("/usr/libexec/virtiofsd", "", 0755);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    return fs_remove_tree_at(AT_FDCWD, root);
}

static void drop(const char *path)
{
    cleanup_free char *full = mem_printf("%s%s", root, path);
    assert_int_equal(fs_remove_tree_at(AT_FDCWD, full), 0);
}

static void look(uid_t uid)
{
    struct patient patient = {.root = root, .release = "6.1.0-9-amd64", .uid = uid};
    count = doctor_look(&patient, findings);
    assert_true(count > 0 && count <= DOCTOR_MAX);
}

static const struct finding *find(const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(findings[i].name, name) == 0)
            return &findings[i];
    fail_msg("no check %s", name);
    return NULL;
}

static bool is_checked(const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(findings[i].name, name) == 0)
            return true;
    return false;
}

/* What it says and what brings it; what is not absent has nothing that brings it. */
static void is(const char *name, enum finding_state state, const char *found, const char *fix)
{
    const struct finding *f = find(name);
    if (f->state != state || strcmp(f->found, found) != 0 || strcmp(f->fix, fix) != 0)
        fail_msg("%s: %s, '%s', '%s'", name, finding_state_name(f->state), f->found, f->fix);
}

static void test_all_is_there(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        look(i ? ALICE : 0);
        assert_true(doctor_is_well(findings, count));
        for (size_t j = 0; j < count; j++) {
            const struct finding *f = &findings[j];
            assert_true(f->name[0] && f->feature[0] && f->found[0]);
            if (strncmp(f->name, "boxtop-", 7) == 0 ||
                (i && (strcmp(f->name, "io controller") == 0 || strcmp(f->name, "cpuset controller") == 0)))
                continue;
            if (f->state != FINDING_PRESENT || f->fix[0])
                fail_msg("%s: %s, %s", f->name, f->found, f->fix);
        }
    }
}

static void test_whom_it_concerns(void **state)
{
    (void)state;
    look(0);
    assert_true(is_checked("bridge") && is_checked("BTF"));
    assert_false(is_checked("pasta") || is_checked("newuidmap"));
    look(ALICE);
    assert_true(is_checked("pasta") && is_checked("newuidmap"));
    assert_false(is_checked("bridge") || is_checked("BTF"));
}

static void test_controllers(void **state)
{
    (void)state;
    look(ALICE);
    is("memory controller", FINDING_PRESENT, "delegated to this user", "");
    is("io controller", FINDING_ABSENT, "not delegated to this user",
       "mkdir -p /etc/systemd/system/user@.service.d; printf '[Service]\\nDelegate=cpu cpuset io memory "
       "pids\\n' > "
       "/etc/systemd/system/user@.service.d/delegate.conf; systemctl daemon-reload; then log in anew");
    drop("/run/user/1500/systemd");
    look(ALICE);
    is("delegation", FINDING_ABSENT, "the user's own systemd does not run", "loginctl enable-linger 1500");
    assert_true(doctor_is_well(findings, count)); /* it goes without */
    put("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io pids\n", 0644);
    look(0);
    assert_int_equal(find("memory controller")->state, FINDING_ABSENT);
    assert_int_equal(find("cpu controller")->state, FINDING_PRESENT);
    put("/proc/self/mountinfo", "30 20 0:26 / /proc rw - proc proc rw\n", 0644);
    look(0);
    is("cgroup v2", FINDING_ABSENT, "no cgroup v2", "mount -t cgroup2 cgroup2 /sys/fs/cgroup");
}

static void test_namespaces(void **state)
{
    static const struct {
        const char *name, *file, *text, *found, *fix;
    } rows[] = {
        {"unprivileged user namespaces", "/proc/sys/kernel/unprivileged_userns_clone", "0\n",
         "kernel.unprivileged_userns_clone = 0",
         "sysctl -w kernel.unprivileged_userns_clone=1; echo 'kernel.unprivileged_userns_clone = 1' > "
         "/etc/sysctl.d/60-boxtop.conf"},
        {"AppArmor lets users have namespaces", "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
         "1\n", "kernel.apparmor_restrict_unprivileged_userns = 1",
         "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0; echo "
         "'kernel.apparmor_restrict_unprivileged_userns = 0' > /etc/sysctl.d/60-boxtop.conf"},
        {"user namespaces", "/proc/sys/user/max_user_namespaces", "0\n", "user.max_user_namespaces = 0",
         "sysctl -w user.max_user_namespaces=65536"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        put(rows[i].file, rows[i].text, 0644);
        look(ALICE);
        is(rows[i].name, FINDING_ABSENT, rows[i].found, rows[i].fix);
        assert_false(doctor_is_well(findings, count));
        look(0);
        assert_true(doctor_is_well(findings, count)); /* root needs none */
        take_down(NULL);
        set_up(NULL);
    }
}

static void test_ids(void **state)
{
    (void)state;
    look(ALICE);
    is("subuid range", FINDING_PRESENT, "/etc/subuid: from 165536 65536", "");
    put("/etc/subuid", "bob:100000:65536\ncarol:165536:65536\n", 0644);
    put("/usr/bin/newuidmap", "", 0755);
    drop("/usr/bin/newgidmap");
    look(ALICE);
    is("subuid range", FINDING_ABSENT, "/etc/subuid has no line for this user",
       "usermod --add-subuids 231072-296607 --add-subgids 231072-296607 alice");
    is("newuidmap", FINDING_ABSENT, "/usr/bin/newuidmap is not set-user-ID", "chmod u+s /usr/bin/newuidmap");
    is("newgidmap", FINDING_ABSENT, "no newgidmap", "apt install uidmap");
    drop("/usr/bin/apt");
    look(ALICE);
    is("newgidmap", FINDING_ABSENT, "no newgidmap", "dnf install shadow-utils");
}

static void test_kernels(void **state)
{
    static const struct {
        const char *release;
        enum finding_state kernel, iterator;
        bool well;
    } rows[] = {
        {"6.12.1", FINDING_PRESENT, FINDING_PRESENT, true},
        {"6.0.9", FINDING_PRESENT, FINDING_ABSENT, true},
        {"5.14.0", FINDING_PRESENT, FINDING_ABSENT, true},
        {"5.13.9", FINDING_ABSENT, FINDING_ABSENT, false},
        {"4.18.0-372.el8", FINDING_ABSENT, FINDING_ABSENT, false},
        {"10.0", FINDING_PRESENT, FINDING_PRESENT, true},
        {"next", FINDING_UNKNOWN, FINDING_UNKNOWN, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct patient patient = {.root = root, .release = rows[i].release};
        count = doctor_look(&patient, findings);
        assert_int_equal(find("kernel")->state, rows[i].kernel);
        assert_int_equal(find("cgroup iterator")->state, rows[i].iterator);
        assert_int_equal(doctor_is_well(findings, count), rows[i].well);
    }
}

/* Of a kernel without lists of its modules nothing is known but what is loaded. */
static void test_modules(void **state)
{
    (void)state;
    drop("/lib/modules");
    put("/sys/module/bridge/refcnt", "0\n", 0644);
    look(0);
    is("bridge", FINDING_PRESENT, "in the kernel", "");
    is("veth", FINDING_UNKNOWN, "no list of this kernel's modules", "");
    put("/lib/modules/6.1.0-9-amd64/modules.dep", "kernel/a/xveth.ko:\nkernel/veth.kox/b.ko:\nkernel/veth\n",
        0644);
    look(0);
    is("veth", FINDING_ABSENT, "this kernel has no veth", "a kernel with CONFIG_VETH");
}

static void test_nothing_at_all(void **state)
{
    (void)state;
    take_down(NULL);
    look(0);
    assert_false(doctor_is_well(findings, count));
    look(ALICE);
    assert_false(doctor_is_well(findings, count));
    for (size_t i = 0; i < count; i++)
        assert_true(findings[i].state != FINDING_ABSENT || findings[i].fix[0]);
    set_up(NULL);
}

#define ON_HOST(test) cmocka_unit_test_setup_teardown(test, set_up, take_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_HOST(test_all_is_there), ON_HOST(test_whom_it_concerns),
        ON_HOST(test_controllers),  ON_HOST(test_namespaces),
        ON_HOST(test_ids),          ON_HOST(test_kernels),
        ON_HOST(test_modules),      ON_HOST(test_nothing_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
