#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # $ is for the shell inside
# A container for true: its namespaces, root, network, exit statuses, streams, record; seen from inside and from outside.
. "$(dirname "$0")/../vm/lib.sh"
need_root

inside() { "$BOXTOP" run --rm --network none host "$@"; }

# ---- namespaces ----
for ns in cgroup ipc mnt net pid uts; do
    theirs=$(inside readlink /proc/self/ns/$ns)
    if [ -n "$theirs" ] && [ "$theirs" != "$(readlink /proc/self/ns/$ns)" ]; then ok "$ns namespace of its own"; else
        not_ok "$ns namespace of its own" "another than $(readlink /proc/self/ns/$ns)" "$theirs"
    fi
done
same "the host's user namespace unless asked" "$(readlink /proc/self/ns/user)" "$(inside readlink /proc/self/ns/user)"
same "the host's network if asked" "$(readlink /proc/self/ns/net)" "$("$BOXTOP" run --rm --network host host readlink /proc/self/ns/net)"
same "pid 1 inside" 1 "$(inside sh -c 'echo $$')"
same "a hostname of its own" box "$("$BOXTOP" run --rm --network none --hostname box host hostname)"
same "its cgroup is the root of what it sees" "0::/" "$(inside grep ^0:: /proc/self/cgroup)"
map=$("$BOXTOP" run --rm --network none --userns auto host cat /proc/self/uid_map)
match "a user namespace: root inside is nobody special outside" '^ +0 +[1-9][0-9]+ +65536$' "$map"

# ---- root file system ----
inside sh -c 'touch /usr/boxtop-was-here && rm /etc/passwd && echo gone > /etc/hostname'
check "the host's root is not written to" test ! -e /usr/boxtop-was-here -a -s /etc/passwd
same "mounts of the host are not in there" 0 "$(inside grep -c ' /dev/shm tmpfs rw,relatime' /proc/mounts)"
match "/sys is read-only" '^sysfs /sys sysfs ro,' "$(inside cat /proc/mounts)"
fails 1 inside sh -c '(echo 1 > /proc/sys/kernel/panic) 2>/dev/null || exit 1'
mkdir -p root/bin
cp "$(dirname "$BOXTOP")/boxtop-probe" root/bin/probe
check "a directory as root, with one static program in it" "$BOXTOP" run --rm --network none "$PWD/root" probe ps
match "which sees only itself" '^ *1 +probe' "$output"
same "nothing else" 1 "$(grep -c probe <<<"$output")"
check "a volume" "$BOXTOP" run --rm --network none -v "$PWD/root:/mnt/probe:ro" host sh -c 'ls /mnt/probe/bin && ! touch /mnt/probe/x 2>/dev/null'

# ---- exit status, streams ----
fails 0 inside true
fails 3 inside sh -c 'exit 3'
fails 127 inside no-such-command
match "not found: what, where, what to do" "^boxtop: run no-such-command: not found in the container's root \(give a command" "$output"
fails 126 inside /etc/passwd
match "can't be executed" '^boxtop: run /etc/passwd: Permission denied$' "$output"
mkdir empty
fails 127 "$BOXTOP" run --rm "$PWD/empty" sh
match "no shell in the directory" "^boxtop: run sh in .*/empty: not found there \(" "$output"
same "which is left as it was" "" "$(ls -A empty)"
fails 137 inside sh -c 'sh -c "kill -9 \$PPID" & sleep 5; exit 137'
same "stdout and stderr apart" "out" "$(inside sh -c 'echo out; echo err >&2' 2>/dev/null)"
same "stderr" "err" "$(inside sh -c 'echo out; echo err >&2' 2>&1 >/dev/null)"
same "stdin with -i" "typed" "$(echo typed | "$BOXTOP" run --rm -i --network none host cat)"
same "no stdin without" "" "$(echo typed | inside cat)"
same "environment and working directory" "7 /usr" "$("$BOXTOP" run --rm --network none -e A=7 -w /usr host sh -c 'echo $A $PWD')"

# ---- network ----
net=$("$BOXTOP" run --rm --network private host sh -c 'cat /proc/net/dev; cat /proc/net/route; cat /proc/net/fib_trie')
match "eth0" '^ *eth0:' "$net"
match "a default route" '^eth0[[:space:]]+00000000' "$net"
check "a container to ping from" "$BOXTOP" run -d --name net --network private -v "$PWD/root/bin:/mnt:ro" host sleep 100
gateway=$("$BOXTOP" inspect --json net | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["network"]["gateway"])')
check "the host's end answers" "$BOXTOP" exec net /mnt/probe ping "$gateway"
check "and it is removed by force" "$BOXTOP" rm -f net
same "without a network: lo only" "lo" "$(inside sh -c 'ls /sys/class/net | xargs')"
check "lo is up" inside sh -c '/bin/cat /sys/class/net/lo/operstate >/dev/null && grep -q 127.0.0.1 /proc/net/fib_trie'

# ---- a record, and the commands on it ----
check "detached" "$BOXTOP" run -d --name box host sh -c 'echo said; echo complained >&2; exec sleep 1000'
same "prints its name" box "$(tail -n 1 <<<"$output")" # before it perhaps what was turned on
match "ps" '^box +running +[0-9]+ ' "$("$BOXTOP" ps)"
within 5 "logs: stdout" sh -c "[ \"\$($BOXTOP logs box 2>/dev/null)\" = said ]"
same "logs: stderr" complained "$("$BOXTOP" logs box 2>&1 >/dev/null)"
same "exec: the same namespaces" "$("$BOXTOP" exec box readlink /proc/1/ns/net)" "$("$BOXTOP" exec box readlink /proc/self/ns/net)"
same "exec: the same cgroup" "0::/" "$("$BOXTOP" exec box grep ^0:: /proc/self/cgroup)"
fails 5 "$BOXTOP" exec box sh -c 'exit 5'
fails 127 "$BOXTOP" exec box no-such-command
same "exec -i" typed "$(echo typed | "$BOXTOP" exec -i box cat)"
check "pause" "$BOXTOP" pause box
match "ps says so" '^box +paused' "$("$BOXTOP" ps)"
fails 125 "$BOXTOP" exec box true
match "exec into a paused one is refused" '^boxtop: run a command in container box: it is paused \(boxtop resume box\)$' "$output"
check "resume" "$BOXTOP" resume box
same "inspect --json: its root" host "$("$BOXTOP" inspect --json box | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["root"])')"
fails 125 "$BOXTOP" run -d --name box host true
match "a name that is taken" '^boxtop: the name box is taken \(' "$output"
fails 1 "$BOXTOP" rm box
match "a running one is not removed" '^boxtop: .*box.*running' "$output"
check "kill" "$BOXTOP" kill box
within 5 "it ends" sh -c "$BOXTOP ps -a | grep -qE '^box +exited 137'"
check "rm" "$BOXTOP" rm box
fails 1 "$BOXTOP" inspect box
match "it is gone" '^boxtop: no container box \(' "$output"
check "stop ends one that doesn't listen" sh -c "$BOXTOP run -d --name deaf host sleep 1000 && $BOXTOP stop -t 0 deaf"
match "with its status" '^deaf +exited 137' "$("$BOXTOP" ps -a)"
check "stop again does nothing" "$BOXTOP" stop deaf
check "prune" "$BOXTOP" prune
same "nothing is listed" 1 "$("$BOXTOP" ps -a | wc -l)"
