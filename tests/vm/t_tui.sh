#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# The screen, as a person uses it: from nothing to a container under limits, turned, killed, seen, stopped.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/screen.sh"

knob() { cat "/sys/fs/cgroup/boxtop/box1/$1"; }
memory_max() { test "$(knob memory.max)" "$@"; }
quota() { test "$(knob cpu.max | cut -d ' ' -f 1)" "$@"; }

start 120x36 "$BOXTOP"
within 20 "the machine's groups are there" on_screen 'boxes 0'
match "the header says what cgroup v2 has" 'cgroup v2' "$(screen)"

# ---- n, Enter: the defaults launch at once ----
keys n
within 10 "the form" on_screen 'new container'
match "and what it will execute" 'boxtop run -d --init --name box1 --memory 100M' "$(screen)"
keys Enter
within 20 "it is in the table" on_screen 'box1 +[0-9]'
within 10 "and in the records" sh -c "$BOXTOP ps | grep -q '^box1 *running'"
same "with the limits of the form" "104857600 50000 100000 64" \
    "$(knob memory.max) $(knob cpu.max) $(knob pids.max)"
within 10 "the new one is selected" on_screen 'max 100M'
within 20 "and a shell is open in it" on_screen 'shell in box1.*C-] leaves'
keys 'uname -n; echo in-here' Enter
within 20 "which is inside" on_screen '^│box1 *│'

# ---- the terminal pane: a program with the whole of it, sizes, out and in again, its end ----
keys 'vi /etc/hostname' Enter
within 20 "vi draws in the pane" on_screen '^│~ '
"${tmux[@]}" resize-window -x 100 -y 30
within 10 "and draws anew at another size" on_screen '^│~.{97}│$'
keys F12
within 10 "zoomed it has the room of the table, too" off_screen 'CGROUP'
keys F12
within 10 "and back" on_screen 'CGROUP'
"${tmux[@]}" resize-window -x 120 -y 36
keys ':q!' Enter
within 10 "vi is gone" off_screen '^│~ '
within 10 "what the shell had said is there again" on_screen '^│in-here'
keys 'clear; echo goes-on' Enter
within 10 "the shell goes on" on_screen '^│goes-on'
keys 'C-]'
within 10 "one key leaves it" on_screen 'F1Help'

# ---- turning ----
keys '{'
within 10 "memory.max goes down" memory_max -lt 104857600
keys u
within 10 "and is undone" memory_max -eq 104857600
keys ']'
within 10 "cpu.max goes up" quota -gt 50000

# ---- what would kill is asked first ----
keys '=' C-u 'memory.max=64K' Enter
within 10 "a limit far below what is used: a question" on_screen 'set it all the same'
keys n
within 5 "n: nothing happens" off_screen 'set it all the same'
same "memory.max is what it was" 104857600 "$(knob memory.max)"

# ---- panes of what is read only of the selected group ----
keys 6
within 10 "its processes" on_screen 'PID .*COMMAND'
keys 9
within 10 "its network" on_screen 'eth0 +up'
keys 0
within 10 "its namespaces" on_screen '● net .*its own'
keys 6 9 0 v
within 10 "processes below their group" on_screen '[├└] [0-9]+ [a-z/]'
keys v
within 10 "and away again" off_screen '[├└] [0-9]+ [a-z/]'

# ---- an OOM kill is seen before the next sample is due ----
match "none yet" 'OOM 0' "$(screen)"
"$BOXTOP" exec box1 dd if=/dev/zero of=/dev/null bs=300M count=1 >/dev/null 2>&1
within 10 "the kill is in the header" on_screen 'OOM .*1 \(1 new\)'
within 10 "and in the row" on_screen 'box1 .*✖1'

# ---- shell inside, help, how it was made ----
keys e
within 10 "e: the same shell" on_screen '^│goes-on'
keys C-d
within 15 "it ends, and the pane goes" off_screen 'shell in box1.*C-]'
keys E
within 10 "a shell with the whole terminal" off_screen 'CGROUP'
keys 'hostname > /tmp/shown; stty size; exit' Enter
within 15 "back from a shell inside" on_screen 'CGROUP'
keys x
within 10 "how it was made" on_screen 'mkdir -p /sys/fs/cgroup/boxtop/box1'
keys Escape
keys '?'
within 10 "help" on_screen 'cpu.max'
keys Escape

# ---- sizes ----
for size in 80x24 200x50 60x15 120x36; do
    "${tmux[@]}" resize-window -x "${size%x*}" -y "${size#*x}"
    within 10 "it draws at $size" on_screen 'CGROUP'
done
"${tmux[@]}" resize-window -x 30 -y 8
within 10 "too small: it says so and stays" on_screen '[Tt]oo small|30x8|40x10'
"${tmux[@]}" resize-window -x 120 -y 36
within 10 "and comes back" on_screen 'CGROUP'

# ---- stop asks first; killed, the screen leaves containers alone ----
keys s
within 10 "stop asks" on_screen 'stop box1\?'
keys n
within 5 "n: nothing happens" off_screen 'stop box1\?'
pkill -9 -x boxtop-view
within 10 "the screen was killed" on_screen 'ended with 137'
match "its container lives" '^box1 +running' "$("$BOXTOP" ps)"
stop_tmux

# ---- the terminal goes away: it ends at once ----
start 80x24 "$BOXTOP"
within 20 "again, at 80x24" on_screen 'box1'
stop_tmux
within 5 "no terminal, no boxtop" sh -c '! pgrep -x boxtop-view'
match "the container stays" '^box1 +running' "$("$BOXTOP" ps)"

# ---- with an hour between samples: what is seen now, a notification has brought ----
start 120x36 "$BOXTOP --interval 1h"
within 20 "a screen that does not sample" on_screen 'box1'
match "no kill since it began" 'OOM 0' "$(screen)"
"$BOXTOP" exec box1 dd if=/dev/zero of=/dev/null bs=300M count=1 >/dev/null 2>&1
within 30 "a kill does not wait for the next sample" on_screen 'OOM .*1 \(1 new\)'
stop_tmux

# ---- plain terminals ----
start 80x24 "env LANG=C NO_COLOR=1 TERM=vt100 $BOXTOP --readonly"
within 20 "LANG=C, no colour" on_screen 'box1'
same "nothing but ASCII" 0 "$(screen | grep -cP '[^\x00-\x7f]')"
keys ']'
within 5 "read-only says so" on_screen '[Rr]ead-only'
keys q
within 10 "q ends it" on_screen 'ended with 0'
check "stop" "$BOXTOP" stop box1
check "rm" "$BOXTOP" rm box1
