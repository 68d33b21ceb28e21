#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# scripts/vm, its machine hanging: it is given up, and nothing remains.
# limit: 120
. "$(dirname "$0")/../vm/lib.sh"

repo=$(realpath "$(dirname "$0")/../..")
export TMPDIR=$BOXTOP_STATE # where scripts/vm has its files, so that what it leaves is seen
[ -x "$(command -v qemu-system-x86_64)" ] || skip "scripts/deps vm has not been run"

"$repo/scripts/vm" -p 10 -- 'echo started; sleep 1000' >out 2>err &
vm=$!
within 60 "the command runs" grep -q started out
sleep 12
check "it may be silent, as long as its machine lives" kill -0 $vm
kill -STOP "$(pgrep -f "^qemu-system-x86_64 .*$BOXTOP_STATE")"
wait $vm
same "the status says that there is no VM" 125 $?
same "it says why" "scripts/vm: the machine hangs: it has shown no sign of life for 10 s" "$(tail -n 1 err)"
same "nothing remains" "" "$(find "$BOXTOP_STATE" -name 'boxtop-vm.*')$(pgrep -af "$BOXTOP_STATE/boxtop-v[m]")"
