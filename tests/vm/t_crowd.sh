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
mkdir "$top" || exit 1

# ---- a crowd that comes and goes, watched with too few descriptors for it ----
crowd=10000 few=4096
few() { # COMMAND... : with no right to more descriptors; to be started in the background
    exec setpriv --bounding-set -sys_resource bash -c 'ulimit -n "$0" && exec "$@"' $few "$@"
}
groups() { # LINES : of python, with the directory in `top`, and how many are wanted
    python3 -c "import os, sys; top = os.open(sys.argv[1], os.O_RDONLY); count = int(sys.argv[2])
$1" "$top" $crowd
}
told() { # KIND : of each of the crowd, once
    python3 - told "$name/c" "$1" $crowd <<'END'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1]) if line.endswith("}\n")]
of = [event["cgroup"] for event in events if event["event"] == sys.argv[3] and event["cgroup"].startswith(sys.argv[2])]
print(len(of), len(set(of)))
sys.exit(len(of) != int(sys.argv[4]) or len(set(of)) != int(sys.argv[4]))
END
}
descriptors() { find "/proc/$events/fd" -mindepth 1 | wc -l; }
many_descriptors() { descriptors; test "$(descriptors)" -gt $((few / 2)); }
memory_kib() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$events/status"; }
few "$BOXTOP" events --json >told &
events=$!
within 20 "it looks" sh -c "mkdir '$top/x' && rmdir '$top/x'; sleep 0.2; grep -q '$name/x\"' told"
descriptors=$(descriptors) memory=$(memory_kib)
groups 'for i in range(count): os.mkdir(f"c{i}", dir_fd=top)'
within 60 "all that came are told, each once" told appeared
within 20 "with as many descriptors as it may have" many_descriptors
peak=$(memory_kib)
groups 'for i in range(count): os.rmdir(f"c{i}", dir_fd=top)'
within 60 "all that went are told, each once" told vanished
back() { # of the memory the most: the heap's pages that something else is in by now stay
    echo "$(descriptors) descriptors of $descriptors, $(memory_kib) KiB of $memory and $peak"
    test "$(descriptors)" -le $((descriptors + 16)) && test $((10 * ($(memory_kib) - memory))) -le $((6 * (peak - memory)))
}
within 20 "its memory and descriptors are back" back

# ---- groups that go while they are read ----
"$BOXTOP" stats --csv -d 200ms >sampled &
stats=$!
within 20 "there are samples" test -s sampled
crowd=1000
groups 'for i in range(count): os.mkdir(f"a{i}", dir_fd=top)'
within 20 "they are in the samples" grep -q "$name/a999," sampled
groups '
for i in range(count): # some of them are gone before anybody has read them
    os.mkdir(f"s{i}", dir_fd=top)
    os.rmdir(f"a{i}", dir_fd=top)
    if i >= 7: os.rmdir(f"s{i - 7}", dir_fd=top)
for i in range(count - 7, count): os.rmdir(f"s{i}", dir_fd=top)'
mkdir "$top/last"
within 20 "it keeps up" grep -q "appeared.*$name/last\"" told
within 20 "so do the samples" grep -q "$name/last," sampled
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
same "and nothing was lost on the way" 0 "$(grep -c '"lost"' told)"
whole() { # each sample has each group once, below one that it has, and of a group all that there is, or nothing
    python3 - sampled "$name/" <<'END'
import csv, sys
present = ("cpu.stat/usage_usec", "cpu.stat/user_usec", "cpu.stat/system_usec", "pressure/cpu/some_total",
           "pressure/memory/full_total", "pressure/io/some_total", "populated", "processes")
seen, wrong = {}, []
for row in csv.DictReader(open(sys.argv[1])):
    sample, group = seen.setdefault(row["time"], set()), row["cgroup"]
    if None in row or None in row.values() or group in sample or group != "/" and (group.rsplit("/", 1)[0] or "/") not in sample:
        wrong.append((row["time"], group, "not whole, twice, or without its parent"))
    sample.add(group)
    lacks = [key for key in present if row[key] == ""]
    if group.startswith(sys.argv[2]) and lacks and len(lacks) < len(present):
        wrong.append((row["time"], group, lacks))
most = max(len(sample) for sample in seen.values())
print(len(seen), "samples of at the most", most, "groups;", len(wrong), "are wrong:", wrong[:5])
sys.exit(bool(wrong) or most < 1000)
END
}
check "all samples are whole" whole

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
