# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the cases, t_*.sh in tests/real and tests/vm. A case gets the program in $BOXTOP, an empty $BOXTOP_STATE, and a
# directory of its own as its current one. A check that fails says so and the case goes on; its exit
# status says whether all of them held (77: it was skipped). It has 60 s, or what a line "# limit: SECONDS" gives it.
set -u

checks=0
failures=0
output= # of the last command that check, fails or within ran

# ---- checks ----

ok() { # WHAT : it held
    checks=$((checks + 1))
    echo "ok - $1"
}

not_ok() { # WHAT [EXPECTED GOT] : it did not, at this line of the case
    local frame=1
    while [ "${BASH_SOURCE[frame]}" = "${BASH_SOURCE[0]}" ]; do frame=$((frame + 1)); done
    checks=$((checks + 1)) failures=$((failures + 1))
    echo "not ok - $1 (${BASH_SOURCE[frame]##*/}:${BASH_LINENO[frame - 1]})"
    [ $# -lt 2 ] || printf '  expected: %s\n  got:      %s\n' "${2//$'\n'/$'\n'            }" "${3//$'\n'/$'\n'            }"
}

check() { # WHAT COMMAND... : ends with 0
    local what=$1 status=0
    shift
    output=$("$@" 2>&1) || status=$?
    if [ $status -eq 0 ]; then ok "$what"; else not_ok "$what" "$* succeeds" "status $status: $output"; fi
}

fails() { # STATUS COMMAND... : ends with this status
    local expected=$1 status=0
    shift
    output=$("$@" 2>&1) || status=$?
    if [ $status -eq "$expected" ]; then ok "status $expected: $*"; else
        not_ok "$*" "status $expected" "status $status: $output"
    fi
}

same() { # WHAT EXPECTED GOT
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "$2" "$3"; fi
}

match() { # WHAT REGEX TEXT : some line of it does (grep -E)
    if grep -qE -e "$2" <<<"$3"; then ok "$1"; else not_ok "$1" "a line like $2" "$3"; fi
}

# The seconds are a machine's at rest; a busy one gets four times as many.
within() { # SECONDS WHAT COMMAND... : ends with 0, sooner or later
    local deadline=$((SECONDS + 4 * $1)) limit_s=$((4 * $1)) what=$2
    shift 2
    until output=$("$@" 2>&1); do
        [ $SECONDS -lt $deadline ] || { not_ok "$what" "$* within $limit_s s" "$output" && return; }
        sleep 0.1
    done
    ok "$what"
}

skip() { # WHY
    echo "skip: $1"
    exit 77
}

need_root() {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
}

# ---- what boxtop may leave behind ----

cgroup_root() { # where cgroup v2 is mounted
    awk '{ for (i = 7; i < NF; i++) if ($i == "-" && $(i + 1) == "cgroup2") { print $5; exit } }' /proc/self/mountinfo
}

# The processes of boxtop's programs, by their names; what has ended and waits to be reaped is not one, and a unit's process ends
# some time after the last container.
processes() {
    local process comm
    for process in /proc/[0-9]*; do
        { read -r comm <"$process/comm"; } 2>/dev/null && [[ $comm = boxtop* && $comm != boxtop-unit ]] || continue
        grep -q '^State:[[:space:]]*Z' "$process/status" 2>/dev/null || echo "process $comm"
    done
}

# One line for each cgroup, link, mount, process and file of boxtop's that there is: to be compared, before and after.
leftovers() {
    {
        find "$(cgroup_root)" -type d -path '*/boxtop/*' -printf 'cgroup %P\n' 2>/dev/null
        find /sys/class/net -name 'bx*' -printf 'link %f\n' -o -name boxtop0 -printf 'link %f\n'
        nft list table inet boxtop 2>/dev/null | grep '^table'
        awk '{ print "mount " $5 }' /proc/self/mountinfo
        processes
        find "$BOXTOP_STATE" -mindepth 1 ! -path '*/.lock' ! -path '*/.net' ! -path '*/.seccomp*' -printf 'state %P\n'
    } | sort
}

# ---- the end of a case: its own function at_end, if it has one, and its status ----

# shellcheck disable=SC2317 # called by the trap
end_of_case() {
    local status=$?
    ! declare -F at_end >/dev/null || at_end
    [ $status -eq 0 ] || [ $status -eq 77 ] || echo "the case itself ended with status $status"
    [ $status -ne 0 ] || [ $checks -gt 0 ] || { echo "the case checked nothing" && status=1; }
    [ $failures -eq 0 ] || status=1
    exit $status
}

case ${0##*/} in t_*) trap end_of_case EXIT ;; esac
