#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 90
# record, and looking back: what was seen is there, also after the recorder was killed.
. "$(dirname "$0")/../vm/lib.sh"
need_root

mount=$(cgroup_root)
group=boxtop-record.$$
at_end() {
    for pid in "${recorder:-}" "${other:-}"; do [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; done
    [ -z "${tmux[*]:-}" ] || "${tmux[@]}" kill-server 2>/dev/null
    # shellcheck disable=SC2086 # some
    [ -z "${pids:-}" ] || kill -9 $pids 2>/dev/null
    rmdir "$mount/$group/named.service" "$mount/$group/busy" "$mount/$group/idle" 2>/dev/null
    rmdir "$mount/$group/inner" "$mount/$group/unit.$$.service" "$mount/$group" 2>/dev/null
}
# shellcheck disable=SC2015 # either way
[ -n "$mount" ] && mkdir "$mount/$group" || skip "no cgroup can be made in a cgroup2 mount here"
query() { python3 -c 'import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]): print(*row)' "$@"; }
samples() { query "$1" "SELECT count(*) FROM sample" 2>/dev/null || echo 0; }

# ---- wrong words ----
fails 2 "$BOXTOP" record
fails 2 "$BOXTOP" record --keep 1s x
match "too short" "^boxtop: record: --keep 1s: not a time of a minute or more" "$output"
fails 2 "$BOXTOP" record --max-size 1M x
fails 1 "$BOXTOP" record /nowhere/at/all
match "no directory" "^boxtop: record to /nowhere/at/all: No such file or directory$" "$output"
fails 1 "$BOXTOP" stats --from nothing
match "no recording" "^boxtop: read nothing: " "$output"
echo "this is a text of some length, and no database at all, as anybody can see who reads so far" >text
fails 1 "$BOXTOP" stats --from text
same "nor is that one" "boxtop: read text: file is not a database" "$output"
fails 1 "$BOXTOP" record text
same "which stays as it is" "this is" "$(head -c 7 text)"
fails 2 "$BOXTOP" stats --from text --at never
match "a time" "^boxtop: stats: --at never: not a time \(write 10m ago" "$output"

# ---- what is seen is there ----
"$BOXTOP" record -d 200ms file &
recorder=$!
more() { [ "$(samples file)" -ge "$1" ]; }
within 10 "samples" more 3
fails 1 "$BOXTOP" record file
match "one writer" "^boxtop: record to .*file: another boxtop is recording to it$" "$output"
mkdir "$mount/$group/inner"
within 10 "an event" sh -c "'$BOXTOP' stats --from file --json --once >/dev/null && python3 -c '
import sqlite3
assert sqlite3.connect(\"file\").execute(\"SELECT 1 FROM event WHERE event = ? AND cgroup = ?\", (\"appeared\", \"/$group/inner\")).fetchone()'"
seen=$(samples file)
mkdir "$mount/$group/unit.$$.service"
within 10 "the group's samples" more $((seen + 3))
rmdir "$mount/$group/unit.$$.service"
before=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
rmdir "$mount/$group/inner"
within 10 "its end" sh -c "$(declare -f query); [ \"\$(query file \"SELECT count(*) FROM event WHERE event = 'vanished' AND cgroup = '/$group/inner'\")\" = 1 ]"
count_events() { "$BOXTOP" events --from file "$@" | wc -l; }
same "the same by events" 2 "$(count_events --json "/$group/inner" | tail -n +1)"
same "with the time as a limit" 1 "$(count_events --since "$before" "/$group/inner")"
same "and the other way" 1 "$(count_events --until "$before" "/$group/inner")"
same "as a table" "event,cgroup
appeared,/$group/inner
vanished,/$group/inner" "$("$BOXTOP" events --from file --csv "/$group/inner" | cut -d, -f2,3)"
same "by a unit's name" "appeared,/$group/unit.$$.service
vanished,/$group/unit.$$.service" "$("$BOXTOP" events --from file --csv "unit.$$" | tail -n +2 | cut -d, -f2,3)"
fails 1 "$BOXTOP" events --from file nosuch
same "nobody was called so" "boxtop: events: no container nosuch in file, and no other group is called so (boxtop stats --from file --once lists what was there first)" "$output"
fails 1 "$BOXTOP" stats --from file nosuch
match "stats says so, too" "^boxtop: stats: no container nosuch in file, and no other group is called so" "$output"
fails 1 "$BOXTOP" stats --from file /no/such
match "nor was such a path" "^boxtop: stats: no group /no/such in file" "$output"
fails 2 "$BOXTOP" events --from file --json --csv
fails 2 "$BOXTOP" events --since 1h
match "no limit for what is live" "^boxtop: events: --since and --until are for a recording" "$output"
seen=$(samples file)
within 10 "more" more $((seen + 2))
seen=$(samples file)
kill -9 $recorder
wait $recorder 2>/dev/null
recorder=
check "nothing of it is lost" more "$seen"
same "what was there then is there still" "/$group/inner" \
    "$("$BOXTOP" stats --from file --at "$before" --json --once "/$group/inner" | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["cgroup"])')"
fails 1 "$BOXTOP" stats --from file --at now "/$group/inner"
same "and now it is not" "boxtop: stats: no such cgroup was there then" "$output"
match "a group that came later, too" "\"cgroup\": ?\"/$group/inner\"" "$("$BOXTOP" stats --from file --json -n 1 "/$group/inner")"
same "all of them, a line each" "$(samples file)" "$("$BOXTOP" stats --from file --json "/" | wc -l)"

# ---- what is looked at closely ----
fails 2 "$BOXTOP" record --busy 65 other
match "as many as there may be" "^boxtop: record: --busy 65: not a number up to 64" "$output"
fails 1 "$BOXTOP" record --detail nosuch other
same "nobody is called so, and there is no file" "boxtop: record: --detail: no container nosuch, and no other group is called so (boxtop stats --once lists them)" "$output$(ls other 2>/dev/null)"
mkdir "$mount/$group/named.service" "$mount/$group/busy" "$mount/$group/idle"
sleepers() { sh -c "echo \$\$ >'$mount/$group/$1/cgroup.procs'; exec sleep $2" & }
sleepers named.service 1001
pids=$!
sleepers idle 1002
pids+=" $!"
sh -c "echo \$\$ >'$mount/$group/busy/cgroup.procs'; exec timeout 400 sh -c 'while :; do :; done'" &
pids+=" $!"
"$BOXTOP" record -d 200ms --busy 64 --detail named close &
recorder=$!
details() { "$BOXTOP" stats --from close --at now --all "/$group/$1" | grep -E "^cgroup.procs.[0-9]+.command "; }
within 20 "the busy one's processes are in it" sh -c "$(declare -f details); BOXTOP='$BOXTOP' group='$group'; details busy | grep -q 'while :'"
kill $recorder
wait $recorder
recorder=
match "those of who was named, too" "^cgroup.procs.0.command sleep 1001$" "$(details named.service)"
match "and its namespaces" "^namespaces.net.inode [0-9]+$" "$("$BOXTOP" stats --from close --at now --all "/$group/named.service")"
same "not those of who does nothing" "" "$(details idle)"
# shellcheck disable=SC2086 # some
kill $pids
wait
empty() { rmdir "$mount/$group/named.service" "$mount/$group/busy" "$mount/$group/idle"; }
within 10 "they end" empty

# ---- on the screen ----
number=0
tmux=(tmux -L boxtop-record.$$ -f /dev/null)
stop_tmux() {
    "${tmux[@]}" kill-server 2>/dev/null
    while "${tmux[@]}" ls >/dev/null 2>&1; do sleep 0.1; done
    number=$((number + 1)) # the next has a socket of its own: this one may be on its way out
    tmux=(tmux -L "boxtop-record.$$.$number" -f /dev/null)
}
screen() { "${tmux[@]}" capture-pane -p; }
on_screen() { screen | grep -Eq "$1"; }
show() { "${tmux[@]}" new-session -d -x 120 -y 36 -e BOXTOP_STATE="$BOXTOP_STATE" "'$BOXTOP' $1; echo \"ended with \$?\"; exec sleep 1000"; }
fails 2 "$BOXTOP" replay
fails 2 "$BOXTOP" replay file # no terminal
fails 2 "$BOXTOP" --at now
in_table() { on_screen '(├|└|[|`]-) inner '; }
gone() { on_screen 'replay' && ! in_table; }
show "replay file --at $before"
within 20 "it says so" on_screen 'replay [0-9]{2}-[0-9]{2} [0-9:]{8}'
"${tmux[@]}" send-keys /inner Enter
within 10 "what was there then" in_table
"${tmux[@]}" send-keys End
within 10 "and at its end it is gone" gone
"${tmux[@]}" send-keys q
within 10 "it ends" on_screen 'ended with 0'
stop_tmux
show "--replay text"
within 10 "no recording" on_screen 'boxtop: read text: file is not a database'
stop_tmux

# ---- it goes on, and ends well ----
"$BOXTOP" record -d 200ms file &
recorder=$!
seen=$(samples file)
within 10 "it goes on" more $((seen + 2))
kill -TERM $recorder
wait $recorder
same "a signal ends it well" 0 $?
recorder=
same "and leaves one file" file "$(echo file*)"

# ---- as long as another process ----
sleep 1000 &
other=$!
"$BOXTOP" record -d 200ms --while $other file &
recorder=$!
seen=$(samples file)
within 10 "it goes on once more" more $((seen + 2))
kill $other
wait $other 2>/dev/null
wait $recorder
same "and ends with that process" 0 $?
recorder=
fails 1 "$BOXTOP" record --while $other file
