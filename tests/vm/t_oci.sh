#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # $ is for the program inside
# limit: 120
# What of OCI bundles takes all of cgroup v2: limits in cgroup v1's figures, device rules, and crun, which wants nothing less.
. "$(dirname "$0")/lib.sh"
need_root
command -v crun >/dev/null || skip "needs crun"
command -v runc >/dev/null || skip "needs runc"

mkdir -p root/bin limits && cp "$(command -v busybox)" root/bin/busybox && mkdir -p root/dev root/proc root/sys
for applet in sh cat grep id hostname sleep ls head sort pwd; do ln -s busybox "root/bin/$applet"; done
before=$(leftovers)

for runtime in crun runc; do
    mkdir $runtime && (cd $runtime && $runtime spec) && ln -s ../root $runtime/rootfs
    output=$(printf 'test -t 0 && hostname\nexit 7\n' | script -qec "'$BOXTOP' run --rm --bundle $runtime" /dev/null)
    same "$runtime spec, unmodified" 7 $?
    match "its hostname" "^$runtime" "$output"
done

python3 - "$PWD/root" <<'PYTHON'
import json, sys
c = json.load(open("crun/config.json"))
p, r = c["process"], c["linux"]["resources"]
p["terminal"], p["args"], c["root"]["path"] = False, ["sleep", "1000"], sys.argv[1]
for s in ("bounding", "effective", "permitted"): p["capabilities"][s] += ["CAP_SYSLOG"]
r["memory"] = {"limit": 104857600, "swap": 209715200, "reservation": 8388608}
r["cpu"] = {"shares": 1024, "quota": 50000, "period": 100000, "cpus": "0"}
r["pids"] = {"limit": 20}
r["unified"] = {"memory.high": "83886080"}
r["devices"] += [{"allow": True, "type": "c", "major": 1, "minor": 11, "access": "r"}]
c["linux"]["devices"] = [{"path": "/dev/" + n, "type": "c", "major": 1, "minor": m} for n, m in (("kmsg", 11), ("mem", 1))]
json.dump(c, open("limits/config.json", "w"))
PYTHON
check "limits" "$BOXTOP" run -d --name limits --bundle limits
group=$(cgroup_root)$("$BOXTOP" inspect --json limits | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["cgroup"])')
same "as cgroup v2 has them" "104857600 104857600 8388608 83886080 39 50000 100000 0 20" \
    "$(cd "$group" && cat memory.max memory.swap.max memory.low memory.high cpu.weight cpu.max cpuset.cpus pids.max | xargs)"
check "a device that a rule allows" "$BOXTOP" exec limits head -c 1 /dev/kmsg
fails 1 "$BOXTOP" exec limits sh -c 'head -c 1 </dev/kmsg >/dev/null; : >/dev/kmsg' # to read it only
fails 1 "$BOXTOP" exec limits head -c 1 /dev/mem
match "one that none does" 'not permitted' "$output"
check "the usual ones" "$BOXTOP" exec limits sh -c 'head -c 1 /dev/zero >/dev/null && : >/dev/null'
check "another container, by the usual filter" "$BOXTOP" run --rm host head -c 1 /dev/urandom
check "rm" "$BOXTOP" rm -f limits

# ---- written for others ----
seen='echo $(hostname) $(id) $(pwd) $A; grep -E "^(CapBnd|NoNewPrivs):" /proc/self/status; ls / /dev | grep -v core | sort' # /dev/core is a link that they make
for what in "$PWD/root" host; do
    check "run on $what" "$BOXTOP" run -d --name spec --hostname inside --network none -e A=b -u 33:44 -m 100M --cpus 0.5 "$what" sh -c "sleep 1000; $seen"
    expected=$("$BOXTOP" exec spec sh -c "$seen" 2>&1)
    mkdir -p out && check "its config.json" sh -c "'$BOXTOP' inspect --oci spec >out/config.json"
    sed -i 's/sleep 1000; //' out/config.json
    runtimes="crun runc"
    [ "$what" != host ] || runtimes=runc # crun mounts nothing on /
    for runtime in $runtimes; do
        same "the same from inside by $runtime" "$expected" "$($runtime run --bundle out "spec-$runtime" 2>&1 </dev/null)"
    done
    "$BOXTOP" rm -f spec
done

same "nothing is left" "$before" "$(leftovers)"
