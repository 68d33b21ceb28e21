#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# The second reader, the kernel's cgroup iterator, is taken where there are many groups.
. "$(dirname "$0")/lib.sh"

top=/sys/fs/cgroup/many
count=300
at_end() {
    echo 1 >$top/cgroup.kill 2>/dev/null
    within 10 "all have ended" sh -c "! grep -q 'populated 1' $top/cgroup.events"
    find $top -depth -type d -exec rmdir {} +
}
json() { python3 -c "import json,sys; d=[json.loads(l) for l in sys.stdin]; print($1)"; }

# ---- chosen at run time ----
echo "+cpu +memory +pids" >/sys/fs/cgroup/cgroup.subtree_control
mkdir $top
echo "+cpu +memory +pids" >$top/cgroup.subtree_control
same "few groups: by their files" files "$("$BOXTOP" stats --self --json -n 4 -d 200ms | json 'd[-1]["reader"]')"
eval "mkdir $top/g{0..$((count - 1))}"
sh -c "echo \$\$ >$top/g7/cgroup.procs; exec '$(dirname "$BOXTOP")/boxtop-probe' spin 1000" >/dev/null &
"$BOXTOP" stats --self --json -d 500ms >self &
watcher=$!
within 30 "many: by the iterator" grep -q '"iterator"' self
kill -INT $watcher
wait $watcher
"$BOXTOP" stats --json -d 500ms >all &
watcher=$!
within 30 "it goes on" sh -c "test \$(grep -c '\"/many/g7\"' all) -ge 8"
kill -INT $watcher
wait $watcher
same "who works is seen to, who does not is not" "True True" "$(json \
    '(lambda l: "%s %s" % (l["/many/g7"]["cpu_percent"] > 2, l["/many/g8"]["cpu_percent"] == 0))({x["cgroup"]: x for x in d if x["cgroup"] in ("/many/g7", "/many/g8")})' <<<"$(grep -v '^$' all | head -n -1)")"
