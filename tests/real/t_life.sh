#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# The life of a container: who it runs as, how it is stopped, started again and talked to.
. "$(dirname "$0")/../vm/lib.sh"
need_root

inside() { "$BOXTOP" run --rm --network none "$@"; }

# ---- users ----
# With the mount points in it and a way to it, so that it serves a user namespace too where owners can't be shifted.
chmod 755 .
mkdir -p root/{bin,etc,proc,sys,dev}
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
printf '# comment\nA=file\nB=with blanks\n' >variables
same "--env-file" "file with blanks" "$(inside --env-file variables host sh -c 'echo "$A $B"')"
same "-e says the last word" "mine" "$(inside -e A=mine --env-file variables host sh -c 'echo $A')"

# ---- stop ----
check "a container that hears only SIGUSR1" "$BOXTOP" run -d --name deaf --network none --stop-signal USR1 host sh -c 'trap "exit 7" USR1; echo ready; while :; do sleep 0.1; done'
within 10 "it listens" sh -c "$BOXTOP logs deaf | grep -q ready"
check "stop" "$BOXTOP" stop deaf
match "it ended by itself" '^deaf +exited 7' "$("$BOXTOP" ps -a)"
check "rm" "$BOXTOP" rm deaf
check "one that hears nothing" "$BOXTOP" run -d --name deaf --network none --stop-timeout 300ms host sleep 1000
start=$SECONDS
check "stop" "$BOXTOP" stop deaf
same "waits as long as was said, not the 10 s of the others" yes "$([ $((SECONDS - start)) -lt 10 ] && echo yes)"
match "and kills" '^deaf +exited 137' "$("$BOXTOP" ps -a)"
check "rm" "$BOXTOP" rm deaf

# ---- init ----
check "without --init a program without a handler hears nothing" sh -c "$BOXTOP run -d --name plain --network none host sleep 1000 && $BOXTOP kill -s TERM plain && sleep 0.3 && $BOXTOP ps | grep -q '^plain  *running'"
check "rm -f" "$BOXTOP" rm -f plain
check "with --init" "$BOXTOP" run -d --name init --init --network none -e SECRET=1 host sleep 1000
same "its init says nothing of the host" "boxtop-init" "$("$BOXTOP" exec init sh -c 'tr "\0" " " </proc/1/cmdline' | xargs)"
match "and is closed" "Permission denied|Operation not permitted" "$("$BOXTOP" exec init sh -c 'ls -l /proc/1/fd; cat /proc/1/environ' 2>&1)"
fails 1 "$BOXTOP" exec init readlink /proc/1/exe
orphan=$("$BOXTOP" exec init sh -c 'sh -c "sleep 0.1 >/dev/null & echo \$!"')
within 5 "orphans are reaped" "$BOXTOP" exec init test ! -e "/proc/$orphan"
check "stop" "$BOXTOP" stop init
match "is heard, and the status is the command's" '^init +exited 143' "$("$BOXTOP" ps -a)"
check "rm" "$BOXTOP" rm init
fails 3 inside --init host sh -c 'exit 3'
fails 127 inside --init host no-such-command
fails 137 inside --init host sh -c 'kill -9 $$'
same "streams" "typed" "$(echo typed | "$BOXTOP" run --rm -i --init --network none host cat)"
same "the command is not pid 1" 2 "$(inside --init host sh -c 'echo $$')"
same "a user's init" "2 33" "$(inside --init -u 33:33 host sh -c 'echo $$ $(id -u)')"
"$BOXTOP" run --rm --init --name fore --network none host sleep 1000 &
fore=$!
within 5 "one in the foreground" sh -c "$BOXTOP ps | grep -q '^fore  *running'"
kill -TERM $fore
wait $fore
same "hears the signals that boxtop gets" 143 $?

# ---- /etc of its own ----
host_etc=$(cat /etc/hosts /etc/hostname /etc/resolv.conf 2>/dev/null | md5sum)
etc=(sh -c 'cat /etc/hostname; grep -c "named" /etc/hosts; wc -c </etc/resolv.conf')
same "hostname, hosts and resolv.conf of its own" "named 1 0" "$(inside --hostname named host "${etc[@]}" | xargs)"
same "in a user namespace" "named 1 0" "$(inside --userns auto --hostname named host "${etc[@]}" | xargs)"
same "with a read-only root" "named 1 0" "$(inside --read-only --hostname named host "${etc[@]}" | xargs)"
match "its address has its name" '^10\.[0-9.]+[[:space:]][a-z0-9-]+ named +$' "$("$BOXTOP" run --rm --network private --hostname named host cat /etc/hosts)"
same "with the host's network the host's" "$(cat /etc/resolv.conf)" "$("$BOXTOP" run --rm --network host host cat /etc/resolv.conf)"
echo theirs >root/etc/hosts && echo theirs >root/etc/hostname
same "a directory shows them" "named 1" "$(inside --hostname named "$PWD/root" sh -c 'cat /etc/hostname; grep -c named /etc/hosts' | xargs)"
inside "$PWD/root" sh -c 'echo mine >/etc/hosts; echo mine >/etc/hostname'
same "and stays as it was" "theirs theirs group hostname hosts passwd" "$(cat root/etc/hosts root/etc/hostname | xargs) $(cd root/etc && echo ./* | sed "s|./||g")"
same "a volume goes first" shown "$(echo shown >hosts && inside -v "$PWD/hosts:/etc/hosts:ro" host cat /etc/hosts)"
same "the host's are as they were" "$host_etc" "$(cat /etc/hosts /etc/hostname /etc/resolv.conf 2>/dev/null | md5sum)"

# ---- create, start, restart, rename ----
state_of() { "$BOXTOP" inspect --json "$1" | python3 -c 'import json,sys; print(json.load(sys.stdin)[0][sys.argv[1]])' "$2"; }
left() { leftovers | grep -E "^state |^cgroup boxtop/(made|other|taken|broken|once|fails|well|again|steady|talks|echoes|floods|shell)$"; }
check "create" "$BOXTOP" create --name made --network private -e A=stored host sh -c 'echo "$A $HOSTNAME"; exec sleep 1000'
same "prints its name" made "$output"
check "rm of one that was only created" "$BOXTOP" rm made
same "it had made nothing else" "" "$(left)"
check "create" "$BOXTOP" create --name made --network private -e A=stored host sh -c 'echo "$A $HOSTNAME"; exec sleep 1000'
"$BOXTOP" prune >/dev/null
match "it stays, without a keeper" '^made +created +-' "$("$BOXTOP" ps)"
fails 1 "$BOXTOP" wait made
fails 125 "$BOXTOP" exec made true
fails 125 "$BOXTOP" run -d --name made host true
check "stop does nothing" "$BOXTOP" stop made
created=$(state_of made created)
check "start" "$BOXTOP" start made
match "it runs" '^made +running' "$("$BOXTOP" ps)"
check "start again does nothing" "$BOXTOP" start made
within 5 "with its spec" sh -c "[ \"\$($BOXTOP logs made)\" = 'stored made' ]"
first=$(state_of made id)
check "restart" "$BOXTOP" restart -t 0 made
match "it runs" '^made +running' "$("$BOXTOP" ps)"
same "another life" yes "$([ "$first" != "$(state_of made id)" ] && echo yes)"
same "of the same container" "$created" "$(state_of made created)"
within 5 "the log goes on" sh -c "[ \$($BOXTOP logs made | grep -c 'stored made') = 2 ]"
fails 1 "$BOXTOP" rename made other
match "a running one keeps its name" '^boxtop: container made is running \(boxtop stop made\)$' "$output"
check "stop" "$BOXTOP" stop -t 0 made
match "it has ended" '^made +exited 137' "$("$BOXTOP" ps -a)"
check "a second one" "$BOXTOP" create --name taken host true
fails 1 "$BOXTOP" rename made taken
match "a name that is taken" '^boxtop: the name taken is taken$' "$output"
fails 1 "$BOXTOP" rename made ../x
fails 1 "$BOXTOP" rename nobody x
check "rename" "$BOXTOP" rename made other
same "the old name is gone" 0 "$("$BOXTOP" ps -a | grep -c '^made ')"
same "the log went along" 2 "$("$BOXTOP" logs other | grep -c 'stored made')"
check "and it starts" "$BOXTOP" start other
within 5 "under its new name" sh -c "$BOXTOP logs other | grep -q '^stored other'"
check "rm -f" "$BOXTOP" rm -f other taken
check "one that can't be started" "$BOXTOP" create --name broken --network none host no-such-command
fails 1 "$BOXTOP" start broken
match "says why" "^boxtop: start container broken: run no-such-command: not found" "$output"
match "and so does its record" '^broken +exited 127' "$("$BOXTOP" ps -a)"
check "rm" "$BOXTOP" rm broken
check "with --rm" "$BOXTOP" run -d --rm --name once --network none host sleep 1000
fails 1 "$BOXTOP" restart once
match "there is no again" '^boxtop: restart container once: it was run with --rm, .*' "$output"
check "rm -f" "$BOXTOP" rm -f once

# ---- --restart ----
check "on-failure:2" "$BOXTOP" run -d --name fails --network none --restart on-failure:2 host sh -c 'echo life; exit 3'
within 10 "ends after the third life" sh -c "$BOXTOP ps -a | grep -q '^fails  *exited 3 *- '"
same "three lives" "3 2" "$("$BOXTOP" logs fails | grep -c life) $(state_of fails restarts)"
check "rm" "$BOXTOP" rm fails
check "on-failure, without one" "$BOXTOP" run -d --name well --network none --restart on-failure host true
within 5 "ends" sh -c "$BOXTOP ps -a | grep -q '^well  *exited 0 *- '"
check "rm" "$BOXTOP" rm well
check "always" "$BOXTOP" run -d --name again --network private --restart always host sh -c 'echo life'
within 10 "lives again and again" sh -c "[ \$($BOXTOP logs again | grep -c life) -ge 4 ]"
within 5 "rests in between" sh -c "$BOXTOP ps | grep -q '^again  *exited 0 restarting'"
fails 1 "$BOXTOP" rm again
fails 1 "$BOXTOP" rename again other
check "stop ends the rest" "$BOXTOP" stop again
match "for good, and kills a life that has just begun" '^again +exited (0|137) +-' "$("$BOXTOP" ps -a)"
check "start" "$BOXTOP" start again
keeper=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["keeper_pid"])' "$BOXTOP_STATE/again/state.json")
rests() { # held where it is while we look
    kill -STOP "$keeper" && { "$BOXTOP" ps | grep -q '^again  *exited 0 restarting' || { kill -CONT "$keeper" && false; }; }
}
within 5 "rests in between" rests
kill -9 "$keeper"
within 5 "a keeper that is killed meanwhile is found" sh -c "$BOXTOP ps -a | grep -q '^again  *exited 0 *- '"
check "rm" "$BOXTOP" rm again
check "always, and one that runs" "$BOXTOP" run -d --name steady --network none --restart always host sleep 1000
check "kill" "$BOXTOP" kill steady
within 5 "it runs again" sh -c "$BOXTOP ps | grep -q '^steady  *running' && [ \$($BOXTOP inspect --json steady | grep -c '\"restarts\": 1') = 1 ]"
check "stop" "$BOXTOP" stop -t 0 steady
check "start" "$BOXTOP" start steady
same "counts its restarts anew" 0 "$(state_of steady restarts)"
check "rm -f" "$BOXTOP" rm -f steady

# ---- logs ----
mkdir cue
check "one that talks" "$BOXTOP" run -d --name talks --network none -v "$PWD/cue:/mnt:ro" host sh -c 'cue() { until [ -e "/mnt/$1" ]; do sleep 0.1; done; }; seq 5; cue 1; echo oops >&2; cue 2; echo late; sleep 1000'
within 5 "what it says" sh -c "$BOXTOP logs talks | grep -qx 5"
touch cue/1
within 5 "what it complains of" sh -c "$BOXTOP logs talks 2>&1 | grep -qx oops"
touch cue/2
within 5 "all of it" sh -c "[ \"\$($BOXTOP logs talks 2>/dev/null | xargs)\" = '1 2 3 4 5 late' ]"
same "-n 2: the last lines" "oops late" "$("$BOXTOP" logs -n 2 talks 2>&1 | xargs)"
same "-n 0: none" "" "$("$BOXTOP" logs -n 0 talks 2>&1)"
same "-n 100: all there are" 7 "$("$BOXTOP" logs -n 100 talks 2>&1 | wc -l)"
time=$("$BOXTOP" logs -t -n 1 talks | cut -d ' ' -f 1)
same "--since a time" late "$("$BOXTOP" logs --since "$time" talks 2>&1)"
same "--since a day ago" 7 "$("$BOXTOP" logs --since 1d talks 2>&1 | wc -l)"
same "--since today" 7 "$("$BOXTOP" logs --since "${time%%T*}" talks 2>&1 | wc -l)"
same "--since next year" 0 "$("$BOXTOP" logs --since $((${time%%-*} + 1))-01-01 talks 2>&1 | wc -l)"
for wrong in yesterday 2026-1-1 2026-11-23T 2026-11-23T12:00:00.1234 ""; do
    fails 2 "$BOXTOP" logs --since "$wrong" talks
done
fails 2 "$BOXTOP" logs -n x talks
cp "$BOXTOP_STATE/talks/log" "$BOXTOP_STATE/talks/log.1"
same "a log that was turned over is read first" "4 5 oops late 1 2 3 4 5 oops late" "$("$BOXTOP" logs -n 11 talks 2>&1 | xargs)"
"$BOXTOP" logs -f -n 1 talks >followed 2>&1 &
follower=$!
within 5 "-f -n: the last, and what comes" grep -q late followed
check "rm -f" "$BOXTOP" rm -f talks
wait $follower
same "no more" late "$(cat followed)"

# ---- attach ----
check "one that repeats what it reads" "$BOXTOP" run -d -i --name echoes --network none host sh -c 'while read -r line; do echo "said $line"; echo "complained $line" >&2; [ "$line" != end ] || exit 5; done; exit 6'
(echo one; sleep 0.5) | timeout 50 "$BOXTOP" attach --no-stdin echoes >only 2>&1 &
looker=$!
within 5 "somebody looks" sh -c "[ \$(find /proc/$(state_of echoes keeper_pid)/fd -lname 'socket:*' | wc -l) -eq 2 ]"
output=$( (echo two; sleep 0.3; echo end; sleep 0.5) | timeout 50 "$BOXTOP" attach echoes 2>complaints)
same "attach: the status is the container's" 5 "$(wait $looker; echo $?)"
same "what is typed is read, and what it says is shown" "said two said end" "$(xargs <<<"$output")"
same "stderr apart" "complained two complained end" "$(xargs <complaints)"
same "others see it too" 4 "$(grep -cE 'two|end' only)"
same "and it is in the log" "said two said end" "$("$BOXTOP" logs echoes 2>/dev/null | xargs)"
fails 1 "$BOXTOP" attach echoes
same "one that has ended" "boxtop: attach to container echoes: it is not running" "$output"
check "rm" "$BOXTOP" rm echoes
check "the end of the input is one" "$BOXTOP" run -d -i --name echoes --network none host sh -c 'cat; exit 6'
same "attach" "all 6" "$( (echo all | timeout 50 "$BOXTOP" attach echoes; echo $?) | xargs)"
check "rm -f" "$BOXTOP" rm -f echoes
check "one whose reader does not read" "$BOXTOP" run -d --name floods --network none host sh -c 'i=0; while [ $i -lt 3000 ]; do echo "$i 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"; i=$((i+1)); done; sleep 0.5; i=0; while [ $i -lt 30000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done; echo done; exec sleep 1000'
python3 - "$BOXTOP_STATE/floods" <<'PY' &
import os, socket, sys, time
os.chdir(sys.argv[1])
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect("attach.sock")
time.sleep(8)
PY
sleeper=$!
within 8 "is not held up" sh -c "$BOXTOP logs -n 1 floods | grep -qx done"
kill $sleeper 2>/dev/null
check "rm -f" "$BOXTOP" rm -f floods
check "-d -it" "$BOXTOP" run -d -it --name shell --network none host sh
python3 - "$BOXTOP" >typed <<'PY'
import fcntl, os, pty, select, struct, sys, termios, time
def attach(steps):
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
        os.execv(sys.argv[1], ["boxtop", "attach", "shell"])
    seen = b""
    end = time.time() + 50
    for keys, wanted in steps:
        if keys == "resize":
            fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 88, 0, 0))
            continue
        os.write(fd, keys)
        asked = time.time()
        while wanted not in seen and time.time() < end:
            if select.select([fd], [], [], 0.2)[0]:
                try: got = os.read(fd, 4096)
                except OSError: break
                seen += got
            if b"stty" in keys and time.time() > asked + 1: # a new size arrives when it arrives
                os.write(fd, keys)
                asked = time.time()
        print(wanted.decode(), wanted in seen)
    done, status = os.waitpid(pid, 0)
    print("status", os.waitstatus_to_exitcode(status))
time.sleep(0.3)
attach([(b"\n", b"#"), (b"X=kept; stty size\n", b"33 77"), ("resize", b""), (b"stty size\n", b"44 88"), (b"\x10\x11", b"")])
attach([(b"echo $X-X\n", b"kept-X"), (b"exit 7\n", b"exit")])
PY
same "a terminal: keys, size, detach, attach again, status" "# True 33 77 True 44 88 True True status 0 kept-X True exit True status 7" "$(xargs <typed)"
check "rm -f" "$BOXTOP" rm -f shell

fails 125 "$BOXTOP" run --rm --restart always host true
match "--rm and --restart" '^boxtop: --rm and --restart exclude each other$' "$output"
same "nothing is left behind" "" "$(left)"
