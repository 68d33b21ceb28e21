/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A seccomp filter, run here: what the kernel's interpreter does with the instructions that filters have;
 * anything else fails the test. Needs cmocka included before.
 */
#ifndef BOXTOP_TESTS_BPF_H
#define BOXTOP_TESTS_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t bpf_answer(const struct sock_filter *code, size_t count,
                                  const struct seccomp_data *data, unsigned *ret_steps)
{
    uint32_t a = 0;
    unsigned steps = 0;
    for (size_t at = 0; at < count; at++) {
        const struct sock_filter *c = &code[at];
        steps++;
        switch (c->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            assert_true(c->k % 4 == 0 && c->k < sizeof *data);
            memcpy(&a, (const char *)data + c->k, sizeof a);
            break;
        case BPF_ALU | BPF_AND | BPF_K:
            a &= c->k;
            break;
        case BPF_JMP | BPF_JA:
            at += c->k;
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            at += a == c->k ? c->jt : c->jf;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            at += a >= c->k ? c->jt : c->jf;
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            at += a > c->k ? c->jt : c->jf;
            break;
        case BPF_JMP | BPF_JSET | BPF_K:
            at += a & c->k ? c->jt : c->jf;
            break;
        case BPF_RET | BPF_K:
            if (ret_steps)
                *ret_steps = steps;
            return c->k;
        default:
            fail_msg("instruction %zu: code %#x", at, c->code);
        }
    }
    fail_msg("the program runs past its end");
    return 0;
}

#endif
