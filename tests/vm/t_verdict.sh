#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# Groups that are slow for a known reason, all at once: the verdict of each names it, and the group whose limit it is.
. "$(dirname "$0")/lib.sh"

top=/sys/fs/cgroup/verdict
at_end() {
    echo 1 >$top/cgroup.kill 2>/dev/null
    within 10 "all have ended" sh -c "! grep -q 'populated 1' $top/cgroup.events"
    find $top -depth -type d -exec rmdir {} +
}
make() { # GROUP [FILE=TEXT...] : made with all controllers above it
    local group=$top/$1
    mkdir "$group" || return
    shift
    for setting; do echo "${setting#*=}" >"$group/${setting%%=*}"; done
}
in_group() { # GROUP COMMAND... : in the background
    local procs=$top/$1/cgroup.procs
    shift
    sh -c 'echo $$ >"$0" && exec "$@"' "$procs" "$@" >/dev/null 2>&1 &
}
probe=$(dirname "$BOXTOP")/boxtop-probe

echo "+cpu +memory +pids" >/sys/fs/cgroup/cgroup.subtree_control
mkdir $top && echo "+cpu +memory +pids" >$top/cgroup.subtree_control
make quota "cpu.max=10000 100000"
make above "cpu.max=10000 100000" "cgroup.subtree_control=+cpu"
make above/child
make high memory.high=20M memory.swap.max=0
make near memory.max=64M memory.swap.max=0
make full pids.max=3
make frozen
make idle
in_group quota "$probe" spin 1000
in_group above/child "$probe" spin 1000
in_group high "$probe" alloc 200M
in_group near sh -c '{ head -c 58M /dev/zero; sleep 1000; } | tail -n 1' # which keeps it all until the end
in_group full sleep 1000
while [ -d $top ]; do
    sh -c 'echo $$ >"$0" && exec "$1" forks 5' $top/full/cgroup.procs "$probe" >/dev/null 2>&1
    sleep 0.3
done 2>/dev/null &
in_group frozen sleep 1000
in_group idle sleep 1000
within 10 "it is there" grep -q . $top/frozen/cgroup.procs
echo 1 >$top/frozen/cgroup.freeze

cat >expected <<END
/verdict/above throttled /verdict/above
/verdict/above/child throttled_above /verdict/above
/verdict/frozen frozen /verdict/frozen
/verdict/full forks_refused /verdict/full
/verdict/high reclaim_high /verdict/high
/verdict/idle idle None
/verdict/near near_max /verdict/near
/verdict/quota throttled /verdict/quota
END
mapfile -t groups < <(cut -d' ' -f1 expected)
verdicts() {
    "$BOXTOP" stats --once --json -d 2s "${groups[@]}" >stats &&
        python3 -c 'import json
for d in json.load(open("stats")): print(d["cgroup"], d["verdict_rule"], d["verdict_cgroup"])' >got && diff expected got
}
within 15 "each verdict is what was made" verdicts
lines=$(python3 -c 'import json
for d in json.load(open("stats")): print(d["verdict"])')
match "with the figures that it rests on: the quota" '^throttled by its own cpu.max \(10% of one CPU\): [0-9]+% of periods, [0-9.]+ CPUs lost$' "$lines"
match "the ancestor and its quota" '^throttled by the cpu.max of above \(10% of one CPU\): [0-9]+% of periods, .*this one stalled [0-9]+% of the time$' "$lines"
match "memory.high" '^reclaiming against its own memory.high: [0-9.]+M of 20M, [0-9.]+ hits/s' "$lines"
match "memory.max" '^near its own memory.max: [0-9]+M of 64M \(9[0-9]%\)$' "$lines"
match "pids.max" '^forks refused by its own pids.max: [0-9]+ of 3$' "$lines"
match "the freezer" '^frozen: nothing in it runs$' "$lines"
same "all effective limits" "20971520 /verdict/high 3 /verdict/full" "$(python3 -c 'import json
d = {d["cgroup"]: d["effective"] for d in json.load(open("stats"))}
high, full = d["/verdict/high"]["memory.high"], d["/verdict/full"]["pids.max"]
print(high["value"], high["cgroup"], full["value"], full["cgroup"])')"
same "memory.stat by the kernel's names" True "$(python3 -c 'import json
d = [d for d in json.load(open("stats")) if d["cgroup"] == "/verdict/near"][0]
print(50 << 20 <= d["memory.stat"]["anon"] < 64 << 20)')"
