#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# Images: archives and layouts into the store and run from it; hostile ones refused, with nothing of them left; interrupted
# imports leave the store as it was.
. "$(dirname "$0")/../vm/lib.sh"
need_root
for program in python3 xz zstd bzip2; do command -v $program >/dev/null || skip "needs $program"; done
export BOXTOP_IMAGES=$PWD/store
at_end() { for mounted in small kept; do ! mountpoint -q $mounted || umount $mounted; done; }
check "archives" python3 "$(dirname "$(realpath "$0")")/make-images.py" "$(dirname "$BOXTOP")/boxtop-probe"

image() { "$BOXTOP" image "$@"; }
runs() { "$BOXTOP" run --rm --network none "$@"; }
stored() { (cd store && find . -mindepth 1 ! -name .lock | sort); }
inside() { find "store/layers/sha256/$1" -mindepth 1 -printf '%P %y %m %U %s %l\n' | sort; }

# STATUS REGEX ARGS... : boxtop ARGS says one line on stderr that matches, and changes nothing in the store
wrong() {
    local status=$1 regex=$2 got=0 before
    shift 2
    before=$(stored)
    output=$("$BOXTOP" "$@" 2>&1 >/dev/null) || got=$?
    same "status of boxtop $*" "$status" "$got"
    match "boxtop $*" "^boxtop: $regex\$" "$output"
    same "one line" 1 "$(grep -c '' <<<"$output")"
    same "nothing of it is in the store" "$before" "$(stored)"
}

# What no kernel has a part in is done where there is time for it: the VM's machine is some twenty times slower.
everything() { [ "$(uname -n)" != boxtop-vm ]; }

# ---- archives ----
for kind in tar tar.gz tar.xz tar.zst tar.bz2; do
    same "import good.$kind" "good-$kind" "$(image import good.$kind "good-$kind")"
done
same "one layer for all of them" 1 "$(find store/layers/sha256 -mindepth 1 -maxdepth 1 | wc -l)"
layer=$(basename store/layers/sha256/*)
same "it has the tar's digest for a name" "$(sha256sum <good.tar | cut -d ' ' -f 1)" "$layer"
same "it is what the archive has" "$(mkdir plain && tar -C plain -xpf good.tar && find plain -mindepth 1 -printf '%P %y %m %U %s %l\n' | sort)" "$(inside "$layer")"
same "a name from the archive's" good "$(image import ./good.tar.gz)"
same "from standard input" typed "$(image import - typed <good.tar.xz)"
match "image ls" '^good-tar\.zst +[0-9a-f]{12} +1 ' "$(image ls)"
same "image ls --json" 7 "$(image ls --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')"
match "run by name" '^ *1 +probe' "$(runs good probe ps)"
same "its writes go nowhere" "$(inside "$layer")" "$(runs good probe alloc 1M >/dev/null; inside "$layer")"
before=$(stored)
match "run an archive that was imported" '^ *1 +probe' "$(runs ./good.tar.gz probe ps)"
same "imports nothing" "$before" "$(stored)"
cp good.tar other.tar
match "run another" '^ *1 +probe' "$(runs ./other.tar probe ps)"
same "it has its digest for a name" 1 "$(image ls | grep -c "^${layer:0:12} ")"
fails 127 runs good no-such-command
# tmpfs shifts owners since Linux 6.3, others before.
output=$(runs --userns auto good probe ps 2>&1)
match "in a user namespace, or not here" "^ *1 +probe|^boxtop: open the root's layer .*: Permission denied \(its file system can't shift owners .*\)\$" "$output"
explained=$("$BOXTOP" run --explain --network none --name x good probe ps)
match "explain: the layer" "^mount -t overlay overlay -o nodev,lowerdir=$PWD/store/layers/sha256/$layer,upperdir=" "$explained"
mkdir good
check "a directory of that name, with a slash" sh -c "'$BOXTOP' run --rm --network none ./good probe ps 2>&1 | grep -q 'not found there'"

# ---- an OCI layout: layers over each other, whiteouts, the image's own command ----
same "import oci:DIR:TAG" layout:one "$(image import oci:layout:one)"
top=$(image inspect layout:one | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["layers"][-1][7:])')
same "a whiteout is a 0/0 device" "character special file 0 0" "$(stat -c '%F %t %T' "store/layers/sha256/$top/etc/gone")"
match "the Entrypoint and Cmd run" '^ *1 +probe' "$(runs layout:one)"
mkdir tools && cp "$(command -v busybox || true)" tools/busybox 2>/dev/null
if [ -x tools/busybox ]; then
    look() { runs -v "$PWD/tools:/tools:ro" "$@"; }
    image import oci:layout:one two >/dev/null
    python3 - store/images/two.json <<'PY'
import json, sys
image = json.load(open(sys.argv[1]))
image["config"]["Entrypoint"] = ["/tools/busybox"]
image["config"]["Cmd"] = ["ls", "/srv"]
json.dump(image, open(sys.argv[1], "w"))
PY
    same "Entrypoint and Cmd; an opaque directory hides what was below" new "$(look two)"
    same "a command replaces Cmd, behind the Entrypoint; the second layer is over the first" "from the second" "$(look two cat /etc/motd)"
    same "a whiteout hides a file" "motd owned" "$(look two ls /etc | grep -xE 'gone|motd|owned' | xargs)"
    if grep -q '1 probe' <<<"$(runs --userns auto good probe ps 2>&1 | xargs)"; then
        chmod 755 . # the volume is looked up by who is nobody here
        same "in a user namespace root owns the files" "0 7" "$(look --userns auto two sh -c '/tools/busybox stat -c %u /etc/motd /etc/owned' | xargs)"
        same "and what was below stays hidden" "new x" "$(look --userns auto two sh -c '/tools/busybox touch /srv/x; /tools/busybox ls /srv' | xargs)"
    fi
    same "WorkingDir" /srv "$(look two pwd)"
    same "WorkingDir can be said" /bin "$(look -w /bin two pwd)"
    same "Env, and -e over it" "PATH=/bin WHO=me" "$(look -e WHO=me two env | grep -E '^(PATH|WHO)=' | sort | xargs)"
    same "the root can be written to, and forgets it" "new x" "$(look two sh -c '/tools/busybox touch /srv/x; /tools/busybox ls /srv' | xargs)"
    same "or not" 1 "$(look --read-only two touch /srv/x 2>&1 | grep -c 'Read-only')"
    check "its own StopSignal" "$BOXTOP" run -d --name quits --network none -v "$PWD/tools:/tools:ro" two sh -c 'trap "exit 9" QUIT; echo ready; while :; do /tools/busybox sleep 0.1; done'
    within 10 "it listens" sh -c "$BOXTOP logs quits | grep -q ready"
    check "stop" "$BOXTOP" stop quits
    match "is what it got" '^quits +exited 9 ' "$("$BOXTOP" ps -a)"
    check "rm" "$BOXTOP" rm quits
    python3 -c 'import json; p = "store/images/two.json"; i = json.load(open(p)); i["config"]["User"] = "33:44"; json.dump(i, open(p, "w"))'
    same "its own User" "33 44" "$(look two sh -c '/tools/busybox id -u; /tools/busybox id -g' | xargs)"
    same "and -u over it" "0" "$(look -u 0 two sh -c '/tools/busybox id -u')"
    same "forty layers" "0 39" "$(image import oci:deep >/dev/null; look deep /tools/busybox sh -c '/tools/busybox cat /l0; echo; /tools/busybox cat /l39' | xargs)"
    image rm two deep
fi
check "oci: of an index in an index, for this machine" "$BOXTOP" image import oci:layout:many many
match "runs" '^ *1 +probe' "$(runs many probe ps)"
match "run oci:" '^ *1 +probe' "$(runs oci:layout:one)"
check "a container is kept on it" "$BOXTOP" run -d --name kept --network none layout:one spin 100
match "inspect says the line again, without the image's words" "^spec: +boxtop run .* layout:one spin 100$" "$("$BOXTOP" inspect kept)"
wrong 1 "image layout:one: a container runs on it \(stop the container first: .*\)" image rm layout:one
check "stop" "$BOXTOP" rm -f kept

# ---- docker save ----
same "import docker-archive" saved:1 "$(image import docker-archive:saved.tar)"
match "runs" '^ *1 +probe' "$(runs saved:1)"
check "with links inside" "$BOXTOP" image import docker-archive:saved-link.tar linked
match "run docker-archive:" '^ *1 +probe' "$(runs docker-archive:saved.tar)"

# ---- what other programs make ----
if command -v skopeo >/dev/null && command -v umoci >/dev/null; then
    mkdir rootfs && tar -C rootfs -xf good.tar
    if umoci init --layout peer >/dev/null && umoci new --image peer:a && umoci unpack --image peer:a bundle >/dev/null 2>&1 &&
        cp -a rootfs/. bundle/rootfs/ && umoci repack --image peer:a bundle >/dev/null 2>&1 && rm bundle/rootfs/etc/gone && umoci repack --image peer:b bundle >/dev/null 2>&1; then
        check "umoci's layout" "$BOXTOP" image import oci:peer:b peer
        match "runs" '^ *1 +probe' "$(runs peer probe ps)"
    else not_ok "umoci makes a layout"; fi
    check "skopeo reads the layout" skopeo --insecure-policy copy -q oci:zipped docker-archive:skopeo.tar:sk:1
    same "skopeo's docker-archive" sk:1 "$(image import docker-archive:skopeo.tar)"
    match "runs" '^ *1 +probe' "$(runs sk:1)"
fi

# shellcheck disable=SC2016 # $ is for the shell that asks the scripts where it is
debian=$(bash -c '. "$1/../../scripts/lib.sh" && echo "$cache/debian.tar"' bash "$(dirname "$(realpath "$0")")")
if [ -s "$debian" ]; then
    same "mmdebstrap's tar" debian "$(image import "$debian")"
    same "has all that it has, device nodes too" "$(tar tvf "$debian" | awk '$6 != "./" { print $1, $6 }' | sed 's|\./||; s|/$||; s|^h|-|' | sort | sha256sum)" \
        "$(cd "store/layers/sha256/$(sha256sum <"$debian" | cut -d ' ' -f 1)" && find . -mindepth 1 -printf '%M %P\n' | sort | sha256sum)"
    match "runs" '^12\.' "$(runs debian busybox cat /etc/debian_version)"
    match "as an archive too, with its libc" '^GNU C Library .* 2\.36' "$(runs "$debian" /lib/x86_64-linux-gnu/libc.so.6)"
    image rm debian
else
    echo "not run: mmdebstrap's tar, which scripts/deps could not make"
fi

if everything; then
# ---- a registry, by a skopeo that has it in a directory ----
mkdir fake && cat >fake/skopeo <<'SKOPEO'
#!/bin/sh
[ "$1" = copy ] && [ "$2" = docker://example.invalid/some/name:3 ] || { echo "fake: no $2" >&2; exit 1; }
to=${3#oci:}
echo "copying" && cp -r zipped/. "${to%:image}"
SKOPEO
chmod +x fake/skopeo
with_fake() { PATH=$PWD/fake:$PATH "$@"; }
same "import docker://" name:3 "$(with_fake image import docker://example.invalid/some/name:3 2>/dev/null)"
before=$(stored)
match "run docker:// takes the one that is there" '^ *1 +probe' "$(runs docker://example.invalid/some/name:3)"
same "and asks no registry" "$before" "$(stored)"
output=$(with_fake image import docker://example.invalid/other 2>&1)
match "what skopeo can't copy" '^boxtop: import docker://example.invalid/other: skopeo could not copy it; it said why above$' "$output"
output=$(PATH=$PWD/tools image import docker://example.invalid/other 2>&1)
match "without skopeo" '^boxtop: import docker://example.invalid/other: skopeo, .* is not on this machine \(.*\)$' "$output"
same "nothing of it is in the store" "$before" "$(stored)"

# ---- built by a distribution's tools, here by what stands in for them ----
mkdir build-tools && for tool in mmdebstrap debootstrap dnf; do
    cat >build-tools/$tool <<'TOOL'
#!/bin/sh
# Says what it was asked for, and makes the good root where it was asked to.
echo "${0##*/} $*" >>asked
case "$*" in *broken*) echo "E: no such thing" >&2; exit 100 ;; esac
to=
for word; do case $word in --installroot=*) to=${word#*=} ;; /*/.[!/]*) to=$word ;; esac; done
case ${0##*/} in mmdebstrap) exec cat good.tar ;; esac
[ -n "$to" ] && tar -C "$to" -xf good.tar
TOOL
    chmod +x build-tools/$tool
done
built() { PATH=$PWD/build-tools:$PATH image build "$@"; }
same "image build --debootstrap" deb "$(built deb --debootstrap bookworm busybox ca-certificates 2>/dev/null)"
match "by mmdebstrap" '^mmdebstrap --variant=minbase --format=tar --include=busybox,ca-certificates bookworm -' "$(cat asked)"
match "runs" '^ *1 +probe' "$(runs deb probe ps)"
mv build-tools/mmdebstrap build-tools/no-mmdebstrap && without=$(IFS=:; for dir in $PATH; do [ -x "$dir/mmdebstrap" ] || printf '%s:' "$dir"; done)
if (PATH=$without && command -v tar cat >/dev/null); then
    same "or by debootstrap" deb2 "$(PATH=$PWD/build-tools:$without image build deb2 --debootstrap bookworm 2>/dev/null)"
    match "into a directory" "^debootstrap --variant=minbase bookworm $PWD/store/layers/sha256/\." "$(tail -n 1 asked)"
    match "runs" '^ *1 +probe' "$(runs deb2 probe ps)"
fi
mv build-tools/no-mmdebstrap build-tools/mmdebstrap
same "image build --dnf" fed "$(built fed --dnf 40 nano 2>/dev/null)"
match "by dnf" "^dnf -y .*--installroot=$PWD/store/layers/sha256/\.[^ ]* --releasever=40 install bash coreutils nano\$" "$(tail -n 1 asked)"
match "runs" '^ *1 +probe' "$(runs fed probe ps)"
before=$(stored)
for how in "--debootstrap broken" "--dnf broken"; do
    # shellcheck disable=SC2086 # two words
    output=$(built bad $how 2>&1)
    match "a tool that fails: $how" '^boxtop: build bad: the tool failed; it said why above$' "$output"
done
same "nothing of it is in the store" "$before" "$(stored)"
for words in "" "--debootstrap a --dnf 1" "--debootstrap --x" "--debootstrap a/b" "--debootstrap a -- -x"; do
    # shellcheck disable=SC2086 # words
    output=$(built bad $words 2>&1)
    same "image build bad $words" 2 $?
    match "says why" '^boxtop: image build: ' "$output"
done

fi

# ---- more than there is room for ----
mkdir small && mount -t tmpfs -o size=64m small small && fallocate -l 42M small/filler
head -c 25000000 /dev/zero >zeros && tar -czf bomb.tar.gz zeros && rm zeros
output=$(BOXTOP_IMAGES=$PWD/small image import bomb.tar.gz 2>&1)
match "an archive that unpacks to too much" "^boxtop: import bomb.tar.gz: it would leave less than 5 % of the store's file system free \(.*\)\$" "$output"
same "nothing of it is there" "" "$(find small -type f ! -name .lock ! -name filler)"
umount small
# What is smaller than what is looked at between two looks: the system's own word, on which file, what to do.
head -c 3000000 /dev/urandom >blob && tar -cf blob.tar blob
no_room='No space left on device \(make room, or set BOXTOP_IMAGES to a directory where there is some\)$'
while IFS='|' read -r options doing; do
    mount -t tmpfs -o "$options" small small
    output=$(BOXTOP_IMAGES=$PWD/small image import blob.tar 2>&1)
    same "a full store ($options): status" 1 $?
    match "and why" "^boxtop: import blob.tar: $doing: $no_room" "$output"
    same "and nothing of it is there" "" "$(find small -type f ! -name .lock)"
    umount small
done <<'SIZES'
size=1m|write blob
nr_inodes=2|make the image store .*
nr_inodes=4|lock the image store .*
nr_inodes=5|make a layer in .*
nr_inodes=6|make blob
SIZES

# ---- what it writes is kept ----
mkdir kept && mount -t tmpfs -o mode=700 kept kept
with_kept() { BOXTOP_STATE=$PWD/kept "$BOXTOP" "$@"; }
check "create --keep" with_kept create --name k --keep --network none host sh -c 'echo x >>/root/kept; wc -l </root/kept; rm -f /etc/issue; [ -e /etc/issue ] || echo removed'
for _ in 1 2 3; do
    check "start" with_kept start k
    check "it ends" with_kept wait k
done
same "what it wrote was there each time" "1 removed 2 removed 3 removed" "$(with_kept logs k | xargs)"
check "rename" with_kept rename k other
check "start" with_kept start other
check "it ends" with_kept wait other
same "and under its new name" 4 "$(with_kept logs other | tail -n 2 | head -n 1)"
check "rm" with_kept rm other
same "nothing of it is left" "" "$(find kept -mindepth 1 ! -path '*/.*')"
umount kept
wrong 125 '--keep and --rm exclude each other' run --keep --rm host true
wrong 125 '--keep: the root is a directory, and keeps what is written to it anyway' run --keep ./plain true

# ---- refused, and nothing left ----
if everything; then
wrong 1 "import dotdot.tar: '\.\./boxtop-was-here' leads out of the archive" image import dotdot.tar
wrong 1 "import inner-dotdot.tar: 'a/\.\./\.\./boxtop-was-here' leads out of the archive" image import inner-dotdot.tar
wrong 1 "import absolute.tar: '/tmp/boxtop-was-here' leads out of the archive" image import absolute.tar
wrong 1 "import link-out.tar: the link 'out' to '\.\./\.\./etc' leads out of the archive" image import link-out.tar
wrong 1 "import through-link.tar: out/boxtop-was-here: Cannot extract through symlink.*" image import through-link.tar
wrong 1 "import hard-out.tar: the link 'passwd' to '.*' leads out of the archive" image import hard-out.tar
wrong 1 "import hard-absolute.tar: the link 'passwd' to '/etc/passwd' leads out of the archive" image import hard-absolute.tar
wrong 1 "import hard-through.tar: passwd: .*symlink.*" image import hard-through.tar
check "nothing was written outside" sh -c '! test -e /tmp/boxtop-was-here && ! test -e store/boxtop-was-here && ! test -e store/layers/boxtop-was-here'
wrong 1 "import rubbish.tar: .*" image import rubbish.tar
wrong 1 "import empty.tar: .*" image import empty.tar
wrong 1 "import cut.tar: Truncated.*" image import cut.tar
wrong 1 "import cut.tar.gz: .*" image import cut.tar.gz
wrong 1 "import nowhere.tar: open it: No such file or directory" image import nowhere.tar
wrong 1 "import plain: it is a directory \(run it as it is: .*\)" image import plain
wrong 1 "'\.\./x' can't be an image's name \(.*\)" image import good.tar ../x
wrong 1 "'host' can't be an image's name \(.*\)" image import good.tar host
wrong 1 "import -: no name for the image can be made of that \(give one: .*\)" image import - <good.tar
wrong 1 "import oci:lying-blob: layer 1: it is not what its name says: its digest is sha256:[0-9a-f]{64}" image import oci:lying-blob
wrong 1 "import oci:lying-size: .*bytes and should have [0-9]+" image import oci:lying-size
wrong 1 "import oci:escaping: 'sha256:\.\./.*' is no sha256 digest" image import oci:escaping
wrong 1 "import oci:unknown-type: layer sha256:1+: its type 'application/x-secret' is not a tar archive" image import oci:unknown-type
wrong 1 "import oci:lying-diff: layer 1: it is not what the config says: .*" image import oci:lying-diff
wrong 1 "import oci:wh-dotdot: layer 1: 'a/\.wh\.\.\.' leads out of the archive" image import oci:wh-dotdot
wrong 1 "import oci:wh-link: layer 1: 'a/\.wh\.passwd': find /a/ in the root: Too many levels of symbolic links \(.*\)" image import oci:wh-link
check "nothing was hidden outside" test -s /etc/passwd
wrong 1 "import oci:layout: it has 2 images \(say which: one, many\)" image import oci:layout
wrong 1 "import oci:layout:three: it has no image 'three' \(say which: one, many\)" image import oci:layout:three
wrong 1 "import oci:no-layout: open index.json: No such file or directory.*" image import oci:no-layout
wrong 1 "import oci:nowhere: open the directory nowhere: No such file or directory" image import oci:nowhere
wrong 1 "import docker-archive:saved-lying.tar: 0{64}.json: it is not what its name says: .*" image import docker-archive:saved-lying.tar
wrong 1 "import docker-archive:saved-out.tar: layer 1: open \.\./.*" image import docker-archive:saved-out.tar
wrong 1 "import docker-archive:good.tar: open manifest.json: No such file or directory \(.*\)" image import docker-archive:good.tar
wrong 1 "no image nobody \(boxtop image ls lists them\)" image rm nobody
wrong 2 "image: unknown command 'sl' \(.*\)" image sl
wrong 125 "import ./dotdot.tar: .* leads out of the archive" run --rm ./dotdot.tar true
wrong 125 "root directory nobody: No such file or directory \(give .host. .*image.*\)" run --rm nobody true
BOXTOP_IMAGES=rel wrong 1 "import good.tar: the image store's path 'rel' is not an absolute one .*\(set BOXTOP_IMAGES .*\)" image import good.tar
same "overlay's own attributes do not come in" "user.mine" "$(image import xattr.tar >/dev/null && python3 -c '
import os, json
layer = json.load(open("store/images/xattr.json"))["layers"][0][7:]
print(*[a for a in os.listxattr("store/layers/sha256/" + layer + "/f") if "security" not in a] or ["user.mine"])')"
fi

# ---- interrupted ----
before=$(stored)
for signal in INT KILL; do
    mkfifo pipe
    image import - big <pipe >/dev/null 2>interrupted &
    importer=$!
    exec 7>pipe
    head -c 8000000 big.tar >&7
    within 5 "something of it is there" sh -c 'find store/layers/sha256 -name file5 | grep -q .'
    kill -$signal "$(pgrep -P $importer boxtop-image || echo $importer)"
    wait $importer
    exec 7>&-
    rm pipe
    [ $signal = KILL ] || { match "says so" '^boxtop: import -: .*interrupted' "$(cat interrupted)" && same "Ctrl-C leaves the store as it was" "$before" "$(stored)"; }
done
match "no image of it" '^1$' "$(image ls | grep -c NAME)"
same "and none in the list" 0 "$(image ls | grep -c '^big ')"
check "the next use" "$BOXTOP" image import good.tar
same "kill -9 leaves the store as it was" "$before" "$(stored)"

# ---- on a terminal ----
cat >slowly <<SLOWLY
(head -c 4000000 big.tar; sleep 1; tail -c +4000001 big.tar) | "$BOXTOP" image import - slow
SLOWLY
match "a long import shows how far it is, and takes that away again" $'importing .*[0-9.]+M.*\033\\[Kslow' "$(script -qec 'sh ./slowly' /dev/null </dev/null | tr -d '\r\n')"

# ---- rm ----
names=$(image ls | awk 'NR > 1 { print $1 }')
# shellcheck disable=SC2086 # a list
check "image rm of all" "$BOXTOP" image rm $names
same "no layer stays" "" "$(find store/layers/sha256 -mindepth 1)"
same "nothing is listed" 1 "$(image ls | wc -l)"

# ---- as an ordinary user ----
chmod 755 .
user() { setpriv --reuid 65534 --regid 65534 --clear-groups env BOXTOP_IMAGES="$PWD/theirs/images" BOXTOP_STATE="$PWD/theirs/state" "$@"; }
mkdir theirs && chown 65534:65534 theirs
if user unshare -Ur true 2>/dev/null; then
    # A tmpfs before Linux 6.6 has no attributes for a user, which an opaque directory takes.
    theirs=layout:one command=()
    if ! user python3 -c 'import os; os.setxattr("theirs", "user.overlay.opaque", b"y")' 2>/dev/null; then
        output=$(user "$BOXTOP" image import oci:layout:one 2>&1)
        match "no extended attributes" '^boxtop: import oci:layout:one: layer 2: set user.overlay.opaque: Operation not supported \(.*\)' "$output"
        theirs=layout:many command=(probe ps)
    fi
    output=$(user "$BOXTOP" image import device.tar 2>&1)
    match "a device node is refused" "^boxtop: import device.tar: 'null' is a device node, which only root can make \(.*\)" "$output"
    same "a user's own store" $theirs "$(user "$BOXTOP" image import oci:$theirs)"
    if user "$BOXTOP" run --rm --network none --userns auto host true 2>refused; then
        match "runs" '^ *1 +probe' "$(user "$BOXTOP" run --rm --network none --userns auto $theirs "${command[@]}" 2>&1)"
    else
        echo "not run as a user, who may run nothing here: $(cat refused)"
    fi
    check "and is removed" user "$BOXTOP" image rm $theirs
    same "with its layers" "" "$(find theirs/images/layers/sha256 -mindepth 1)"
fi
