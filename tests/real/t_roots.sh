#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # $ is for the shell inside
# limit: 60
# The machine's own root, a directory, a store of images and a kept layer, on each file system that a machine may have.
. "$(dirname "$0")/../vm/lib.sh"
need_root
command -v busybox >/dev/null || skip "needs busybox"
programs=$(dirname "$BOXTOP")
at_end() { for mounted in m/dev m/state m/sys m/proc m; do ! mountpoint -q $mounted || umount $mounted; done; }
mkdir m
for fs in ext4 xfs btrfs; do
    modprobe -a loop $fs 2>/dev/null
    if ! { command -v mkfs.$fs && grep -qw $fs /proc/filesystems; } >/dev/null; then
        [ $fs != ext4 ] || skip "needs ext4, and mkfs.ext4"
        echo "not run: $fs, which this machine has not"
        continue
    fi
    truncate -s 400M disk && mkfs.$fs -q disk 2>/dev/null
    mount -o loop disk m 2>/dev/null || skip "needs a loop device"
    mkdir -p m/bin m/proc m/sys m/dev m/tmp m/run m/root m/var/tmp m/state m/etc m/own && chmod 700 m/own
    cp "$BOXTOP" m/bin/boxtop && cp "$programs/boxtop-probe" m/bin/probe && cp "$(command -v busybox)" m/bin/sh && echo real >m/etc/marker
    mount -t proc proc m/proc && mount -t sysfs sys m/sys && mount -t tmpfs -o mode=700 state m/state && mount --bind /dev m/dev
    # A chroot is a machine whose root it is, but for user namespaces, which the kernel refuses there.
    same "$fs: host" "real changed overlay" "$(BOXTOP_STATE=/state chroot m /bin/boxtop run --rm --network none host sh -c 'cat /etc/marker; echo changed >/etc/marker; cat /etc/marker; rm /bin/probe; awk "\$2 == \"/\" { print \$1 }" /proc/mounts' | xargs)"
    same "$fs: which stays as it was" "real yes" "$(cat m/etc/marker) $([ -e m/bin/probe ] && echo yes)"
    same "$fs: host, read-only" "real refused" "$(BOXTOP_STATE=/state chroot m /bin/boxtop run --rm --network none --read-only host sh -c 'cat /etc/marker; (echo x >/etc/marker) 2>/dev/null || echo refused' | xargs)"
    umount m/dev m/state m/sys m/proc
    same "$fs: a directory, with users of its own" "0 0" "$("$BOXTOP" run --rm --network none --userns auto "$PWD/m" sh -c 'touch /root/x; stat -c "%u %g" /root/x')"
    same "$fs: whose files are root's" "0 0" "$(stat -c '%u %g' m/root/x)"
    tar -C m -cf root.tar bin etc root tmp
    check "$fs: image import" env BOXTOP_IMAGES="$PWD/m/images" "$BOXTOP" image import root.tar image
    for users in host auto; do
        kept() { BOXTOP_IMAGES=$PWD/m/images BOXTOP_STATE=$PWD/m/own "$BOXTOP" "$@"; }
        check "$fs, --userns $users: create --keep" kept create --name k --keep --userns $users --network none image sh -c 'echo x >>/root/n; wc -l </root/n; rm /etc/marker 2>/dev/null && echo removed'
        for _ in 1 2; do
            check "start" kept start k
            check "it ends" kept wait k
        done
        same "$fs, --userns $users: what it wrote was there, what it removed was not" "1 removed 2" "$(kept logs k 2>/dev/null | xargs)"
        check "rm" kept rm k
        same "and all of it is gone" "" "$(find m/own -mindepth 1 ! -path '*/.*')"
    done
    umount m
done
