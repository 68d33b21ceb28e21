#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The machine that the other cases rely on: a whole cgroup v2, a kernel that is new enough, a root that can be written to.
. "$(dirname "$0")/lib.sh"

same "cgroup v2 is mounted where it belongs" /sys/fs/cgroup "$(cgroup_root)"
for controller in cpu io memory pids; do
    match "$controller is there" "\<$controller\>" "$(cat /sys/fs/cgroup/cgroup.controllers)"
done
match "the kernel is 6.1 or later" '^([7-9]|[1-9][0-9]+|6\.[1-9])' "$(uname -r)"
check "pressure is measured" cat /proc/pressure/cpu
check "the root can be written to" touch /etc/boxtop-was-here
same "the program under test can be run" "boxtop" "$("$BOXTOP" --version | cut -d ' ' -f 1)"
