/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * config.json: good ones as specs and plans, bad ones by the line that refuses them, each cut off anywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/bundle.h"
#include "core/oci.h"
#include "core/plan.h"

/* The least that runs, with room for more in each of its objects. */
static char *config(const char *top, const char *process, const char *linux_part, const char *resources)
{
    return mem_printf("{\"ociVersion\":\"1.0.2\",\"process\":{\"args\":[\"sh\"],\"cwd\":\"/\"%s},"
                      "\"root\":{\"path\":\"rootfs\"},\"linux\":{\"namespaces\":[{\"type\":\"mount\"},"
                      "{\"type\":\"pid\"},{\"type\":\"uts\"},{\"type\":\"ipc\"},{\"type\":\"network\"}],"
                      "\"resources\":{%s}%s}%s}",
                      process, resources, linux_part, top);
}

static int read_text(const char *text, struct spec *spec, struct err *err)
{
    spec_init(spec);
    *err = (struct err){0};
    json_t *json = oci_parse(text, err);
    int rc = json ? oci_from_json(json, "/bundle", spec, err) : -err->code;
    json_decref(json);
    return rc;
}

static void read_good(const char *text, struct spec *spec)
{
    struct err err;
    if (read_text(text, spec, &err) < 0)
        fail_msg("%s: %s", text, err.text);
}

static const char *limit_of(const struct spec *spec, const char *knob)
{
    for (size_t i = 0; i < spec->limit_count; i++)
        if (strcmp(spec->limits[i].knob->name, knob) == 0)
            return spec->limits[i].text;
    return "";
}

static void test_resources(void **state)
{
    static const struct {
        const char *json, *knob, *text;
    } rows[] = {
        {"\"cpu\":{\"shares\":1024}", "cpu.weight", "39"},
        {"\"cpu\":{\"shares\":2}", "cpu.weight", "1"},
        {"\"cpu\":{\"shares\":262144}", "cpu.weight", "10000"},
        {"\"cpu\":{\"shares\":1e9}", "cpu.weight", "10000"},
        {"\"cpu\":{\"quota\":50000,\"period\":200000}", "cpu.max", "50000 200000"},
        {"\"cpu\":{\"quota\":50000}", "cpu.max", "50000 100000"},
        {"\"cpu\":{\"quota\":-1,\"period\":50000}", "cpu.max", "max 50000"},
        {"\"cpu\":{\"cpus\":\"0-1\"}", "cpuset.cpus", "0-1"},
        {"\"memory\":{\"limit\":104857600}", "memory.max", "104857600"},
        {"\"memory\":{\"limit\":-1}", "memory.max", "max"},
        {"\"memory\":{\"reservation\":4096}", "memory.low", "4096"},
        {"\"pids\":{\"limit\":7}", "pids.max", "7"},
        {"\"pids\":{\"limit\":-1}", "pids.max", "max"},
        {"\"blockIO\":{\"weight\":1000}", "io.weight", "10000"},
        {"\"blockIO\":{\"weight\":10}", "io.weight", "1"},
        {"\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1048576}],"
         "\"throttleWriteIOPSDevice\":[{\"major\":8,\"minor\":0,\"rate\":100}]}",
         "io.max", "8:0 rbps=1048576 wiops=100"},
        {"\"unified\":{\"memory.high\":\"8388608\"}", "memory.high", "8388608"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct spec spec;
        cleanup_free char *text = config("", "", "", rows[i].json);
        read_good(text, &spec);
        assert_string_equal(limit_of(&spec, rows[i].knob), rows[i].text);
        spec_free(&spec);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *top, *process, *linux_part, *resources, *line;
    } rows[] = {
        {",\"windows\":{\"a\":1}", "", "", "", "windows: not supported"},
        {"", ",\"scheduler\":{\"policy\":\"SCHED_FIFO\"}", "", "", "process.scheduler: not supported"},
        {"", ",\"user\":{\"username\":\"www\"}", "", "", "process.user.username: not supported"},
        {"", ",\"user\":{\"uid\":-1}", "", "", "process.user: it has to be ids of 0 to 4294967294"},
        {"", ",\"user\":{\"uid\":\"0\"}", "", "", "process.user.uid: it has to be a whole number"},
        {"", ",\"user\":{\"uid\":0.5}", "", "", "process.user.uid: it has to be a whole number"},
        {"", ",\"user\":{\"additionalGids\":[1,\"a\"]}", "", "",
         "process.user.additionalGids[1]: it has to be a whole number"},
        {"", ",\"terminal\":1", "", "", "process.terminal: it has to be true or false"},
        {"", ",\"terminal\":true", "", "",
         "process.terminal: not supported without a devpts on /dev/pts among the mounts"},
        {"", ",\"env\":[\"A\"]", "", "", "process: env: 'A' is not KEY=VALUE"},
        {"", ",\"rlimits\":[{\"type\":\"RLIMIT_X\",\"soft\":1,\"hard\":1}]", "", "",
         "process.rlimits[0]: 'RLIMIT_X' is no resource limit"},
        {"", ",\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":2,\"hard\":1}]", "", "",
         "process.rlimits[0]: it has to be a soft limit that is not above the hard one"},
        {"", ",\"capabilities\":{\"effective\":[\"CAP_KILL\"]}", "", "",
         "process.capabilities: effective has what permitted has not"},
        {"", ",\"capabilities\":{\"bounding\":[\"CAP_99\"]}", "", "",
         "process.capabilities.bounding[0]: 'CAP_99' is no capability that this kernel has"},
        {"", ",\"oomScoreAdj\":1001", "", "", "process: oomScoreAdj has to be -1000 to 1000"},
        {",\"hooks\":{\"prestart\":[{\"path\":\"x\"}]}", "", "", "",
         "hooks.prestart[0]: path has to be an absolute path"},
        {",\"hooks\":{\"prestart\":[{\"path\":\"/x\",\"timeout\":0}]}", "", "", "",
         "hooks.prestart[0]: timeout has to be a number of seconds above 0"},
        {",\"annotations\":{\"a\":1}", "", "", "", "annotations.a: it has to be a string"},
        {",\"mounts\":[{\"destination\":\"tmp\",\"type\":\"tmpfs\"}]", "", "", "",
         "mounts[0]: destination 'tmp' is not an absolute path below / without .."},
        {",\"mounts\":[{\"destination\":\"/a/../..\",\"type\":\"tmpfs\"}]", "", "", "",
         "mounts[0]: destination '/a/../..' is not an absolute path below / without .."},
        {",\"mounts\":[{\"destination\":\"/a\",\"options\":[\"bind\"]}]", "", "", "",
         "mounts[0]: a bind needs a source"},
        {",\"mounts\":[{\"destination\":\"/a\",\"source\":\"/b\",\"options\":[\"bind\",\"size=1\"]}]", "", "",
         "", "mounts[0].options[1]: 'size=1': not supported"},
        {",\"mounts\":{}", "", "", "", "mounts: it has to be an array"},
        {"", "", ",\"cgroupsPath\":\"/a/b\"", "", "linux.cgroupsPath: '/a/b' is not a group of boxtop's own"},
        {"", "", ",\"cgroupsPath\":\"a/../../b\"", "",
         "linux.cgroupsPath: 'a/../../b' is not a group of boxtop's own"},
        {"", "", ",\"rootfsPropagation\":\"up\"", "",
         "linux.rootfsPropagation: it has to be private, slave, shared or unbindable, or one of these with r "
         "in "
         "front"},
        {"", "", ",\"uidMappings\":[{\"containerID\":0,\"hostID\":1,\"size\":1}]", "",
         "linux.uidMappings and gidMappings go together with a user namespace"},
        {"", "", ",\"uidMappings\":[{\"containerID\":0,\"hostID\":4294967295,\"size\":1}]", "",
         "linux.uidMappings[0]: it has to be containerID, hostID and size of 32 bits"},
        {"", "", ",\"devices\":[{\"path\":\"/dev/x\",\"type\":\"z\"}]", "",
         "linux.devices[0]: type 'z' is none of c, b, u, p"},
        {"", "", ",\"devices\":[{\"path\":\"/dev/../x\",\"type\":\"p\"}]", "",
         "linux.devices[0]: path '/dev/../x' is not an absolute path below / without .."},
        {"", "", ",\"maskedPaths\":[\"etc\"]", "",
         "linux.maskedPaths[0]: 'etc' is not an absolute path below / without .."},
        {"", "", ",\"sysctl\":{\"net.ipv4..x\":\"1\"}", "",
         "linux.sysctl.net.ipv4..x: 'net.ipv4..x=1' is not NAME=VALUE, for example net.ipv4.ip_forward=1"},
        {"", "", ",\"sysctl\":{\"net/../../x\":\"1\"}", "",
         "linux.sysctl.net/../../x: 'net/../../x=1' is not NAME=VALUE, for example net.ipv4.ip_forward=1"},
        {"", "", "", "\"memory\":{\"kernel\":1}", "linux.resources.memory.kernel: not supported"},
        {"", "", "", "\"cpu\":{\"realtimeRuntime\":1}", "linux.resources.cpu.realtimeRuntime: not supported"},
        {"", "", "", "\"rdma\":{\"mlx5\":{}}", "linux.resources.rdma: not supported"},
        {"", "", "", "\"blockIO\":{\"weight\":9}", "linux.resources.blockIO: weight has to be 10 to 1000"},
        {"", "", "", "\"unified\":{\"../memory.max\":\"1\"}",
         "linux.resources.unified.../memory.max: no knob '../memory.max'"},
        {"", "", "", "\"devices\":[{\"allow\":true,\"access\":\"x\"}]",
         "linux.resources.devices[0]: access 'x' is not of r, w, m"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct spec spec;
        struct err err;
        cleanup_free char *text = config(rows[i].top, rows[i].process, rows[i].linux_part, rows[i].resources);
        if (read_text(text, &spec, &err) == 0)
            fail_msg("accepted: %s", text);
        cleanup_free char *line = mem_printf("config.json: %s", rows[i].line);
        assert_string_equal(err.text, line);
        spec_free(&spec);
    }
}

static void test_no_json(void **state)
{
    static const char *const rows[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"ociVersion\":\"1.0\",\"ociVersion\":\"1.0\"}",
        "{\"ociVersion\":\"2.0\"}",
        "{\"ociVersion\":\"1.0\"}",
        "{\"process\":{\"args\":[\"a\\u0000b\"],\"cwd\":\"/\"}}",
        "{\"hostname\":\"\xff\"}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct spec spec;
        struct err err;
        assert_true(read_text(rows[i], &spec, &err) < 0);
        assert_true(str_starts(err.text, "config.json"));
        spec_free(&spec);
    }
    struct str deep = {0};
    for (int i = 0; i < 100000; i++)
        str_add(&deep, "[");
    struct spec spec;
    struct err err;
    assert_true(read_text(deep.text, &spec, &err) < 0);
    spec_free(&spec);
    str_free(&deep);
}

/* Everything at once: what a spec and its plan make of it, through a record and back. */
static const char full[] =
    "{\"ociVersion\":\"1.2.0\",\"future\":{},\"process\":{\"terminal\":true,\"consoleSize\":{\"height\":25,"
    "\"width\":80},\"user\":{\"uid\":33,\"gid\":44,\"umask\":63,\"additionalGids\":[45,46]},\"args\":[\"sh\","
    "\"-c\",\"true\"],\"env\":[\"A=1\"],\"cwd\":\"/srv\",\"capabilities\":{\"bounding\":[\"CAP_KILL\","
    "\"CAP_CHOWN\"],\"effective\":[\"CAP_KILL\"],\"permitted\":[\"CAP_KILL\"],\"inheritable\":[\"CAP_KILL\"],"
    "\"ambient\":[\"CAP_KILL\"]},\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":10,"
    "\"hard\":18446744073709551615}],\"noNewPrivileges\":true,\"oomScoreAdj\":5},\"root\":{\"path\":"
    "\"rootfs\","
    "\"readonly\":true},\"hostname\":\"box\",\"domainname\":\"example\",\"mounts\":[{\"destination\":\"/"
    "proc\","
    "\"type\":\"proc\",\"source\":\"proc\"},{\"destination\":\"/"
    "dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
    "\"options\":[\"nosuid\",\"strictatime\",\"mode=755\",\"size=65536k\"]},{\"destination\":\"/dev/pts\","
    "\"type\":\"devpts\",\"source\":\"devpts\",\"options\":[\"newinstance\",\"gid=5\"]},{\"destination\":"
    "\"/data\",\"source\":\"data\",\"options\":[\"rbind\",\"rro\",\"nodev\",\"rslave\"]}],\"hooks\":{"
    "\"createRuntime\":[{\"path\":\"/bin/a\",\"args\":[\"a\",\"b\"],\"timeout\":3}],\"startContainer\":[{"
    "\"path\":\"/bin/c\"}]},\"annotations\":{\"18446744073709551615\":\"18446744073709551615\"},\"linux\":{"
    "\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"uts\"},{\"type\":\"user\"},{\"type\":\"network\","
    "\"path\":\"/proc/1/ns/net\"},{\"type\":\"pid\"}],\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,"
    "\"size\":10}],\"gidMappings\":[{\"containerID\":0,\"hostID\":2000,\"size\":10}],\"devices\":[{\"path\":"
    "\"/dev/x\",\"type\":\"c\",\"major\":1,\"minor\":3,\"fileMode\":432}],\"cgroupsPath\":\"group\","
    "\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"},{\"allow\":true,\"type\":\"c\","
    "\"major\":10,\"access\":\"r\"}],\"pids\":{\"limit\":9}},\"maskedPaths\":[\"/proc/kcore\"],"
    "\"readonlyPaths\":[\"/proc/sys\"],\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"},"
    "\"rootfsPropagation\":\"rslave\",\"intelRdt\":null}}";

static void check_full(const struct spec *spec)
{
    const struct bundle *b = spec->bundle;
    const struct bundle_mount *data = &b->mounts[3];
    assert_string_equal(spec->root, "/bundle/rootfs");
    assert_string_equal(spec->user, "33:44");
    assert_true(spec->tty && spec->read_only && spec->has_oom_score_adj);
    assert_int_equal(spec->userns, USERNS_AUTO);
    assert_int_equal(spec->network, NETWORK_HOST);
    assert_true(spec->rlimits[0].soft == 10 && spec->rlimits[0].hard == RLIM_INFINITY);
    assert_int_equal(b->namespaces, CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWUSER | CLONE_NEWPID);
    assert_string_equal(b->join[3], "/proc/1/ns/net");
    assert_string_equal(b->uid_map, "0 1000 10\n");
    assert_int_equal(b->capabilities[CAPS_AMBIENT], 1 << 5);
    assert_int_equal(b->capabilities[CAPS_BOUNDING], 1 << 5 | 1);
    assert_int_equal(b->umask, 077);
    assert_int_equal(b->group_count, 2);
    assert_string_equal(b->cgroup, "group");
    assert_int_equal(b->rule_count, 2);
    assert_int_equal(b->hooks[0].timeout_ms, 3000);
    assert_int_equal(b->devices[0].mode, 0660);
    assert_string_equal(data->source, "/bundle/data");
    assert_true(data->bind && data->recursive && b->follows_host);
    assert_int_equal(data->all.set, MOUNT_ATTR_RDONLY);
    assert_int_equal(data->one.set, MOUNT_ATTR_NODEV);
    assert_int_equal(data->all.propagation, MS_SLAVE);
    assert_string_equal(b->mounts[1].data, "mode=755,size=65536k");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(b->config, "annotations"), "18446744073709551615")),
        "18446744073709551615");
}

static void test_full(void **state)
{
    struct spec spec, again;
    struct err err;
    (void)state;
    read_good(full, &spec);
    assert_string_equal(spec.ignored, "future");
    check_full(&spec);
    strcpy(spec.name, "web");
    json_t *json = spec_to_json(&spec);
    cleanup_free char *text = json_dumps(json, 0);
    json_decref(json);
    json = json_loads(text, 0, NULL);
    if (spec_from_json(json, &again, &err) < 0)
        fail_msg("%s", err.text);
    json_decref(json);
    check_full(&again);
    assert_string_equal(limit_of(&again, "pids.max"), "9");
    spec_free(&again);
    spec_free(&spec);
}

static void test_plan(void **state)
{
    static const enum step_kind order[] = {
        STEP_CGROUP,         STEP_DEVICE_RULES, STEP_RLIMIT,       STEP_CLONE,       STEP_ID_MAP,
        STEP_HOOKS,          STEP_JOIN,         STEP_PRIVATE,      STEP_ROOT_BIND,   STEP_GENERAL,
        STEP_DEVICE,         STEP_SYMLINK,      STEP_TERMINAL,     STEP_MASK,        STEP_READ_ONLY,
        STEP_ROOT_READ_ONLY, STEP_HOOKS_WAIT,   STEP_PIVOT,        STEP_PROPAGATION, STEP_WORKDIR,
        STEP_USER,           STEP_CAPABILITIES, STEP_NO_NEW_PRIVS, STEP_SECCOMP,     STEP_HOOKS_INSIDE,
        STEP_EXEC,
    };
    struct spec spec;
    struct plan plan;
    struct str shell = {0};
    const struct container container = {.name = "web", .cgroup = "/boxtop/group", .cgroup_mount = "/c"};
    const struct step *before = NULL;
    (void)state;
    read_good(full, &spec);
    plan_build(&plan, &spec, &container);
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        const struct step *step = plan_find(&plan, order[i]);
        assert_non_null(step);
        assert_true(step > before);
        before = step;
    }
    assert_string_equal(plan_find(&plan, STEP_DEVICE_RULES)->data, "deny a *:* rwm, allow c 10:* r");
    assert_null(plan_find(&plan, STEP_ETC));
    plan_explain(&plan, &container, &shell);
    assert_non_null(strstr(shell.text, "prlimit --pid $$ --nofile=10:unlimited\n"));
    assert_non_null(strstr(shell.text, "mount --bind /bundle/data $R/data -o rbind,rro,nodev,rslave\n"));
    str_free(&shell);
    plan_free(&plan);
    spec_free(&spec);
}

/* A file that ends early, or has one byte changed, is refused or read; nothing else. */
static void test_damaged(void **state)
{
    static const char bytes[] = "\"{}[],:0-x\\";
    (void)state;
    for (size_t at = 0; at < sizeof full - 1; at++) {
        struct spec spec;
        struct err err;
        cleanup_free char *cut = mem_printf("%.*s", (int)at, full), *changed = mem_dup(full);
        assert_true(read_text(cut, &spec, &err) < 0);
        spec_free(&spec);
        changed[at] = bytes[at % (sizeof bytes - 1)];
        read_text(changed, &spec, &err);
        spec_free(&spec);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resources), cmocka_unit_test(test_refused), cmocka_unit_test(test_no_json),
        cmocka_unit_test(test_full),      cmocka_unit_test(test_plan),    cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
