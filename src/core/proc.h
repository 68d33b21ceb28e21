/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Processes, told apart from others that got the same pid later by their start time (proc(5), field 22 of
 * stat).
 */
#ifndef BOXTOP_CORE_PROC_H
#define BOXTOP_CORE_PROC_H

#include <stdint.h>
#include <sys/types.h>

#define NAMESPACE_COUNT 8

/* Clock ticks after boot; 0: no such process. */
uint64_t proc_start_time(pid_t pid);
/* A pidfd of the process `pid` that started then; -ESRCH if it is gone or another one. */
int proc_open(pid_t pid, uint64_t start_time);
/* Inodes of /proc/PID/ns/NAME in the order of `names`; 0 where it can't be read. */
void proc_namespaces(pid_t pid, const char *const names[NAMESPACE_COUNT], uint64_t ret[NAMESPACE_COUNT]);
/* This boot's id (36 characters); `to` has 40 bytes. */
void proc_boot_id(char *to);
/* Waits until the process of a pidfd has ended; -ETIMEDOUT. timeout_ms -1: for ever. */
int proc_wait_pidfd(int pidfd, int timeout_ms);

#endif
