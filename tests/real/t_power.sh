#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # $ is for the VM
# limit: 150
# The power goes: two boots of a VM with one disk, which has the records. What the first boot's records name is gone in the
# second, and their numbers and names are somebody else's by then: none of them is believed, nothing of others is touched.
. "$(dirname "$0")/../vm/lib.sh"
need_root
here=$(dirname "$(realpath "$0")") program=$BOXTOP
[ -x "$(command -v qemu-system-x86_64)" ] || skip "scripts/deps vm has not been run"
command -v mkfs.ext4 >/dev/null || skip "needs mkfs.ext4"
vm() { "$here/../../scripts/vm" -s "$PWD" -- "$@"; }

truncate -s 64M disk && mkfs.ext4 -q disk
cat >common <<'EOF'
modprobe loop 2>/dev/null
mkdir -p /run/disk && mount -o loop disk /run/disk && install -d -m 700 /run/disk/state || exit 3
export BOXTOP_STATE=/run/disk/state
boxtop() { "$PROGRAM" "$@"; }
EOF
cat >before <<'EOF'
. ./common
boxtop run -d --name plain --network private -p 8080:80 host sleep 1000 &&
    boxtop run -d --rm --name gone --network private host sleep 1000 &&
    boxtop run -d --name again --restart always --network none host sleep 1000 &&
    boxtop create --name made --network none host sleep 1000 || exit 4
sync
cp /run/disk/state/plain/state.json plain.json
# What the disk has of these nobody knows.
for i in 1 2 3; do boxtop run -d --name late$i --network none host sleep 1000; done
sync plain.json
echo ready
echo b >/proc/sysrq-trigger
sleep 100
EOF
cat >after <<'EOF'
. ./common
recorded() { python3 -c 'import json, sys; print(json.load(open("plain.json"))[sys.argv[1]])' "$1"; }
# Somebody else has its pid, a cgroup and a link of its name.
echo $(($(recorded pid) - 1)) >/proc/sys/kernel/ns_last_pid
sleep 1001 &
other=$!
[ $other = "$(recorded pid)" ] || echo "its pid was taken already" >>start.err
group=/sys/fs/cgroup$(recorded cgroup)
mkdir -p "$group" && echo $other >"$group/cgroup.procs"
ip link add "$(recorded host_link)" type dummy
boxtop ps -a >list
echo "ps $?"
boxtop ps -a --json >list.json
boxtop inspect plain | grep ^why: >why
kill -0 $other && grep -qx $other "$group/cgroup.procs" && echo "process untouched"
ip link show "$(recorded host_link)" >/dev/null && echo "link untouched"
ip link delete "$(recorded host_link)"
kill $other && wait $other
rmdir "$group"
for name in plain again made; do boxtop start $name 2>>start.err && echo "started $name"; done
boxtop ps | awk '$2 == "running" { print "runs", $1 }'
boxtop rm -f $(boxtop ps -a | awk 'NR > 1 { print $1 }') >/dev/null && boxtop prune >/dev/null
find /run/disk/state -mindepth 1 ! -path '*/.*'
find /sys/fs/cgroup/boxtop -mindepth 1 -type d 2>/dev/null
ls /sys/class/net | grep -E '^(bx|boxtop)'
sed -n 's/^\(..*\)/leftover name: \1/p' /run/disk/state/.net/hosts 2>/dev/null
umount /run/disk && echo end
EOF
sed -i "1s|^|PROGRAM=$program\n|" common

vm bash before >first 2>first.err
match "containers run, and the power goes" '^ready$' "$(cat first first.err)"
vm bash after >second 2>&1
status=$?
same "the next boot (status $status; $(cat start.err))" "ps 0
process untouched
link untouched
started plain
started again
started made
runs again
runs made
runs plain
end" "$(cat second)"
match "how it ended is not known, but why is" '^why: +the machine was restarted; how it ended is not known$' "$(cat why)"
match "it has ended" '^plain +exited \?' "$(cat list)"
match "what was to be restarted has ended too" '^again +exited \?' "$(cat list)"
match "what was created is as it was" '^made +created' "$(cat list)"
same "what was to be removed is gone" 0 "$(grep -c '^gone ' list)"
check "the list is whole" python3 -c 'import json; assert all(c["state"] in ("exited", "created") for c in json.load(open("list.json")))'
