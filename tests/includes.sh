#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Includes go one way (docs/architecture.md), only the UI knows curses, only the monitor and the UI know threads, and
# each header compiles alone. Usage: includes.sh SOURCE_DIR
set -u
cd "$1" || exit 1
status=0
forbid() { # PATTERN FILES... : no line of these files may match
    pattern=$1
    shift
    if grep -nE "$pattern" "$@" /dev/null; then
        echo "includes.sh: the lines above include what their folder may not (/$pattern/)"
        status=1
    fi
}

may() { # FOLDER OTHER... : of ours, these only
    folder=$1 allowed=$(echo "$@" | tr ' ' '|')
    shift
    if grep -nE '#include "[a-z]+/' src/"$folder"/*.[ch] | grep -vE "#include \"($allowed)/"; then
        echo "includes.sh: the lines above include what src/$folder may not (it may: $*)"
        status=1
    fi
}

only() { # PATTERN FOLDER... : a library that only these know
    pattern=$1 others=
    shift
    for directory in src/*/; do
        directory=$(basename "$directory")
        case " $* " in *" $directory "*) ;; *) others="$others src/$directory/*.[ch]" ;; esac
    done
    # shellcheck disable=SC2086 # a list of patterns
    forbid "#include <($pattern)" $others
}

may base
may core base
may image base core
may seccomp base core
may nft base core
may monitor base
may iter monitor
may ui base core monitor
may cli base core monitor
may metrics base core monitor cli
may record base core monitor
for folder in src/*/; do
    grep -q "^may $(basename "$folder")\>" "$0" || { echo "includes.sh: nothing is said of $folder" && status=1; }
done
# The engine's commands know no monitor.
for source in src/cli/*.[ch]; do
    case $source in src/cli/watch*) ;; *) forbid '#include "monitor/' "$source" ;; esac
done
only 'archive|nettle/' image
only 'seccomp.h' seccomp
only 'bpf/' iter
only 'libnftnl/' nft
only 'libmnl/' nft monitor
only 'netlink/' core
only 'n?curses|ncursesw/' ui
only 'vterm' ui
only 'pthread' monitor ui
only 'microhttpd' metrics
only 'sqlite3' record
only 'zstd' monitor record
# The build itself shows it of a header that its own source includes before all others; the rest are tried here.
for header in src/*/*.h; do
    source=${header%.h}.c line="#include \"${header#src/}\""
    [ -e "$source" ] && [ "$(grep -m 1 '^#include' "$source")" = "$line" ] && continue
    if ! echo "$line" | ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -Isrc -fsyntax-only -x c - ; then
        echo "includes.sh: $header does not compile alone"
        status=1
    fi
done
exit $status
