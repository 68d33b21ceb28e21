#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# The talk, as a tour in the screen: each step does what it says, what is expected is seen, and at the end nothing is left.
. "$(dirname "$0")/lib.sh"

export TERM=xterm-256color LANG=C.UTF-8
tmux=(tmux -L boxtop-tour -f /dev/null)
keys() { "${tmux[@]}" send-keys "$@"; }
screen() { "${tmux[@]}" capture-pane -p; }
on_screen() { screen | grep -qE -- "$1"; }
off_screen() { ! on_screen "$1"; }
stop_tmux() { "${tmux[@]}" kill-server 2>/dev/null; }
trap 'stop_tmux; end_of_case' EXIT
before=$(leftovers)
nothing_left() { diff <(echo "$before") <(leftovers); }

do_step() { # WHAT TITLE SEEN... : goes on to the step with that title, does it, and waits for what it expects
    local what=$1 title=$2 seen
    shift 2
    keys Enter
    within 20 "$what: its words" on_screen "$title"
    keys Enter
    for seen; do within 30 "$what: $seen" on_screen "✓ $seen"; done
    within 30 "$what: done" on_screen 'Enter (next|end)'
    # What comes after a step that failed says nothing, and waits long for it.
    [ $failures -eq 0 ] || { screen && exit 1; }
}

match "the tours that there are" '^memory +memory.high against memory.max$' "$("$BOXTOP" demo --list)"
"${tmux[@]}" new-session -d -x 140 -y 44 -e BOXTOP_STATE="$BOXTOP_STATE" "$BOXTOP demo; echo \"ended with \$?\"; exec sleep 1000"
within 20 "the talk begins" on_screen 'There is no such thing'
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
keys q
within 20 "the screen ends" on_screen 'ended with 0'
within 10 "nothing is left" nothing_left
