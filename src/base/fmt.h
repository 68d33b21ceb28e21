/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Numbers as short texts for people. `to` has FMT_SIZE bytes. An absent value is "-", the largest "max".
 * Pure.
 */
#ifndef BOXTOP_BASE_FMT_H
#define BOXTOP_BASE_FMT_H

#include <stdint.h>

#define FMT_SIZE 24

/* "0", "512B", "4.0K", "100M", "1.5G": at most five characters up to exabytes, powers of 1024. */
const char *fmt_bytes(char *to, uint64_t bytes);
/* "7", "9999", "12k", "3.4M": at most five characters, powers of 1000. */
const char *fmt_count(char *to, uint64_t count);
/* "0.0", "49.9", "100", "1600": percent without its sign; NAN is absent. */
const char *fmt_percent(char *to, double percent);
/* "0s", "59s", "3m20s", "4h05m", "12d": seconds. */
const char *fmt_duration(char *to, uint64_t seconds);
/* A size as parse_size() reads it and as exact as it can be short: "100M", "1536K", "4097", "max". */
const char *fmt_size_exact(char *to, uint64_t bytes);

#endif
