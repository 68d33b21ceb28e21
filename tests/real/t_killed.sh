#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# The keeper, and the container's first process, killed at each step of a launch and of its end: on the way into each system
# call that changes something (kill_at.c). The next command finds what is left and takes it down, once, and nothing else.
. "$(dirname "$0")/../vm/lib.sh"
need_root

cc -O1 -D_GNU_SOURCE -o kill_at "$(dirname "$(realpath "$0")")/kill_at.c" || skip "needs a C compiler"
mkdir -p root/{bin,proc,sys,dev,etc}
touch root/etc/hosts
cp "$(dirname "$BOXTOP")/boxtop-probe" root/bin/probe

# All that there is of this case's containers, with when it was changed.
things() {
    {
        find "$BOXTOP_STATE" -mindepth 1 ! -name .lock -printf '%P\n'
        find "$BOXTOP_STATE"/{bystander,victim} -printf '%P %T@\n'
        find "$(cgroup_root)" -type d \( -name victim -o -name bystander \) -printf 'cgroup %P %T@\n'
        cat /sys/class/net/*/ifalias | grep -E '^boxtop:(victim|bystander):'
        pgrep -f '^(/bin/)?probe (hostname|sleep 27182)'
        awk '{ print "mount " $5 }' /proc/self/mountinfo | grep -F "$PWD"
        pgrep -f 'run .*--name victim'
    } 2>/dev/null | sort
}
nothing_new() { [ "$(things)" = "$before" ]; }

check "a bystander" "$BOXTOP" run -d --name bystander --network private "$PWD/root" probe sleep 27182
before=$(things)
run=("$BOXTOP" run --rm --name victim --network private "$PWD/root" probe hostname)
killed=0
for whom in "" -c; do
    steps=$(./kill_at $whom 0 "${run[@]}" 2>/dev/null | tail -n 1)
    same "it has steps to be killed at ($steps)" yes "$([ "$steps" -gt 20 ] && echo yes)"
    within 5 "unhurt, it leaves nothing" nothing_new
    for step in $(seq "$steps"); do
        ./kill_at $whom "$step" "${run[@]}" >/dev/null 2>&1 || continue # a step that this one has not had
        killed=$((killed + 1))
        "$BOXTOP" ps -a >/dev/null
        if ! nothing_new; then
            # A link goes with its namespace, a moment later.
            within 5 "killed $whom at step $step: nothing is left" nothing_new
            [ $failures -eq 0 ] || { diff <(echo "$before") <(things) && "$BOXTOP" ps -a; } && break
        fi
    done
done
same "killed at nearly every step" yes "$([ $killed -gt 60 ] && echo yes)"
same "nothing is left, and the bystander was not touched" "$before" "$(things)"

# Once taken down it is not taken down again: two commands after a kill change no more than one.
for step in 10 20 30; do
    ./kill_at $step "$BOXTOP" run --name victim --network none "$PWD/root" probe hostname >/dev/null 2>&1
    "$BOXTOP" ps -a >/dev/null
    once=$(things)
    "$BOXTOP" ps -a >/dev/null
    same "step $step: a second look changes nothing" "$once" "$(things)"
    "$BOXTOP" rm -f victim >/dev/null 2>&1
done

# Its launcher killed while the keeper launches: nobody waits for it any more, so it is not kept.
steps=$(./kill_at 0 "$BOXTOP" run -d --rm --name victim --network none "$PWD/root" probe sleep 27182 2>/dev/null | tail -n 1)
"$BOXTOP" rm -f victim >/dev/null
for step in $(seq "$steps"); do
    ./kill_at "$step" "$BOXTOP" run -d --rm --name victim --network none "$PWD/root" probe sleep 27182 >/dev/null 2>&1
    "$BOXTOP" rm -f victim >/dev/null 2>&1
done
within 5 "launchers killed: nothing is left" nothing_new

# The container's init killed from outside, the last thing that its keeper could expect.
check "one with an init" "$BOXTOP" run -d --init --name victim --network private "$PWD/root" probe sleep 27182
kill -9 "$("$BOXTOP" inspect --json victim | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["pid"])')"
within 5 "its keeper says how it ended" sh -c "$BOXTOP ps -a | grep -qE '^victim +exited 137'"
check "rm" "$BOXTOP" rm victim
within 5 "nothing is left" nothing_new
check "the bystander goes" "$BOXTOP" rm -f bystander
