/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/devices.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
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

int devices_filter(int cgroup_fd, struct err *err)
{
    if (geteuid() != 0 || is_filtered(cgroup_fd))
        return 0;
    union bpf_attr load = {0}, attach = {0};
    load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    load.insns = (uint64_t)(uintptr_t)program;
    load.insn_cnt = COUNT_OF(program);
    load.license = (uint64_t)(uintptr_t) "GPL";
    memcpy(load.prog_name, "boxtop_devices", sizeof "boxtop_devices");
    cleanup_close int fd = bpf(BPF_PROG_LOAD, &load);
    if (fd < 0)
        return err_errno(err, "load the device filter"), err_hint(err, "the kernel needs CONFIG_CGROUP_BPF");
    attach.target_fd = (uint32_t)cgroup_fd;
    attach.attach_bpf_fd = (uint32_t)fd;
    attach.attach_type = BPF_CGROUP_DEVICE;
    attach.attach_flags = BPF_F_ALLOW_MULTI;
    if (bpf(BPF_PROG_ATTACH, &attach) < 0)
        return err_errno(err, "attach the device filter to the cgroup of all containers");
    return 0;
}
