#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # $ is for the program inside
# limit: 120
# Limits that bite: the talk's proofs by hand, as a person would do them, and what boxtop says of them.
. "$(dirname "$0")/lib.sh"

probe=$(dirname "$BOXTOP")
run() { "$BOXTOP" run -v "$probe:/mnt:ro" --network none "$@"; }
field() { # FILE KEY : of the container box
    awk -v key="$2" '$1 == key { print $2 }' "/sys/fs/cgroup/boxtop/box/$1"
}
json() { python3 -c "import json,sys; d=json.load(sys.stdin); d=d[0] if isinstance(d,list) else d; print($1)" 2>/dev/null; }

# ---- memory ----
fails 137 run --rm -m 100M --memory-swap 100M host /mnt/boxtop-probe alloc 200M
check "as much as it may have" run --rm -m 100M --memory-swap 100M host /mnt/boxtop-probe alloc 80M
run --name killed -m 60M --memory-swap 60M host /mnt/boxtop-probe alloc 100M >/dev/null 2>&1
same "the record says why" "True 137 exited" \
    "$("$BOXTOP" inspect --json killed | json '"%s %d %s" % (d["oom_killed"], d["exit_status"], d["state"])')"
same "and with what evidence" "report group True True True boxtop-probe True" "$("$BOXTOP" inspect --json killed | json '" ".join(str(v) for v in (
    d["oom"]["source"], d["oom"]["limit"], d["oom"]["limit_cgroup"] == d["oom"]["victim_cgroup"] and d["oom"]["limit_cgroup"].endswith("/killed"), d["oom"]["max"] == 60 << 20,
    50 << 20 < d["oom"]["usage"] <= 60 << 20, d["oom"]["victim"]["comm"], d["oom"]["victim"]["anon-rss"] > 40 << 20))')"
match "in words" "^why: +killed by SIGKILL after an OOM kill in its cgroup: boxtop-probe \(pid [0-9]+, [0-9.]+M\) at its own limit, 60M$" "$("$BOXTOP" inspect killed)"
same "its record stays, with that, until rm" True "$("$BOXTOP" ps -a --json | json 'd["oom"]["victim"]["pid"] > 1')"
match "ps says so" 'exited 137' "$("$BOXTOP" ps -a)"
"$BOXTOP" rm killed

# ---- what is written is what the kernel has ----
check "a container with limits" run -d --name box -m 100M --memory-swap 100M --memory-high 90M --cpus 0.5 --pids-limit 20 \
    --set cpu.weight=50 host sleep 1000
for pair in memory.max=104857600 memory.swap.max=0 memory.high=94371840 "cpu.max=50000 100000" pids.max=20 cpu.weight=50; do
    same "${pair%%=*}" "${pair#*=}" "$(cat "/sys/fs/cgroup/boxtop/box/${pair%%=*}")"
done
same "seen from inside too" "50000 100000" "$("$BOXTOP" exec box cat /sys/fs/cgroup/cpu.max)"
fails 2 "$BOXTOP" exec box sh -c 'echo max > /sys/fs/cgroup/memory.max'

# ---- a kill inside: the container goes on, and events and stats tell ----
"$BOXTOP" events --json box >told 2>&1 &
watcher=$!
listens() {
    for high in 80M 90M; do echo $high >/sys/fs/cgroup/boxtop/box/memory.high && sleep 0.2; done
    grep -q '"set"' told
}
within 10 "it listens" listens
fails 137 "$BOXTOP" exec box /mnt/boxtop-probe alloc 200M
same "the group counted one kill" 1 "$(field memory.events oom_kill)"
match "it still runs" '^box +running' "$("$BOXTOP" ps)"
within 5 "events: the kill" grep -q '"event": *"oom_kill".*"cgroup": *"/boxtop/box"' told

# ---- CPU ----
throttled() { [ "$(awk '$1 == "nr_throttled" { print $2 }' /sys/fs/cgroup/boxtop/box/cpu.stat)" -gt "$1" ]; }
"$BOXTOP" exec box /mnt/boxtop-probe spin 1000 &
within 10 "a busy loop is throttled" throttled 10
stats=$("$BOXTOP" stats --once --json -d 4s box)
percent=$(json 'd["cpu_percent"]' <<<"$stats")
# A busy machine may give it less, and hold us up between two reads.
same "a busy loop under 50 % stays at 50 % ($percent)" 1 "$(awk -v p="$percent" 'BEGIN { print (p > 5 && p < 75) }')"
same "throttled in many periods" 1 "$(json 'int(d["throttled_periods_percent"] > 10)' <<<"$stats")"
"$BOXTOP" exec box sh -c 'kill -9 $(pidof boxtop-probe)'
wait $!
same "the limit by the kernel's name" "50000 100000" "$(json 'd["cpu.max"]' <<<"$stats")"
same "memory.max in bytes" 104857600 "$(json 'd["memory.max"]' <<<"$stats")"
same "the kill is counted" 1 "$(json 'd["memory.events"]["oom_kill"]' <<<"$stats")"
within 5 "events: throttled" grep -q '"event": *"throttled"' told

# ---- turning ----
same "set prints before and after" "memory.max: 100M -> 200M" "$("$BOXTOP" set box memory.max=200M | sed 's/^.*memory.max/memory.max/')"
same "the kernel has it" 209715200 "$(cat /sys/fs/cgroup/boxtop/box/memory.max)"
check "a container that exists can be turned by its cgroup" "$BOXTOP" set /boxtop/box cpu.max=max
same "cpu.max" "max 100000" "$(cat /sys/fs/cgroup/boxtop/box/cpu.max)"
within 5 "events: set" grep -q '"event": *"set".*cpu.max' told
fails 2 "$BOXTOP" set box memory.max=lots cpu.max=50%
same "nothing is written if one of them is wrong" "max 100000" "$(cat /sys/fs/cgroup/boxtop/box/cpu.max)"

# ---- pids ----
refused=$("$BOXTOP" exec box /mnt/boxtop-probe forks 100)
match "forks are refused" '(1[0-9]|20)' "$refused"
within 5 "events: pids_max" grep -q '"event": *"pids_max"' told
"$BOXTOP" exec box sh -c 'f() { f | f & }; f' >/dev/null 2>&1 &
within 10 "a fork bomb" sh -c '[ "$(cat /sys/fs/cgroup/boxtop/box/pids.current)" -ge 18 ]'
check "is stopped" "$BOXTOP" stop -t 0 box
within 5 "events: exited" grep -q '"event": *"exited".*"/boxtop/box"' told
kill -INT $watcher
wait $watcher
same "events ends well" 0 $?
check "each line is one object" python3 -c 'import json,sys; [json.loads(l) for l in open("told")]'
check "rm" "$BOXTOP" rm box
