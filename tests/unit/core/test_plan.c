/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The plan: a pure function of the spec, in the one order that is safe, and the same list as shell lines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/plan.h"
#include "core/stopwatch.h"

struct made {
    struct spec spec;
    struct container container;
    struct plan plan;
    struct str shell;
};

/* A plan for run's arguments, as root would get it. */
static struct made make(int argc, const char *const *argv)
{
    struct made m = {0};
    struct err err = {0};
    bool explain, help;
    spec_init(&m.spec);
    if (spec_parse(&m.spec, argc, (char *const *)argv, &explain, &help, &err) < 0)
        fail_msg("%s", err.text);
    strcpy(m.spec.name, "web");
    strcpy(m.spec.hostname, "web");
    if (m.spec.userns == USERNS_DEFAULT)
        m.spec.userns = USERNS_HOST;
    m.spec.root_is_host = strcmp(m.spec.root, "host") == 0;
    m.container = (struct container){.name = "web",
                                     .id = "0123456789abcdef",
                                     .cgroup = "/boxtop/web",
                                     .cgroup_mount = "/sys/fs/cgroup",
                                     .ports = m.spec.ports};
    if (m.spec.network == NETWORK_PRIVATE) {
        strcpy(m.container.host_link, "bx0ad50002");
        strcpy(m.container.address, "10.213.0.2/16");
        strcpy(m.container.gateway, "10.213.0.1");
        strcpy(m.container.address6, "fd00:1:2:d5::ad5:2/64");
        strcpy(m.container.gateway6, "fd00:1:2:d5::ad5:1");
    }
    plan_build(&m.plan, &m.spec, &m.container);
    plan_explain(&m.plan, &m.container, &m.shell);
    return m;
}

static void drop(struct made *m)
{
    plan_free(&m->plan);
    spec_free(&m->spec);
    str_free(&m->shell);
}

#define MAKE(...) make(COUNT_OF(((const char *[]){__VA_ARGS__})), (const char *[]){__VA_ARGS__, NULL})

/* Index of the first step of a kind whose target is `where` (NULL: any); -1: none. */
static int at(const struct made *m, enum step_kind kind, const char *where)
{
    for (size_t i = 0; i < m->plan.count; i++) {
        const struct step *s = &m->plan.steps[i];
        if (s->kind == kind && (!where || (s->where && strcmp(s->where, where) == 0)))
            return (int)i;
    }
    return -1;
}

static int last(const struct made *m, enum step_kind kind)
{
    for (int i = (int)m->plan.count; i-- > 0;)
        if (m->plan.steps[i].kind == kind)
            return i;
    return -1;
}

static void test_order(void **state)
{
    (void)state;
    struct made m = MAKE("-m", "100M", "--cpus", "0.5", "host", "sh");
    /* limited before it is born, linked after */
    assert_int_equal(at(&m, STEP_CGROUP, NULL), 0);
    assert_true(last(&m, STEP_LIMIT) < at(&m, STEP_CLONE, NULL));
    assert_true(at(&m, STEP_CLONE, NULL) < at(&m, STEP_LINK, NULL));
    assert_true(at(&m, STEP_BRIDGE, NULL) < at(&m, STEP_CLONE, NULL));
    assert_true(at(&m, STEP_ETC, NULL) < at(&m, STEP_HOSTS, NULL));
    /* nothing is mounted before mounts are private; all is mounted before the old root goes */
    assert_true(at(&m, STEP_PRIVATE, NULL) < at(&m, STEP_ROOT_OVERLAY, NULL));
    assert_true(at(&m, STEP_MOUNT, "/proc") < at(&m, STEP_MASK, "/proc/kcore"));
    assert_true(at(&m, STEP_MOUNT, "/dev") < at(&m, STEP_NODE, "/dev/null"));
    assert_true(at(&m, STEP_NODE, "/dev/null") < at(&m, STEP_MASK, NULL));
    assert_true(last(&m, STEP_MOUNT) < at(&m, STEP_PIVOT, NULL));
    assert_true(last(&m, STEP_MASK) < at(&m, STEP_PIVOT, NULL));
    assert_true(last(&m, STEP_READ_ONLY) < at(&m, STEP_PIVOT, NULL));
    /* rights go last, the filter at the very end */
    int n = (int)m.plan.count;
    assert_int_equal(at(&m, STEP_CAPABILITIES, NULL), n - 4);
    assert_int_equal(at(&m, STEP_NO_NEW_PRIVS, NULL), n - 3);
    assert_int_equal(at(&m, STEP_SECCOMP, NULL), n - 2);
    assert_int_equal(at(&m, STEP_EXEC, NULL), n - 1);
    /* the keeper's steps stand before those inside */
    bool inside = false;
    for (int i = 0; i < n; i++) {
        assert_false(inside && !step_is_inside(m.plan.steps[i].kind));
        inside = step_is_inside(m.plan.steps[i].kind);
    }
    drop(&m);
}

static void test_asked(void **state)
{
    (void)state;
    struct made m = MAKE("-u", "www-data:100", "--init", "-v", "/srv:/app/cache/x", "--tmpfs",
                         "/app/cache:size=1m,exec", "-v", "/srv:/app", "host", "sh");
    /* whoever it becomes, it has the rights for that, and none after */
    assert_true(at(&m, STEP_CAPABILITIES, NULL) < at(&m, STEP_USER, NULL));
    assert_true(at(&m, STEP_PIVOT, NULL) < at(&m, STEP_USER, NULL));
    assert_true(at(&m, STEP_USER, NULL) < at(&m, STEP_NO_NEW_PRIVS, NULL));
    const struct step *user = plan_find(&m.plan, STEP_USER), *tmpfs = plan_find(&m.plan, STEP_TMPFS);
    assert_int_equal(at(&m, STEP_INIT, NULL), (int)m.plan.count - 2);
    assert_string_equal(user->what, "www-data");
    assert_string_equal(user->where, "100");
    /* outer directories first */
    assert_int_equal(at(&m, STEP_TMPFS, "/app/cache"), at(&m, STEP_BIND, "/app") + 1);
    assert_int_equal(at(&m, STEP_BIND, "/app/cache/x"), at(&m, STEP_BIND, "/app") + 2);
    assert_string_equal(tmpfs->data, "size=1m");
    assert_int_equal(tmpfs->flags, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    assert_non_null(strstr(m.shell.text, "U=--reuid=www-data\nU=\"$U --regid=100 --clear-groups\"\n"));
    drop(&m);
}

static void test_etc(void **state)
{
    (void)state;
    struct made m = MAKE("--network", "private", "-v", "/srv/hosts:/etc/hosts", "host", "sh");
    const struct step *etc = plan_find(&m.plan, STEP_ETC);
    assert_string_equal(etc->what, "web");
    assert_string_equal(etc->where, "10.213.0.2/16");
    assert_int_equal(etc->flags, 1); /* into the layer */
    assert_true(at(&m, STEP_ROOT_OVERLAY, NULL) < at(&m, STEP_ETC, NULL));
    assert_true(at(&m, STEP_ETC, NULL) < at(&m, STEP_BIND, "/etc/hosts"));
    drop(&m);
    m = MAKE("--network", "none", "/srv", "sh");
    etc = plan_find(&m.plan, STEP_ETC);
    assert_null(etc->where);
    assert_int_equal(etc->flags, 0);
    drop(&m);
}

static void test_namespaces(void **state)
{
    (void)state;
    static const unsigned long always =
        CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP;
    struct made m = MAKE("host", "sh");
    assert_int_equal(plan_find(&m.plan, STEP_CLONE)->flags, always | CLONE_NEWNET);
    assert_null(plan_find(&m.plan, STEP_ID_MAP));
    drop(&m);
    m = MAKE("--network", "host", "host", "sh");
    assert_int_equal(plan_find(&m.plan, STEP_CLONE)->flags, always);
    assert_null(plan_find(&m.plan, STEP_LINK));
    assert_null(plan_find(&m.plan, STEP_LOOPBACK));
    drop(&m);
    m = MAKE("--network", "none", "--userns", "auto", "host", "sh");
    assert_int_equal(plan_find(&m.plan, STEP_CLONE)->flags, always | CLONE_NEWNET | CLONE_NEWUSER);
    assert_null(plan_find(&m.plan, STEP_LINK));
    assert_null(plan_find(&m.plan, STEP_BRIDGE));
    assert_null(plan_find(&m.plan, STEP_HOSTS));
    assert_non_null(plan_find(&m.plan, STEP_LOOPBACK));
    assert_true(strncmp(plan_find(&m.plan, STEP_ID_MAP)->what, "0 0 ", 4) != 0); /* never the host's root */
    drop(&m);
}

static void test_roots(void **state)
{
    (void)state;
    struct made m = MAKE("host", "sh");
    assert_non_null(plan_find(&m.plan, STEP_ROOT_OVERLAY));
    assert_non_null(plan_find(&m.plan, STEP_MOUNT));
    assert_true(at(&m, STEP_MOUNT, "/run") >= 0); /* the host's sockets are not shown */
    drop(&m);
    m = MAKE("--userns", "auto", "host", "sh"); /* no overlay over / inside a user namespace */
    assert_null(plan_find(&m.plan, STEP_ROOT_OVERLAY));
    assert_int_equal(plan_find(&m.plan, STEP_ROOT_BIND)->flags, MOUNT_ATTR_RDONLY);
    assert_int_equal(plan_find(&m.plan, STEP_NODE)->flags, 1);
    drop(&m);
    m = MAKE("/srv/root", "sh");
    assert_string_equal(plan_find(&m.plan, STEP_ROOT_BIND)->what, "/srv/root");
    assert_int_equal(plan_find(&m.plan, STEP_ROOT_BIND)->flags, 0);
    assert_int_equal(at(&m, STEP_MOUNT, "/run"), -1);
    drop(&m);
    m = MAKE("--read-only", "/srv/root", "sh");
    assert_int_equal(plan_find(&m.plan, STEP_ROOT_BIND)->flags, MOUNT_ATTR_RDONLY);
    drop(&m);
}

static void test_every_mount_is_safe(void **state)
{
    (void)state;
    struct made m = MAKE("host", "sh");
    for (size_t i = 0; i < m.plan.count; i++) {
        const struct step *s = &m.plan.steps[i];
        if (s->kind == STEP_MOUNT)
            assert_true(s->flags & MOUNT_ATTR_NOSUID);
    }
    assert_true(m.plan.steps[at(&m, STEP_MOUNT, "/sys")].flags & MOUNT_ATTR_RDONLY);
    assert_true(m.plan.steps[at(&m, STEP_MOUNT, "/sys/fs/cgroup")].flags & MOUNT_ATTR_RDONLY);
    drop(&m);
}

static void test_shell(void **state)
{
    static const char *const lines[] = {
        "mkdir -p /sys/fs/cgroup/boxtop/web\n",
        "echo '104857600' > /sys/fs/cgroup/boxtop/web/memory.max\n",
        "echo '50000 100000' > /sys/fs/cgroup/boxtop/web/cpu.max\n",
        "ip link add bx0ad50002 master boxtop0 type veth peer name eth0 netns web\n",
        "ip link set bx0ad50002 alias boxtop:web:0123456789abcdef addrgenmode none up\n",
        "    ip link set boxtop0 alias 'boxtop 10.213.0.0/16 fd00:1:2:d5::/64'\n",
        "    ip link set boxtop0 up; ip address add 10.213.0.1/16 dev boxtop0\n",
        "    ip saddr 10.213.0.0/16 oifname != boxtop0 masquerade\n",
        ("nft add rule inet boxtop published meta nfproto ipv4 tcp dport 8080 dnat ip to 10.213.0.2:80 "
         "comment "
         "'\"boxtop:web:0123456789abcdef\"'\n"),
        ("nft add rule inet boxtop published meta nfproto ipv6 ip6 daddr ::2 udp dport 53 dnat ip6 to "
         "'[fd00:1:2:d5::ad5:2]':53 comment '\"boxtop:web:0123456789abcdef\"'\n"),
        "fd00:1:2:d5::ad5:2\\tweb\\n",
        "mount -t overlay overlay -o lowerdir=/,upperdir=$R/upper",
        "mount -t proc -o nosuid,nodev,noexec proc $R/proc\n",
        "ip address add 10.213.0.2/16 dev eth0; ip route add default via 10.213.0.1\n",
        "cd $R; pivot_root . .; umount -l .; cd /\n",
        "echo $$ > /sys/fs/cgroup/boxtop/web/cgroup.procs; exec ip netns exec web unshare --mount",
        "--bounding-set=$K sh -c 'echo it'\\''s'\n",
        "rmdir /sys/fs/cgroup/boxtop/web\n",
    };
    (void)state;
    struct made m = MAKE("-m", "100M", "--cpus", "50%", "-p", "8080:80", "-p", "[::2]:53:53/udp", "host",
                         "sh", "-c", "echo it's");
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        if (!strstr(m.shell.text, lines[i]))
            fail_msg("not in the explanation: %s\n%s", lines[i], m.shell.text);
    drop(&m);
}

static void test_hostile_words_stay_words(void **state)
{
    (void)state;
    struct made m = MAKE("-v", "/srv/a b;reboot:/mnt/$(id)", "/srv/x'y", "$(reboot)");
    assert_non_null(strstr(m.shell.text, "mount --rbind '/srv/x'\\''y' $R"));
    assert_non_null(strstr(m.shell.text, "mount --rbind '/srv/a b;reboot' $R'/mnt/$(id)'"));
    assert_non_null(strstr(m.shell.text, "'$(reboot)'"));
    drop(&m);
}

static void count_part(void *data, const struct plan_part *part)
{
    size_t *next = data;
    assert_int_equal(part->first, *next);
    assert_true(part->count > 0 && part->sentence[0]);
    assert_non_null(step_call(part->kind));
    *next += part->count;
}

/* Part by part it is all of the plan. */
static void test_parts(void **state)
{
    struct made m = MAKE("-m", "100M", "--network", "private", "-t", "host", "sh");
    size_t next = 0;
    (void)state;
    plan_each(&m.plan, &m.container, count_part, &next);
    assert_int_equal(next, m.plan.count);
    drop(&m);
}

/* What was taken comes back for that plan, and for no other. */
static void test_stopwatch(void **state)
{
    char directory[] = "/tmp/boxtop-test.XXXXXX";
    uint64_t ns[4] = {0};
    struct stopwatch stopwatch;
    (void)state;
    assert_non_null(mkdtemp(directory));
    cleanup_close int record = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    stopwatch_load(record, ns, 4);
    assert_true(ns[0] == STOPWATCH_UNKNOWN && ns[3] == STOPWATCH_UNKNOWN);
    stopwatch_init(&stopwatch, 4, -1);
    stopwatch_take(&stopwatch, 2, clock_mono_ns() - 5000);
    stopwatch_take(&stopwatch, 4, 0);                 /* there is none */
    stopwatch_tell(&stopwatch, 2, STEP_CLONE, false); /* nobody asks */
    stopwatch_save(&stopwatch, record);
    stopwatch_fini(&stopwatch);
    stopwatch_load(record, ns, 4);
    assert_true(ns[2] >= 5000 && ns[0] == 0);
    stopwatch_load(record, ns, 3);
    assert_true(ns[2] == STOPWATCH_UNKNOWN);
    unlinkat(record, "steps", 0);
    rmdir(directory);
}

/* Who asks is told each step; who has gone, or does not read, holds nothing up. */
static void test_told(void **state)
{
    int ends[2];
    struct stopwatch stopwatch;
    struct stopwatch_step step = {0};
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    stopwatch_init(&stopwatch, 4, ends[1]);
    stopwatch_take(&stopwatch, 2, clock_mono_ns() - 5000);
    stopwatch_tell(&stopwatch, 2, STEP_CLONE, true);
    stopwatch_tell(&stopwatch, 4, STEP_CLONE, true); /* there is none */
    assert_int_equal(recv(ends[0], &step, sizeof step, MSG_DONTWAIT), sizeof step);
    assert_true(step.kind == STEP_CLONE && step.failed && step.ns == stopwatch.ns[2]);
    assert_int_equal(recv(ends[0], &step, sizeof step, MSG_DONTWAIT), -1);
    for (int i = 0; i < 10000; i++)
        stopwatch_tell(&stopwatch, 1, STEP_MOUNT, false);
    close(ends[0]);
    stopwatch_tell(&stopwatch, 1, STEP_MOUNT, false);
    stopwatch_fini(&stopwatch);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order), cmocka_unit_test(test_asked),
        cmocka_unit_test(test_etc),   cmocka_unit_test(test_namespaces),
        cmocka_unit_test(test_roots), cmocka_unit_test(test_every_mount_is_safe),
        cmocka_unit_test(test_shell), cmocka_unit_test(test_hostile_words_stay_words),
        cmocka_unit_test(test_parts), cmocka_unit_test(test_stopwatch),
        cmocka_unit_test(test_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
