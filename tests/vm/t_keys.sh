#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# By keys and by mouse: the ledger, looking back, recording and replaying, what is copied and pasted, what is asked on leaving,
# and the terminal as it was, however the screen ends.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/screen.sh"

foreign=/sys/fs/cgroup/foreign
at_end() { rmdir $foreign; }
eat() { "$BOXTOP" exec box1 dd if=/dev/zero of=/dev/null bs=300M count=1 >/dev/null 2>&1; }
has() { [ "$(cat "$foreign/$1")" = "$2" ]; }
copied() { "${tmux[@]}" show-buffer | grep -qE -- "$1"; }
# Where the header says that we are, when it is not now.
# The sample that is the first to tell of it.
then_is() { local after=$(($(date -d "$(shown_time)" +%s) - $(date -d "$1" +%s))); [ $after -ge 0 ] && [ $after -le 2 ]; }
then_is_no_later() { [[ $(shown_time) && ! $(shown_time) > $1 ]]; }
shown_time() { screen | head -n 1 | grep -oE '[0-9]{2}:[0-9]{2}:[0-9]{2}' | head -n 1; }
mouse() { keys -l $'\033'"[<$1;${3:-0};${2:-0}${4:-}"; } # BUTTON LINE COLUMN M|m
place() { # REGEX TEXT : line and column of TEXT, in the first line that matches
    local line before
    line=$(screen | grep -nE -m 1 -- "$1")
    before=${line#*:} before=${before%%"$2"*}
    echo "${line%%:*} $((${#before} + 1))"
}
click() { # REGEX TEXT
    local at
    within 5 "$2 is there" on_screen "$1"
    read -r -a at <<<"$(place "$@")"
    mouse 0 "${at[@]}" M
    mouse 0 "${at[@]}" m
}
modes() { "${tmux[@]}" display -p 'alternate=#{alternate_on} mouse=#{mouse_any_flag} cursor=#{cursor_flag}'; }

echo "+cpu +memory +pids" >/sys/fs/cgroup/cgroup.subtree_control
mkdir $foreign
check "a container" "$BOXTOP" run -d --init --name box1 --network none -m 100M host sleep infinity
start 120x36 "$BOXTOP"
"${tmux[@]}" set -s set-clipboard on
within 20 "it is in the table" on_screen 'box1 +[0-9]'

# ---- the ledger ----
match "nobody was killed" 'OOM 0' "$(screen)"
eat
within 10 "a kill is in the header" on_screen 'OOM ✖1 \(1 new\)  last box1'
within 10 "and in the row" on_screen '✖.* box1 .*✖1'
keys o
within 5 "the ledger has it" on_screen '✖ [0-9:]{8} box1 +dd \(pid [0-9]+, [0-9.]+M\) at its own limit, 100M'
killed_at=$(screen | grep -oE '✖ [0-9:]{8} box1' | grep -oE '[0-9:]{8}')
keys Enter
within 5 "who" on_screen 'killed +dd, pid [0-9]+, uid 0, [0-9.]+M resident'
match "at which limit" 'at the limit +used 100M  of 100M' "$(screen)"
match "with what" 'filled with +anon [0-9.]+M' "$(screen)"
keys Enter
within 5 "the list again" on_screen '✖ [0-9:]{8} box1'
keys a
within 5 "acknowledged, its mark goes" off_screen '✖'
keys Escape
within 5 "and the count of new ones" on_screen 'OOM 1  '

# ---- looking back ----
sleep 2 # until a sample has the kill
keys '('
within 5 "the header says when" on_screen '┐-[0-9hms]+ [0-9:]{8}┌'
keys '}'
within 5 "nothing can be changed there" on_screen 'this is the past: first come back to what is live'
keys K
within 5 "to the kill, at its time" then_is "$killed_at"
match "as it was then, unseen or not" 'box1 .* ✖?1 ' "$(screen)"
keys '('
within 5 "and before it there was none" on_screen 'OOM 0'
keys End
within 5 "back" on_screen '┐live 1s┌'
keys z
within 5 "held, it says so" on_screen '┐frozen 1s┌'
keys z
within 5 "and not any more" on_screen '┐live 1s┌'

# ---- copied: how it was made ----
click '[├└] box1 ' box1
within 5 "a click selects the row" on_screen '┐max 100M┌'
keys x
within 10 "how it was made" on_screen 'c copies the script'
keys c
within 5 "copied, it says" on_screen 'copied: the script'
within 5 "the terminal's clipboard has it" copied '^mkdir -p /sys/fs/cgroup/boxtop/box1'
keys Escape
within 5 "it goes away" off_screen 'c copies the script'

# ---- the mouse on titles and rows ----
click 'CGROUP' MEM
within 5 "a click on a title sorts by it" on_screen 'MEM[▼▲]'
click 'MEM[▼▲]' CGROUP
within 5 "and by another" on_screen 'CGROUP[▼▲]'

# ---- the terminal pane: pasted, scrolled, selected ----
keys e
within 20 "a shell" on_screen '^│[^│]*# '
"${tmux[@]}" set-buffer $'echo one\necho two'
"${tmux[@]}" paste-buffer -p
within 10 "two lines are pasted" on_screen 'echo two'
same "and not executed: the shell was told that it is a paste" 0 "$(screen | grep -cE '^│(one|two) ')"
keys Enter
within 10 "until Enter" on_screen '^│two '
keys 'seq 100 200' Enter
within 10 "many lines" on_screen '^│200 '
keys S-PPage
within 5 "scrolled back" on_screen '[0-9]+ of [0-9]+ lines back'
keys S-NPage S-NPage
within 5 "and to its end" off_screen 'lines back'
read -r -a at <<<"$(place '^│199 ' 199)"
mouse 0 "${at[@]}" M
mouse 32 "${at[0]}" $((at[1] + 2)) M
mouse 0 "${at[0]}" $((at[1] + 2)) m
within 5 "what is selected with the mouse is copied" copied '^199$'
mouse 64 "${at[@]}" M
within 5 "the wheel scrolls" on_screen 'lines back'
keys C-d
within 15 "it ends" off_screen 'shell in box1'

# ---- a disk's limit, key by key: what is on the screen is what was read back ----
modprobe loop 2>/dev/null
truncate -s 1M disk && check "a disk" losetup -f --show disk
loop=${output##*/} disk=$(cat "/sys/block/${output##*/}/dev")
io_max() { grep -qE "^$disk .*$1" /sys/fs/cgroup/boxtop/box1/io.max; }
keys '=' C-u "io.max=$disk rbps=8M" Enter
within 10 "rbps of the disk is set" io_max 'rbps=8388608 wbps=max'
click '┐limits┌' limits
keys Enter
within 10 "and read back onto the screen" on_screen "$loop rbps +8M"
click "$loop rbps" rbps
keys Left
within 10 "an arrow turns it down" io_max 'rbps=7864320 wbps=max'
within 10 "and it is on the screen" on_screen "$loop rbps +7680K"
keys Down Left
within 10 "the next key of the same disk, by itself" io_max 'rbps=7864320 wbps=[0-9]'
within 10 "it is there, too" on_screen "$loop wbps +[0-9.]+[KMG]"
keys u u
within 10 "both are undone, one by one" io_max 'rbps=8388608 wbps=max'
within 10 "on the screen as well" on_screen "$loop rbps +8M"
keys Escape Escape
losetup -d "/dev/$loop"

# ---- recorded, and replayed ----
keys R
within 5 "where to" on_screen 'record to:'
keys C-u file.rec Enter
within 10 "it is said that it records" on_screen '┐REC┌'
within 20 "there are samples" sh -c "'$BOXTOP' stats --from file.rec --json / | sed -n 2p | grep -q ."
eat
within 10 "a second kill" on_screen 'OOM .*2 \(1 new\)'
keys o
within 5 "in the ledger" on_screen '✖ [0-9:]{8} box1'
killed_at=$(screen | grep -oE '✖ [0-9:]{8} box1' | grep -oE '[0-9:]{8}')
keys Escape
within 5 "the ledger goes away" off_screen '┐OOM kills┌'
recorded() { [ "$("$BOXTOP" events --from file.rec | grep -c 'oom_kill\|killed')" -ge 1 ]; }
within 10 "recorded" recorded
keys R
within 10 "and how to see it" on_screen 'recorded: boxtop replay file.rec'

# ---- left, with a limit of somebody else's turned: put back ----
turn_foreign() {
    click '[├└] foreign ' foreign
    within 5 "somebody else's group" on_screen 'cgroup +/foreign'
    keys '=' C-u pids.max=77 Enter
    within 10 "its limit is turned" has pids.max 77
    keys q
    within 5 "leaving asks" on_screen '┐leave\?┌'
}
turn_foreign
keys r
within 10 "restored, it ends" on_screen 'ended with 0'
check "and the limit is what it was" has pids.max max
stop_tmux

start 120x36 "$BOXTOP replay file.rec"
within 20 "a replay says so" on_screen '┐replay [0-9-]{5} [0-9:]{8}'
first=$(shown_time)
keys O
within 5 "to the next kill, at its time" then_is "$killed_at"
match "which is on the screen" '✖.* box1 .*✖' "$(screen)"
keys T
within 5 "a sample back" off_screen '✖.* box1 '
keys t
within 5 "and on" on_screen '✖.* box1 .*✖'
keys J '1h ago' Enter
within 5 "a time before all of it: its first sample" then_is "$first"
keys J "$killed_at" Enter
within 5 "a time" then_is_no_later "$killed_at"
keys n
within 5 "read-only" on_screen 'read-only: nothing is changed from here'
keys q
within 10 "it ends" on_screen 'ended with 0'
stop_tmux

# ---- left, and the limit kept; the terminal is as it was, however it ends ----
in_order() { # WHAT STATUS
    within 10 "$1" on_screen "ended with $2"
    same "$1: the screen is the shell's again" "alternate=0 mouse=0 cursor=1" "$(modes)"
    same "$1: the terminal's modes, too" "$(cat modes.before)" "$(cat modes.after)"
    stop_tmux
}
start_noting() { start 120x36 "stty -a >modes.before; '$BOXTOP'; status=\$?; stty -a >modes.after; (exit \$status)"; }
start_noting
within 20 "once more" on_screen 'box1 +[0-9]'
same "the terminal is boxtop's" "alternate=1 mouse=1 cursor=0" "$(modes)"
turn_foreign
keys k
in_order "kept" 0
check "what was turned stays" has pids.max 77
start_noting
within 20 "terminated" on_screen 'box1 +[0-9]'
pkill -TERM -x boxtop-view
in_order "terminated" 0
start_noting
within 20 "and crashing" on_screen 'box1 +[0-9]'
pkill -SEGV -x boxtop-view
within 10 "the message comes after" on_screen 'Segmentation fault'
in_order "crashed" 139
match "containers stay" '^box1 +running' "$("$BOXTOP" ps)"
check "gone" "$BOXTOP" rm -f box1
