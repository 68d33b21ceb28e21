#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is wrong gets one clear line (what, on what, why, what to do), the right exit status, and leaves nothing behind.
. "$(dirname "$0")/../vm/lib.sh"
need_root

mkdir dir

# STATUS REGEX ARGS... : boxtop ARGS says one line on stderr that matches
wrong() {
    local status=$1 regex=$2 got=0
    shift 2
    output=$("$BOXTOP" "$@" 2>&1 >/dev/null) || got=$?
    same "status of boxtop $*" "$status" "$got"
    match "boxtop $*" "^boxtop: $regex\$" "$output"
    same "one line" 1 "$(grep -c '' <<<"$output")"
}

before=$(leftovers)
wrong 125 "--name: '\.\./x' can't be a container's name \(letters, .*\)" run --name ../x host true
wrong 125 "--name: 'a\\\\x0ab' can't be a container's name \(.*\)" run --name $'a\nb' host true
wrong 125 "root directory .*/nowhere: No such file or directory \(give .host. .*\)" run "$PWD/nowhere" true
wrong 127 "run sh in .*/dir: not found there \(looked in .*; give a ROOT with that command, or .host.\)" run "$PWD/dir" sh
wrong 125 ".*12x.* is not a size \(.*100M.*\)" run -m 12x host true
wrong 125 ".*'lots'.*\(.*\)" run --cpus lots host true
wrong 125 ".*no knob 'memroy.max' \(did you mean memory.max\?.*\)" run --set memroy.max=1M host true
wrong 125 ".*--memroy.*\(.*--memory.*\)" run --memroy 1M host true
wrong 125 "--network: 'bridge' is none of none.host.private" run --network bridge host true
wrong 125 ".*too few words.*|.*ROOT.*" run
wrong 2 ".*'sttas'.*\(.*stats.*\)" sttas
wrong 1 "no container nobody \(boxtop ps -a lists them\)" stop nobody
wrong 2 ".*no knob 'cpu.maxx'.*\(.*cpu.max.*\)" set /boxtop cpu.maxx=1
wrong 1 "open the cgroup .*/nowhere: No such file or directory \(.*\)" set /nowhere memory.max=1M
wrong 127 "run nope: not found in the container's root \(.*\)" run --rm --network none host nope
wrong 126 "run /etc/passwd: Permission denied" run --rm --network none host /etc/passwd
wrong 125 "change to the working directory /nowhere: No such file or directory" run --rm --network none -w /nowhere host true
wrong 125 "volume /nowhere: No such file or directory \(the source must be there already: .*\)" run --rm --network none -v /nowhere:/mnt host true
wrong 125 "run with a terminal \(-t\): standard input is not a terminal \(leave -t out\)" run --rm -it host true
wrong 125 "no container nobody \(.*\)" exec nobody true
if ! grep -q memory "$(cgroup_root)/cgroup.controllers"; then
    wrong 125 "limit memory.max: the memory controller is not on cgroup v2 \(.*\) \(.*scripts/run --vm\)" run -m 100M host true
fi
ln -s ../../../../../../etc dir/proc
mkdir dir/bin && cp "$(dirname "$BOXTOP")/boxtop-probe" dir/bin/probe
wrong 125 "mount /proc: .*symbolic link.*|find /proc in the root: .*\(it is a symbolic link there; it has to be a directory\)" run --rm --network none "$PWD/dir" probe ps
same "nothing is left behind" "$before" "$(leftovers)"

# A state directory that is not ours.
mkdir other && touch other/precious
BOXTOP_STATE=$PWD/other wrong 1 "state directory .*/other: there is something else in it \(.*\)" ps
check "which is left alone" test -e other/precious
BOXTOP_STATE=$PWD/other chmod 777 other
BOXTOP_STATE=$PWD/other wrong 1 "state directory .*/other: others may write to it \(.*\)" ps

# Records that somebody has written rubbish into.
check "a container" "$BOXTOP" run -d --name good --network none host sleep 1000
mkdir "$BOXTOP_STATE/bad" && printf '{"name":"bad","state":"running","pid":1,"cgroup":"/../../","host_link":"lo"}' >"$BOXTOP_STATE/bad/state.json"
check "ps survives a hostile record" "$BOXTOP" ps -a
check "and this machine its pid 1, its lo and its cgroups" sh -c 'kill -0 1 && test -e /sys/class/net/lo'
check "the good one is listed" sh -c "'$BOXTOP' ps | grep -q '^good '"
check "rm -f" "$BOXTOP" rm -f good

# Nothing raw reaches a terminal.
same "control bytes are escaped" 0 "$("$BOXTOP" run --name $'\e[31mx' host true 2>&1 | grep -c $'\e')"

# A container of the same name in another state directory is not ours to touch.
check "a container" "$BOXTOP" run -d --name twin --network none host sleep 1000
BOXTOP_STATE=$PWD/second wrong 125 "make the cgroup .*/boxtop/twin: File exists \(a container of another state directory .*\)" run -d --name twin host true
match "it goes on" '^twin +running' "$("$BOXTOP" ps)"
check "rm -f" "$BOXTOP" rm -f twin
rm -r second
