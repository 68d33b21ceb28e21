#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's cgroup iterator says what the files say, figure by figure: on each kernel that there is.
. "$(dirname "$0")/lib.sh"

check "the same figures, to the last digit where nothing happens" "$(dirname "$BOXTOP")/../tests/unit/monitor/test_cgiter"
