#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# What --explain prints is a script: run by hand it makes the same container, and its last lines leave nothing.
. "$(dirname "$0")/../vm/lib.sh"
need_root
for program in ip unshare setpriv; do command -v $program >/dev/null || skip "needs $program"; done

command='readlink /proc/1/ns/net; hostname; grep ^0:: /proc/self/cgroup; grep Cap /proc/self/status; grep NoNewPrivs /proc/self/status; cut -d " " -f 2-4 /proc/mounts | grep -vE "^/ |^/proc/(acpi|interrupts|keys|timer_list)|^/sys/firmware" | sed "s/,relatime//; s/,size=[^,]*//; s/,inode64//" | sort; ls -l /dev | cut -c 1-10; cat /proc/net/route | wc -l'
limits=()
! grep -q memory "$(cgroup_root)/cgroup.controllers" || limits=(-m 100M --cpus 0.5 --pids-limit 50)
explained=(run "${limits[@]}" --name byhand --network private -v "$PWD/file:/srv/file:ro" host sh -c "$command; cat /srv/file; ! (echo x > /srv/file) 2>/dev/null")

# `ip netns` mounts a directory for its names, once a machine; that is not the script's to undo.
mountpoint -q /run/netns || trap 'umount -l /run/netns; rmdir /run/netns; end_of_case' EXIT
ip netns add boxtop-first && ip netns delete boxtop-first
echo shown >file
before=$(leftovers)
check "explain" "$BOXTOP" "${explained[@]:0:1}" --explain "${explained[@]:1}"
echo "$output" >script
same "explaining makes nothing" "$before" "$(leftovers)"
bash script >by-hand 2>errors
same "the script ends well" 0 $?
same "and complains of nothing" "" "$(cat errors)"
same "it leaves nothing" "$before" "$(leftovers)"
"$BOXTOP" run --rm "${explained[@]:1}" >by-boxtop
same "in no case the host's network" 0 "$(grep -cF "$(readlink /proc/self/ns/net)" by-hand by-boxtop | awk -F: '{ n += $2 } END { print n }')"
same "otherwise the same container" "$(sed 1d by-boxtop)" "$(sed 1d by-hand)"
[ ${#limits[@]} -eq 0 ] || for line in memory.max cpu.max pids.max; do match "a line for $line" "^echo '[0-9 ]+' > /sys/fs/cgroup/.*boxtop/byhand/$line" "$(cat script)"; done
