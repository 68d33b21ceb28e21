#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# scripts/vm --tty, in a terminal of tmux's: what a program in the VM gets, and what is left when one of the two ends.
# limit: 240
. "$(dirname "$0")/../vm/lib.sh"

repo=$(realpath "$(dirname "$0")/../..")
export TMPDIR=$BOXTOP_STATE # where scripts/vm has its files, so that what it leaves is seen

tmux() { command tmux -L "boxtop-$$" -f /dev/null "$@"; }
screen() { tmux capture-pane -p -t t; }
shows() { screen | grep -qE -e "$1"; }
modes() { tmux display -p -t t 'alternate=#{alternate_on} mouse=#{mouse_any_flag} cursor=#{cursor_flag}'; }
type_line() { tmux send-keys -t t "$1" Enter; }

remains() { # files and processes of scripts/vm's
    find "$BOXTOP_STATE" -name 'boxtop-vm.*'
    pgrep -af "$BOXTOP_STATE/boxtop-v[m]" # not the pgrep itself
}
nothing_remains() { ! remains | grep .; }
at_end() { tmux kill-server 2>/dev/null; }

# Says its size at start, at each resize, and what bytes it gets; ends with 7 at a q.
cat >"$BOXTOP_STATE/program.py" <<'E2'
import os, signal, sys, tty
size = lambda *_: print("SIZE", *os.get_terminal_size(), end="\r\n", flush=True)
signal.signal(signal.SIGWINCH, size)
signal.signal(signal.SIGINT, lambda *_: print("INTERRUPT", end="\r\n", flush=True))
tty.setcbreak(0)
print("\033[?1049h\033[?1000h\033[?1006h\033[?25l\033[38;2;10;200;30mGREEN\033[0m", os.environ["TERM"], end="\r\n")
size()
while (keys := os.read(0, 100)) != b"q":
    print("BYTES", keys.hex(), end="\r\n", flush=True)
if keys == b"q":
    print("\033[?1049l\033[?1000l\033[?1006l\033[?25h", end="", flush=True)
    sys.exit(7)
E2

start() { # in the VM
    type_line "clear; '$repo/scripts/vm' --tty -s $BOXTOP_STATE -- python3 $BOXTOP_STATE/program.py; echo STAT''US \$?"
    within 60 "the program starts" shows "^SIZE"
}

is_restored() { # WHAT
    same "$1: the screen is the shell's again" "alternate=0 mouse=0 cursor=1" "$(modes)"
    type_line "clear; stty -a | tr ' ' '\\n' | grep -cxE 'isig|icanon|echo|onlcr|opost'; echo DO''NE"
    within 5 "$1: the shell answers" shows "^DONE"
    match "$1: the terminal is cooked again" '^5$' "$(screen)"
    within 5 "$1: nothing remains" nothing_remains
}

[ -x "$(command -v qemu-system-x86_64)" ] || skip "scripts/deps vm has not been run"
tmux new-session -d -s t -x 100 -y 30 "bash --norc"

start
match "the size at start" "^SIZE 100 30" "$(screen)"
match "24-bit colour comes through" $'38;2;10;200;30m' "$(tmux capture-pane -p -e -t t)"
match "TERM is the terminal's" "^GREEN $(tmux show -gv default-terminal)$" "$(screen)"
tmux resize-window -t t -x 132 -y 40
within 10 "a resize" shows "^SIZE 132 40"
for size in "60 15" "90 20" "110 33" "80 24"; do
    tmux resize-window -t t -x "${size% *}" -y "${size#* }"
done
within 10 "the last of many" shows "^SIZE 80 24"
tmux send-keys -t t C-c
within 10 "Ctrl-C interrupts the program" shows "^INTERRUPT"
tmux send-keys -t t -l $'\033[<0;10;5M'
within 10 "a mouse report arrives as it is" shows "^BYTES 1b5b3c303b31303b354d"
tmux send-keys -t t q
within 10 "its exit status comes back" shows "^STATUS 7"
is_restored "at its end"

start
kill -9 "$(pgrep -f "qemu-system-x86_64 .*$BOXTOP_STATE" | tail -n 1)"
within 10 "QEMU killed: the status says so" shows "^STATUS 125"
is_restored "QEMU killed"

start
kill -TERM "$(pgrep -of "scripts/vm --tty -s $BOXTOP_STATE")"
within 10 "terminated: the status says so" shows "^STATUS 143"
is_restored "terminated"

type_line "clear; '$repo/scripts/vm' --tty -- true; echo STAT''US \$?"
sleep 1
tmux send-keys -t t C-c
within 10 "Ctrl-C while it boots ends it" shows "^STATUS 130"
is_restored "interrupted"

start
tmux kill-session -t t
within 10 "the terminal gone, nothing remains" nothing_remains
