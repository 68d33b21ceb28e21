#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every knob on a real kernel: what is accepted arrives, what is not is refused with its reason, and what a write will do is said.
. "$(dirname "$0")/lib.sh"

mount=/sys/fs/cgroup group=/sys/fs/cgroup/knobs
at_end() {
    echo 1 >$group/cgroup.kill
    while grep -q 'populated 1' $group/cgroup.events; do sleep 0.1; done
    rmdir $group
    losetup -d "$loop"
} 2>/dev/null
sed 's/^\| / +/g' $mount/cgroup.controllers >$mount/cgroup.subtree_control
mkdir $group
put() { "$BOXTOP" set --yes /knobs "$@"; }

# ---- a knob for every file that can be written ----
help=$("$BOXTOP" set --help)
unknown=
for file in "$group"/*; do
    name=${file##*/}
    case $name in hugetlb.*) shown=hugetlb.SIZE.${name#hugetlb.*.} ;; *) shown=$name ;; esac
    case $name in
    cgroup.procs | cgroup.threads | cgroup.subtree_control | cgroup.type | cgroup.kill | *.pressure) ;; # the tree, triggers
    memory.peak | memory.swap.peak | pids.peak | misc.* | rdma.*) ;;
    *) [ "$(stat -c %a "$file")" = 444 ] || grep -q "^  $shown " <<<"$help" || unknown+=" $name" ;;
    esac
done
same "every writable file has a knob" "" "$unknown"

# ---- accepted: the kernel has what was said, and before and after are printed ----
modprobe loop 2>/dev/null
truncate -s 1M disk && check "a disk" losetup -f --show disk
loop=$output disk=$(cat "/sys/block/${output##*/}/dev")
accepted() { # KNOB VALUE KERNEL PRINTED
    [ -e "$group/$1" ] || { echo "# $1: not in this kernel" && return; }
    check "$1=$2" put "$1=$2"
    [ -z "${4:-}" ] || same "$1: before and after" "$1: $4" "$output"
    same "$1: the kernel has it" "$3" "$(tr '\n' ';' <"$group/$1" | sed 's/;$//')"
}
accepted cpu.max 50% "50000 100000" "max -> 50%"
accepted cpu.max 1.5 "150000 100000" "50% -> 150%"
accepted cpu.max "20000 40000" "20000 40000" "150% -> 50%"
accepted cpu.max.burst 10000 10000 "0 -> 10000"
accepted cpu.max.burst 0 0
accepted cpu.max max "max 40000" "50% -> max"
accepted cpu.weight 300 300 "100 -> 300"
accepted cpu.weight.nice -5 -5
accepted cpu.weight 200 200
accepted cpuset.cpus 0 0
accepted cpuset.cpus "" "" "0 -> -"
accepted cpuset.mems 0 0
accepted cpuset.cpus.exclusive 0 0
accepted cpuset.cpus.partition member member
accepted memory.min 1M 1048576 "0 -> 1M"
accepted memory.low 1.5M 1572864 "0 -> 1536K"
accepted memory.high 80M 83886080 "max -> 80M"
accepted memory.max 100M 104857600 "max -> 100M"
accepted memory.max 104861697 104861696 "100M -> 102404K" # the kernel's pages
accepted memory.swap.high 10M 10485760 "max -> 10M"
accepted memory.swap.max 0 0 "max -> 0"
accepted memory.zswap.max 1M 1048576
accepted memory.zswap.writeback 0 0
accepted memory.oom.group 1 1 "0 -> 1"
accepted pids.max 64 64 "max -> 64"
accepted hugetlb.2MB.max 4M 4194304 "max -> 4M"
accepted hugetlb.2MB.rsvd.max 8M 8388608 "max -> 8M"
accepted cgroup.max.depth 3 3 "max -> 3"
accepted cgroup.max.descendants 10 10 "max -> 10"
accepted cgroup.pressure 0 0 "1 -> 0"
accepted cgroup.freeze 1 1 "0 -> 1"
accepted cgroup.freeze 0 0 "1 -> 0"
accepted io.weight 300 "default 300" "100 -> 300"
accepted io.max "$disk rbps=10M wiops=100" "$disk rbps=10485760 wbps=max riops=max wiops=100" "$disk max -> $disk rbps=10485760 wbps=max riops=max wiops=100"
accepted io.max "$disk rbps=max wiops=max" "" "$disk rbps=10485760 wbps=max riops=max wiops=100 -> $disk max"
echo "$disk enable=1" >$mount/io.cost.qos # without it there are no weights on this disk
accepted io.weight "$disk 500" "default 300;$disk 500" "$disk default -> $disk 500"
same "JSON: the kernel's words" '[{"cgroup": "/knobs", "knob": "memory.low", "before": "1572864", "after": "0"}]' \
    "$(put --json memory.low=0 | python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin)))')"

# ---- refused: why ----
refuses() { # WHY KNOB=VALUE
    fails 1 put "$2"
    match "$2" "^boxtop: /knobs: set ${2%%=*}.*: $1" "$output"
}
put cpu.max=50% cpu.max.burst=20000 >/dev/null
refuses "the burst is larger than the quota \(raise cpu.max first\)" cpu.max.burst=60000
refuses "the kernel refused it \(its quota may not be below cpu.max.burst: set that to 0 first\)" cpu.max=10%
match "a weight that is lost" "its cpu.weight, 200, is lost: it will be 100 after cpu.idle=0" "$(put cpu.idle=1 2>&1)"
refuses "the kernel refused it \(while cpu.idle is 1 there is no weight: set cpu.idle=0 first\)" cpu.weight=5
put cpu.idle=0 cpu.max.burst=0 cpu.max=max >/dev/null
refuses "no such CPU \(" cpuset.cpus=4000
refuses "no such memory node \(" cpuset.mems=60
refuses "this kernel does not have it \(it came with Linux 5.6" hugetlb.16GB.max=0
fails 1 "$BOXTOP" set / cpu.max=50%
match "the root" '^boxtop: /: set cpu.max: the root cgroup has no limits \(name a cgroup below it\)$' "$output"
mkdir $group/below
fails 1 "$BOXTOP" set /knobs/below memory.max=50M
match "no controller" '^boxtop: /knobs/below: set memory.max: the memory controller is not enabled in this cgroup \(' "$output"
rmdir $group/below

# ---- what will happen, before it does; and nothing without --yes where somebody could be killed ----
sh -c "echo \$\$ >$group/cgroup.procs; exec python3 -c 'import time; held = bytearray(40 << 20); time.sleep(1000)'" &
within 20 "it has memory that can't be reclaimed" sh -c "[ \"\$(cat $group/memory.current)\" -gt 41000000 ]"
fails 1 "$BOXTOP" set /knobs memory.max=20M
match "a kill is said, with the figures" '^boxtop: set /knobs memory.max: it uses 4[0-9](\.[0-9])?M, more than 20.*, and cannot give back enough \(4.* anonymous, .*\): processes will be OOM killed$' "$output"
match "and not done without a word" '^boxtop: set: nothing was changed \(--yes does it without a question\)$' "$output"
same "nothing was" 104861696 "$(cat $group/memory.max)"
fails 1 "$BOXTOP" set --gently /knobs memory.max=20M
match "--gently kills nobody" '^boxtop: set /knobs: memory.max: it still uses .* after reclaiming, more than 20.*: nothing was changed \(' "$output"
same "nothing was" 104861696 "$(cat $group/memory.max)"
fails 1 put memory.reclaim=30M
match "memory.reclaim" 'less could be reclaimed than was asked for' "$output"
match "memory.high slows down" '^boxtop: set /knobs memory.high: it uses .*: it is reclaimed from, and slowed down' "$("$BOXTOP" set /knobs memory.high=30M 2>&1)"
match "pids.max kills nobody" '^boxtop: set /knobs pids.max: it has 1 tasks, more than 0: they stay, and none can be forked' "$("$BOXTOP" set /knobs pids.max=0 2>&1)"
same "asked on a terminal" "nothing was changed" "$(script -qec "$BOXTOP set /knobs memory.max=20M" /dev/null <<<n | grep -o 'nothing was changed')"
check "--yes" "$BOXTOP" set --yes /knobs memory.max=20M memory.high=max pids.max=max
within 10 "it was killed" grep -qE '^oom_kill [1-9]' $group/memory.events
wait

# ---- file cache can go ----
echo max >$group/memory.max
sh -c "echo \$\$ >$group/cgroup.procs; head -c 40M /dev/urandom >/var/tmp/cache; sync /var/tmp/cache; exec sleep 1000" &
cached=$!
within 20 "file cache or tmpfs" sh -c "[ \"\$(cat $group/memory.current)\" -gt 40000000 ]"
if [ "$(awk '$1 == "file" { f = $2 } $1 == "shmem" { s = $2 } END { print (f - s > 30000000) }' $group/memory.stat)" = 1 ]; then
    match "reclaimed, it says" 'the rest is reclaimed' "$("$BOXTOP" set --gently /knobs memory.max=20M 2>&1; "$BOXTOP" set /knobs memory.max=10M 2>&1)"
    check "it lives" kill -0 $cached
fi
kill $cached
rm -f /var/tmp/cache

# ---- one's own session ----
(
    echo "$BASHPID" >$group/cgroup.procs
    "$BOXTOP" set /knobs cgroup.freeze=1
) >own 2>&1 </dev/null
match "freezing oneself is said" '^boxtop: set /knobs cgroup.freeze: this session is in there: it freezes too' "$(cat own)"
same "and not done without a word" 0 "$(cat $group/cgroup.freeze)"

# ---- with run ----
check "run with knobs of all kinds" "$BOXTOP" run --rm --network none --set memory.oom.group=1 --set cgroup.max.depth=0 \
    --set hugetlb.2MB.max=2M --io-max "$loop:rbps=1M,wiops=max" --io-max "$disk:wbps=2M" host cat /sys/fs/cgroup/memory.oom.group /sys/fs/cgroup/cgroup.max.depth \
    /sys/fs/cgroup/hugetlb.2MB.max /sys/fs/cgroup/io.max
same "written before it runs" "1 0 2097152 $disk rbps=1048576 wbps=2097152 riops=max wiops=max" "$(xargs <<<"$output")"
fails 125 "$BOXTOP" run --rm --set cgroup.freeze=1 host true
while read -r value why; do
    fails 125 "$BOXTOP" run --rm --io-max "$value" host true
    match "--io-max $value" "^boxtop: .*$why" "$output"
done <<'BAD'
nothing is not DEV:KEY=VAL \(for example
rbps=1M is not DEV:KEY=VAL
:rbps=1M is not DEV:KEY=VAL
/nowhere:rbps=1M --io-max: /nowhere: No such file or directory
/etc/passwd:rbps=1M --io-max: /etc/passwd is not a block device
8:0:speed=1 io.max: 'speed=1' is not a device's limits
8:0:rbps=0 io.max: 'rbps=0': 0 is not possible
BAD
