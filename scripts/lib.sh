# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the other scripts: what more than one of them needs.

# shellcheck disable=SC2034 # for whoever sources this
repo=$(dirname "$(dirname "$(realpath "${BASH_SOURCE[0]}")")")
cache=${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/boxtop
PATH=$PATH:/usr/sbin:/sbin # not in a user's PATH everywhere; modprobe and busybox live there

die() { # MESSAGE... : one line on stderr, then exit with $die_status (1 unless the script says otherwise)
    printf 'scripts/%s: %s\n' "${0##*/}" "$*" >&2
    exit "${die_status:-1}"
}

have() { # COMMAND... : all of them
    local command
    for command; do
        command -v "$command" >/dev/null || return 1
    done
}

as_root() { # COMMAND... ; the caller checks may_be_root first
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -- "$@"; fi
}

# Without asking for a password, or where there is somebody to ask.
may_be_root() {
    [ "$(id -u)" -eq 0 ] && return
    have sudo || return
    sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }
}

# Debian 12 ships it with QEMU (in C), Debian 13 and Fedora by itself (in Rust, with other options).
virtiofsd_path() {
    local path
    for path in /usr/libexec/virtiofsd /usr/lib/qemu/virtiofsd; do
        [ ! -x "$path" ] || { echo "$path" && return; }
    done
    return 1
}

# A kernel that can boot the VM, as three lines: its release, its image, the directory above its lib/modules. Any one,
# unless a RELEASE is asked for: the one that scripts/deps unpacked first, then one that is installed.
kernel_find() { # RELEASE or nothing
    local modules base release image
    for modules in "$cache"/linux/*/lib/modules/* /lib/modules/*; do
        base=${modules%/lib/modules/*} release=${modules##*/}
        [ "${1:-$release}" = "$release" ] || continue
        grep -qs /virtiofs.ko "$modules/modules.dep" "$modules/modules.builtin" || continue
        for image in "$base/boot/vmlinuz-$release" "$modules/vmlinuz"; do
            [ ! -r "$image" ] || { printf '%s\n' "$release" "$image" "$base" && return; }
        done
    done
    return 1
}

# The release of the newest kernel that scripts/deps unpacked, if it is newer than the one that is booted by default.
kernel_newer() {
    local default newest
    default=$(kernel_find '' | head -n 1)
    newest=$(printf '%s\n' "$default" "$cache"/linux/*/lib/modules/* | sed 's|.*/||' | grep -v '[*]' | sort -V | tail -n 1)
    [ "$newest" = "$default" ] || echo "$newest"
}

# The server, with promtool beside it: one that is installed, or the one that scripts/deps unpacked.
prometheus_path() {
    local path
    for path in "$(command -v prometheus)" "$cache/prometheus/usr/bin/prometheus"; do
        [ ! -x "$path" ] || { echo "$path" && return; }
    done
    return 1
}
