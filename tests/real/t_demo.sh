#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The demo on this machine: what can be shown holds; what can't says which controller is missing and where to see it.
. "$(dirname "$0")/../vm/lib.sh"
need_root

lines=$("$BOXTOP" demo --json 2>err)
status=$?
available=" $(cat "$(cgroup_root)/cgroup.controllers") "
missing=0
for controller in memory cpu pids; do
    [[ $available != *" $controller "* ]] || continue
    missing=$((missing + 1))
    match "demo: the $controller controller is missing" "\"measured\":\"the $controller controller .*\"ok\":false\\}\$" "$lines"
done
same "demo: nothing else failed" "$missing" "$(grep -c '"ok":false}$' <<<"$lines")"
same "demo: exit status" $((missing > 0)) "$status"
[ $missing -eq 0 ] || match "demo: where to see all of it" '^boxtop: demo: .*scripts/run --vm demo' "$(cat err)"
for step in "a container is made" "how it was made" "the host's end of the link answers" "processes seen inside" \
    "hostname inside, once set" "hostname of the host" "what is left"; do
    match "demo: $step" "^\\{\"step\":\"$step\",.*\"ok\":true\\}\$" "$lines"
done
