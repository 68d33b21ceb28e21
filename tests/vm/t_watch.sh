#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# What is seen where the controllers are: kills in groups that are gone at once, a throttling ancestor, a limit above.
. "$(dirname "$0")/lib.sh"

mount=/sys/fs/cgroup
probe=$(dirname "$BOXTOP")/boxtop-probe
at_end() { rmdir $mount/watch/*/inner $mount/watch/* $mount/watch 2>/dev/null; }
json() { python3 -c "import json,sys; d=json.load(sys.stdin); print($1)"; }
echo "+cpu +memory +pids" >$mount/cgroup.subtree_control
mkdir $mount/watch
echo "+cpu +memory +pids" >$mount/watch/cgroup.subtree_control

# ---- kills: each told once, of the group where it was, though that is removed at once ----
"$BOXTOP" events --json >told &
watcher=$!
within 10 "it listens" sh -c "mkdir $mount/watch/x; rmdir $mount/watch/x; sleep 0.2; grep -q watch/x told"
for i in 1 2 3 4 5 6 7 8; do
    mkdir $mount/watch/quick$i
    echo 20M >$mount/watch/quick$i/memory.max
    echo 0 >$mount/watch/quick$i/memory.swap.max
    within 5 "quick$i is seen" grep -q "appeared.*quick$i\"" told
    sh -c "echo \$\$ >$mount/watch/quick$i/cgroup.procs; exec '$probe' alloc 100M" >/dev/null
    rmdir $mount/watch/quick$i
done
within 5 "eight kills" sh -c 'test "$(grep -c "\"oom_kill\"" told)" -eq 8'
same "each of its own group" 8 "$(grep '"oom_kill"' told | grep -o 'quick[1-8]' | sort -u | wc -l)"
match "with the limit that was hit" '"memory.max":20971520' "$(grep '"oom_kill"' told)"

# ---- an ancestor's limits ----
mkdir $mount/watch/outer
echo "+cpu +memory" >$mount/watch/outer/cgroup.subtree_control
mkdir $mount/watch/outer/inner
echo "20000 100000" >$mount/watch/outer/cpu.max
echo 50M >$mount/watch/outer/memory.max
sh -c "echo \$\$ >$mount/watch/outer/inner/cgroup.procs; exec '$probe' spin 1000" >/dev/null &
spinner=$!
within 10 "a throttled loop" awk '$1 == "nr_throttled" { exit !($2 > 10) }' $mount/watch/outer/cpu.stat
stats=$("$BOXTOP" stats --once --json -d 3s /watch/outer/inner)
same "the child's own counters do not show it" 0.0 "$(json 'd[0]["throttled_periods_percent"]' <<<"$stats")"
same "who throttles" /watch/outer "$(json 'd[0]["throttled_by"]' <<<"$stats")"
same "what it may have at the most" "20.0 /watch/outer 52428800 /watch/outer max" "$(json \
    '"%s %s %s %s %s" % (d[0]["effective"]["cpu_percent"]["value"], d[0]["effective"]["cpu_percent"]["cgroup"], d[0]["effective"]["memory.max"]["value"], d[0]["effective"]["memory.max"]["cgroup"], d[0]["memory.max"])' <<<"$stats")"
# A busy machine may give it less, and hold us up between two reads.
same "it gets that" True "$(json '2 < d[0]["cpu_percent"] < 40 and d[0]["stalled_percent"] > 10' <<<"$stats")"
kill -9 $spinner
wait $spinner 2>/dev/null
within 5 "throttled is told of who throttles" grep -q '"throttled","cgroup":"/watch/outer","name"' told
same "and not of who is throttled" 0 "$(grep -c '"throttled","cgroup":"/watch/outer/inner"' told)"
kill -INT $watcher
wait $watcher

# ---- pressure brings the next sample forward: the next tick would be in ten minutes ----
"$BOXTOP" stats --self --json -d 10m >forward &
watcher=$!
within 10 "it listens" sh -c "ls -l /proc/$watcher/fd | grep -q '/memory.pressure$'"
before=$(wc -l <forward)
mkdir $mount/watch/pressed
echo 8M >$mount/watch/pressed/memory.high
echo 0 >$mount/watch/pressed/memory.swap.max
sh -c "echo \$\$ >$mount/watch/pressed/cgroup.procs; exec '$probe' alloc 60M" >/dev/null &
within 10 "a sample, when tasks began to wait for memory" sh -c "test \$(wc -l <forward) -gt $before"
match "by three triggers" '"pressure_triggers":3' "$(cat forward)"
echo 1 >$mount/watch/pressed/cgroup.kill
within 10 "it has ended" grep -q "populated 0" $mount/watch/pressed/cgroup.events
kill -INT $watcher
wait $watcher
