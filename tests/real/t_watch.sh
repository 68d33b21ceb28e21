#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 90
# stats and events on any machine with a cgroup2 mount: what they print, when they end, what they say to wrong words.
. "$(dirname "$0")/../vm/lib.sh"
need_root

mount=$(cgroup_root)
group=boxtop-watch.$$
at_end() {
    rmdir "$mount/$group/inner" "$mount/$group"/docker-*.scope "$mount/$group/unit.$$.service/inside" "$mount/$group/unit.$$.service" "$mount/$group/$group.service" "$mount/$group" 2>/dev/null
    "$BOXTOP" rm -f watched >/dev/null 2>&1
}
{ [ -n "$mount" ] && mkdir "$mount/$group"; } || skip "no cgroup can be made in a cgroup2 mount here"
json() { python3 -c "import json,sys; d=json.load(sys.stdin); print($1)"; }

# ---- wrong words ----
fails 2 "$BOXTOP" stats --sort nothing
match "what could be meant" "^boxtop: stats: --sort nothing: no such figure" "$output"
fails 2 "$BOXTOP" stats -n 0
fails 2 "$BOXTOP" stats -d 10ms
fails 2 "$BOXTOP" events --nosuch
fails 1 "$BOXTOP" stats nosuch
match "who is not there" "^boxtop: stats: no container nosuch" "$output"
fails 1 "$BOXTOP" stats "/$group.nosuch"
fails 1 "$BOXTOP" events nosuch
same "as stats says it" "boxtop: events: no container nosuch, and no other group is called so (boxtop stats --once lists them)" "$output"
check "help" "$BOXTOP" stats --help
match "help names the options" "--interval TIME" "$output"

# ---- stats ----
sh -c "echo \$\$ >'$mount/$group/cgroup.procs'; exec timeout 400 sh -c 'while :; do :; done'" &
busy=$!
"$BOXTOP" run -d --name watched --network none host sleep 1000 >/dev/null
for cgroup in "/$group" "$mount/$group" "/$group/"; do
    same "$cgroup is the group" "/$group" "$("$BOXTOP" stats --once --json -d 200ms "$cgroup" | json 'd[0]["cgroup"]')"
done
mkdir "$mount/$group/unit.$$.service" "$mount/$group/$group.service"
same "a unit is, without .service" "/$group/unit.$$.service" "$("$BOXTOP" stats --once --json -d 200ms "unit.$$" | json 'd[0]["cgroup"]')"
fails 1 "$BOXTOP" stats --once "$group"
match "a name that is two groups'" "^boxtop: stats: $group: 2 groups are called so: /$group, /$group/$group.service \(systemd\) \(give the path" "$output"
fails 1 "$BOXTOP" events "$group"
match "nor can its events be told" "^boxtop: events: $group: 2 groups are called so: /$group, /$group/$group.service \(systemd\) \(give the path" "$output"
# ---- set, by the same names ----
check "a unit's group is set by its name" "$BOXTOP" set "unit.$$" cgroup.freeze=1
same "which is said, with whose it is" "boxtop: set unit.$$: systemd's service, $mount/$group/unit.$$.service
cgroup.freeze: 0 -> 1" "$output"
same "and done" 1 "$(cat "$mount/$group/unit.$$.service/cgroup.freeze")"
same "options go with it" "/$group/unit.$$.service 1 0" "$("$BOXTOP" set --json --yes "unit.$$.service" cgroup.freeze=0 2>/dev/null |
    json '" ".join((d[0]["cgroup"], d[0]["before"], d[0]["after"]))')"
fails 1 "$BOXTOP" set "$group" cgroup.freeze=1
match "not one of two" "^boxtop: set: $group: 2 groups are called so: /$group, /$group/$group.service \(systemd\) \(give the path" "$output"
fails 1 "$BOXTOP" set nosuch cgroup.freeze=1
same "nor nobody" "boxtop: set: no container nosuch, and no other group is called so (boxtop stats --once lists them)" "$output"
docker=$(printf '%064d' $$)
mkdir "$mount/$group/docker-$docker.scope"
check "another engine's container" "$BOXTOP" set "$docker" cgroup.freeze=0
match "which does not know of it" "^boxtop: set $docker: docker's container, $mount/$group/docker-$docker.scope \(docker is not told: what it starts anew has its own limits again\)$" "$output"
rmdir "$mount/$group/docker-$docker.scope"
rmdir "$mount/$group/unit.$$.service" "$mount/$group/$group.service"
stats=$("$BOXTOP" stats --once --json -d 1s "/$group" watched)
same "a busy loop takes of a CPU what others leave it" True "$(json '2 < d[0]["cpu_percent"] < 400' <<<"$stats")"
same "the container's name and manager" "watched boxtop" "$(json 'd[1]["name"] + " " + d[1]["manager"]' <<<"$stats")"
same "what is absent is null, what is zero is 0" "None 0" \
    "$(json 'str(d[0]["net"]) + " " + str(d[1]["frozen"])' <<<"$stats")"
same "every key of the contract" "[]" "$(json '[k for k in "time cgroup name manager cpu.max cpu.stat cpu_percent throttled_periods_percent throttled_cpus stalled_percent memory.current memory.peak memory.max memory.high memory.swap.max memory.events pids.current pids.max pressure effective net".split() if k not in d[0]]' <<<"$stats")"
same "streamed: one object a line" 2 "$("$BOXTOP" stats --json -n 2 -d 200ms watched | grep -c '^{.*}$')"
match "a table" "^$group +[0-9.]+ " "$("$BOXTOP" stats --once -d 200ms | sed 's/^ *//')"
"$BOXTOP" stats --csv -n 2 -d 200ms "/$group" watched >table.csv
same "CSV: a header once, a line a group and sample, absent empty" "5 cgroup 1 True True" "$(python3 -c '
import csv
rows = list(csv.reader(open("table.csv")))
d = dict(zip(rows[0], rows[1]))
print(len(rows), rows[0][1], len(set(map(len, rows))), d["cgroup"].startswith("/"), d["cpu.stat/usage_usec"].isdigit() and d["net"] == "")')"
fails 2 "$BOXTOP" stats --csv --json
match "one or the other" "^boxtop: stats: --json and --csv exclude each other$" "$output"
same "--self: what it costs" "True True True True" "$("$BOXTOP" stats --self --json --once | json 'd["cgroups"] > 0, d["sample_usec"] > 0, d["rss_bytes"] > 1 << 20, d["pressure_triggers"] in range(4)' | tr -d '(),')"
same "as lines" 3 "$("$BOXTOP" stats --self -n 2 -d 200ms | grep -c ,)"
same "sorted by CPU" "True True" "$("$BOXTOP" stats --once --json --sort cpu |
    json "(lambda p: '%s %s' % ('/$group' in [r['cgroup'] for r in d], p == sorted(p, reverse=True)))([r['cpu_percent'] or 0 for r in d])")"
"$BOXTOP" stats -d 100ms >streamed &
watcher=$!
within 10 "streamed" test -s streamed
kill -TERM $watcher
wait $watcher
same "a signal ends it well" 0 $?
check "nobody reads: it ends" timeout 20 bash -o pipefail -c "'$BOXTOP' stats -d 100ms | head -n 1"
kill $busy
wait $busy 2>/dev/null

# ---- events ----
fails 1 "$BOXTOP" events --on-event /nosuch
same "a hook that is not there" "boxtop: events: --on-event /nosuch: there is no such program" "$output"
cat >hook <<'HOOK'
#!/bin/sh
echo "$1 $BOXTOP_EVENT $BOXTOP_CGROUP $BOXTOP_NAME" >>hooked
HOOK
chmod +x hook
"$BOXTOP" events --on-event "./hook word" "/$group" >/dev/null 2>unhooked &
hooks=$!
hooked() { # makes a group as long as no hook was run for one
    grep -q "^word appeared /$group/hooked hooked$" hooked && return
    mkdir "$mount/$group/hooked" 2>/dev/null
    sleep 0.3
    rmdir "$mount/$group/hooked"
    return 1
}
within 10 "a hook is run, with the event in its environment" hooked
for i in {1..60}; do mkdir "$mount/$group/h$i"; done
for i in {1..60}; do rmdir "$mount/$group/h$i"; done
within 5 "for many events not many hooks" sh -c "[ \$(wc -l <hooked) -ge 3 ]"
kill $hooks
wait $hooks
match "what was left out is said" "^boxtop: events: --on-event: [0-9]+ events had none run: at most 4 run at a time" "$(cat unhooked)"
"$BOXTOP" events --json "/$group" watched >told &
watcher=$!
"$BOXTOP" events >lines &
lines=$!
within 10 "it listens" sh -c "mkdir '$mount/$group/inner'; sleep 0.2; grep -q appeared told && grep -q 'appeared .*inner' lines || { rmdir '$mount/$group/inner'; false; }"
within 5 "and tells people" grep -qE "^20[0-9T:.-]+Z appeared  /$group/inner$" lines
sh -c "echo \$\$ >'$mount/$group/inner/cgroup.procs'; exec sleep 1000" &
within 5 "started" grep -q "\"started\",\"cgroup\":\"/$group/inner\"" told
kill $!
wait $! 2>/dev/null
within 5 "exited" grep -q "\"exited\",\"cgroup\":\"/$group/inner\"" told
for word in pause resume; do
    "$BOXTOP" $word watched
    within 5 "$word" grep -q "\"${word}d\".*\"name\":\"watched\"" told
done
"$BOXTOP" kill watched
within 5 "the end of a container, and how" grep -qE '"exited".*"name":"watched","exit_status":137,"oom_killed":false' told
same "in order" "paused resumed exited " "$(grep '"watched"' told | sed 's/.*"event":"\([a-z]*\)".*/\1/' | grep -v vanished | tr '\n' ' ')"
mkdir "$mount/$group/unit.$$.service"
"$BOXTOP" events --json "unit.$$" >of_unit &
unit=$!
told_of_unit() { # by its name without .service; makes a group in it as long as nobody listens
    grep -q "\"appeared\",\"cgroup\":\"/$group/unit.$$.service/inside\"" of_unit && return
    mkdir "$mount/$group/unit.$$.service/inside"
    sleep 0.3
    rmdir "$mount/$group/unit.$$.service/inside"
    return 1
}
within 10 "a unit's events, by its name" told_of_unit
kill $unit
wait $unit
rmdir "$mount/$group/unit.$$.service"
mkdir "$mount/$group.other"
within 5 "others are told to who named nobody" grep -q "$group.other" lines
rmdir "$mount/$group/inner" "$mount/$group.other"
within 5 "vanished" grep -q '"vanished"' told
same "but not to who named others" 0 "$(grep -c "$group.other" told)"
kill -INT $watcher $lines
wait $watcher
same "ends well" 0 $?
wait $lines
check "each line is one object with its time" python3 -c '
import json
for line in open("told"):
    d = json.loads(line)
    assert d["time"].endswith("Z") and d["event"] and d["cgroup"].startswith("/") and d["name"]'
