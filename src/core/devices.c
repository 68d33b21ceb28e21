/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/devices.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"

/* The program's context is struct bpf_cgroup_dev_ctx: access_type = access << 16 | type, major, minor. */
#define ACCESS_MKNOD_CHAR  (BPF_DEVCG_ACC_MKNOD << 16 | BPF_DEVCG_DEV_CHAR)
#define ACCESS_MKNOD_BLOCK (BPF_DEVCG_ACC_MKNOD << 16 | BPF_DEVCG_DEV_BLOCK)

#define INSN(c, d, s, o, i)                                                                                  \
    ((struct bpf_insn){.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)})
#define LOAD(reg, field)                                                                                     \
    INSN(BPF_LDX | BPF_MEM | BPF_W, reg, 1, offsetof(struct bpf_cgroup_dev_ctx, field), 0)
#define JUMP_EQ(reg, value, off) INSN(BPF_JMP | BPF_JEQ | BPF_K, reg, 0, off, value)
#define JUMP_NE(reg, value, off) INSN(BPF_JMP | BPF_JNE | BPF_K, reg, 0, off, value)
#define SET(reg, value)          INSN(BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, 0, value)
#define AND(reg, value)          INSN(BPF_ALU64 | BPF_AND | BPF_K, reg, 0, 0, value)
#define EXIT()                   INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static const struct bpf_insn program[] = {
    LOAD(2, access_type),
    LOAD(3, major),
    LOAD(4, minor),
    JUMP_EQ(2, ACCESS_MKNOD_CHAR, 16),
    JUMP_EQ(2, ACCESS_MKNOD_BLOCK, 15),
    AND(2, 0xffff),
    JUMP_NE(2, BPF_DEVCG_DEV_CHAR, 11),
    JUMP_EQ(3, 136, 12), /* pseudo terminals */
    JUMP_NE(3, 1, 5),
    JUMP_EQ(4, 3, 10), /* null */
    JUMP_EQ(4, 5, 9),  /* zero */
    JUMP_EQ(4, 7, 8),  /* full */
    JUMP_EQ(4, 8, 7),  /* random */
    JUMP_EQ(4, 9, 6),  /* urandom */
    JUMP_NE(3, 5, 3),
    JUMP_EQ(4, 0, 4), /* tty */
    JUMP_EQ(4, 1, 3), /* console */
    JUMP_EQ(4, 2, 2), /* ptmx */
    SET(0, 0),        /* refused */
    EXIT(),
    SET(0, 1), /* allowed */
    EXIT(),
};

static int bpf(int command, union bpf_attr *attr)
{
    return (int)syscall(SYS_bpf, command, attr, sizeof *attr);
}

static int is_filtered(int cgroup_fd)
{
    union bpf_attr attr = {0};
    attr.query.target_fd = (uint32_t)cgroup_fd;
    attr.query.attach_type = BPF_CGROUP_DEVICE;
    return bpf(BPF_PROG_QUERY, &attr) == 0 && attr.query.prog_cnt > 0;
}

/* BPF_F_ALLOW_OVERRIDE: a filter further down takes this one's place; BPF_F_ALLOW_MULTI: it comes on top. */
static int attach(int cgroup_fd, const struct bpf_insn *insns, size_t count, unsigned flags, struct err *err)
{
    union bpf_attr load = {0}, attached = {0};
    load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    load.insns = (uint64_t)(uintptr_t)insns;
    load.insn_cnt = (uint32_t)count;
    load.license = (uint64_t)(uintptr_t) "GPL";
    memcpy(load.prog_name, "boxtop_devices", sizeof "boxtop_devices");
    cleanup_close int fd = bpf(BPF_PROG_LOAD, &load);
    if (fd < 0)
        return err_errno(err, "load the device filter"), err_hint(err, "the kernel needs CONFIG_CGROUP_BPF");
    attached.target_fd = (uint32_t)cgroup_fd;
    attached.attach_bpf_fd = (uint32_t)fd;
    attached.attach_type = BPF_CGROUP_DEVICE;
    attached.attach_flags = flags;
    return bpf(BPF_PROG_ATTACH, &attached) < 0 ? err_errno(err, "attach the device filter to the cgroup") : 0;
}

int devices_filter(int cgroup_fd, struct err *err)
{
    if (geteuid() != 0 || is_filtered(cgroup_fd))
        return 0;
    return attach(cgroup_fd, program, COUNT_OF(program), BPF_F_ALLOW_OVERRIDE, err);
}

/* ---- one container's own ---- */

/* As above: any node may be made, these may be opened. */
static const struct device_rule usual[] = {
    {true, 'a', -1, -1, DEVICE_MKNOD},
#define OPEN DEVICE_READ | DEVICE_WRITE
    {true, 'c', 136, -1, OPEN},        {true, 'c', 1, 3, OPEN}, {true, 'c', 1, 5, OPEN},
    {true, 'c', 1, 7, OPEN},           {true, 'c', 1, 8, OPEN}, {true, 'c', 1, 9, OPEN},
    {true, 'c', 5, 0, OPEN},           {true, 'c', 5, 1, OPEN}, {true, 'c', 5, 2, OPEN},
};

#define RULE_INSNS 8 /* at most */

/* Register 5 holds what of the wanted access no rule has allowed yet. */
static size_t add_rule(struct bpf_insn *to, const struct device_rule *rule)
{
    size_t n = 0, skips[3], skip_count = 0;
    const int values[] = {rule->type == 'c'   ? BPF_DEVCG_DEV_CHAR
                          : rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK
                                              : -1,
                          rule->major_number, rule->minor_number};
    for (unsigned char i = 0; i < 3; i++)
        if (values[i] >= 0) {
            skips[skip_count++] = n;
            to[n++] = JUMP_NE(2 + i, values[i], 0);
        }
    if (rule->allow) {
        to[n++] = AND(5, (int)~rule->access & 7);
        to[n++] = JUMP_NE(5, 0, 2);
    } else {
        to[n++] = INSN(BPF_JMP | BPF_JSET | BPF_K, 5, 0, 1, (int)rule->access);
        to[n++] = INSN(BPF_JMP | BPF_JA, 0, 0, 2, 0);
    }
    to[n++] = SET(0, rule->allow);
    to[n++] = EXIT();
    for (size_t i = 0; i < skip_count; i++)
        to[skips[i]].off = (short)(n - skips[i] - 1);
    return n;
}

int devices_filter_by(int cgroup_fd, const struct device_rule *rules, size_t count, struct err *err)
{
    static const struct bpf_insn front[] = {
        LOAD(2, access_type), LOAD(3, major),
        LOAD(4, minor),       INSN(BPF_ALU64 | BPF_MOV | BPF_X, 5, 2, 0, 0),
        AND(2, 0xffff),       INSN(BPF_ALU64 | BPF_RSH | BPF_K, 5, 0, 0, 16),
    };
    if (geteuid() != 0)
        return 0;
    cleanup_free struct bpf_insn *insns =
        mem_array(COUNT_OF(front) + (count + COUNT_OF(usual)) * RULE_INSNS + 2, sizeof *insns);
    size_t n = COUNT_OF(front);
    memcpy(insns, front, sizeof front);
    for (size_t i = COUNT_OF(usual); i-- > 0;)
        n += add_rule(insns + n, &usual[i]);
    for (size_t i = count; i-- > 0;)
        n += add_rule(insns + n, &rules[i]);
    insns[n++] = SET(0, 0);
    insns[n++] = EXIT();
    return attach(cgroup_fd, insns, n, BPF_F_ALLOW_MULTI, err);
}

void devices_rules_text(const struct device_rule *rules, size_t count, struct str *to)
{
    for (size_t i = 0; i < count; i++) {
        const struct device_rule *r = &rules[i];
        char numbers[2][16] = {"*", "*"};
        if (r->major_number >= 0)
            snprintf(numbers[0], sizeof numbers[0], "%d", r->major_number);
        if (r->minor_number >= 0)
            snprintf(numbers[1], sizeof numbers[1], "%d", r->minor_number);
        str_addf(to, "%s%s %c %s:%s %s%s%s", i ? ", " : "", r->allow ? "allow" : "deny", r->type, numbers[0],
                 numbers[1], r->access & DEVICE_READ ? "r" : "", r->access & DEVICE_WRITE ? "w" : "",
                 r->access & DEVICE_MKNOD ? "m" : "");
    }
}
