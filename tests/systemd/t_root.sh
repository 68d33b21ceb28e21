#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2153 # $ is for the program inside
# limit: 120
# Root under a real systemd: one delegated unit, asked for once, that all containers' cgroups are below.
. "$(dirname "$0")/../vm/lib.sh"

unit=/sys/fs/cgroup/system.slice/boxtop.service
# Programs of our own, so that one can be taken away.
mkdir bin && cp "$(dirname "$BOXTOP")"/boxtop* bin/ && boxtop=$PWD/bin/boxtop
run() { "$boxtop" run -v "$PWD/bin:/mnt:ro" --network none "$@"; }
show() { systemctl show -p "$1" --value boxtop.service; }
own_group=$(cat /proc/self/cgroup)

same "no unit before the first container" inactive "$(systemctl is-active boxtop.service)"
for i in 1 2 3; do run --rm host true & pids[i]=$!; done
for i in 1 2 3; do
    wait "${pids[i]}"
    same "three at once ask for one unit ($i)" 0 $?
done
invocation=$(show InvocationID)
same "delegated, without a limit on tasks, ends without leaving a failed unit" "yes infinity inactive-or-failed" \
    "$(show Delegate) $(show TasksMax) $(show CollectMode)"

process=$(cat $unit/unit/cgroup.procs)
same "its process at rest has under 1 MiB of its own" 1 "$(awk '/^Private_(Clean|Dirty)/ { kib += $2 } END { print kib < 1024 }' "/proc/$process/smaps_rollup")"
echo "figure: the unit's process: $(awk '/^Private_(Clean|Dirty)/ { kib += $2 } END { print kib }' "/proc/$process/smaps_rollup") KiB"

# ---- it is asked for once: what could ask is not there any more ----
mv bin/boxtop-delegate delegate
check "a container with limits, and no bus" run -d --name box -m 40M --memory-swap 40M --cpus 0.5 --pids-limit 20 host sleep 1000
same "the same unit" "$invocation" "$(show InvocationID)"
same "its cgroup is below the unit" "/system.slice/boxtop.service/boxtop/box" \
    "$("$boxtop" inspect --json box | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["cgroup"])')"
for pair in memory.max=41943040 memory.swap.max=0 "cpu.max=50000 100000" pids.max=20; do
    same "${pair%%=*}" "${pair#*=}" "$(cat "$unit/boxtop/box/${pair%%=*}")"
done
same "the first process was born there" 1 "$(wc -l <"$unit/boxtop/box/cgroup.procs")"
same "exec: there too" 2 "$("$boxtop" exec box sh -c 'exec wc -l </sys/fs/cgroup/cgroup.procs')"
same "the keeper, which stays, is in the unit" boxtop "$(cat "/proc/$(cat $unit/keepers/cgroup.procs)/comm")"
same "nobody else was moved" "$own_group" "$(cat /proc/self/cgroup)"
fails 137 run --rm -m 40M --memory-swap 40M host /mnt/boxtop-probe alloc 100M
same "an OOM kill is a container's own business" "active $invocation" "$(show ActiveState) $(show InvocationID)"
check "systemd reads its files again" systemctl daemon-reload
same "and leaves the limits alone" "41943040 50000 100000" "$(cat $unit/boxtop/box/memory.max $unit/boxtop/box/cpu.max | xargs)"
check "pause" "$boxtop" pause box
match "ps: paused" '^box +paused' "$("$boxtop" ps)"
check "resume" "$boxtop" resume box
check "set" "$boxtop" set box memory.max=50M
same "has it" 52428800 "$(cat $unit/boxtop/box/memory.max)"
# ---- a unit of systemd's own is set through it, and so it stays ----
check "a service that is not boxtop's" systemd-run --quiet --unit=other -p MemoryAccounting=yes -p CPUAccounting=yes -p TasksAccounting=yes sleep 1000
other=/sys/fs/cgroup/system.slice/other.service
said=$("$boxtop" set /system.slice/other.service memory.max=64M cpu.max=50% pids.max=30 2>&1)
match "set says how" '^boxtop: set /system.slice/other.service memory.max: through systemd: systemctl set-property --runtime other.service MemoryMax=67108864$' "$said"
same "systemd knows" "67108864 500ms 30" "$(for p in MemoryMax CPUQuotaPerSecUSec TasksMax; do systemctl show -P $p other.service; done | xargs)"
check "it reads its files again" systemctl daemon-reload
same "and the limits stay" "67108864 50000 100000 30" "$(cat $other/memory.max $other/cpu.max $other/pids.max | xargs)"
check "back" "$boxtop" set /system.slice/other.service memory.max=max cpu.max=max
same "as it was" "max max 100000" "$(cat $other/memory.max $other/cpu.max | xargs)"
check "the service ends" systemctl stop other.service
explained=$("$boxtop" run --explain --name x -m 50M --network none host true)
match "how it was made begins with the unit" '^systemd-run .*--unit=boxtop .*-p Delegate=yes .*/boxtop-unit 2>/dev/null$' "$explained"
match "and goes on below it" "^echo '52428800' > $unit/boxtop/x/memory.max$" "$explained"

# ---- systemd stops the unit: containers end, and their records say why ----
run -d --name polite --restart always host sh -c 'trap "exit 3" TERM; while :; do sleep 0.2; done' >/dev/null
within 5 "both run" grep -qx "populated 1" $unit/boxtop/cgroup.events
check "systemctl stop" systemctl stop boxtop.service
for name in box polite; do
    match "the record of $name" '^why: +ended with status [0-9]+ as systemd stopped boxtop.service$' "$("$boxtop" inspect $name)"
done
match "who listens to SIGTERM may end by itself, and is not started again" '^exit_status: 3$' "$("$boxtop" inspect polite)"
same "nothing is left" "inactive no" "$(systemctl is-active boxtop.service) $([ -e $unit ] && echo yes || echo no)"

# ---- the unit's process is killed: systemd kills what is in the unit, the next command finds the records ----
mv delegate bin/boxtop-delegate
run -d --name orphan host sleep 1000 >/dev/null
kill -KILL "$(cat $unit/unit/cgroup.procs)"
within 10 "nothing is left of the unit" test ! -e $unit
match "how it ended nobody saw" '^orphan +exited \?' "$("$boxtop" ps -a)"
check "rm" "$boxtop" rm orphan
mv bin/boxtop-delegate delegate

# ---- and comes back ----
fails 1 "$boxtop" start box
match "nobody can ask" 'find the program boxtop-delegate' "$output"
mv delegate bin/boxtop-delegate
check "start asks anew" "$boxtop" start box
check "another unit" test "$invocation" != "$(show InvocationID)"
check "stop" "$boxtop" stop -t 0 box
check "prune" "$boxtop" prune
within 20 "the unit goes some time after the last container" test ! -e $unit
same "for good" inactive "$(systemctl is-active boxtop.service)"
