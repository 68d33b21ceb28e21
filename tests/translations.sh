#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: translations.sh REPOSITORY. Each text that the screen's code gives to tr() or shows as a notice is in each catalogue, with
# the same format, neither empty nor fuzzy. Exits with 77 where there is no gettext.
set -eu
command -v xgettext >/dev/null && command -v msgcmp >/dev/null || exit 77
cd "$1"
pot=$(mktemp)
trap 'rm -f "$pot"' EXIT
xgettext --from-code=UTF-8 --language=C -ktr -kapp_notice:3 -kstatus_notice:3 -o "$pot" src/ui/*.c
status=0
for catalogue in po/*.po; do
    msgfmt --check -o /dev/null "$catalogue" || status=1
    # It says all that it finds: the lines in between are where.
    msgcmp --no-fuzzy-matching "$catalogue" "$pot" 2>&1 || status=1
done
exit $status
