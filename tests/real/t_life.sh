#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 180
# The life of a container: who it runs as, how it is stopped, started again and talked to.
. "$(dirname "$0")/../vm/lib.sh"
need_root

inside() { "$BOXTOP" run --rm --network none "$@"; }

# ---- users ----
mkdir -p root/bin root/etc root/proc
cp /bin/busybox root/bin/busybox 2>/dev/null || skip "needs a static busybox"
for word in sh id cat sleep echo touch ls grep; do ln -s busybox root/bin/$word; done
printf 'root:x:0:0::/root:\nweb:x:33:34::/srv/web:\n' >root/etc/passwd
printf 'root:x:0:\nwww:x:34:\nmedia:x:50:web\n' >root/etc/group
user=("$PWD/root" sh -c 'id -u; id -g; id -G; echo $HOME')
same "-u NAME: of the container's passwd" "33 34 34 50 /srv/web" "$(inside -u web "${user[@]}" | xargs)"
same "-u NAME:GROUP" "33 50 50 /srv/web" "$(inside -u web:media "${user[@]}" | xargs)"
same "-u NUMBER that nobody knows" "1234 0 0 /" "$(inside -u 1234 "${user[@]}" | xargs)"
same "-u NUMBER:NUMBER" "1234 5 5 /" "$(inside -u 1234:5 "${user[@]}" | xargs)"
same "without: root" "0 0 /root" "$(inside "$PWD/root" sh -c 'id -u; id -g; echo $HOME' | xargs)"
same "in a user namespace" "33 34 34 50 /srv/web" "$(inside --userns auto -u web "${user[@]}" | xargs)"
same "it has no capabilities" "0000000000000000" "$(inside -u web "$PWD/root" grep CapEff /proc/self/status | cut -f 2)"
same "it can open its own streams" said "$(inside -u web "$PWD/root" sh -c 'echo said > /dev/stdout')"
fails 125 inside -u nobody "$PWD/root" sh
same "who is not there is refused" "boxtop: user nobody: not in the container's /etc/passwd (give one that is in there, or a number)" "$output"
for wrong in 1000abc : -1 web:; do
    fails 125 inside -u $wrong host true
    match "-u $wrong" "^boxtop: --user: '$wrong' is not USER\[:GROUP\] \(.*\)$" "$output"
done
check "a container of a user's" "$BOXTOP" run -d --name web --network none -u web "$PWD/root" sleep 1000
same "exec: the container's user" "33 34 34 50 /srv/web" "$("$BOXTOP" exec web sh -c 'id -u; id -g; id -G; echo $HOME' | xargs)"
same "exec -u: another" "0 0 /root" "$("$BOXTOP" exec -u root web sh -c 'id -u; id -g; echo $HOME' | xargs)"
same "exec -u has no more capabilities" "0000000000000000" "$("$BOXTOP" exec -u 7 web grep CapEff /proc/self/status | cut -f 2)"
fails 125 "$BOXTOP" exec -u 1a web sh
check "rm -f" "$BOXTOP" rm -f web

# ---- tmpfs, environment ----
mkdir app && touch app/file
match "--tmpfs" '^tmpfs /var/cache tmpfs rw,nosuid,nodev,relatime,size=1024k,mode=700' "$(inside --tmpfs /var/cache:size=1m,mode=700,exec host cat /proc/mounts)"
same "a tmpfs inside of a volume, whatever comes first" "file inner" "$(mkdir -p app/inner && touch app/inner/below && inside --tmpfs /mnt/inner -v "$PWD/app:/mnt" host ls /mnt /mnt/inner | grep -v : | xargs)"
fails 125 inside --tmpfs /x:dev host true
match "an option that tmpfs has not" "^boxtop: --tmpfs: 'dev' is no option of a tmpfs \(.*\)$" "$output"
printf '# comment\nA=file\nB=with blanks\n' >env
same "--env-file" "file with blanks" "$(inside --env-file env host sh -c 'echo "$A $B"')"
same "-e says the last word" "mine" "$(inside -e A=mine --env-file env host sh -c 'echo $A')"

# ---- stop ----
check "a container that hears only SIGUSR1" "$BOXTOP" run -d --name deaf --network none --stop-signal USR1 host sh -c 'trap "exit 7" USR1; while :; do sleep 0.1; done'
check "stop" "$BOXTOP" stop deaf
match "it ended by itself" '^deaf +exited 7' "$("$BOXTOP" ps -a)"
check "rm" "$BOXTOP" rm deaf
check "one that hears nothing" "$BOXTOP" run -d --name deaf --network none --stop-timeout 300ms host sleep 1000
start=$SECONDS
check "stop" "$BOXTOP" stop deaf
same "waits as long as was said" yes "$([ $((SECONDS - start)) -lt 5 ] && echo yes)"
match "and kills" '^deaf +exited 137' "$("$BOXTOP" ps -a)"
check "rm" "$BOXTOP" rm deaf
