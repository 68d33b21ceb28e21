/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The filter's program is run here number by number against a table written by hand, then installed for true
 * in a child; what a child may do is in its exit status.
 */
#include <asm/ioctls.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/capability.h"
#include "core/confine.h"
#include "core/seccomp_filter.h"
#include "../bpf.h"

#define DOCKER_CAPABILITIES 0x00000000a80425fbull
#define ALLOW               SECCOMP_RET_ALLOW
#define ERRNO(code)         (SECCOMP_RET_ERRNO | (code))
#define X32                 0x40000000u

/* ---- the program, run here ---- */

/* What is answered, and in how many steps. */
static uint32_t answer_of(const struct seccomp_data *data, unsigned *ret_steps)
{
    return bpf_answer(seccomp_filter, COUNT_OF(seccomp_filter), data, ret_steps);
}

static uint32_t answer(uint32_t arch, uint32_t number, unsigned arg, uint64_t value)
{
    struct seccomp_data data = {.nr = (int)number, .arch = arch};
    data.args[arg] = value;
    return answer_of(&data, NULL);
}

static void expect(uint32_t arch, uint32_t number, unsigned arg, uint64_t value, uint32_t expected)
{
    uint32_t got = answer(arch, number, arg, value);
    if (got != expected)
        fail_msg("arch %#x call %u arg%u=%#llx: %#x, not %#x", arch, number, arg, (unsigned long long)value,
                 got, expected);
}

#ifdef __x86_64__
#define NATIVE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define NATIVE AUDIT_ARCH_AARCH64
#endif

/* Calls with a condition, met by no argument at all: they are allowed then. */
static const int refused[] = {
    SYS_acct,
    SYS_add_key,
    SYS_bpf,
    SYS_clock_settime,
    SYS_delete_module,
    SYS_fanotify_init,
    SYS_finit_module,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fsopen,
    SYS_fspick,
    SYS_get_mempolicy,
    SYS_init_module,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_io_uring_setup,
    SYS_kcmp,
    SYS_kexec_load,
    SYS_keyctl,
    SYS_lookup_dcookie,
    SYS_mbind,
    SYS_migrate_pages,
    SYS_mount,
    SYS_mount_setattr,
    SYS_move_mount,
    SYS_move_pages,
    SYS_nfsservctl,
    SYS_open_by_handle_at,
    SYS_open_tree,
    SYS_perf_event_open,
    SYS_pidfd_getfd,
    SYS_pivot_root,
    SYS_process_madvise,
    SYS_quotactl,
    SYS_quotactl_fd,
    SYS_reboot,
    SYS_request_key,
    SYS_set_mempolicy,
    SYS_setdomainname,
    SYS_sethostname,
    SYS_setns,
    SYS_settimeofday,
    SYS_swapoff,
    SYS_swapon,
    SYS_syslog,
    SYS_umount2,
    SYS_unshare,
    SYS_userfaultfd,
    SYS_vhangup,
    450 /* set_mempolicy_home_node */,
    467 /* open_tree_attr */,
#ifdef __x86_64__
    SYS_create_module,
    SYS_get_kernel_syms,
    SYS_ioperm,
    SYS_iopl,
    SYS_kexec_file_load,
    SYS_query_module,
    SYS_sysfs,
    SYS__sysctl,
    SYS_uselib,
    SYS_ustat,
#endif
};
/* clone3, statmount, listmount, lsm_*, and names that never had a call. */
static const int unknown[] = {
    SYS_clone3,
    457,
    458,
    459,
    460,
    461,
#ifdef __x86_64__
    SYS_afs_syscall,
    SYS_epoll_ctl_old,
    SYS_epoll_wait_old,
    SYS_getpmsg,
    SYS_putpmsg,
    SYS_security,
    SYS_tuxcall,
    SYS_vserver,
#endif
};

static bool is_in(int number, const int *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == number)
            return true;
    return false;
}

/* The table ends at file_setattr; a hole lies before pidfd_send_signal. */
static bool exists(int number)
{
#ifdef __x86_64__
    return number <= 336 || (number >= 424 && number <= 469);
#else
    return is_in(number, (const int[]){SYS_read, SYS_openat, SYS_execve, SYS_futex, SYS_statx, 469}, 6);
#endif
}

static void every_number_has_its_answer(void **state)
{
    (void)state;
    for (int number = 0; number < 2048; number++) {
        uint32_t expected = ALLOW;
        if (number == SYS_personality)
            expected = ALLOW; /* argument 0 */
        else if (is_in(number, refused, COUNT_OF(refused)))
            expected = ERRNO(EPERM);
        else if (is_in(number, unknown, COUNT_OF(unknown)) || number > 469)
            expected = ERRNO(ENOSYS);
        else if (!exists(number)) {
#ifdef __x86_64__
            expected = ERRNO(ENOSYS);
#else
            continue;
#endif
        }
        expect(NATIVE, (uint32_t)number, 0, 0, expected);
    }
    expect(NATIVE, 9999, 0, 0, ERRNO(ENOSYS));
    expect(NATIVE, UINT32_MAX, 0, 0, ERRNO(ENOSYS));
    expect(NATIVE, INT32_MAX, 0, 0, ERRNO(ENOSYS));
}

static void arguments_decide(void **state)
{
    (void)state;
    static const uint64_t namespaces[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                          CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};
    for (size_t i = 0; i < COUNT_OF(namespaces); i++)
        expect(NATIVE, SYS_clone, 0, namespaces[i] | SIGCHLD, ERRNO(EPERM));
    expect(NATIVE, SYS_clone, 0, SIGCHLD, ALLOW);
    expect(NATIVE, SYS_clone, 0, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, ALLOW);
    for (uint64_t family = 0; family < 64; family++)
        expect(NATIVE, SYS_socket, 0, family, family == 38 || family == 40 ? ERRNO(EPERM) : ALLOW);
    /* The kernel takes an int: bits above it don't make another family of it. */
    expect(NATIVE, SYS_socket, 0, 0x7700000000000000u | 38, ERRNO(EPERM));
    static const uint64_t personalities[] = {0, 8, 0x20000, 0x20008, 0xffffffff};
    for (size_t i = 0; i < COUNT_OF(personalities); i++)
        expect(NATIVE, SYS_personality, 0, personalities[i], ALLOW);
    expect(NATIVE, SYS_personality, 0, 0x40000 /* ADDR_NO_RANDOMIZE */, ERRNO(EPERM));
    expect(NATIVE, SYS_personality, 0, 1, ERRNO(EPERM));
    expect(NATIVE, SYS_ioctl, 1, TIOCSTI, ERRNO(EPERM));
    expect(NATIVE, SYS_ioctl, 1, 0xdead000000000000u | TIOCSTI, ERRNO(EPERM));
    expect(NATIVE, SYS_ioctl, 1, TCGETS, ALLOW);
    expect(NATIVE, SYS_ioctl, 0, TIOCSTI, ALLOW);
}

static void other_calling_ways_are_no_way_around(void **state)
{
    (void)state;
    expect(AUDIT_ARCH_MIPS, SYS_read, 0, 0, ERRNO(ENOSYS));
    expect(0, SYS_read, 0, 0, ERRNO(ENOSYS));
#ifdef __x86_64__
    for (uint32_t number = 0; number < 600; number++)
        expect(AUDIT_ARCH_X86_64, X32 | number, 0, 0, ERRNO(ENOSYS));
    static const struct {
        uint32_t number;
        unsigned arg;
        uint64_t value;
        uint32_t expected;
    } cases[] = {
        {1 /* exit */, 0, 0, ALLOW},
        {4 /* write */, 0, 0, ALLOW},
        {11 /* execve */, 0, 0, ALLOW},
        {17 /* break */, 0, 0, ERRNO(ENOSYS)},
        {21 /* mount */, 0, 0, ERRNO(EPERM)},
        {22 /* umount */, 0, 0, ERRNO(EPERM)},
        {25 /* stime */, 0, 0, ERRNO(EPERM)},
        {26 /* ptrace */, 0, 0, ALLOW},
        {52 /* umount2 */, 0, 0, ERRNO(EPERM)},
        {54 /* ioctl */, 1, TIOCSTI, ERRNO(EPERM)},
        {54 /* ioctl */, 1, TCGETS, ALLOW},
        {88 /* reboot */, 0, 0, ERRNO(EPERM)},
        {90 /* mmap */, 0, 0, ALLOW},
        {101 /* ioperm */, 0, 0, ERRNO(EPERM)},
        {102 /* socketcall: socket */, 0, 1, ERRNO(ENOSYS)},
        {102 /* socketcall: bind */, 0, 2, ALLOW},
        {110 /* iopl */, 0, 0, ERRNO(EPERM)},
        {113 /* vm86old */, 0, 0, ERRNO(EPERM)},
        {117 /* ipc */, 0, 0, ALLOW},
        {120 /* clone */, 0, CLONE_NEWUSER, ERRNO(EPERM)},
        {120 /* clone */, 0, SIGCHLD, ALLOW},
        {136 /* personality */, 0, 0x40000, ERRNO(EPERM)},
        {166 /* vm86 */, 0, 0, ERRNO(EPERM)},
        {192 /* mmap2 */, 0, 0, ALLOW},
        {197 /* fstat64 */, 0, 0, ALLOW},
        {217 /* pivot_root */, 0, 0, ERRNO(EPERM)},
        {223 /* nothing */, 0, 0, ERRNO(ENOSYS)},
        {264 /* clock_settime */, 0, 0, ERRNO(EPERM)},
        {288 /* keyctl */, 0, 0, ERRNO(EPERM)},
        {310 /* unshare */, 0, 0, ERRNO(EPERM)},
        {342 /* open_by_handle_at */, 0, 0, ERRNO(EPERM)},
        {346 /* setns */, 0, 0, ERRNO(EPERM)},
        {357 /* bpf */, 0, 0, ERRNO(EPERM)},
        {359 /* socket */, 0, 38, ERRNO(EPERM)},
        {359 /* socket */, 0, 40, ERRNO(EPERM)},
        {359 /* socket */, 0, 1, ALLOW},
        {374 /* userfaultfd */, 0, 0, ERRNO(EPERM)},
        {403 /* clock_gettime64 */, 0, 0, ALLOW},
        {404 /* clock_settime64 */, 0, 0, ERRNO(EPERM)},
        {425 /* io_uring_setup */, 0, 0, ERRNO(EPERM)},
        {435 /* clone3 */, 0, 0, ERRNO(ENOSYS)},
        {9999, 0, 0, ERRNO(ENOSYS)},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect(AUDIT_ARCH_I386, cases[i].number, cases[i].arg, cases[i].value, cases[i].expected);
#endif
}

static void no_call_takes_many_steps(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < 1024; number++) {
        struct seccomp_data data = {.nr = (int)number, .arch = NATIVE};
        unsigned steps;
        answer_of(&data, &steps);
        assert_in_range(steps, 1, 17);
    }
    assert_int_equal(confine_filter_length(), COUNT_OF(seccomp_filter));
    assert_in_range(confine_filter_length(), 50, 320);
}

/* ---- for true ---- */

struct attempt {
    const char *what;
    long number, args[5];
    int expected; /* errno; 0: not refused by the filter, whatever the kernel says of the arguments */
};

static long try(const struct attempt *attempt)
{
    const long *a = attempt->args;
    return syscall(attempt->number, a[0], a[1], a[2], a[3], a[4]);
}

/* In a child that has confined itself; its exit status is how many attempts went otherwise. */
static int attempt_all(const struct attempt *attempts, size_t count)
{
    struct err err = {0};
    int wrong = 0;
    if (confine_no_new_privs(&err) < 0 ||
        confine_seccomp(&(struct filter){0}, CAPABILITY_DEFAULT, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 100;
    }
    for (size_t i = 0; i < count; i++) {
        errno = 0;
        long rc = try(&attempts[i]);
        int code = rc < 0 ? errno : 0;
        bool good = attempts[i].expected ? code == attempts[i].expected : code != EPERM && code != ENOSYS;
        if (!good) {
            fprintf(stderr, "%s: %ld, %s\n", attempts[i].what, rc, strerror(code));
            wrong++;
        }
    }
    return wrong;
}

static int status_of(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void the_kernel_refuses(void **state)
{
    (void)state;
    static const struct attempt attempts[] = {
        {"unshare", SYS_unshare, {CLONE_NEWUTS}, EPERM},
        {"mount", SYS_mount, {0}, EPERM},
        {"keyctl", SYS_keyctl, {0}, EPERM},
        {"bpf", SYS_bpf, {0}, EPERM},
        {"userfaultfd", SYS_userfaultfd, {0}, EPERM},
        {"io_uring_setup", SYS_io_uring_setup, {1}, EPERM},
        {"open_by_handle_at", SYS_open_by_handle_at, {0}, EPERM},
        {"socket AF_ALG", SYS_socket, {38, SOCK_SEQPACKET}, EPERM},
        {"socket AF_VSOCK", SYS_socket, {40, SOCK_STREAM}, EPERM},
        {"clone CLONE_NEWUSER", SYS_clone, {CLONE_NEWUSER | SIGCHLD}, EPERM},
        {"personality ADDR_NO_RANDOMIZE", SYS_personality, {0x40000}, EPERM},
        {"ioctl TIOCSTI", SYS_ioctl, {0, TIOCSTI}, EPERM},
        {"clone3", SYS_clone3, {0}, ENOSYS},
        {"9999", 9999, {0}, ENOSYS},
        {"socket AF_UNIX", SYS_socket, {AF_UNIX, SOCK_STREAM}, 0},
        {"socket AF_INET", SYS_socket, {AF_INET, SOCK_STREAM}, 0},
        {"personality", SYS_personality, {0xffffffff}, 0},
        {"getpid", SYS_getpid, {0}, 0},
        {"openat", SYS_openat, {-100, (long)"/", 0}, 0},
        {"memfd_create", SYS_memfd_create, {(long)"x"}, 0},
#ifdef __x86_64__
        {"x32 getpid", (long)(X32 | SYS_getpid), {0}, ENOSYS},
        {"x32 mount", (long)(X32 | SYS_mount), {0}, ENOSYS},
#endif
    };
    pid_t pid = fork();
    if (pid == 0)
        _exit(attempt_all(attempts, COUNT_OF(attempts)));
    assert_int_equal(status_of(pid), 0);
}

/* What --cap-add gives its filter lets, but no more: the kernel's own answers for an empty call differ from
 * the filter's. */
static int unlocked(uint64_t capabilities, long number)
{
    struct err err = {0};
    if (confine_no_new_privs(&err) < 0 || confine_seccomp(&(struct filter){0}, capabilities, &err) < 0)
        return 100;
    return syscall(number, -1L, -1L, -1L, -1L, -1L) < 0 ? errno : 0;
}

static int unlocked_in_a_child(uint64_t capabilities, long number)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(unlocked(capabilities, number));
    return status_of(pid);
}

static void more_capabilities_refuse_less(void **state)
{
    (void)state;
    uint64_t more;
    assert_int_equal(capability_parse("SYS_PTRACE", &more), 0);
    assert_int_equal(unlocked_in_a_child(CAPABILITY_DEFAULT, SYS_process_madvise), EPERM);
    assert_int_not_equal(unlocked_in_a_child(CAPABILITY_DEFAULT | more, SYS_process_madvise), EPERM);
    assert_int_equal(unlocked_in_a_child(CAPABILITY_DEFAULT | more, SYS_mount), EPERM);
    assert_int_equal(capability_parse("SYS_ADMIN", &more), 0);
    assert_int_equal(unlocked_in_a_child(CAPABILITY_DEFAULT, SYS_clone3), ENOSYS);
    assert_int_not_equal(unlocked_in_a_child(CAPABILITY_DEFAULT | more, SYS_clone3), ENOSYS);
    assert_int_not_equal(unlocked_in_a_child(CAPABILITY_DEFAULT | more, SYS_move_mount), EPERM);
    assert_int_equal(unlocked_in_a_child(CAPABILITY_DEFAULT | more, SYS_add_key), EPERM);
}

static void another_filter_takes_its_place(void **state)
{
    (void)state;
    struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct filter own = {code, COUNT_OF(code), 0};
    pid_t pid = fork();
    if (pid == 0) {
        struct err err;
        if (confine_no_new_privs(&err) < 0 || confine_seccomp(&own, CAPABILITY_DEFAULT, &err) < 0)
            _exit(100);
        _exit(syscall(SYS_getppid) < 0 ? errno : 0);
    }
    assert_int_equal(status_of(pid), EXDEV);
}

static void children_and_threads_can_be_made(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        if (attempt_all(NULL, 0))
            _exit(100);
        pid_t grandchild = fork();
        if (grandchild == 0) {
            execl("/bin/sh", "sh", "-c", "test $(echo a | cat) = a", (char *)NULL);
            _exit(99);
        }
        int status = 0;
        _exit(waitpid(grandchild, &status, 0) == grandchild && status == 0 ? 0 : 1);
    }
    assert_int_equal(status_of(pid), 0);
}

#ifdef __x86_64__
static long call32(long number, long first, long second)
{
    long rc;
    __asm__ volatile("int $0x80"
                     : "=a"(rc)
                     : "a"(number), "b"(first), "c"(second), "d"(0l)
                     : "memory", "r8", "r9", "r10", "r11");
    return (int)rc;
}

static void the_kernel_refuses_32_bit_calls_too(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0)
        _exit(call32(20 /* getpid */, 0, 0) > 0 ? 0 : 1);
    if (status_of(pid) != 0)
        return; /* a kernel without 32-bit calls: nothing to refuse */
    pid = fork();
    if (pid == 0) {
        if (attempt_all(NULL, 0))
            _exit(100);
        bool good = call32(20 /* getpid */, 0, 0) > 0 &&
                    call32(310 /* unshare */, CLONE_NEWUTS, 0) == -EPERM &&
                    call32(359 /* socket */, 38, SOCK_SEQPACKET) == -EPERM &&
                    call32(102 /* socketcall */, 1, 0) == -ENOSYS && call32(21 /* mount */, 0, 0) == -EPERM;
        _exit(good ? 0 : 1);
    }
    assert_int_equal(status_of(pid), 0);
}
#endif

/* ---- capabilities ---- */

static unsigned long long status_mask(const char *key)
{
    char text[8192], *at;
    unsigned long long mask = 0;
    if (fs_read_at(AT_FDCWD, "/proc/self/status", text, sizeof text) < 0 || !(at = strstr(text, key)) ||
        sscanf(at + strlen(key), ": %llx", &mask) != 1)
        _exit(101);
    return mask;
}

static int lose_capabilities(void)
{
    struct err err = {0};
    if (geteuid() && unshare(CLONE_NEWUSER) < 0)
        return 77;
    unsigned long long bounding = status_mask("CapBnd"), permitted = status_mask("CapPrm");
    if (confine_bounding(CAPABILITY_DEFAULT, &err) < 0 || confine_own(CAPABILITY_DEFAULT, &err) < 0 ||
        confine_no_new_privs(&err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 100;
    }
    if (status_mask("CapBnd") != (bounding & DOCKER_CAPABILITIES))
        return 1;
    if (status_mask("CapPrm") != (permitted & DOCKER_CAPABILITIES) ||
        status_mask("CapEff") != status_mask("CapPrm"))
        return 2;
    if (status_mask("CapInh") != 0 || status_mask("CapAmb") != 0)
        return 3;
    if (status_mask("NoNewPrivs") != 1 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return 4;
    /* Once more, from within: what is gone already is fine. */
    return confine_bounding(CAPABILITY_DEFAULT, &err) < 0 || confine_own(CAPABILITY_DEFAULT, &err) < 0 ? 5
                                                                                                       : 0;
}

static void capabilities_are_dockers(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0)
        _exit(lose_capabilities());
    assert_int_equal(status_of(pid), 0);
}

static void capabilities_are_named(void **state)
{
    (void)state;
    struct str names = {0};
    capability_names(CAPABILITY_DEFAULT, ",", &names);
    assert_string_equal(names.text,
                        "chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,"
                        "net_raw,sys_chroot,mknod,audit_write,setfcap");
    str_free(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_has_its_answer),
        cmocka_unit_test(arguments_decide),
        cmocka_unit_test(other_calling_ways_are_no_way_around),
        cmocka_unit_test(no_call_takes_many_steps),
        cmocka_unit_test(the_kernel_refuses),
        cmocka_unit_test(more_capabilities_refuse_less),
        cmocka_unit_test(another_filter_takes_its_place),
        cmocka_unit_test(children_and_threads_can_be_made),
#ifdef __x86_64__
        cmocka_unit_test(the_kernel_refuses_32_bit_calls_too),
#endif
        cmocka_unit_test(capabilities_are_dockers),
        cmocka_unit_test(capabilities_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
