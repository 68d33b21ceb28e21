/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Profiles in docker's and OCI's JSON, compiled and run here call by call.
 */
#include <errno.h>
#include <linux/audit.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "../bpf.h"
#include "base/mem.h"
#include "core/capability.h"
#include "seccomp/profile.h"

#define ALLOW       SECCOMP_RET_ALLOW
#define ERRNO(code) (SECCOMP_RET_ERRNO | (code))
#ifdef __x86_64__
#define NATIVE AUDIT_ARCH_X86_64
#define HERE   "amd64"
#elif defined __aarch64__
#define NATIVE AUDIT_ARCH_AARCH64
#define HERE   "arm64"
#endif

static int compile(const char *text, uint64_t capabilities, struct filter *ret, struct err *err)
{
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    int rc = profile_compile(json, capabilities, ret, err);
    json_decref(json);
    return rc;
}

static struct filter made(const char *text, uint64_t capabilities)
{
    struct filter filter = {0};
    struct err err = {0};
    if (compile(text, capabilities, &filter, &err) < 0)
        fail_msg("%s", err.text);
    return filter;
}

static uint32_t ask(const struct filter *filter, uint32_t arch, long number, unsigned arg, uint64_t value)
{
    struct seccomp_data data = {.nr = (int)number, .arch = arch};
    data.args[arg] = value;
    return bpf_answer(filter->code, filter->count, &data, NULL);
}

static void an_allow_list(void **state)
{
    (void)state;
    struct filter f =
        made("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 13, \"syscalls\": ["
             "{\"names\": [\"read\", \"write\", \"no_such_call\"], \"action\": \"SCMP_ACT_ALLOW\"},"
             "{\"name\": \"unshare\", \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38},"
             "{\"names\": [\"kexec_load\"], \"action\": \"SCMP_ACT_KILL_PROCESS\"}]}",
             CAPABILITY_DEFAULT);
    assert_int_equal(ask(&f, NATIVE, SYS_read, 0, 0), ALLOW);
    assert_int_equal(ask(&f, NATIVE, SYS_write, 0, 0), ALLOW);
    assert_int_equal(ask(&f, NATIVE, SYS_openat, 0, 0), ERRNO(EACCES));
    assert_int_equal(ask(&f, NATIVE, SYS_unshare, 0, 0), ERRNO(ENOSYS));
    assert_int_equal(ask(&f, NATIVE, SYS_kexec_load, 0, 0), SECCOMP_RET_KILL_PROCESS);
    /* Younger than everybody, and not this machine's. */
    assert_int_equal(ask(&f, NATIVE, 1000, 0, 0), ERRNO(ENOSYS));
    assert_int_equal(ask(&f, NATIVE, INT32_MAX, 0, 0), ERRNO(ENOSYS));
    assert_int_equal(ask(&f, AUDIT_ARCH_MIPS, SYS_read, 0, 0), ERRNO(ENOSYS));
#ifdef __x86_64__
    assert_int_equal(ask(&f, NATIVE, 0x40000000 | SYS_read, 0, 0), ERRNO(ENOSYS));
    assert_int_equal(ask(&f, AUDIT_ARCH_I386, 3, 0, 0), ERRNO(ENOSYS));
#endif
    filter_free(&f);
}

static void a_list_of_refusals_lets_the_rest(void **state)
{
    (void)state;
    struct filter f = made("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": ["
                           "{\"names\": [\"mkdir\", \"mkdirat\"], \"action\": \"SCMP_ACT_ERRNO\"}]}",
                           0);
    assert_int_equal(ask(&f, NATIVE, SYS_mkdirat, 0, 0), ERRNO(EPERM));
    assert_int_equal(ask(&f, NATIVE, SYS_openat, 0, 0), ALLOW);
    assert_int_equal(ask(&f, NATIVE, 1000, 0, 0), ALLOW);
    filter_free(&f);
}

static void arguments_decide(void **state)
{
    (void)state;
    struct filter f =
        made("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": ["
             "{\"names\": [\"personality\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": ["
             " {\"index\": 0, \"value\": 8, \"op\": \"SCMP_CMP_EQ\"},"
             " {\"index\": 0, \"value\": 131072, \"op\": \"SCMP_CMP_EQ\"}]},"
             "{\"names\": [\"clone\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": ["
             " {\"index\": 0, \"value\": 2114060288, \"valueTwo\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\"}]},"
             "{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": ["
             " {\"index\": 0, \"value\": 1, \"op\": \"SCMP_CMP_EQ\"},"
             " {\"index\": 2, \"value\": 0, \"op\": \"SCMP_CMP_EQ\"}]}]}",
             0);
    assert_int_equal(ask(&f, NATIVE, SYS_personality, 0, 8), ALLOW);
    assert_int_equal(ask(&f, NATIVE, SYS_personality, 0, 131072), ALLOW);
    assert_int_equal(ask(&f, NATIVE, SYS_personality, 0, 9), ERRNO(EPERM));
    assert_int_equal(ask(&f, NATIVE, SYS_clone, 0, SIGCHLD), ALLOW);
    assert_int_equal(ask(&f, NATIVE, SYS_clone, 0, 0x10000000 | SIGCHLD), ERRNO(EPERM));
    assert_int_equal(ask(&f, NATIVE, SYS_socket, 0, 1), ALLOW);
    assert_int_equal(ask(&f, NATIVE, SYS_socket, 0, 2), ERRNO(EPERM));
    struct seccomp_data data = {.nr = SYS_socket, .arch = NATIVE, .args = {1, 0, 6}};
    assert_int_equal(bpf_answer(f.code, f.count, &data, NULL), ERRNO(EPERM));
    filter_free(&f);
}

static void conditions_are_dockers(void **state)
{
    (void)state;
    static const char text[] =
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": ["
        "{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"caps\": "
        "[\"CAP_SYS_ADMIN\"]}},"
        "{\"names\": [\"unshare\"], \"action\": \"SCMP_ACT_ALLOW\", \"excludes\": {\"caps\": "
        "[\"CAP_SYS_ADMIN\"]}},"
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"arches\": [\"" HERE
        "\", \"x\"]}},"
        "{\"names\": [\"write\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"arches\": [\"s390x\"]}},"
        "{\"names\": [\"dup\"], \"action\": \"SCMP_ACT_ALLOW\", \"excludes\": {\"arches\": [\"" HERE "\"]}},"
        "{\"names\": [\"ptrace\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"minKernel\": \"4.8\"}},"
        "{\"names\": [\"close\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"minKernel\": \"99.0\"}}]}";
    uint64_t admin;
    assert_int_equal(capability_parse("SYS_ADMIN", &admin), 0);
    struct filter plain = made(text, CAPABILITY_DEFAULT), with = made(text, CAPABILITY_DEFAULT | admin);
    assert_int_equal(ask(&plain, NATIVE, SYS_mount, 0, 0), ERRNO(EPERM));
    assert_int_equal(ask(&with, NATIVE, SYS_mount, 0, 0), ALLOW);
    assert_int_equal(ask(&plain, NATIVE, SYS_unshare, 0, 0), ALLOW);
    assert_int_equal(ask(&with, NATIVE, SYS_unshare, 0, 0), ERRNO(EPERM));
    assert_int_equal(ask(&plain, NATIVE, SYS_read, 0, 0), ALLOW);
    assert_int_equal(ask(&plain, NATIVE, SYS_write, 0, 0), ERRNO(EPERM));
    assert_int_equal(ask(&plain, NATIVE, SYS_dup, 0, 0), ERRNO(EPERM));
    assert_int_equal(ask(&plain, NATIVE, SYS_ptrace, 0, 0), ALLOW);
    assert_int_equal(ask(&plain, NATIVE, SYS_close, 0, 0), ERRNO(EPERM));
    filter_free(&plain);
    filter_free(&with);
}

#ifdef __x86_64__
static void other_architectures(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"archMap\": [{\"architecture\": \"SCMP_ARCH_AARCH64\","
        " \"subArchitectures\": [\"SCMP_ARCH_ARM\"]}, {\"architecture\": \"SCMP_ARCH_X86_64\","
        " \"subArchitectures\": [\"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"]}], \"syscalls\": ["
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\"}]}",
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\","
        " \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"], \"flags\": [], "
        "\"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\"}]}"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct filter f = made(texts[i], 0);
        assert_int_equal(ask(&f, NATIVE, SYS_read, 0, 0), ALLOW);
        assert_int_equal(ask(&f, AUDIT_ARCH_I386, 3, 0, 0), ALLOW);
        assert_int_equal(ask(&f, NATIVE, 0x40000000 | SYS_read, 0, 0), ALLOW);
        assert_int_equal(ask(&f, NATIVE, 0x40000000 | SYS_mount, 0, 0), ERRNO(EPERM));
        assert_int_equal(ask(&f, AUDIT_ARCH_I386, 21, 0, 0), ERRNO(EPERM));
        assert_int_equal(ask(&f, AUDIT_ARCH_I386, 1000, 0, 0), ERRNO(ENOSYS));
        assert_int_equal(ask(&f, NATIVE, 1000, 0, 0), ERRNO(ENOSYS));
        filter_free(&f);
    }
}
#endif

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *text;
    } cases[] = {
        {"[]", "the profile: not an object"},
        {"{}", "the action '' is not supported"},
        {"{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}", "the action 'SCMP_ACT_NOTIFY' is not supported"},
        {"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 5000}", "errnoRet 5000 is no errno"},
        {"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"/x\"}",
         "the profile: \"listenerPath\" is not supported"},
        {"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"SECCOMP_FILTER_FLAG_NEW_LISTENER\"]}",
         "the flag 'SECCOMP_FILTER_FLAG_NEW_LISTENER' is not supported"},
        {"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_VAX\"]}",
         "the architecture 'SCMP_ARCH_VAX' is not known here"},
        {"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_X86\"], \"archMap\": [{}]}",
         "it has both \"archMap\" and \"architectures\""},
        {"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": {}}", "\"syscalls\" is not a list"},
        {"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"action\": \"SCMP_ACT_LOG\"}]}",
         "rule 1: a rule names no system call"},
        {"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [1], \"action\": "
         "\"SCMP_ACT_LOG\"}]}",
         "rule 1: \"names\" has something else than names"},
        {"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": "
         "\"SCMP_ACT_LOG\","
         " \"args\": [{\"index\": 6, \"op\": \"SCMP_CMP_EQ\"}]}]}",
         "rule 1: args: \"index\" is not 0 to 5"},
        {"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": "
         "\"SCMP_ACT_LOG\","
         " \"args\": [{\"index\": 0, \"op\": \"EQ\"}]}]}",
         "rule 1: 'EQ' is no comparison"},
        {"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": "
         "\"SCMP_ACT_LOG\","
         " \"includes\": {\"vendor\": 1}}]}",
         "rule 1: includes: \"vendor\" is not supported"},
        {"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"nmaes\": [\"read\"], \"action\": "
         "\"SCMP_ACT_LOG\"}]}",
         "rule 1: syscalls: \"nmaes\" is not supported"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct filter filter = {0};
        struct err err = {0};
        assert_true(compile(cases[i].profile, 0, &filter, &err) < 0);
        assert_string_equal(err.text, cases[i].text);
        assert_null(filter.code);
    }
}

static void a_filter_is_a_file(void **state)
{
    (void)state;
    struct filter f = made("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\"],"
                           "\"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\"}]}",
                           0),
                  back = {0};
    struct err err = {0};
    cleanup_close int fd = memfd_create("x", MFD_CLOEXEC);
    assert_int_equal(filter_write(fd, &f, &err), 0);
    assert_int_equal(filter_read(fd, &back, &err), 0);
    assert_int_equal(back.count, f.count);
    assert_int_equal(back.flags, SECCOMP_FILTER_FLAG_LOG);
    assert_memory_equal(back.code, f.code, f.count * sizeof *f.code);
    filter_free(&back);
    assert_int_equal(ftruncate(fd, 20), 0);
    assert_int_equal(filter_read(fd, &back, &err), -EBADMSG);
    assert_int_equal(pwrite(fd, "x", 1, 0), 1);
    assert_int_equal(filter_read(fd, &back, &err), -EBADMSG);
    filter_free(&f);
}

static void capabilities(void **state)
{
    (void)state;
    uint64_t mask, net, admin;
    struct str text = {0};
    assert_int_equal(capability_parse("NET_ADMIN", &net), 0);
    assert_int_equal(capability_parse("cap_net_admin", &mask), 0);
    assert_true(mask == net);
    assert_int_equal(capability_parse("all", &mask), 0);
    assert_true(mask == CAPABILITY_ALL);
    static const char *const bad[] = {"", "CAP_", "NET_ADMINS", "12", "99", "NET ADMIN"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (capability_parse(bad[i], &mask) == 0)
            fail_msg("'%s' is a capability", bad[i]);
    assert_int_equal(capability_parse("SYS_ADMIN", &admin), 0);
    assert_true(capability_choose(0, 0) == CAPABILITY_DEFAULT);
    assert_true(capability_choose(net, 0) == (CAPABILITY_DEFAULT | net));
    assert_true(capability_choose(net, CAPABILITY_ALL) == net);
    assert_true(capability_choose(CAPABILITY_ALL, admin) == ~admin);
    assert_true(capability_choose(net, net) == (CAPABILITY_DEFAULT | net));
    capability_names(net | 1, ",", &text);
    assert_string_equal(text.text, "chown,net_admin");
    str_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_allow_list),          cmocka_unit_test(a_list_of_refusals_lets_the_rest),
        cmocka_unit_test(arguments_decide),       cmocka_unit_test(conditions_are_dockers),
#ifdef __x86_64__
        cmocka_unit_test(other_architectures),
#endif
        cmocka_unit_test(what_is_wrong_is_named), cmocka_unit_test(a_filter_is_a_file),
        cmocka_unit_test(capabilities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
