#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # $ is for the program inside
# An ordinary user: containers in a user namespace, with what a user may have; and what not, said in a line.
. "$(dirname "$0")/../vm/lib.sh"
need_root # to become somebody else
command -v setpriv >/dev/null || skip "needs setpriv"

# As a user of this machine, from a copy that a user may read.
mkdir bin && cp "$(dirname "$BOXTOP")"/boxtop* bin/ && chmod -R a+rX . && mkdir mine && chown 1500:1500 mine && chmod 755 "$PWD"
user=(setpriv --reuid 1500 --regid 1500 --clear-groups env "BOXTOP_STATE=$PWD/mine/state" "$PWD/bin/boxtop")
"${user[@]:0:6}" unshare -U true 2>/dev/null || skip "users may not make user namespaces here"

for i in 1 2 3 4 5; do check "run, $i" "${user[@]}" run --rm --network none host true; done
same "root inside is the user outside" "0 1500 1" "$("${user[@]}" run --rm --network none host cat /proc/self/uid_map | xargs)"
fails 1 "${user[@]}" run --rm --network none host touch /usr/x
check "what is to be written to is" "${user[@]}" run --rm --network none host touch /tmp/x /root/x /run/x
same "docker's capabilities, but mknod: no device filter holds here" "00000000a00425fb" "$("${user[@]}" run --rm --network none host awk '/^CapBnd/ { print $2 }' /proc/self/status)"
check "detached" "${user[@]}" run -d --name mine --network none host sleep 1000
same "prints its name, and nothing else" mine "$output"
match "ps" '^mine +running' "$("${user[@]}" ps)"
same "exec: the same user namespace" "$("${user[@]}" exec mine readlink /proc/1/ns/user)" "$("${user[@]}" exec mine readlink /proc/self/ns/user)"
fails 4 "${user[@]}" exec mine sh -c 'exit 4'
check "stop" "${user[@]}" stop -t 0 mine
check "rm" "${user[@]}" rm mine
check "a private network if it can be had" "${user[@]}" run --rm host true
[ -z "$output" ] || match "else a line" '^boxtop: no network but lo: a user.s private one takes pasta \((it is not installed: the package is passt|it may not open /dev/net/tun: .*)\)$' "$output"
fails 125 "${user[@]}" run --rm --network none --userns host host true
match "the host's user namespace" '^boxtop: .*not permitted for a user \(leave --userns host out, or run it with sudo\)$' "$output"
fails 125 "${user[@]}" run --rm --network none -m 100M host true
match "a limit without delegation" '^boxtop: ((make the cgroup|enable the controllers) .*Permission denied \(cgroups are made by root|limit memory.max: (the memory controller|no systemd of user))' "$output"
# ---- what is missing, and for whom ----
check "doctor: root can run containers here" "$BOXTOP" doctor
"${user[@]}" doctor --json >doctor.json
same "and so can the user, by what it was asked for" 0 $?
check "each check has a name, a state, and what brings it if it is absent" python3 -c '
import json
for check in json.load(open("doctor.json")):
    assert check["name"] and check["feature"] and check["state"] in ("present", "absent", "unknown"), check
    assert (check["fix"] is not None) == (check["state"] == "absent"), check
    assert check["name"] != "user namespaces" or check["found"] == "tried", check
'
check "stats can be seen" "${user[@]}" stats --once -d 300ms
