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
forbid '#include "(core|image|seccomp|monitor|ui|cli)/' src/base/*.[ch]
forbid '#include "(image|seccomp|monitor|ui|cli)/' src/core/*.[ch]
forbid '#include "(seccomp|monitor|ui|cli)/' src/image/*.[ch]
forbid '#include "(image|monitor|ui|cli)/' src/seccomp/*.[ch]
forbid '#include "(core|image|seccomp|ui|cli)/' src/monitor/*.[ch]
forbid '#include "(cli|image|seccomp)/' src/ui/*.[ch]
forbid '#include "(image|seccomp)/' src/cli/*.[ch]
forbid '#include <seccomp.h' src/base/*.[ch] src/core/*.[ch] src/image/*.[ch] src/monitor/*.[ch] src/ui/*.[ch] src/cli/*.[ch]
forbid '#include <(archive|nettle/)' src/base/*.[ch] src/core/*.[ch] src/monitor/*.[ch] src/ui/*.[ch] src/cli/*.[ch]
forbid '#include <(n?curses|ncursesw/)' src/base/*.[ch] src/core/*.[ch] src/image/*.[ch] src/monitor/*.[ch] src/cli/*.[ch]
forbid '#include <pthread' src/base/*.[ch] src/core/*.[ch] src/image/*.[ch] src/cli/*.[ch]
for header in src/*/*.h; do
    if ! echo "#include \"${header#src/}\"" | ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -Isrc -fsyntax-only -x c - ; then
        echo "includes.sh: $header does not compile alone"
        status=1
    fi
done
exit $status
