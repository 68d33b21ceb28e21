#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What bash completes of the command line, by the program's own help.
. "$(dirname "$0")/../vm/lib.sh"

compopt() { :; } # only bash's own completion has it
# shellcheck source=contrib/completion.bash
. "$(dirname "$0")/../../contrib/completion.bash"

completes() { # EXPECTED WORD... : behind boxtop
    COMP_WORDS=("$BOXTOP" "${@:2}") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _boxtop
    same "boxtop ${*:2}<Tab>" "$1" "${COMPREPLY[*]}"
}

check "a container's record" "$BOXTOP" create --name web host true
check "another" "$BOXTOP" create --name worker host true
same "ps -aq: names, one a line" $'web\nworker' "$("$BOXTOP" ps -aq)"
mkdir -p rootfs

completes "start stats stop" st
completes "--readonly --replay" --r
completes "--network" run --net
completes "host none private" run --network ""
completes "none" run --network = n
completes "always no on-failure" run --restart ""
completes "rootfs" run -d --name x ro
completes "web worker" stop w
completes "web worker" logs -n 5 w
completes "worker" exec -it wo
completes "memory.max= memory.min=" set web memory.m
completes "SIGHUP" kill -s SIGH
completes "import inspect" image i
completes "--json --quiet" image ls --
completes "" rename web ""
completes "rootfs" run --bundle ro
