#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a recording has is what was live, to the last digit: of groups that are throttled, killed and refused, too.
. "$(dirname "$0")/lib.sh"

echo "+cpu +memory +pids" >/sys/fs/cgroup/cgroup.subtree_control
check "the same samples, details, events and verdicts" "$(dirname "$BOXTOP")/../tests/unit/record/test_live"
