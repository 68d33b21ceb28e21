#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 180
# The demo holds, says so as JSON and as text, and leaves nothing behind, whenever it is interrupted.
. "$(dirname "$0")/lib.sh"

before=$(leftovers)
nothing_left() { diff <(echo "$before") <(leftovers); }
lines=$("$BOXTOP" demo --json)
same "demo: exit status" 0 $?
same "demo: what did not hold" "" "$(grep -v '"ok":true}$' <<<"$lines")"
for step in "exit status of the allocation" "memory.events, oom_kill" "CPU of the busy loop" "throttled periods" \
    "processes started" "the host's end of the link answers" "processes seen inside" "hostname inside, once set" \
    "hostname of the host" "what is left"; do
    match "demo: $step" "^\\{\"step\":\"$step\",\"expected\":\".+\",\"measured\":\".+\",\"ok\":true\\}\$" "$lines"
done
within 5 "demo: nothing is left" nothing_left

text=$(LC_ALL=C timeout --preserve-status -s INT 5 "$BOXTOP" demo)
same "interrupted demo: exit status" 130 $?
match "interrupted demo: it shows what it runs" '^  \$ boxtop run -d --name demo-' "$text"
match "interrupted demo: its tick is ASCII where the terminal is" '^  ok a container is made: ' "$text"
match "interrupted demo: it cleans up" 'ok what is left: expected nothing, measured 0 cgroups,' "$text"
for s in 0.1 0.4 0.8 2; do
    timeout -s TERM $s "$BOXTOP" demo >/dev/null
    within 5 "demo, told to end after $s s: nothing is left" nothing_left
done
"$BOXTOP" demo 2>/dev/null | head -n 5 >/dev/null
within 5 "demo, its reader gone: nothing is left" nothing_left
