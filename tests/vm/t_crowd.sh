#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# What a monitor meets: thousands of groups that come and go while it reads, threaded groups, too few descriptors, no rights,
# a clock that is set.
. "$(dirname "$0")/lib.sh"

mount=$(cgroup_root)
top=$mount/crowd.$$ name=/crowd.$$
clock=
at_end() {
    [ -z "$clock" ] || date -s "@$(($(date +%s) - 3600))" >/dev/null
    echo 1 >"$top/cgroup.kill" 2>/dev/null
    within 10 "all have ended" sh -c "! grep -q 'populated 1' '$top/cgroup.events'"
    find "$top" -depth -type d -exec rmdir {} +
}
json() { python3 -c "import json,sys; d=[json.loads(l) for l in sys.stdin if l.strip()]; print($1)"; }
one() { python3 -c "import json,sys; d=json.load(sys.stdin); print($1)"; }
busy() { # GROUP
    sh -c 'echo $$ >"$0/cgroup.procs"; exec timeout 200 sh -c "while :; do :; done"' "$1" &
}
ended() { # FILE : the last line of it is whole
    python3 -c 'import json,sys; [json.loads(l) for l in open(sys.argv[1]) if l.strip()]' "$1"
}
mkdir "$top" || exit 1

# ---- a crowd that comes and goes ----
"$BOXTOP" events --json >told &
events=$!
"$BOXTOP" stats --json -d 100ms "$name" >sampled &
stats=$!
within 20 "they look" sh -c "mkdir '$top/x' && rmdir '$top/x'; sleep 0.2; grep -q '$name/x\"' told && test -s sampled"
for round in 1 2 3 4; do # 2,400 groups, some of them gone before anybody has read them
    (cd "$top" && mkdir $(seq -f "r$round-%g" 1 300) && rmdir $(seq -f "r$round-%g" 1 2 300) &&
        mkdir $(seq -f "s$round-%g" 1 300) && rmdir $(seq -f "r$round-%g" 2 2 300) $(seq -f "s$round-%g" 1 300))
done
mkdir "$top/last"
within 20 "it keeps up" grep -q "appeared.*$name/last\"" told
balance() { # each that came is told to have gone, or is there
    python3 - told "$name/" <<'END'
import json, sys
there = {}
for line in open(sys.argv[1]):
    event = json.loads(line)
    if event["cgroup"] == sys.argv[2] + "x": # may have been there when it began to look
        continue
    if event["cgroup"].startswith(sys.argv[2]) and event["event"] in ("appeared", "vanished"):
        there[event["cgroup"]] = there.get(event["cgroup"], 0) + (1 if event["event"] == "appeared" else -1)
left = [cgroup for cgroup, count in there.items() if count]
print(left)
sys.exit(left != [sys.argv[2] + "last"])
END
}
within 10 "who came has gone, and none is left that is not there" balance
kill -INT $stats $events
wait $stats $events
check "all samples are whole" ended sampled
same "and nothing was lost on the way" 0 "$(grep -c '"lost"' told)"

# ---- threaded groups: their processes can't be listed, memory is their parent's ----
mkdir "$top/t" "$top/t/a"
echo threaded >"$top/t/a/cgroup.type"
same "a threaded group is read" "True True" "$("$BOXTOP" stats --once --json -d 200ms "$name/t/a" "$name/t" |
    one '"%s %s" % (d[0]["cpu.stat"]["usage_usec"] >= 0, d[0]["memory.current"] is None)')"

# ---- too few descriptors, and no right to more: files are opened each time ----
busy "$top/last"
within 10 "it is there" grep -q . "$top/last/cgroup.procs"
for i in $(seq 40); do mkdir "$top/few$i"; done
# shellcheck disable=SC2016 # for the inner one
few=$(setpriv --bounding-set -sys_resource bash -c 'ulimit -n 40 && exec "$0" stats --once --json -d 1s' "$BOXTOP")
same "all are seen with forty descriptors" 40 "$(one "sum(x['cgroup'].startswith('$name/few') and x['cpu.stat']['usage_usec'] == 0 for x in d)" <<<"$few")"
same "and who works" True "$(one "[x['cpu_percent'] for x in d if x['cgroup'] == '$name/last'][0] > 2" <<<"$few")"

# ---- no rights ----
same "nobody sees as much of the counters" True "$(setpriv --reuid 65534 --regid 65534 --clear-groups \
    env BOXTOP_STATE=/tmp/nobody.$$ "$BOXTOP" stats --once --json -d 1s "$name/last" | one 'd[0]["cpu_percent"] > 2')"

# ---- the clock is set, forward and back: rates know nothing of it ----
[ ! -e /run/vm ] || {
    "$BOXTOP" stats --json -d 200ms "$name/last" >steps &
    stats=$!
    within 10 "it looks" sh -c "test \$(wc -l <steps) -ge 3"
    clock=ahead
    date -s "@$(($(date +%s) + 3600))" >/dev/null
    before=$(wc -l <steps)
    within 10 "it goes on an hour later" sh -c "test \$(wc -l <steps) -ge $((before + 6))"
    date -s "@$(($(date +%s) - 3600))" >/dev/null
    clock=
    before=$(wc -l <steps)
    within 10 "and back" sh -c "test \$(wc -l <steps) -ge $((before + 6))"
    kill -INT $stats
    wait $stats
    same "nobody has had more than there is" True "$(json 'all(x["cpu_percent"] is None or 0 < x["cpu_percent"] < 300 for x in d)' <steps)"
}
