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
    swapoff /dev/ram0 2>/dev/null
    rmmod brd 2>/dev/null
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

# ---- swap: a disk in memory is one, and has a limit as others do ----
modprobe brd rd_nr=1 rd_size=131072 && mkswap /dev/ram0 >/dev/null && check "there is swap" swapon /dev/ram0
echo "+io" >/sys/fs/cgroup/cgroup.subtree_control && echo "+io" >$top/cgroup.subtree_control
echo 64M >$top/memory.low && echo 64M >$top/memory.min # or there is nothing to give
make swap "cgroup.subtree_control=+memory +io" memory.swap.max=6M memory.low=4M memory.min=8M "io.max=1:0 rbps=104857600 wiops=90000"
make swap/full memory.max=16M memory.swap.max=2M memory.low=8M memory.min=2M "io.max=1:0 rbps=209715200"
make swaps
"$BOXTOP" events --json /verdict/swap >told &
listener=$!
listens() {
    for low in 6M 4M; do echo $low >$top/swap/memory.low && sleep 0.1; done
    grep -q '"set"' told
}
within 10 "who listens hears" listens
in_group swaps sh -c '{ head -c 58M /dev/zero; sleep 1000; } | tail -n 1'
while [ -d $top ]; do
    echo 1M >$top/swaps/memory.reclaim
    sleep 0.2
done 2>/dev/null &
counted() { awk '$1 == "max" && $2 > 0 { max = 1 } $1 == "fail" && $2 > 0 { fail = 1 } END { exit !(max && fail) }' $top/swap/full/memory.swap.events; }
refused() { # it is killed for it, now and then before it has asked for swap at all
    counted || { in_group swap/full "$probe" alloc 64M && sleep 1 && counted; }
}
within 20 "the kernel counts who got no more" refused
swapping() { # what is said once it is so
    "$BOXTOP" stats --once --json -d 1s /verdict/swap/full /verdict/swaps >stats &&
        python3 -c 'import json
d = json.load(open("stats"))[1]; assert d["verdict_rule"] == "swapping", d["verdict"]'
}
within 10 "who is swapped out is told" swapping
match "with how much" '^swapping: [0-9.]+[KM] in swap, [0-9.]+[KM]/s more' "$(python3 -c 'import json; print(json.load(open("stats"))[1]["verdict"])')"
same "as the kernel counted" "$(awk '{ print $1, $2 }' $top/swap/full/memory.swap.events)" "$(python3 -c 'import json
for key, count in json.load(open("stats"))[0]["memory.swap.events"].items(): print(key, count)')"
within 5 "an event for its limit" grep -q '"event": *"swap_max".*"cgroup": *"/verdict/swap/full"' told
within 5 "and for the place that was not there" grep -q '"event": *"swap_fail".*"cgroup": *"/verdict/swap/full"' told
kill $listener
wait $listener 2>/dev/null
same "who binds: swap, protection, a disk" "2097152 /verdict/swap/full 4194304 /verdict/swap 2097152 /verdict/swap/full 104857600 /verdict/swap 90000 /verdict/swap" "$(python3 -c 'import json
e = json.load(open("stats"))[0]["effective"]
disk = e["io.max"]["1:0"]
for limit in e["memory.swap.max"], e["memory.low"], e["memory.min"], disk["rbps"], disk["wiops"]: print(limit["value"], limit["cgroup"], end=" ")' | sed 's/ $//')"
