#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# The evidence of OOM kills: whose limit, who, what was there before; what is said where the kernel's log can't be read,
# and that none is missed.
. "$(dirname "$0")/lib.sh"

cgroups=/sys/fs/cgroup top=/sys/fs/cgroup/ledger
probe=$(dirname "$BOXTOP")/boxtop-probe
at_end() {
    kill "$watcher" "$blind" 2>/dev/null
    find $top -depth -type d -exec rmdir {} + 2>/dev/null
}
group() { # NAME [MAX] : below the top
    mkdir -p "$top/$1"
    [ $# -lt 2 ] || echo "$2" >"$top/$1/memory.max"
}
inside() { # NAME COMMAND...
    { (echo $BASHPID >"$top/$1/cgroup.procs" && shift && exec "$@") >/dev/null; } 2>/dev/null
}
kills() { awk '$1 == "oom_kill" { print $2 }' "$top/$1/memory.events"; }
sum() { # FILE CGROUP : the kills that are told of those whose paths begin so
    grep "\"oom_kill\",\"cgroup\":\"/ledger/$2" "$1" | sed 's/.*"count":\([0-9]*\).*/\1/' | awk '{ n += $1 } END { print n + 0 }'
}
heard() { # FILE COUNT CGROUP : so many kills are told of it
    [ "$(sum "$1" "$3\"")" = "$2" ]
}

echo +memory +pids >$cgroups/cgroup.subtree_control
mkdir $top
echo +memory +pids >$top/cgroup.subtree_control
"$BOXTOP" events --json /ledger >told 2>&1 &
watcher=$!
# As root without the right to the kernel's log (kernel.dmesg_restrict is 1 in Debian).
echo 1 >/proc/sys/kernel/dmesg_restrict
setpriv --bounding-set -syslog,-sys_admin "$BOXTOP" events --json /ledger >blind 2>&1 &
blind=$!
listens() { # each of them
    rmdir $top/hello 2>/dev/null
    mkdir $top/hello
    sleep 0.3
    grep -q appeared told && grep -q appeared blind
}
within 15 "they listen" listens

# ---- whose limit, and who ----
group own 30M
inside own "$probe" alloc 80M
within 10 "its own limit" heard told 1 own
group outer 30M
echo +memory >$top/outer/cgroup.subtree_control
group outer/inner
inside outer/inner "$probe" alloc 80M
within 10 "an ancestor's" heard told 1 outer/inner
group all 30M
echo 1 >$top/all/memory.oom.group
inside all sh -c "sleep 1000 & sleep 1000 & $probe alloc 80M"
within 10 "all of a group" heard told "$(kills all)" all
group child 30M
inside child sh -c "$probe alloc 80M; [ \$? -eq 137 ] && echo went on >went"
same "a child as victim: its parent goes on" "went on" "$(cat went)"
within 10 "a child" heard told 1 child
group brief 30M
inside brief "$probe" alloc 80M
rmdir $top/brief
within 10 "a group that is removed at once" heard told 1 brief

# ---- the limit is lowered: who does it is who asked for memory ----
group low 200M
inside low python3 -c "memory = bytearray(60 << 20); import time; time.sleep(1000)" &
big=$!
resident() { [ "$(cat $top/low/memory.current)" -gt 50000000 ]; }
within 20 "it has grown" resident
cp "$(command -v python3)" turner
./turner -c "open('$top/low/memory.max', 'w').write('20M')"
wait $big
within 10 "a limit below what is used" heard told 1 low

# ---- the clock is set ----
date -s "+2 hours" >/dev/null
group clock 30M
inside clock "$probe" alloc 80M
within 10 "the clock was set forward" heard told 1 clock
date -s "-2 hours" >/dev/null
inside clock "$probe" alloc 80M
within 10 "and back" heard told 2 clock

# ---- the kernel's log is overwritten before it is read ----
echo on >/proc/sys/kernel/printk_devkmsg
view=$(pgrep -P $watcher -x boxtop-view || echo $watcher)
kill -STOP "$view"
group late 30M
inside late "$probe" alloc 80M
python3 -c "
with open('/dev/kmsg', 'wb', buffering=0) as log:
    for i in range(3000): log.write(b'<6>%d ' % i + b'x' * 200)"
kill -CONT "$view"
within 10 "the log was overwritten: it is told" grep -q '"lost".*"of":"kmsg"' told
within 10 "and the kill" heard told 1 late

# ---- a storm: the sum is what the groups count ----
for g in {0..19}; do group "storm$g" 5M; done
storm() { for g in {0..19}; do inside "storm$g" "$probe" alloc 20M; done; }
storm & first=$!
storm & second=$!
storm
wait $first $second
counted() { cat $top/storm*/memory.events | awk '$1 == "oom_kill" { n += $2 } END { print n }'; }
all_told() { [ "$(sum told storm)" = "$(counted)" ] && [ "$(sum blind storm)" = "$(counted)" ]; }
same "a storm of 60" 60 "$(counted)"
within 10 "none is missed, with the log and without" all_told

# ---- what was told ----
kill "$watcher" "$blind"
wait "$watcher" "$blind"
check "the evidence" python3 - <<'PYTHON'
import json

def told(name):
    kills = {}
    for line in open(name):
        event = json.loads(line)
        if event["event"] == "oom_kill":
            kills.setdefault(event["cgroup"].removeprefix("/ledger/"), []).append(event)
    return kills

MIB = 1 << 20
loud, blind = told("told"), told("blind")
assert "/ledger" not in loud and "/" not in loud, loud.get("/ledger")
for name, limit in ("own", "own"), ("outer/inner", "outer"), ("child", "child"), ("clock", "clock"):
    oom = loud[name][0]["oom"]
    assert (oom["source"], oom["why"], oom["limit"], oom["limit_cgroup"]) == ("report", None, "group", "/ledger/" + limit), oom
    assert oom["max"] == 30 * MIB and 25 * MIB < oom["usage"] <= 31 * MIB, oom
    assert 20 * MIB < oom["anon"] <= 30 * MIB and oom["kernel"] < 10 * MIB and oom["shmem"] < MIB, oom
    victim = oom["victim"]
    assert victim["comm"] == "boxtop-probe" and victim["uid"] == 0 and victim["pid"] > 1, victim
    assert 20 * MIB < victim["rss"] < 40 * MIB and victim["oom_score_adj"] == 0, victim
    assert oom["killed"] == 1 and oom["group"] is False and oom["victims"] == [victim], oom
    assert oom["before"]["memory.max"] in (30 * MIB, "max") and 0 <= oom["before"]["age_ms"] < 60000, oom
    # without the log: whose limit it was, by the counters; not who
    oom = blind[name][0]["oom"]
    assert oom["source"] == "no-right" and "CAP_SYSLOG" in oom["why"], oom
    assert (oom["limit"], oom["limit_cgroup"]) == ("group", "/ledger/" + limit), oom
    assert oom["victim"]["pid"] is None and oom["victim"]["comm"] is None and oom["victims"] == [], oom
(event,) = loud["all"]
assert event["oom"]["group"] and event["oom"]["killed"] == event["count"] - 1 >= 3, event # the first is counted twice
assert sorted(v["comm"] for v in event["oom"]["victims"])[-2:] == ["sleep", "sleep"], event
assert loud["low"][0]["oom"]["invoker"] == "turner", loud["low"]
assert loud["low"][0]["oom"]["max"] == 20 * MIB, loud["low"]
assert loud["brief"][0]["oom"]["victim"]["comm"] == "boxtop-probe", loud["brief"]
assert sum(e["count"] for e in loud["late"]) == 1 and loud["late"][0]["oom"]["source"] == "overrun", loud["late"]
PYTHON
