#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 90
# What is seen of a container that is looked at: its network, processes and namespaces are what they are inside.
. "$(dirname "$0")/../vm/lib.sh"
need_root

at_end() {
    "$BOXTOP" rm -f seen other >/dev/null 2>&1
}
json() { python3 -c "import json,sys; d=json.load(sys.stdin)[0]; print($1)"; }
look() { "$BOXTOP" stats --once --json -d 300ms "$1"; }

"$BOXTOP" run -d --name seen --network private host sh -c 'sleep 600 & exec sleep 601' >/dev/null
"$BOXTOP" run -d --name other --network none host sleep 600 >/dev/null
stats=$(look seen)
group=$(json 'd["cgroup"]' <<<"$stats")

# ---- processes: as ps has them inside, and as they are outside ----
same "its processes are those of the cgroup" "$(sort -n "$(cgroup_root)$group/cgroup.procs" | tr '\n' ' ')" \
    "$(json '" ".join(str(p["pid"]) for p in sorted(d["cgroup.procs"], key=lambda p: p["pid"])) + " "' <<<"$stats")"
# shellcheck disable=SC2016 # expanded inside
inside=$("$BOXTOP" exec seen sh -c 'for p in /proc/[0-9]*; do [ "$(cat $p/comm)" != sleep ] || echo "${p#/proc/}"; done' | sort -n | tr '\n' ' ')
same "and inside they have these numbers" "$inside" \
    "$(json '" ".join(str(p["nspid"]) for p in sorted(d["cgroup.procs"], key=lambda p: p["nspid"])) + " "' <<<"$stats")"
same "their commands, users, threads" "sleep 600 root 1 sleep 601 root 1" \
    "$(json '" ".join(sorted("%s %s %s" % (p["command"], p["user"], p["threads"]) for p in d["cgroup.procs"]))' <<<"$stats")"
pid=$(json 'd["cgroup.procs"][0]["pid"]' <<<"$stats")
same "oom_score_adj" "$(cat "/proc/$pid/oom_score_adj")" "$(json 'd["cgroup.procs"][0]["oom_score_adj"]' <<<"$stats")"

# ---- namespaces ----
first=$(json 'd["namespaces_of"]' <<<"$stats")
for type in cgroup ipc mnt net pid time user uts; do
    here=$(stat -Lc %i /proc/self/ns/$type) there=$(stat -Lc %i "/proc/$first/ns/$type")
    echo "$type $there $([ "$here" = "$there" ] && echo True || echo False)"
done >expected
same "the eight namespaces, and which are the machine's" "$(cat expected)" \
    "$(json '"\n".join("%s %s %s" % (t, n["inode"], n["host"]) for t, n in d["namespaces"].items())' <<<"$stats")"
same "nobody else is in its network" 0 "$(json 'd["namespaces"]["net"]["shared"]' <<<"$stats")"
same "ids are mapped as they are" "$(awk '{ print "[" $1 ", " $2 ", " $3 "]" }' "/proc/$first/uid_map" | head -n 1)" \
    "$(json 'd["uid_map"][0]' <<<"$stats")"

# ---- network: what was sent is what is counted ----
device() { # DIRECTION FIELD
    "$BOXTOP" exec seen cat "/sys/class/net/eth0/statistics/$1_$2" 2>/dev/null ||
        awk -v tx="$1" -v field="$2" '$1 == "eth0:" { print field == "bytes" ? (tx == "tx" ? $10 : $2) : (tx == "tx" ? $11 : $3) }' "/proc/$first/net/dev"
}
gateway=$("$BOXTOP" inspect seen | awk '$1 == "gateway:" { print $2 }')
check "it sends" "$BOXTOP" exec seen sh -c "ping -c 20 -i 0.002 -s 1000 -q $gateway >/dev/null || ping -c 20 -s 1000 -q $gateway >/dev/null"
before=$(device tx packets)
stats=$(look seen)
after=$(device tx packets)
same "packets sent: between the kernel's own count before and after" True \
    "$(json "$before <= d['net']['tx_packets'] <= $after and $before >= 20" <<<"$stats")"
same "bytes of 20 pings and more" True "$(json "d['net']['tx_bytes'] >= 20 * 1042 and d['net']['rx_bytes'] >= 20 * 1042" <<<"$stats")"
same "its address" "$("$BOXTOP" inspect seen | awk '$1 == "address:" { print $2 }')" \
    "$(json "[a for l in d['net']['links'] if l['name'] == 'eth0' for a in l['addresses'] if ':' not in a][0]" <<<"$stats")"
same "the way out, first, and no other default" "default via $gateway dev eth0" \
    "$(json "'; '.join('default via %s dev %s' % (r['via'], r['link']) for r in d['net']['routes'] if r['family'] == 4 and r['to'] == 'default')" <<<"$stats")"
same "the default way is the first" default "$(json "d['net']['routes'][0]['to']" <<<"$stats")"
same "routes are those of its own namespace" "$(nsenter -t "$first" -n ip -o route | wc -l)" \
    "$(json "len([r for r in d['net']['routes'] if r['family'] == 4])" <<<"$stats")"
peer=$(json "[l['peer'] for l in d['net']['links'] if l['name'] == 'eth0'][0]" <<<"$stats")
same "the other end is the link of its record" "$("$BOXTOP" inspect seen --json | json "d['network']['host_link']")" "$peer"
same "in the bridge that the kernel says" "$(basename "$(readlink -f "/sys/class/net/$peer/master")")" \
    "$(json "[l['bridge'] for l in d['net']['links'] if l['name'] == 'eth0'][0]" <<<"$stats")"
same "the loopback leads nowhere" None "$(json "[l['peer'] for l in d['net']['links'] if l['name'] == 'lo'][0]" <<<"$stats")"
same "without a network only the loopback" "['lo']" "$(look other | json "[l['name'] for l in d['net']['links']]")"
same "the machine's own group has no network of its own" None "$(look / | json "d['net']")"

# ---- a socket in there does not keep the link alive ----
link=$(ip -o link | grep -c ': bx')
"$BOXTOP" stats --json -d 200ms seen >streamed &
watcher=$!
within 10 "it is looked at" grep -q '"net":{' streamed
"$BOXTOP" kill seen >/dev/null
within 10 "the link goes with the container, though it is looked at" sh -c "[ \$(ip -o link | grep -c ': bx') -lt $link ]"
kill $watcher 2>/dev/null
wait $watcher 2>/dev/null

# ---- as text ----
match "every figure a line" "^cgroup.procs.0.command sleep 600$" "$("$BOXTOP" stats --once --all -d 300ms other)"
match "and the verdict" "^verdict idle" "$("$BOXTOP" stats --once --all -d 300ms other)"
fails 2 "$BOXTOP" stats --all
match "--all wants a name" "^boxtop: stats: --all is for groups that are named" "$output"
