/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What people and the kernel write, as numbers. Strict: the whole text must be the number, surrounding blanks
 * and one trailing newline aside; overflow is an error. All return 0, -EINVAL (not such a text) or -ERANGE
 * (a number, but too large), and leave the output untouched on failure. Pure.
 */
#ifndef BOXTOP_BASE_PARSE_H
#define BOXTOP_BASE_PARSE_H

#include <stdint.h>

int parse_u64(const char *text, uint64_t *ret_value);
/* A number or "max" (VALUE_MAX): most of cgroup v2's interface files. */
int parse_u64_or_max(const char *text, uint64_t *ret_value);
/* "100M", "1.5G", "4096", "1GiB", "10kb", "max": bytes, powers of 1024. */
int parse_size(const char *text, uint64_t *ret_bytes);
/* "50%", "1.5" (CPUs), "50000 100000" (the kernel's), "max" or "max 100000": quota (VALUE_MAX: none) and
 * period in microseconds. A period that is not said is left as 0. 100 % is one CPU. */
int parse_cpu(const char *text, uint64_t *ret_quota_us, uint64_t *ret_period_us);
/* "1s", "500ms", "2m", "1h", "7d", "1.5" (seconds): milliseconds. */
int parse_duration(const char *text, uint64_t *ret_ms);
/* "9", "KILL", "SIGKILL", "kill", "RTMIN+3": its number. */
int parse_signal(const char *text, int *ret_signal);

#endif
