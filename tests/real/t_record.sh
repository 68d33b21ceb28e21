#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 90
# record, and looking back: what was seen is there, also after the recorder was killed.
. "$(dirname "$0")/../vm/lib.sh"
need_root

mount=$(cgroup_root)
group=boxtop-record.$$
at_end() {
    kill -9 ${recorder:-} 2>/dev/null
    rmdir "$mount/$group/inner" "$mount/$group" 2>/dev/null
}
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
within 10 "the group's samples" more $((seen + 3))
before=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
rmdir "$mount/$group/inner"
within 10 "its end" sh -c "$(declare -f query); [ \"\$(query file \"SELECT count(*) FROM event WHERE event = 'vanished' AND cgroup = '/$group/inner'\")\" = 1 ]"
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
same "all of them, a line each" "$(samples file)" "$("$BOXTOP" stats --from file --json "/" | wc -l)"

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
