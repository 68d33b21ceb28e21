#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# Tours in the screen: each step does what it says, what is expected is seen, and at the end nothing is left.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/screen.sh"

nothing_left() { diff <(echo "$before") <(leftovers); }

does() { # WHAT SEEN... : does the step that is shown, and waits for what it expects
    local what=$1 seen
    shift
    keys Enter
    for seen; do within 30 "$what: $seen" on_screen "✓ $seen"; done
    within 30 "$what: done" on_screen 'Enter (next|end)'
    # What comes after a step that failed says nothing, and waits long for it.
    [ $failures -eq 0 ] || { screen && exit 1; }
}

do_step() { # WHAT TITLE SEEN... : goes on to the step with that title, and does it
    keys Enter
    within 20 "$1: its words" on_screen "$2"
    does "$1" "${@:3}"
}

tour() { # DOWN NAME TITLE : begins with the one that is so far down in the menu
    keys : tour Enter
    within 10 "the menu of tours" on_screen '┐tours┌'
    for ((i = 0; i < $1; i++)); do keys Down; done
    keys Enter
    within 10 "$2 begins" on_screen "$3"
}

ends() { # WHAT : on Enter, and everything is undone
    keys Enter
    within 20 "$1 is undone" on_screen 'the tour is over'
    within 10 "$1: nothing is left" nothing_left
}

match "the tours that there are" '^memory +memory.high against memory.max$' "$("$BOXTOP" demo --list)"
start 140x44 "$BOXTOP demo"
within 20 "the talk begins" on_screen 'There is no such thing'
before=$(leftovers) # this screen, too
do_step "a root" '1\. A root file system' 'it says No such file' 'demo state=running'
do_step "walls" '2\. Walls' 'it says boxtop-init' 'it says demo'
keys t
within 20 "a shell of one's own, beside it" on_screen 'shell in demo.*C-\] leaves'
within 20 "and its prompt" on_screen '^│[^│]*# '
keys C-d
within 20 "and back" off_screen 'shell in demo'
do_step "network" '3\. A network' 'it says eth0' 'it says 1 received'
do_step "limits" '4\. Limits' 'demo max=100M'
do_step "memory" 'The proof: memory' 'demo oom>=1'
match "memory: how it ended" 'its status is 137' "$(screen)"
do_step "CPU" 'The proof: CPU' 'demo cpu>40 cpu<60' 'demo thr>50'
keys Left
within 20 "back: the step is as it was" on_screen 'Enter do it'
keys q
within 20 "everything is undone" on_screen 'the tour is over'
within 10 "nothing is left" nothing_left

tour 0 cpu-weight 'Two that want the same CPU'
does "two" 'demo-a cpu>30 cpu<70' 'demo-b cpu>30 cpu<70'
do_step "heavy" 'One is four times as heavy' 'demo-a cpu>60' 'demo-b cpu<35'
do_step "alone" 'And alone' 'demo-b cpu>80'
ends cpu-weight

tour 1 memory 'Two limits'
does "two" 'demo-wall max=100M' 'demo-brake state=running'
do_step "the wall" 'Into the wall' 'demo-wall oom>=1'
match "the wall: how it ended" 'its status is 137' "$(screen)"
do_step "the brake" 'On the brake' 'demo-brake mem>90M' 'demo-brake oom=0'
do_step "room" 'Give it room' 'demo-brake oom=0'
same "room: it has it" max "$(cat /sys/fs/cgroup/boxtop/demo-brake/memory.high)"
ends memory

tour 2 namespaces 'A process, as it is'
does "none" 'it says uts:'
do_step "uts" 'uts: a name of its own' 'it says inside'
same "uts: the machine's name is what it was" 0 "$(hostname | grep -c inside)"
do_step "pid" 'pid: number 1' 'it says ps'
do_step "net" 'net: no cable' 'it says lo'
do_step "user" 'user: root here' 'it says 0'
do_step "all" 'All of them' 'demo state=running'
ends namespaces

tour 3 pids 'A container that may have 64 tasks'
does "box" 'demo state=running'
do_step "the bomb" 'The bomb' 'demo pids>50'
do_step "the end" 'Defused' 'it says demo'
ends pids

keys q
within 20 "the screen ends" on_screen 'ended with 0'
