#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # $ is for the program inside
# limit: 120
# OCI runtime bundles: what `crun spec` and `runc spec` write, each feature seen from inside, what is not supported refused by
# its name, hooks in their order, and a container's spec written for crun and runc.
. "$(dirname "$0")/../vm/lib.sh"
need_root
command -v crun >/dev/null || skip "needs crun"
command -v runc >/dev/null || skip "needs runc"
busybox=$(command -v busybox) || skip "needs busybox"

mkdir -p root/bin root/etc base && cp "$busybox" root/bin/busybox
for applet in sh cat echo true id hostname grep awk ls stat touch readlink mkdir head tr sed cut sleep tty wc env xargs pwd test sort rm expr; do
    ln -s busybox "root/bin/$applet"
done
(cd base && crun spec)
echo 'www:x:33:33::/srv:/bin/sh' >root/etc/passwd
before=$(leftovers)

bundle() { # NAME STATEMENT... : a bundle made by crun, changed by these lines of python; c is its config
    local name=$1
    shift
    mkdir -p "$name"
    printf '%s\n' "$@" | python3 -c '
import json, sys
name, root = sys.argv[1], sys.argv[2]
c = json.load(open("base/config.json"))
p, l, m = c["process"], c["linux"], c["mounts"]
r = l["resources"]
p["terminal"] = False
c["root"]["path"] = root
sh = lambda text: p.update(args=["sh", "-c", text])
own = lambda *types: l.update(namespaces=[{"type": t} for t in types])
exec(sys.stdin.read())
json.dump(c, open(name + "/config.json", "w"))
' "$name" "$PWD/root"
}
runs() { "$BOXTOP" run --rm --bundle "$@" </dev/null; }
says() { # WHAT EXPECTED COMMAND STATEMENT... : what a container of such a bundle prints
    local what=$1 expected=$2 command=$3
    shift 3
    bundle b "sh('''$command''')" "$@"
    same "$what" "$expected" "$(runs b 2>&1)"
}
# ---- as crun and runc write them ----
for runtime in crun runc; do
    mkdir -p "$runtime" && (cd "$runtime" && "$runtime" spec) && ln -sfn ../root "$runtime/rootfs"
    output=$(printf 'test -t 0 && test -t 1 && tty && hostname\nexit 7\n' | script -qec "'$BOXTOP' run --rm --bundle $runtime" /dev/null)
    same "$runtime spec, with a terminal" 7 $?
    match "$runtime spec: its own terminal" '^/dev/pts/0' "$output"
    match "$runtime spec: its hostname" "^$runtime" "$output"
    python3 - "$runtime/config.json" <<'PYTHON'
import json, sys
c = json.load(open(sys.argv[1]))
c["process"]["terminal"] = False
json.dump(c, open(sys.argv[1], "w"))
PYTHON
    same "$runtime spec, without one" "$runtime $$
/
end" "$(printf 'echo $(hostname) %s; pwd; echo end' $$ | "$BOXTOP" run --rm --bundle $runtime)"
done
bundle b 'sh("exit 7")'
fails 7 runs b
bundle b 'p["args"] = ["/nowhere"]'
fails 127 runs b
fails 125 "$BOXTOP" run --bundle b host true
match "no ROOT beside a bundle" "^boxtop: run --bundle b: 'host' is one word too many \(a bundle's root and command are in its config.json\)$" "$output"
fails 125 "$BOXTOP" run --bundle nowhere
match "no bundle" '^boxtop: bundle nowhere: No such file or directory$' "$output"

# ---- process ----
says "user, group, groups, umask" "uid=33(www) gid=44 groups=45,46 0077 /srv" 'echo $(id) $(umask) $HOME' \
    'p["user"] = {"uid": 33, "gid": 44, "additionalGids": [45, 46], "umask": 0o77}'
says "cwd is made if it is missing" "/tmp/a/b" pwd 'p["cwd"] = "/tmp/a/b"' 'm.append({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"})'
says "env is all there is" "HOME=/
A=1" true 'p["env"] = ["A=1"]' 'p["args"] = ["/bin/env"]'
# Root gets by exec what it may have.
says "five sets of capabilities" "CapInh: 0000000000000021 CapPrm: 0000000000000023 CapEff: 0000000000000023 CapBnd: 0000000000000063 CapAmb: 0000000000000000" \
    'echo $(grep ^Cap /proc/self/status)' 'caps = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_KILL", "CAP_SETGID"]' \
    'p["capabilities"] = {"bounding": caps, "permitted": caps[:3], "effective": caps[:2], "inheritable": [caps[0], caps[2]], "ambient": []}'
says "ambient ones, for another user" "CapPrm: 0000000000000400 CapEff: 0000000000000400 CapAmb: 0000000000000400" \
    'echo $(grep -E "^Cap(Prm|Eff|Amb)" /proc/self/status)' 'p["user"] = {"uid": 5, "gid": 5}' \
    'p["capabilities"] = {s: ["CAP_NET_BIND_SERVICE"] for s in ("bounding", "permitted", "effective", "inheritable", "ambient")}'
says "no_new_privs, or not" "NoNewPrivs: 0" 'echo $(grep NoNew /proc/self/status)' 'p["noNewPrivileges"] = False'
says "limits of processes" "100 200 unlimited 0" 'echo $(ulimit -n) $(ulimit -Hn) $(ulimit -Ht) $(ulimit -c)' \
    'p["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}, {"type": "RLIMIT_CPU", "soft": 500, "hard": 18446744073709551615}, {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]'
says "oom_score_adj" 77 'cat /proc/self/oom_score_adj' 'p["oomScoreAdj"] = 77'

# ---- root, mounts ----
says "a read-only root, and one that is not" "ro" 'touch /bin/x 2>/dev/null && echo rw || echo ro'
says "a writable one" "rw" 'touch /x && rm /x && echo rw' 'c["root"]["readonly"] = False'
mkdir -p src/below && echo hello >src/file && mount -t tmpfs tmpfs src/below && mount --make-shared src/below && : >src/below/deep
at_end() { ! mountpoint -q src/below || umount src/below; }
says "bind is what is there, rbind what is below, too" "0 1 hello" 'echo $(ls /a/below | wc -l) $(ls /b/below | wc -l) $(cat /c)' \
    'm += [{"destination": "/a", "type": "bind", "source": "'"$PWD"'/src", "options": ["bind"]}]' \
    'm += [{"destination": "/b", "type": "none", "source": "../src", "options": ["rbind"]}]' \
    'm += [{"destination": "/c", "type": "bind", "source": "'"$PWD"'/src/file"}]' 'c["root"]["readonly"] = False'
says "ro concerns the mount, rro all below" "rw ro ro" 'for d in /a/below /b/below /b; do touch $d/x 2>/dev/null && echo rw || echo ro; done | xargs' \
    'm += [{"destination": "/a", "type": "bind", "source": "'"$PWD"'/src", "options": ["rbind", "ro"]}]' \
    'm += [{"destination": "/b", "type": "bind", "source": "'"$PWD"'/src", "options": ["rbind", "rro"]}]'
says "attributes" "nosuid,nodev,noexec,noatime" 'awk '"'"'$2 == "/a" { print $4 }'"'"' /proc/mounts | cut -d, -f2-5' \
    'm += [{"destination": "/a", "type": "bind", "source": "'"$PWD"'/src", "options": ["bind", "nosuid", "nodev", "noexec", "noatime"]}]' 'c["root"]["readonly"] = False'
says "rslave, private, and the root shared" "/ shared /a master /b" 'awk '"'"'$5 == "/" || $5 == "/a" || $5 == "/b" { sub(":.*", "", $7); print $5, $7 }'"'"' /proc/self/mountinfo | sed "s/ -$//" | xargs' \
    'l["rootfsPropagation"] = "shared"' \
    'm += [{"destination": "/a", "type": "bind", "source": "'"$PWD"'/src/below", "options": ["bind", "rslave"]}]' \
    'm += [{"destination": "/b", "type": "bind", "source": "'"$PWD"'/src/below", "options": ["bind", "private"]}]' 'c["root"]["readonly"] = False'
says "masked and read-only paths" "0 0 ro" 'echo $(cat /etc/passwd | wc -c) $(ls /bin2 | wc -l) $(touch /etc2/x 2>/dev/null && echo rw || echo ro)' \
    'c["root"]["readonly"] = False' 'l["maskedPaths"] = ["/etc/passwd", "/bin2", "/not/there"]' 'l["readonlyPaths"] = ["/etc2"]' \
    'm += [{"destination": "/bin2", "type": "bind", "source": root + "/bin"}, {"destination": "/etc2", "type": "bind", "source": root + "/etc"}]'
rmdir root/a root/b root/bin2 root/etc2 2>/dev/null
rm -f root/c

# ---- linux ----
says "names" "inside domain.example" 'echo $(hostname) $(cat /proc/sys/kernel/domainname)' 'c["hostname"] = "inside"' 'c["domainname"] = "domain.example"'
says "the host's namespaces, where none are asked for" "$(readlink /proc/self/ns/net) $(readlink /proc/self/ns/ipc)" 'echo $(readlink /proc/self/ns/net) $(readlink /proc/self/ns/ipc)' \
    'own("mount", "pid", "uts")' 'm[:] = [x for x in m if x["type"] != "mqueue"]'
"$BOXTOP" run -d --name other --network none host sleep 1000 >/dev/null
other=$("$BOXTOP" inspect --json other | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["pid"])')
says "joined ones" "$(readlink "/proc/$other/ns/net") $(readlink "/proc/$other/ns/ipc") $(readlink "/proc/$other/ns/uts") $(readlink "/proc/$other/ns/pid") other" \
    'echo $(readlink /proc/self/ns/net) $(readlink /proc/self/ns/ipc) $(readlink /proc/self/ns/uts) $(readlink /proc/self/ns/pid) $(hostname)' \
    'own("mount")' 'l["namespaces"] += [{"type": t, "path": "/proc/'"$other"'/ns/" + n} for t, n in (("network", "net"), ("ipc", "ipc"), ("uts", "uts"), ("pid", "pid"))]' 'del c["hostname"]'
"$BOXTOP" rm -f other
mkdir -p owned root/a && chown 7:7 owned
says "a user namespace with its maps" "0 100000 1000 / 0 200000 1000 / 0 0 7" 'echo $(cat /proc/self/uid_map) / $(cat /proc/self/gid_map) / $(stat -c "%u %g" /dev/shm) $(stat -c %u /a)' \
    'own("mount", "pid", "uts", "ipc", "network", "user", "cgroup")' 'l["uidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 1000}]' \
    'l["gidMappings"] = [{"containerID": 0, "hostID": 200000, "size": 1000}]' \
    'm += [{"destination": "/a", "type": "bind", "source": "'"$PWD"'/owned", "options": ["bind", "idmap"]}]' 'c["root"]["readonly"] = False'
says "sysctl" "1 12345" 'echo $(cat /proc/sys/net/ipv4/ip_forward) $(cat /proc/sys/kernel/shmmni)' 'l["sysctl"] = {"net.ipv4.ip_forward": "1", "kernel.shmmni": "12345"}'
# What the rule lets through fails elsewhere, or does not.
says "devices and their rules" "crw-r----- 3 4 10, 200 pipe 1,5 0 1" \
    'echo $(stat -c %A /dev/t) $(stat -c "%u %g" /dev/t) $(ls -l /dev/t | awk "{ print \$5, \$6 }") $(test -p /dev/p && echo pipe) $(stat -c %t,%T /dev/z) $(head -c 1 /dev/a 2>&1 | grep -c "not permitted") $(head -c 1 /dev/b 2>&1 | grep -c "not permitted")' \
    'l["devices"] = [{"path": "/dev/t", "type": "c", "major": 10, "minor": 200, "fileMode": 0o640, "uid": 3, "gid": 4}, {"path": "/dev/p", "type": "p"}, {"path": "/dev/z", "type": "c", "major": 1, "minor": 5}]' \
    'l["devices"] += [{"path": "/dev/a", "type": "c", "major": 10, "minor": 237}, {"path": "/dev/b", "type": "c", "major": 10, "minor": 229}]' \
    'r["devices"] += [{"allow": True, "type": "c", "major": 10, "minor": 237, "access": "r"}]'
says "a seccomp filter" "2 no" 'echo $(awk "/^Seccomp:/ { print \$2 }" /proc/self/status) $(mkdir /dev/shm/x 2>/dev/null && echo yes || echo no)' \
    'l["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}'

# ---- refused, by name: what is said behind "config.json: ", and what of the bundle is so ----
cat >refused <<'REFUSED'
linux.intelRdt: not supported (remove it)	l["intelRdt"] = {"closID": "x"}
linux.timeOffsets: not supported (remove it)	l["timeOffsets"] = {"monotonic": {"secs": 1}}
linux.personality: not supported (remove it)	l["personality"] = {"domain": "LINUX32"}
linux.mountLabel: not supported (remove it)	l["mountLabel"] = "system_u:object_r:x"
windows: not supported (remove it)	c["windows"] = {"x": 1}
process.ioPriority: not supported (remove it)	p["ioPriority"] = {"class": "IOPRIO_CLASS_IDLE"}
linux.namespaces[5]: a namespace of type 'time' is not supported	l["namespaces"] += [{"type": "time"}]
linux.namespaces: a container without a mount namespace of its own is not supported	own("pid")
linux.namespaces[0]: path: joining a user namespace is not supported	l["namespaces"] = [{"type": "user", "path": "/proc/1/ns/user"}]
linux.resources.memory.swappiness: not supported (cgroup v2 has no such limit: remove it)	r["memory"] = {"swappiness": 10}
linux.resources.network: not supported (cgroup v2 has no such limit: remove it)	r["network"] = {"classID": 1}
mounts[7].options[1]: not supported (remove it)	m += [{"destination": "/a", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "tmpcopyup"]}]
mounts[7].options[1]: not supported (nothing of a container's is mounted in the host's namespace: use slave or rslave)	m += [{"destination": "/a", "type": "bind", "source": "/srv", "options": ["rbind", "rshared"]}]
linux.cgroupsPath: '/system.slice/a' is not a group of boxtop's own (one name, or /boxtop/NAME, or remove it: then the container's name is taken)	l["cgroupsPath"] = "/system.slice/a"
linux.cgroupsPath: '../../a' is not a group of boxtop's own (one name, or /boxtop/NAME, or remove it: then the container's name is taken)	l["cgroupsPath"] = "../../a"
linux.sysctl.kernel.panic: sysctl kernel.panic: it is no namespace's, but all of the machine's (net.*, fs.mqueue.*, kernel.domainname, and kernel's msg*, shm* and sem can be set)	l["sysctl"] = {"kernel.panic": "1"}
process.capabilities.bounding[0]: 'CAP_NONE' is no capability that this kernel has	p["capabilities"]["bounding"] = ["CAP_NONE"]
process.args: it has to be an array of strings	p["args"] = "sh"
REFUSED
python3 - "$PWD/root" <<'PYTHON'
import json, os, sys
for number, line in enumerate(open("refused")):
    c = json.load(open("base/config.json"))
    p, l, m, r = c["process"], c["linux"], c["mounts"], c["linux"]["resources"]
    p["terminal"], c["root"]["path"] = False, sys.argv[1]
    own = lambda *types: l.update(namespaces=[{"type": t} for t in types])
    exec(line.split("\t")[1])
    os.makedirs("refused.d/%d" % number)
    json.dump(c, open("refused.d/%d/config.json" % number, "w"))
PYTHON
number=0
while IFS=$'\t' read -r line statement; do
    same "refused: $statement" "boxtop: config.json: $line" "$(runs refused.d/$number 2>&1)"
    number=$((number + 1))
done <refused
bundle b 'sh("echo ran")' 'p["future"] = 1' 'c["x"] = {}'
same "what the specification does not know is ignored, and said" "boxtop: config.json: what the specification does not know was ignored, as it says: process.future, x
ran" "$(runs b 2>&1)"

# ---- hooks ----
cat >hook <<'HOOK'
#!/bin/sh
# Says which it is, what the state says, and whether it sees the container's root or namespace.
state=$(cat)
status=$(echo "$state" | sed 's/.*"status":[ ]*"\([a-z]*\)".*/\1/')
case $state in *'"id":"hooked"'*'"pid"'* | *'"pid"'*'"id":"hooked"'*) pid=pid ;; *) pid=none ;; esac
echo "$1 $status $pid $(readlink /proc/self/ns/mnt) $A" >>"$2"
exit "${3:-0}"
HOOK
chmod +x hook && cp hook root/bin/hook && : >"$PWD/said" && mkdir -p shared && chmod 777 shared
hooks='h = lambda name, out, path="'"$PWD"'/hook", status="0": {"path": path, "args": ["hook", name, out, status], "env": ["A=" + name, "PATH=/bin:/usr/bin"], "timeout": 20}'
bundle b 'sh("echo started >> /s/said")' 'm += [{"destination": "/s", "type": "bind", "source": "'"$PWD"'/shared"}]' 'c["root"]["readonly"] = False' "$hooks" \
    'k = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]' \
    'c["hooks"] = {n: [h(n, "/s/said", "/bin/hook") if n == "startContainer" else h(n, "'"$PWD"'/shared/said")] for n in k}' \
    'c["annotations"] = {"com.example.key": "value"}'
check "hooks" "$BOXTOP" run --rm --name hooked --bundle b
same "each once, in order, with its state" "prestart creating pid|createRuntime creating pid|createContainer creating pid|startContainer created pid|poststop stopped none|" \
    "$(grep -v -e ^started -e ^poststart shared/said | awk '{ printf "%s %s %s|", $1, $2, $3 }')"
match "poststart, while it runs" '^poststart running pid' "$(cat shared/said)"
same "four of them in the host's mount namespace" 4 "$(grep -cF "$(readlink /proc/self/ns/mnt)" shared/said)"
for n in prestart createRuntime createContainer startContainer poststart; do
    path=$PWD/hook && [ $n != startContainer ] || path=/bin/hook
    bundle b 'sh("sleep 100")' 'c["root"]["readonly"] = False' "$hooks" 'c["hooks"] = {"'$n'": [h("x", "/dev/null", "'"$path"'", "3")]}'
    fails 125 runs b
    same "a $n hook that fails ends it" "boxtop: run the $n hook $path: it exited with status 3" "$output"
done
bundle b 'sh("true")' 'c["hooks"] = {"createRuntime": [{"path": "/bin/sleep", "args": ["sleep", "100"], "timeout": 1}]}'
fails 125 runs b
same "one that takes too long is killed" "boxtop: run the createRuntime hook /bin/sleep: it took longer than its 1 s" "$output"

# ---- an ordinary user's ----
if command -v setpriv >/dev/null && setpriv --reuid 1500 --regid 1500 --clear-groups unshare -U true 2>/dev/null; then
    mkdir user && cp "$(dirname "$BOXTOP")"/boxtop* user && cp -a root user/rootfs && (cd user && runc spec --rootless)
    sed -i -e 's/"hostID": 0/"hostID": 1500/' -e 's/"terminal": true/"terminal": false/' -e 's/"sh"/"sh","-c","id \&\& cat \/proc\/self\/uid_map"/' user/config.json
    chown -R 1500:1500 user && chmod 755 .
    same "runc spec --rootless" "uid=0 gid=0 0 1500 1" \
        "$(setpriv --reuid 1500 --regid 1500 --clear-groups env BOXTOP_STATE="$PWD/user/state" user/boxtop run --rm --bundle user 2>&1 </dev/null | xargs)"
fi

# ---- in the record ----
bundle b 'sh("sleep 1000")' 'p["user"] = {"uid": 33, "gid": 44, "additionalGids": [45]}' 'p["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}]' \
    'c["annotations"] = {"com.example.key": "value"}' 'l["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}'
check "detached" "$BOXTOP" run -d --name kept --bundle b
state='echo $(id -u) $(id -g) $(id -G) $(ulimit -n) $(grep -E "^(CapBnd|Seccomp|NoNewPrivs):" /proc/self/status)'
same "exec has the same user, limits, filter, capabilities" "33 44 44 45 100 CapBnd: 0000000020000420 NoNewPrivs: 1 Seccomp: 2" "$("$BOXTOP" exec kept sh -c "$state" 2>&1)"
match "annotations are in inspect" '"com.example.key": *"value"' "$("$BOXTOP" inspect --json kept)"
check "stop" "$BOXTOP" stop -t 0 kept
check "start: from the record alone" sh -c "rm b/config.json && '$BOXTOP' start kept"
same "and it is the same again" "33 44 44 45 100 CapBnd: 0000000020000420 NoNewPrivs: 1 Seccomp: 2" "$("$BOXTOP" exec kept sh -c "$state" 2>&1)"
check "rm" "$BOXTOP" rm -f kept

# ---- written for others: crun wants cgroup v2 whole, or none ----
others="runc"
[ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ] || others="runc crun"
seen='echo $(hostname) $(id -u) $(id -g) $(id -G) $(ulimit -n) $(pwd) $A; grep -E "^(CapBnd|NoNewPrivs):" /proc/self/status; ls / /dev /proc/sys/kernel | grep -v core | sort; touch /proc/sys/kernel/x /new 2>&1 | wc -l; cat /proc/kcore 2>&1 | wc -c'
as_others() { # WHAT OPTIONS... : of a container run with these options, each of the others makes the same
    local what=$1 expected runtime
    shift
    mkdir -p out && check "$what" "$BOXTOP" run -d --name spec --hostname inside "$@" sh -c "sleep 1000; $seen"
    expected=$("$BOXTOP" exec spec sh -c "$seen" 2>&1)
    check "$what: written" sh -c "'$BOXTOP' inspect --oci spec >out/config.json"
    python3 - <<'PYTHON'
import json
c = json.load(open("out/config.json"))
c["process"]["args"][2] = c["process"]["args"][2].replace("sleep 1000; ", "")
json.dump(c, open("out/config.json", "w"))
PYTHON
    for runtime in $others; do
        same "$what: the same from inside by $runtime" "$expected" "$("$runtime" run --bundle out "spec-$$" 2>&1 </dev/null)"
    done
    "$BOXTOP" rm -f spec >/dev/null
}
as_others "a directory" --network none -e A=b -w /bin -u 33:44 --ulimit nofile=100:200 --cap-drop KILL "$PWD/root"
as_others "the host's root with a throw-away layer" --network none -e A=b -v "$PWD/src:/mnt:ro" --tmpfs /srv host
fails 1 "$BOXTOP" inspect --oci nobody

umount src/below
same "nothing is left" "$before" "$(leftovers)"
