#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
# Keepers and launchers killed with -9 at any moment: the next command finds what is left and takes it down, and nothing else.
. "$(dirname "$0")/../vm/lib.sh"
need_root

SECONDS_INSIDE=$((30000 + $$)) # tells our containers' processes from others'
bystander() { "$BOXTOP" ps | grep -qE '^bystander +running'; }

# The keeper of a container and who waits for it, but not what is in the container already.
host_side() { # NAME
    local pid
    for pid in $(pgrep -f -- "run -d --name $1 "); do
        [ "$(grep -c . < <(awk '/^NSpid:/ { for (i = 2; i <= NF; i++) print $i }' "/proc/$pid/status" 2>/dev/null))" != 1 ] || echo "$pid"
    done
}

kill_dead() { # PID... : and they are
    local pid
    kill -9 "$@" 2>/dev/null
    for pid; do
        until ! grep -qE '^State:[[:space:]]+[^Z[:space:]]' "/proc/$pid/status" 2>/dev/null; do sleep 0.01; done
    done
}

left() { # what there is of what was killed
    "$BOXTOP" ps -a >/dev/null
    find "$(cgroup_root)/boxtop" -mindepth 1 -type d -printf 'cgroup %f\n' 2>/dev/null | grep -E ' (k[0-9]+|f[0-9]+|orphan)$'
    pgrep -f "sleep $SECONDS_INSIDE" -a
    awk '{ print "mount " $5 }' /proc/self/mountinfo | grep -F "$BOXTOP_STATE"
}

links() { cat /sys/class/net/bx*/ifalias 2>/dev/null | grep -E '^boxtop:(k[0-9]+|f[0-9]+|orphan):'; }
no_links() { ! links; }

check "a bystander" "$BOXTOP" run -d --name bystander --network private host sleep 1000
mounts_before=$(grep -c . /proc/self/mountinfo)
# As long as a launch takes here, so that the kills fall all over it.
begin_ms=$((${EPOCHREALTIME/[.,]/} / 1000))
"$BOXTOP" run --rm --network private host true
longest_ms=$((${EPOCHREALTIME/[.,]/} / 1000 - begin_ms))

for i in $(seq 25); do
    "$BOXTOP" run -d --name "k$i" --network private host sleep $SECONDS_INSIDE >/dev/null 2>&1 &
    launcher=$!
    sleep "$(awk -v s="$RANDOM" -v l=$longest_ms 'BEGIN { print s % l / 1000 }')"
    # shellcheck disable=SC2046
    kill_dead $(host_side "k$i")
    wait $launcher 2>/dev/null
done
# A keeper that was forked after the blow has a whole container: it is one like any other.
"$BOXTOP" ps -a >/dev/null
for name in $("$BOXTOP" ps | awk '/^k/ { print $1 }'); do check "$name survived whole" "$BOXTOP" rm -f "$name"; done
same "after 25 kills nothing of theirs is left" "" "$(left)"
within 5 "no link" no_links
same "no mount" "$mounts_before" "$(grep -c . /proc/self/mountinfo)"
same "no name but the bystander's" bystander "$(sed -n 's/ *$//; s/^10[0-9.]*\t//p' "$BOXTOP_STATE/.net/hosts")"
check "the bystander was not touched" bystander
match "those that ran say what is known" '^k[0-9]+ +exited +' "$("$BOXTOP" ps -a | sed 's/exited unknown/exited/')"

# A keeper that dies while its container lives: found by the very next command, whichever it is.
for command in "ps" "stop orphan" "rm -f orphan" "logs orphan" "run -d --name orphan --network none host sleep $SECONDS_INSIDE" prune; do
    "$BOXTOP" rm -f orphan >/dev/null 2>&1
    "$BOXTOP" run -d --name orphan --network private host sleep $SECONDS_INSIDE >/dev/null
    # shellcheck disable=SC2046
    kill_dead $(host_side orphan)
    # shellcheck disable=SC2086
    "$BOXTOP" $command >/dev/null 2>&1
    case $command in run*) "$BOXTOP" rm -f orphan >/dev/null ;; esac
    same "taken down by: $command" "" "$(pgrep -f "sleep $SECONDS_INSIDE")"
done

# The launch itself killed from inside: the first process dies before it is ready, or the command is killed at once.
for i in $(seq 10); do
    "$BOXTOP" run --rm --name "f$i" --network private host sleep $SECONDS_INSIDE >/dev/null 2>&1 &
    launcher=$!
    sleep "$(awk -v s="$RANDOM" -v l=$longest_ms 'BEGIN { print s % l / 1000 }')"
    pkill -9 -f "run --rm --name f$i |sleep $SECONDS_INSIDE" 2>/dev/null
    wait $launcher 2>/dev/null
done
same "after foreground kills nothing is left" "" "$(left)"
check "prune" "$BOXTOP" prune
check "the bystander is still there" bystander
check "and goes" "$BOXTOP" rm -f bystander
same "nothing is left at all" "" "$(left)"
within 5 "no link at all" no_links
