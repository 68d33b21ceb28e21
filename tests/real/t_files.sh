#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # $ is for the shell inside
# limit: 120
# What a container has for files: volumes, mounts, devices, what is hidden; and cp, out and in.
. "$(dirname "$0")/../vm/lib.sh"
need_root
run() { "$BOXTOP" run --rm --network none "$@"; }

# ---- volumes and mounts ----
mkdir -p volume/below && echo here >volume/file
at_end() { ! mountpoint -q volume/below || umount volume/below; }
mount -t tmpfs below volume/below && echo deep >volume/below/file
same "-v has what is mounted below it" "here deep" "$(run -v "$PWD/volume:/v" host cat /v/file /v/below/file | xargs)"
same ":ro holds there too" "ro ro" "$(run -v "$PWD/volume:/v:ro" host sh -c 'for d in /v /v/below; do touch $d/x 2>/dev/null || echo ro; done' | xargs)"
same "--mount type=bind" "here ro" "$(run --mount "type=bind,src=$PWD/volume,dst=/v,readonly" host sh -c 'cat /v/file; touch /v/below/x 2>/dev/null || echo ro' | xargs)"
same "--mount type=tmpfs" "tmpfs 1024k 700" "$(run --mount type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=700 host sh -c 'awk "\$2 == \"/t\" { print \$3, \$4 }" /proc/mounts; stat -c %a /t' | sed 's/rw.*size=\([0-9]*k\).*/\1/' | xargs)"
same "a file into a directory that is not there" here "$(run -v "$PWD/volume/file:/new/dir/file:ro" host cat /new/dir/file)"
same "/dev" "console fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero" "$(python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$BOXTOP" run --rm -it --network none host ls -C -w 1 /dev | tr -d '\r' | sort | xargs)"
same "types" "devpts mqueue tmpfs" "$(run host awk '$2 ~ "^/dev/" { print $3 }' /proc/mounts | sort | xargs)"

# ---- an entrypoint ----
same "--entrypoint" "a b" "$(run --entrypoint /bin/echo host a b)"

# ---- cp ----
check "a container" "$BOXTOP" run -d --name box --network none host sleep 1000
mkdir -p tree/sub && echo one >tree/one && echo two >tree/sub/two && ln -s one tree/link && ln -s /etc/passwd tree/out && chmod 4711 tree/one && printf x >tree/sub/$'bad\xff name'
touch -d 2001-02-03T04:05:06Z tree/one
inside() { "$BOXTOP" exec box "$@"; }
listing() { (cd "$1" && find . -printf '%P %y %m %l\n' | sort); }
check "in, under a new name" "$BOXTOP" cp tree box:/tmp/new
same "all of it, without the setuid bit" "$(listing tree | sed 's/4711/711/')" "$(inside sh -c 'cd /tmp/new && find . -printf "%P %y %m %l\n"' | sort)"
same "root's, and as old" "0 0 2001-02-03" "$(inside stat -c '%u %g %y' /tmp/new/one | cut -d ' ' -f 1-3)"
check "into a directory that is there" "$BOXTOP" cp tree box:/tmp/new
check "is below it" inside test -e /tmp/new/tree/one
check "SRC/. is what is in it" "$BOXTOP" cp tree/. box:/tmp
check "so it is there" inside test -e /tmp/sub/two
check "a file, over another" "$BOXTOP" cp tree/sub/two box:/tmp/one
same "its contents" two "$(inside cat /tmp/one)"
check "onto a mount point" "$BOXTOP" cp tree/sub/two box:/etc/hosts
same "is written into" two "$(inside cat /etc/hosts)"
check "out" "$BOXTOP" cp box:/tmp/new out
same "the same" "$(listing tree | sed 's/4711/711/')" "$(rm -r out/tree && listing out)"
check "a file out, into a directory" "$BOXTOP" cp box:/tmp/new/sub/two .
same "two" two "$(cat two)"
same "to a tar" "new/ new/link new/one new/out new/sub/ new/sub/two" "$("$BOXTOP" cp box:/tmp/new - | tar t 2>/dev/null | grep -v -e tree -e bad | sort | xargs)"
tar -cz tree/sub/two | check "from a tar" "$BOXTOP" cp - box:/var/tmp
same "its contents" two "$(inside cat /var/tmp/tree/sub/two)"
same "a link is copied, not what it leads to" "/etc/passwd" "$("$BOXTOP" cp box:/tmp/new/out ./link && readlink link)"
check "-L follows it" "$BOXTOP" cp -L box:/tmp/new/out ./passwd
check "inside" cmp -s passwd /etc/passwd
check "pause" "$BOXTOP" pause box
check "a paused one too" "$BOXTOP" cp box:/tmp/new/sub/two paused
check "resume" "$BOXTOP" resume box

# links of the container's lead nowhere else
mkdir canary && echo secret >canary/secret
inside sh -c "ln -s ../../../../../../../../..$PWD/canary /tmp/esc; mkdir -p /tmp/trap; ln -s ../../../../../../../../..$PWD/canary /tmp/trap/sub; ln -s /proc/1/root$PWD/canary /tmp/magic"
for path in esc/secret magic/secret; do
    fails 1 "$BOXTOP" cp "box:/tmp/$path" got
done
fails 1 "$BOXTOP" cp tree/. box:/tmp/trap
match "a directory over a link is refused" 'sub is there already, and is not a directory$' "$output"
same "nothing was written outside" secret "$(ls canary)"
check "no file came of it" test ! -e got
tar -c -P --transform 's|^|../../../|' two 2>/dev/null >climb.tar
fails 1 sh -c "'$BOXTOP' cp - box:/tmp <climb.tar"
match "names that climb" "'\.\./\.\./\.\./two' leads out of what is copied" "$output"
ln two hard && tar -c two hard >hard.tar
fails 1 sh -c "'$BOXTOP' cp - box:/tmp <hard.tar"
match "hard links are refused by name" "'hard' is a hard link, which is not copied" "$output"
mkfifo tree/fifo
fails 1 "$BOXTOP" cp tree box:/tmp/special
match "what is left out is said" '^boxtop: copy tree to box:/tmp/special: 1 left out: neither file, nor directory, nor link$' "$output"

wrong() { # REGEX WORDS... : boxtop cp WORDS fails, and says so in one line
    local regex=$1
    shift
    output=$("$BOXTOP" cp "$@" 2>&1) && not_ok "cp $* fails"
    match "cp $*" "^boxtop: $regex\$" "$output"
}
wrong 'copy box:/nope to x: find /nope: No such file or directory' box:/nope x
wrong 'copy two to box:/no/: the directory /no/ is not there' two box:/no/
wrong 'copy two to box:/no/x: find the directory /no/: No such file or directory' two box:/no/x
wrong 'copy canary to box:/etc/passwd: /etc/passwd is not a directory' canary box:/etc/passwd
wrong 'copy two to box:/proc/sys/kernel/x: make x: .*' two box:/proc/sys/kernel/x
wrong 'no container nobody \(.*\)' nobody:/x .
wrong 'cp: neither is in a container \(.*\)' x y
wrong 'cp: both are in containers \(.*\)' box:x box:y
wrong 'cp: a path is empty' box: y
check "one with users of its own" "$BOXTOP" run -d --name mapped --userns auto --network none host sleep 1000
check "in" "$BOXTOP" cp canary mapped:/tmp
same "its root's" "0 0" "$("$BOXTOP" exec mapped stat -c '%u %g' /tmp/canary/secret)"
check "out" "$BOXTOP" cp mapped:/tmp/canary back
same "ours again" "0 secret" "$(stat -c %u back/secret) $(cat back/secret)"
check "rm" "$BOXTOP" rm -f box mapped
wrong 'no container box .*' box:/etc/passwd .
