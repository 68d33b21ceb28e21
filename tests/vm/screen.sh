# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the cases that drive the screen, after lib.sh: boxtop in a terminal of tmux's.

export TERM=xterm-256color LANG=C.UTF-8
export XDG_CONFIG_HOME=$PWD/config # nobody's own: it may have other columns
tmux=(tmux -L "boxtop-test-$$" -f /dev/null)
# The shell in a container of the host's root reads root's own start files, which take seconds at half a CPU.
[ "$(uname -n)" != boxtop-vm ] || : >~root/.bashrc

start() { # COLUMNSxROWS COMMAND
    "${tmux[@]}" new-session -d -x "${1%x*}" -y "${1#*x}" -e BOXTOP_STATE="$BOXTOP_STATE" "$2; echo \"ended with \$?\"; exec sleep 1000"
}
keys() { "${tmux[@]}" send-keys "$@"; }
screen() { "${tmux[@]}" capture-pane -p; }
on_screen() { screen | grep -qE -- "$1"; }
off_screen() { ! on_screen "$1"; }
stop_tmux() {
    "${tmux[@]}" kill-server 2>/dev/null
    while "${tmux[@]}" ls >/dev/null 2>&1 || pgrep -f -- "-L boxtop-test-$$ " >/dev/null; do sleep 0.05; done
}
trap 'stop_tmux; end_of_case' EXIT
