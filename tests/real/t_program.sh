#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The program starts on this machine, whatever cgroup v2 it has.
. "$(dirname "$0")/../vm/lib.sh"

check "boxtop --version" "$BOXTOP" --version
match "it says its name and a number" '^boxtop [0-9]+\.[0-9]+' "$output"
fails 2 "$BOXTOP" no-such-command
