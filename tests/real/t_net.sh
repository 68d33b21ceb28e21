#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# shellcheck disable=SC2016 # $ is for the program inside
# The private network: names, IPv4 and IPv6, NAT to an outside of our own, published ports, who has them, what is left after a
# crash, and that nothing of the host's changes. Runs in a network namespace of its own, which is the "machine" here.
. "$(dirname "$0")/../vm/lib.sh"
need_root
for program in ip nft unshare nsenter; do command -v $program >/dev/null || skip "needs $program"; done

# The machine: eth0 to an outside (192.0.2.1, 2001:db8::1) where somebody answers.
if [ "${BOXTOP_TEST_MACHINE:-}" != yes ]; then
    mkdir cgroup # a sysfs of that namespace, with the cgroups that there were
    exec env BOXTOP_TEST_MACHINE=yes unshare --net --mount sh -c \
        'mount --rbind /sys/fs/cgroup cgroup && mount -t sysfs sysfs /sys && mount --rbind cgroup /sys/fs/cgroup && exec "$@"' sh "$0"
fi
export BOXTOP_CONFIG=$PWD/boxtop.conf
probe=$(dirname "$BOXTOP")/boxtop-probe
cp "$probe" probe && chmod 755 probe
unshare --net sleep 1000 &
outside=$!
until [ "$(readlink /proc/$outside/ns/net)" != "$(readlink /proc/self/ns/net)" ] && [ -n "$(readlink /proc/$outside/ns/net)" ]; do sleep 0.05; done
out() { nsenter -t $outside -n "$@"; }
# A new namespace has what the machine's own had.
echo 0 >/proc/sys/net/ipv4/ip_forward
echo 0 >/proc/sys/net/ipv6/conf/all/forwarding
ip link set lo up
ip link add eth0 type veth peer name eth0 netns $outside
ip address add 192.0.2.2/24 dev eth0 && ip address add 2001:db8::2/64 dev eth0 nodad && ip link set eth0 up
out ip link set lo up && out ip address add 192.0.2.1/24 dev eth0 && out ip address add 2001:db8::1/64 dev eth0 nodad && out ip link set eth0 up
ip route add default via 192.0.2.1 && ip -6 route add default via 2001:db8::1

nsenter -t $outside -n "$probe" serve 7000 &
server=$!
at_end() { kill $server $outside 2>/dev/null; }
ask() { "$probe" ask "$@"; }
# The name is looked up inside, of the family asked for.
inside() { # NAME tcp|udp 4|6 HOST PORT
    "$BOXTOP" exec "$1" sh -c 'a=$(getent "ahostsv$2" "$3" | awk "{ print \$1; exit }"); exec /srv/probe ask "$1" "${a:-$3}" "$4"' sh "${@:2}"
}
network() { # NAME KEY : of its record
    "$BOXTOP" inspect --json "$1" | sed -n "/^    \"network\": {/,/^    }/s/^      \"$2\": \"\(.*\)\",\{0,1\}$/\1/p"
}
run() { "$BOXTOP" run -d --name "$1" -v "$PWD:/srv:ro" "${@:2}"; }
box() { run "$@" host /srv/probe serve 8000; }
state_of_machine() { nft list ruleset; ip -o link | sed 's/^[0-9]*: //; s/@.*//'; ip route; ip -6 route | grep -v '^fe80'; cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding; }

# What depends on no kernel is done where there is time for it: the VM's machine is some twenty times slower.
everything() { [ "$(uname -n)" != boxtop-vm ]; }

# Somebody else's rules, which have to be there, byte for byte, in the end.
nft -f - <<'EOF'
table ip filter {
  comment "the host's own"
  chain forward { type filter hook forward priority 0; policy accept;
    ip saddr 203.0.113.0/24 counter packets 0 bytes 0 drop; }
}
table inet mine { set s { type ipv4_addr; elements = { 198.51.100.1 } } 
}
EOF
before=$(state_of_machine)
within 5 "somebody answers outside" ask tcp 192.0.2.1 7000

# ---- the network ----
check "the first container" box web -p 8080:8000 -p 127.0.0.1:5353:8000/udp
match "what is turned on is said" '^boxtop: turned on: net.ipv4.ip_forward and net.ipv6.conf.all.forwarding, for the containers. network; off again with the last of them$' "$output"
check "another one" box db
same "nothing is said of what is on already" db "$output"
within 5 "web finds db by its name" inside web tcp 4 db 8000
same "by its own address" "db $(network web address | cut -d / -f 1)" "$(inside web tcp 4 db 8000)"
match "by IPv6 too" '^web fd' "$(inside db tcp 6 web 8000)"
match "and by UDP" '^web 10\.213\.' "$(inside db udp 4 web 8000)"
check "a third one that comes later" box late
within 5 "is found by those that were there" inside web tcp 4 late 8000
check "and goes" "$BOXTOP" rm -f late
fails 2 "$BOXTOP" exec web getent -s hosts:files hosts late # no server of names is waited for
fails 2 "$BOXTOP" exec web sh -c 'echo 10.213.0.1 db >>/etc/hosts'
match "nobody inside writes a name" 'Read-only file system' "$output"
same "out by NAT, IPv4" "$(hostname) 192.0.2.2" "$(inside web tcp 4 192.0.2.1 7000)"
same "IPv6" "$(hostname) 2001:db8::2" "$(inside web tcp 6 2001:db8::1 7000)"
same "UDP" "$(hostname) 192.0.2.2" "$(inside web udp 4 192.0.2.1 7000)"
same "a container believes no router but its gateway" 0 "$("$BOXTOP" exec web cat /proc/sys/net/ipv6/conf/eth0/accept_ra)"

# ---- published ports ----
match "from this machine, by 127.0.0.1" '^web ' "$(ask tcp 127.0.0.1 8080)"
match "by its address" '^web ' "$(ask tcp 192.0.2.2 8080)"
match "and IPv6" '^web ' "$(ask tcp 2001:db8::2 8080)"
same "from outside: who it is" "web 192.0.2.1" "$(out "$probe" ask tcp 192.0.2.2 8080)"
same "IPv6" "web 2001:db8::1" "$(out "$probe" ask tcp 2001:db8::2 8080)"
match "from another container" '^web ' "$(inside db tcp 4 192.0.2.2 8080)"
match "UDP, on 127.0.0.1 only" '^web ' "$(ask udp 127.0.0.1 5353)"
fails 1 out "$probe" ask udp 192.0.2.2 5353
fails 1 ask tcp ::1 8080
match "::1 is refused, not lost" 'refused' "$output"
web=$(network web address | cut -d / -f 1)
out ip route add 10.213.0.0/16 via 192.0.2.2
fails 1 out "$probe" ask tcp "$web" 8000
match "what is not published is not reached from outside" 'hear from|connect to' "$output"
same "ps --json" "null 8080 8000 tcp 127.0.0.1 5353 8000 udp" "$("$BOXTOP" ps --json | sed -n '/"name": "web"/,/^  }/s/^ *"\(host_ip\|host_port\|container_port\|protocol\)": "\{0,1\}\([^",]*\)"\{0,1\},\{0,1\}$/\2/p' | xargs)"
same "by what" "boxtop0" "$(network web by)"

# ---- who has a port ----
ports() { "$BOXTOP" run --rm "$@" host true; }
fails 125 ports -p 127.0.0.1:8080:1
same "a container" "boxtop: publish port 8080/tcp: container web has published it (choose another HOST port, or boxtop stop web)" "$output"
check "another protocol" ports -p 8080:1/udp
check "a container of another state directory" env BOXTOP_STATE="$PWD/state2" "$BOXTOP" run -d --name web2 -p 8081:8000 -v "$PWD:/srv:ro" host /srv/probe serve 8000
fails 125 ports -p 8081:1
match "its port" '^boxtop: publish port 8081/tcp: container web2 has published it' "$output"
if everything; then
"$probe" serve 8082 &
listener=$!
within 5 "a server of this machine" ask tcp 127.0.0.1 8082
fails 125 ports -p 8082:1
match "is named" "^boxtop: publish port 8082/tcp: boxtop-probe \(pid $listener\) listens on it" "$output"
kill $listener
fails 125 ports -p 192.0.2.77:8083:1
match "an address of somebody else" '^boxtop: publish port 8083/tcp: Cannot assign requested address \(the IP has to be one of' "$output"
fails 1 "$probe" serve 8080
match "nobody takes a published port" 'in use' "$output"
fi

# ---- two state directories, one bridge ----
state2() { BOXTOP_STATE=$PWD/state2 "$BOXTOP" "$@"; }
fails 2 "$BOXTOP" exec db getent -s hosts:files hosts web2
match "each has its own names" "^$web +web$" "$("$BOXTOP" exec db getent ahostsv4 web | sed 's/STREAM *//')"
check "one of them goes" "$BOXTOP" rm -f web db
match "the other stays" '^web2 ' "$(ask tcp 127.0.0.1 8081)"
fails 1 ask tcp 127.0.0.1 8080
check "and what can be swept is no use" "$BOXTOP" prune
match "it still does" '^web2 ' "$(ask tcp 127.0.0.1 8081)"
check "the last one goes" state2 rm -f web2
same "nothing of it is left, and the host's own is as it was" "$before" "$(state_of_machine)"

if everything; then
# ---- many at once ----
printf '[network]\npool = 10.99.0.0/28\npool6 = none\n' >boxtop.conf
pids=()
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do "$BOXTOP" run -d --name "m$i" host sleep 1000 >/dev/null 2>&1 & pids+=($!); done
wait "${pids[@]}"
same "13 at once, and there are 13 addresses" 13 "$("$BOXTOP" ps --json | grep -oE '"address": "[^"]+"' | sort -u | wc -l)"
fails 125 "$BOXTOP" run --rm host true
same "the next finds none" "boxtop: find a free address in 10.99.0.0/28: all 13 are in use (say a wider one in $BOXTOP_CONFIG ([network] pool = ...); or use --network none or host)" "$(tail -n 1 <<<"$output")"
pids=()
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do "$BOXTOP" rm -f "m$i" & pids+=($!); done
wait "${pids[@]}"
same "13 gone at once" "$before" "$(state_of_machine)"
come_and_go() { # thrice at once: the last one of the one may be the first one of the other
    for _ in $(seq 15); do "$BOXTOP" run --rm host true || return; done
}
pids=()
come_and_go 2>come1 & pids+=($!)
come_and_go 2>come2 & pids+=($!)
check "coming while another goes" come_and_go
for pid in "${pids[@]}"; do wait "$pid"; same "the others" 0 $?; done
same "and nobody has anything to tell" "" "$(cat come? | grep -v '^boxtop: turned on: ')"
within 5 "coming and going" sh -c '! ip link show boxtop0 2>/dev/null'

# ---- networks that the host has already ----
ip route add 10.99.0.0/24 dev eth0
fails 125 "$BOXTOP" run --rm host true
same "the configured one" "boxtop: use the network 10.99.0.0/28 for containers: the host has a route to 10.99.0.0/24 (say another one in $BOXTOP_CONFIG ([network] pool = ...))" "$output"
ip route delete 10.99.0.0/24
rm boxtop.conf
ip route add 10.213.128.0/17 dev eth0
check "one of our own" sh -c "'$BOXTOP' run --rm host cat /proc/net/fib_trie 2>/dev/null | grep -q ' 10\.214\.'"
ip route delete 10.213.128.0/17
ip link add boxtop0 type bridge
fails 125 "$BOXTOP" run --rm host true
match "a bridge that is not ours" '^boxtop: use the bridge boxtop0: a link of that name is there, and it is not boxtop.s' "$output"
ip link delete boxtop0
nft 'add table inet boxtop'
check "a table that is not ours" "$BOXTOP" run --rm host true
match "is left alone, and that is said" '^boxtop: containers reach each other and this machine, and nothing beyond: no NAT: the nftables table inet boxtop is there, and it is not boxtop.s' "$output"
fails 125 ports -p 8080:80
match "nothing can be published then" '^boxtop: the nftables table inet boxtop is there' "$(tail -n 1 <<<"$output")"
nft delete table inet boxtop
same "as it was" "$before" "$(state_of_machine)"

# ---- killed at any moment ----
longest_ms=150
for i in $(seq 12); do
    "$BOXTOP" run -d --name "k$i" -p $((9000 + i)):80 host sleep 1000 >/dev/null 2>&1 &
    launcher=$!
    sleep "$(awk -v s="$RANDOM" -v l=$longest_ms 'BEGIN { print s % l / 1000 }')"
    # shellcheck disable=SC2046
    kill -9 $launcher $(pgrep -f -- "run -d --name k$i " | while read -r pid; do grep -qE '^NSpid:[[:space:]]+[0-9]+$' "/proc/$pid/status" 2>/dev/null && echo "$pid"; done) 2>/dev/null
    wait $launcher 2>/dev/null
done
gone() { "$BOXTOP" ps -a >/dev/null && for name in $("$BOXTOP" ps -a | awk '/^k/ { print $1 }'); do "$BOXTOP" rm -f "$name"; done && "$BOXTOP" prune >/dev/null && [ "$before" = "$(state_of_machine)" ]; }
within 10 "12 keepers killed -9: nothing is left" gone
same "no name either" "" "$(find "$BOXTOP_STATE/.net" -type f)"

# ---- by hand ----
nft_table() { nft list table inet boxtop | sed 's/"boxtop:[^"]*"/OWNER/; s/10\.213\.[0-9]*\.[0-9]*:/ADDRESS:/; s/d5::ad5:[0-9a-f]*/d5::ADDRESS/'; }
"$BOXTOP" run --explain --name byhand -p 8080:80 -p 127.0.0.1:53:53/udp host sh -c 'sleep 1' | sed 's/^rm .tmp.boxtop-byhand.sh$/&; nft list table inet boxtop >table/' >script
mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns 2>/dev/null # of this mount namespace only
bash script >by-hand 2>&1 || not_ok "the script" "status 0" "$(cat by-hand)"
same "the script says nothing" "" "$(cat by-hand)"
same "and leaves nothing" "$before" "$(state_of_machine)"
run byboxtop -p 8080:80 -p 127.0.0.1:53:53/udp host sleep 1000 >/dev/null 2>&1
same "its table is boxtop's" "$(nft_table)" "$(nft() { cat table; } && nft_table)"
check "gone" "$BOXTOP" rm -f byboxtop
fi

# ---- a user, through pasta ----
command -v pasta >/dev/null || skip "needs pasta"
modprobe tun 2>/dev/null # where it is a module there is no node before
mknod tun c 10 200 && chmod 666 tun && mount --bind tun /dev/net/tun # in this mount namespace only
mkdir user bin && cp "$(dirname "$BOXTOP")"/boxtop* bin/ && chown 1500:1500 user && chmod -R a+rX . && chmod 755 "$PWD"
user=(setpriv --reuid 1500 --regid 1500 --clear-groups env "BOXTOP_STATE=$PWD/user/state" "$PWD/bin/boxtop")
if "${user[@]:0:6}" unshare -U true 2>/dev/null; then
    check "a user's container" "${user[@]}" run -d --name web -p 8080:8000 -p 5353:8000/udp -v "$PWD:/srv:ro" host /srv/probe serve 8000
    within 5 "its port" ask tcp 127.0.0.1 8080
    match "its port, UDP" '^web ' "$(ask udp 127.0.0.1 5353)"
    same "out of it" "$(hostname) 192.0.2.2" "$("${user[@]}" exec web /srv/probe ask tcp 192.0.2.1 7000)"
    fails 125 "${user[@]}" run --rm -p 8080:80 host true
    match "its port is taken" '^boxtop: publish port 8080/tcp: (pasta.* \(pid [0-9]+\)|another program) listens on it' "$output"
    same "by pasta" pasta "$("${user[@]}" inspect --json web | sed -n 's/^      "by": "\(.*\)",$/\1/p')"
    pastas() { pgrep -f -- "-P $PWD/user/state/"; }
    no_pasta() { ! pastas; }
    check "gone" "${user[@]}" rm -f web
    within 5 "pasta with it" no_pasta
    "${user[@]}" run -d --name killed host sleep 1000 >/dev/null
    # shellcheck disable=SC2046
    kill -9 $(pgrep -u 1500 -f -- 'run -d --name killed ')
    within 5 "its keeper was killed" sh -c '"$@" ps -a | grep -q "^killed *exited"' sh "${user[@]}"
    within 5 "and pasta after it" no_pasta
    check "gone" "${user[@]}" rm killed
    fails 125 "${user[@]:0:7}" PATH=/nowhere "${user[@]:7}" run --rm -p 8080:80 host true
    same "without pasta, ports" "boxtop: publish ports: a user's private network takes pasta (it is not installed: the package is passt; or run it with sudo)" "$output"
    check "without pasta" "${user[@]:0:7}" PATH=/nowhere "${user[@]:7}" run --rm host true
    same "a line" "boxtop: no network but lo: a user's private one takes pasta (it is not installed: the package is passt)" "$output"
fi
