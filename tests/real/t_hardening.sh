#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # $ is for the shell inside
# limit: 120
# What earlier runtimes were broken by, one after the other, tried from inside (and from beside).
. "$(dirname "$0")/../vm/lib.sh"
need_root

inside() { "$BOXTOP" run --rm --network none host "$@"; }
mkdir -p root/bin
cp "$(dirname "$BOXTOP")/boxtop-probe" root/bin/probe

# ---- descriptors and working directory (CVE-2016-9962, CVE-2024-21626) ----
exec 20</etc/passwd 21<. 22<"$BOXTOP"
same "no inherited descriptor" "0 1 2" "$(inside sh -c 'for f in 0 1 2 3 4 5 6 7 8 9 20 21 22; do [ ! -e /proc/1/fd/$f ] || echo $f; done' | xargs)"
check "a container to look into" "$BOXTOP" run -d --name box --network none host sleep 1000
same "nor in what exec starts" "0 1 2" "$("$BOXTOP" exec box sh -c 'ls /proc/$$/fd' | grep -vE '^(10|255)$' | xargs)"
keeper=$("$BOXTOP" inspect --json box | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["keeper_pid"])')
same "nor does the keeper hold one of its caller's" 0 "$(find "/proc/$keeper/fd" -lname /etc/passwd -o -lname "$BOXTOP" | wc -l)"
exec 20<&- 21<&- 22<&-
held=0
for fd in $(seq 3 40); do
    "$BOXTOP" run --rm --network none -w "/proc/self/fd/$fd" host ls "../../../../../../../../..$PWD/root" >/dev/null 2>&1 && held=$fd
done
same "no working directory through /proc/self/fd leads out" 0 "$held"

# ---- the root's own traps: links where something is mounted (CVE-2019-19921, CVE-2023-27561, CVE-2021-30465) ----
mkdir canary && cp -a root trap
for name in proc sys dev; do
    rm -rf trap/proc trap/sys trap/dev
    ln -s ../../../../../../../../../../.."$PWD"/canary trap/$name
    fails 125 "$BOXTOP" run --rm --network none "$PWD/trap" probe ps
    match "/$name is a link: refused, and why" 'symbolic link' "$output"
    rm trap/$name
done
mkdir -p trap/mnt && ln -s ../../../../../../../../../../.."$PWD"/canary trap/mnt/out
"$BOXTOP" run --rm --network none -v "$PWD/root:/mnt/out/sub" "$PWD/trap" probe ps >/dev/null 2>&1
same "a volume's target stays inside" "" "$(ls -A canary)"

# ---- /proc and /sys (CVE-2025-31133 and older) ----
for path in /proc/kcore /proc/keys /proc/timer_list /proc/interrupts; do
    [ ! -e $path ] || same "$path is empty" 0 "$(inside sh -c "head -c 100 $path 2>/dev/null | wc -c")"
done
for path in /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /proc/sysrq-trigger /sys/kernel/mm/ksm/run; do
    [ ! -e $path ] || fails 1 inside sh -c "(cat /dev/null > $path) 2>/dev/null || exit 1"
done
same "nothing of the host's processes" 1 "$(inside sh -c 'ls -d /proc/[0-9]*' | wc -l)"
same "a signal does not reach out" 1 "$(inside sh -c "kill -0 $$ 2>/dev/null; echo \$?")"

# What docker masks and what it makes read-only, as far as this kernel has it: each is a mount, and what it should be.
covers() { # PATHS... : those that are there
    for path; do [ ! -e "$path" ] || echo "$path"; done | sort | xargs
}
mounts=$(inside cat /proc/self/mountinfo)
same "all that docker masks" "$(covers /proc/acpi /proc/asound /proc/interrupts /proc/kcore /proc/keys /proc/latency_stats /proc/sched_debug /proc/scsi /proc/timer_list /proc/timer_stats \
    /sys/firmware /sys/devices/virtual/powercap /sys/devices/system/cpu/cpu*/thermal_throttle)" \
    "$(awk '$5 ~ "^/(proc|sys)/" && / - (tmpfs|devtmpfs) / { print $5 }' <<<"$mounts" | sort | xargs)"
same "all that it makes read-only" "$(covers /proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger)" \
    "$(awk '$5 ~ "^/proc/" && / - proc / && $6 ~ "^ro," { print $5 }' <<<"$mounts" | sort | xargs)"
same "masked directories are empty and can't be written to" "" "$(inside sh -c 'for d in /proc/acpi /proc/asound /proc/scsi /sys/firmware; do [ ! -d $d ] || { ls -A $d; touch $d/x 2>/dev/null && echo written; }; done')"

# The root's own devices and files are not used for that (CVE-2025-31133, CVE-2025-52565): of a directory, and of an image.
mkdir -p false/dev/pts false/proc false/sys false/usr && for name in bin sbin lib lib64; do [ ! -L /$name ] || cp -a /$name false/; done
for name in null console ptmx tty pts/0; do ln -s /proc/sys/kernel/core_pattern false/dev/$name; done
ln -s ../../../../../../../../../../.."$PWD"/canary false/etc
tar -C false -cf false.tar . && BOXTOP_IMAGES=$PWD/images "$BOXTOP" image import false.tar false >/dev/null
pattern=$(cat /proc/sys/kernel/core_pattern)
for root in "$PWD/false" false; do
    cat >try.sh <<'TRY'
stat -c '%F %t %T' /dev/null
[ -e /proc/keys ] || echo "character special file 1 3"
[ ! -e /proc/keys ] || stat -c '%F %t %T' /proc/keys
(echo boxtop > /proc/keys) 2>/dev/null
(echo boxtop > /proc/sys/kernel/core_pattern) 2>/dev/null && echo written
stat -c %t /dev/console
TRY
    output=$(BOXTOP_IMAGES=$PWD/images python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$BOXTOP" run --rm -it --network none -v /usr:/usr:ro -v "$PWD/try.sh:/try.sh:ro" "$root" sh /try.sh | tr -d '\r')
    same "$root: null, a mask, and the console are what they seem" "character special file 1 3 character special file 1 3 88" "$(xargs <<<"$output")"
done
same "core_pattern is what it was" "$pattern" "$(cat /proc/sys/kernel/core_pattern)"
same "nothing came out by /etc" "" "$(ls -A canary)"

# ---- cgroup (CVE-2022-0492) ----
match "cgroup v2 read-only" '^cgroup2 /sys/fs/cgroup cgroup2 ro,' "$(inside cat /proc/mounts)"
fails 1 inside sh -c 'mount -t cgroup -o memory x /mnt 2>/dev/null || exit 1'
fails 1 inside sh -c '(echo 1 > /sys/fs/cgroup/cgroup.procs) 2>/dev/null || exit 1'

# ---- capabilities, no_new_privs, seccomp: also of what exec starts ----
for how in "$BOXTOP run --rm -i --network none host" "$BOXTOP exec -i box"; do
    status=$($how grep -E '^(Cap|NoNewPrivs|Seccomp):*' /proc/self/status)
    same "$how: docker's capabilities, none inheritable or ambient" \
        "0000000000000000 00000000a80425fb 00000000a80425fb 00000000a80425fb 0000000000000000" "$(awk '/^Cap/ { print $2 }' <<<"$status" | xargs)"
    match "$how: no_new_privs" '^NoNewPrivs:[[:space:]]+1' "$status"
    match "$how: a filter" '^Seccomp:[[:space:]]+2' "$status"
    # What each call answers: EPERM 1, ENOSYS 38.
    answers=$($how python3 - <<'PYTHON'
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
calls = dict(mount=165, umount2=166, unshare=(272, 0x10000000), setns=308, pivot_root=155, keyctl=250, add_key=248, bpf=321,
             userfaultfd=323, io_uring_setup=425, open_by_handle_at=304, perf_event_open=298, init_module=175, kexec_load=246,
             reboot=169, swapon=167, fsopen=430, open_tree=428, move_mount=429, mount_setattr=442, AF_ALG=(41, 38, 5, 0),
             AF_VSOCK=(41, 40, 1, 0), clone_newuser=(56, 0x10000000 | 17), TIOCSTI=(16, 0, 0x5412), clone3=435, unknown=9999)
for name, call in calls.items():
    number, *args = call if isinstance(call, tuple) else (call, 0, 0, 0, 0, 0)
    ctypes.set_errno(0)
    libc.syscall(number, *args)
    print(name, ctypes.get_errno())
PYTHON
)
    same "$how: 24 refused calls" 24 "$(awk '$2 == 1 && $1 != "clone3" && $1 != "unknown"' <<<"$answers" | wc -l)"
    same "$how: all of them" "" "$(awk '$2 != 1 && $1 != "clone3" && $1 != "unknown"' <<<"$answers")"
    same "$how: calls that aren't known" "clone3 38 unknown 38" "$(grep -E '^(clone3|unknown)' <<<"$answers" | xargs)"
done
# --cap-add, --cap-drop, --seccomp: exactly that, in exec too
caps() { awk '/^Cap(Prm|Eff|Bnd)/ { print $2 }' | sort -u; }
status_of() { "$BOXTOP" run --rm --network none "$@" host cat /proc/self/status; }
same "--cap-drop ALL" 0000000000000000 "$(status_of --cap-drop ALL | caps)"
same "--cap-drop ALL, and another user" "0000000000000000 1000" "$(status_of --cap-drop ALL -u 1000 | tee who | caps) $(awk '/^Uid/ { print $2 }' who)"
same "--cap-add, --cap-drop" 00000000a80c25fa "$(status_of --cap-add SYS_PTRACE --cap-drop chown | caps)"
check "the filter lets what CAP_SYS_ADMIN is for" "$BOXTOP" run --rm --network none --cap-add SYS_ADMIN host mount -t tmpfs x /mnt
same "--seccomp unconfined" 0 "$(status_of --seccomp unconfined | awk '/^Seccomp:/ { print $2 }')"
printf '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat", "no_such_call"], "action": "SCMP_ACT_ERRNO", "errnoRet": 18}]}' >profile.json
fails 1 "$BOXTOP" run --rm --network none --seccomp profile.json host mkdir /tmp/x
match "--seccomp FILE: what it says" 'Invalid cross-device link' "$output"
compiled=$(cd "$BOXTOP_STATE/.seccomp" && ls -i)
check "a container with it" "$BOXTOP" run -d --name profiled --network none --seccomp profile.json host sleep 1000
same "it was compiled once" "$compiled" "$(cd "$BOXTOP_STATE/.seccomp" && ls -i)"
echo '{"defaultAction": "SCMP_ACT_NOTIFY"}' >profile.json
match "what exec starts has it too, whatever became of the file" 'Invalid cross-device link' "$("$BOXTOP" exec profiled mkdir /tmp/x 2>&1)"
check "and a restart" "$BOXTOP" restart -t 0 profiled
match "has it" 'Invalid cross-device link' "$("$BOXTOP" exec profiled mkdir /tmp/x 2>&1)"
fails 125 "$BOXTOP" run --rm --network none --seccomp profile.json host true
match "what it can't say" "^boxtop: seccomp profile $PWD/profile.json: the action 'SCMP_ACT_NOTIFY' is not supported\$" "$output"
check "rm" "$BOXTOP" rm -f profiled
cp /usr/bin/id suid && chmod 4755 suid
same "setuid gives nothing" 1000 "$("$BOXTOP" run --rm --network none -v "$PWD/suid:/mnt/id" host python3 -c 'import os; os.setuid(1000); os.execv("/mnt/id", ["id", "-u"])')"

# ---- devices ----
disk=$(awk '$4 ~ /^(vd|sd|nvme|loop)/ { print $1, $2; exit }' /proc/partitions)
fails 1 inside sh -c "mknod /dev/disk b ${disk:-8 0} && head -c 1 /dev/disk 2>/dev/null || exit 1"
mkdir -p devices
fails 1 "$BOXTOP" run --rm --network none -v "$PWD/devices:/v" host sh -c "mknod /v/disk b ${disk:-8 0} && head -c 1 /v/disk 2>/dev/null || exit 1"
same "devices: the usual ones, and no others" "full null random tty urandom zero" "$(inside find /dev -maxdepth 1 -type c -printf '%f\n' | sort | xargs)"
check "the usual nodes work" inside sh -c 'head -c 1 /dev/zero >/dev/null && : > /dev/null && head -c 1 /dev/urandom >/dev/null && test -c /dev/tty'

# ---- boxtop's own program (CVE-2019-5736) ----
before=$(sha256sum <"$BOXTOP")
mkdir -p root/proc && printf '#!/proc/self/exe\n' >root/bin/evil && chmod 755 root/bin/evil
cat >attack.py <<'PYTHON'
import glob, os, time
held, end = [], time.time() + 4
while time.time() < end:
    for exe in glob.glob("/proc/[0-9]*/exe"):
        try:
            if "boxtop" in os.readlink(exe):
                held.append(os.open(exe, os.O_RDONLY))
        except OSError:
            pass
    for fd in held[-8:]:
        try:
            with open(f"/proc/self/fd/{fd}", "r+b") as f:
                f.write(b"#!/bin/false\n")
                print("written")
        except OSError:
            pass
print("tried")
PYTHON
check "an attacker inside" "$BOXTOP" run -d --name evil --network none -v "$PWD:/mnt" host python3 /mnt/attack.py
for _ in $(seq 20); do
    "$BOXTOP" exec evil /mnt/root/bin/evil >/dev/null 2>&1
    "$BOXTOP" exec evil true >/dev/null 2>&1
done
check "it has tried" "$BOXTOP" wait evil
same "boxtop is what it was" "$before" "$(sha256sum <"$BOXTOP")"
same "and nothing was written" "tried" "$("$BOXTOP" logs evil)"

# ---- the caller's terminal (CVE-2017-5226), abstract sockets (CVE-2020-15257), host mounts ----
check "python has a pty" python3 - "$BOXTOP" <<'PYTHON'
import os, pty, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "run", "--rm", "-it", "--network", "none", "host", "sh", "-c",
             "tty; python3 -c 'import fcntl; fcntl.ioctl(0, 0x5412, b\"X\")' 2>&1 | tail -n 1; test $(tty) = /dev/pts/0 && echo own"])
text = b""
try:
    while True:
        part = os.read(fd, 4096)
        if not part: break
        text += part
except OSError:
    pass
os.waitpid(pid, 0)
print(text.decode())
sys.exit(0 if b"own" in text and b"not permitted" in text else 1)
PYTHON
same "no abstract socket of ours" "" "$(grep -a '@.*boxtop' /proc/net/unix)"
same "nothing of ours in the host's mounts" "" "$(grep -F "$BOXTOP_STATE" /proc/self/mountinfo)"
check "rm" "$BOXTOP" rm -f box evil
