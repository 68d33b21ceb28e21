#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2153 # $ is for the program inside; BOXTOP is the program
# limit: 200
# An ordinary user under a real systemd: limits and all, from a login session (whose cgroup is root's) and from the user's own
# services; ids of /etc/subuid; and what a user without delegation is told.
. "$(dirname "$0")/../vm/lib.sh"

useradd -m -u 1500 -s /bin/bash alice && useradd -m -u 1501 -s /bin/bash bob
mkdir bin && cp "$(dirname "$BOXTOP")"/boxtop* bin/ && chmod 755 "$PWD" && chmod -R a+rX bin
check "a user manager" systemctl start user@1500.service
slice=/sys/fs/cgroup/user.slice/user-1500.slice/user@1500.service/app.slice
unit=$slice/boxtop.service
mkdir -m 777 files
at_end() { ! mountpoint -q own || umount own; }
as_alice=(setpriv --reuid 1500 --regid 1500 --init-groups env -i HOME=/home/alice "PATH=$PATH" "BOXTOP_STATE=$PWD/state.alice"
    XDG_RUNTIME_DIR=/run/user/1500)
install -d -o alice -m 700 state.alice state.bob && chown bob state.bob
boxtop=("${as_alice[@]}" "$PWD/bin/boxtop")
run=("${boxtop[@]}" run --network none -v "$PWD/bin:/mnt:ro")

# ---- from a cgroup that is root's ----
check "run" "${run[@]}" --rm host true
check "in a unit of the user's own manager" test -d $unit/boxtop
same "of one process, which is the user's" "alice" "$(ps -o user= -p "$(cat $unit/unit/cgroup.procs)")"
mv bin/boxtop-delegate delegate # from here on nobody can ask
fails 137 "${run[@]}" --rm -m 40M --memory-swap 40M host /mnt/boxtop-probe alloc 100M
echo 1 >/proc/sys/kernel/dmesg_restrict
fails 137 "${run[@]}" --name killed -m 40M --memory-swap 40M host /mnt/boxtop-probe alloc 100M
same "who may not read the kernel's log has the group's own counters" "no-right group True 41943040 None" "$("${boxtop[@]}" inspect --json killed |
    python3 -c 'import json, sys; o = json.load(sys.stdin)[0]["oom"]; print(o["source"], o["limit"], o["limit_cgroup"].endswith("/boxtop/killed"), o["max"], o["usage"])')"
match "in words" "^why: +killed by SIGKILL after an OOM kill in its cgroup: [12] killed at its own limit, 40M$" "$("${boxtop[@]}" inspect killed)"
check "rm" "${boxtop[@]}" rm killed
check "less than that" "${run[@]}" --rm -m 40M --memory-swap 40M host /mnt/boxtop-probe alloc 20M
check "detached, with limits" "${run[@]}" -d --name box -m 40M --cpus 0.5 --pids-limit 20 host sleep 1000
same "prints its name, and nothing else" box "$output"
for pair in memory.max=41943040 "cpu.max=50000 100000" pids.max=20; do
    same "${pair%%=*}" "${pair#*=}" "$(cat "$unit/boxtop/box/${pair%%=*}")"
done
fails 7 "${boxtop[@]}" exec box sh -c 'exit 7'
same "exec is in its cgroup" 2 "$("${boxtop[@]}" exec box sh -c 'exec wc -l </sys/fs/cgroup/cgroup.procs')"
check "pause" "${boxtop[@]}" pause box
match "ps: paused" '^box +paused' "$("${boxtop[@]}" ps)"
check "resume" "${boxtop[@]}" resume box
check "set" "${boxtop[@]}" set box memory.max=50M
same "has it" 52428800 "$(cat $unit/boxtop/box/memory.max)"
check "systemd reads its files again" "${as_alice[@]}" systemctl --user daemon-reload
same "and leaves the limits alone" 52428800 "$(cat $unit/boxtop/box/memory.max)"

# ---- it is as if it ran where it was called ----
same "standard input and output" hello "$(echo hello | "${run[@]}" --rm -i host cat)"
same "standard error is its own" "" "$("${run[@]}" --rm host sh -c 'echo x >&2' 2>/dev/null)"
same "the working directory" "in files" "$(cd files && echo "in files" >here && "${boxtop[@]}" run --rm --network none -v ./here:/tmp/here host cat /tmp/here)"
same "the environment" "of the caller" "$("${as_alice[@]}" THING="of the caller" "$PWD/bin/boxtop" run --rm --network none -e THING host sh -c 'echo "$THING"')"
same "limits of the caller's" 333 "$(ulimit -Sn 333 && "${run[@]}" --rm host sh -c 'ulimit -Sn')"
fails 125 "${boxtop[@]}" run --rm --nonsense host true
fails 127 "${run[@]}" --rm host nonsense
"${run[@]}" --rm --name told host sh -c 'trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done' >said 2>&1 &
within 20 "it runs" grep -q ready said
front=$(pgrep -u alice -x boxtop | while read -r pid; do grep -q vm-session "/proc/$pid/cgroup" && echo "$pid"; done)
kill -TERM "$front"
wait $!
same "a signal reaches it, its status comes back" 9 $?
"${run[@]}" --rm --name left host sh -c 'trap "exit 9" HUP; echo ready; while :; do sleep 0.1; done' >said 2>&1 &
within 20 "it runs" grep -q ready said
front=$(pgrep -u alice -x boxtop | while read -r pid; do grep -q vm-session "/proc/$pid/cgroup" && echo "$pid"; done)
kill -KILL "$front"
within 10 "who is in front is killed: it hears that nobody is there any more" test ! -e $unit/boxtop/left
match "a terminal" '/dev/(console|pts/0)' "$(script -qec "$(printf '%q ' "${run[@]}" --rm -it host tty)" /dev/null </dev/null)"
same "root can't be asked for through the socket" 600 "$(stat -c %a /run/user/1500/boxtop-unit.sock)"

# ---- ids ----
same "root inside is the user, the others are the user's of /etc/subuid" "0 1500 1 1 $(awk -F: '$1 == "alice" { print $2, $3 }' /etc/subuid)" \
    "$("${run[@]}" --rm host cat /proc/self/uid_map | xargs)"
first=$(awk -F: '$1 == "alice" { print $2 }' /etc/subuid)
check "files as root and as somebody" "${run[@]}" --rm -v "$PWD/files:/srv" host sh -c 'touch /srv/root; chown 1000:1000 /srv/root; touch /srv/own'
same "belong to the user's ids" "$((first + 999)) 1500" "$(stat -c %u files/root files/own | xargs)"
same "another user inside" "33 33 00000000a00425fb" "$("${run[@]}" --rm -u 33:33 host sh -c 'echo $(id -u) $(id -g) $(awk "/^CapBnd/ { print \$2 }" /proc/self/status)')"
same "exec as another" "33" "$("${boxtop[@]}" exec -u 33 box id -u)"

# ---- a layer that is kept, and images, of the user's own: on a disk, as a tmpfs has no attributes for users before Linux 6.6 ----
modprobe loop 2>/dev/null
mkdir -p root/bin root/etc own && cp "$(command -v busybox)" root/bin/sh && echo theirs >root/etc/marker && tar -C root -cf root.tar .
check "a disk" sh -c 'truncate -s 64M disk && mkfs.ext4 -q disk && mount -o loop disk own && install -d -o alice -m 700 own/state own/images'
kept() { "${as_alice[@]}" "BOXTOP_STATE=$PWD/own/state" "BOXTOP_IMAGES=$PWD/own/images" "$PWD/bin/boxtop" "$@"; }
same "image import" root "$(kept image import - root <root.tar)"
check "create --keep" kept create --name k --keep --network none -m 40M root sh -c 'echo x >>/n; sh -c "exec wc -l </n"; rm /etc/marker 2>/dev/null && echo removed; mkdir /etc/new && echo made'
for _ in 1 2; do
    check "start" kept start k
    check "it ends" kept wait k
done
same "what it wrote was there, what it removed was not" "1 removed made 2" "$(kept logs k 2>/dev/null | xargs)"
check "rm" kept rm k
same "and all of it is gone" "" "$(find own/state -mindepth 1 ! -path '*/.*')"
check "image rm" kept image rm root
umount own

# ---- from within the user's own manager: nobody in between ----
inside=("${as_alice[@]}" systemd-run --user --quiet --pipe --wait --collect -E "BOXTOP_STATE=$PWD/state.alice" "$PWD/bin/boxtop")
same "run from a service" "own 3" "$("${inside[@]}" run --rm --network none -m 30M host sh -c 'echo own; exit 3' 2>&1) $?"
fails 5 "${inside[@]}" exec box sh -c 'exit 5'

# ---- what was not delegated ----
fails 125 "${run[@]}" --rm --set cpuset.cpus=0 host true
match "says what, and how to get it" "^boxtop: limit cpuset.cpus: the cpuset controller is not delegated to user 1500 \(as root: mkdir -p /etc/systemd/system/user@.service.d; printf .*Delegate=cpu cpuset io memory pids.*daemon-reload" "$output"
same "the doctor says the same" 2 "$("${boxtop[@]}" doctor | grep -cF "$(sed 's/^.*as root: //; s/; then log in anew.*$//' <<<"$output")")"
as_bob=(setpriv --reuid 1501 --regid 1501 --init-groups env -i "PATH=$PATH" "BOXTOP_STATE=$PWD/state.bob" "$PWD/bin/boxtop" run --rm --network none)
check "who has no manager goes without" "${as_bob[@]}" host true
fails 125 "${as_bob[@]}" -m 50M host true
match "and with a limit hears why" "^boxtop: limit memory.max: no systemd of user 1501's own is running, which could delegate a cgroup \(log in anew, or: sudo loginctl enable-linger 1501\)$" "$output"

# ---- the manager ends, as with the last logout; the line above is done; the next manager delegates more ----
mv delegate bin/boxtop-delegate
eval "$(sed 's/^.*as root: //; s/; then log in anew.*$//' <<<"$("${run[@]}" --rm --set cpuset.cpus=0 host true 2>&1)")"
check "the user manager is started anew" systemctl restart user@1500.service
match "its containers' records say so" '^why: +ended with status [0-9]+ as systemd stopped boxtop.service$' "$("${boxtop[@]}" inspect box)"
same "what was asked for is delegated now" 0 "$("${run[@]}" --rm --set cpuset.cpus=0 host sh -c 'cat /sys/fs/cgroup/cpuset.cpus' 2>&1)"
check "rm" "${boxtop[@]}" rm box
within 20 "the unit goes some time after the last container" test ! -e $unit
rm -rf /etc/systemd/system/user@.service.d/delegate.conf
systemctl stop user@1500.service # with it goes what it mounted
