#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: translations.sh REPOSITORY. Each text that the screen says is in each catalogue, with the same format, neither empty nor
# fuzzy, and the catalogues have no other: what the code gives to tr() and its like, what its tables mark with N_, the tours.
# Exits with 77 where there is no gettext.
set -eu
command -v xgettext >/dev/null && command -v msgcmp >/dev/null || exit 77
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Formats that have no word in them are no text.
xgettext --omit-header --from-code=UTF-8 --language=C -ktr -ktrn:1,2 -kN_ -kNN_:1,2 -kwords_say:2 -kwords_count:2,3 -kapp_notice:3 \
    -kstatus_notice:3 -kpart_fact:4 -o "$work/code" src/base/*.[ch] src/core/*.[ch] src/monitor/*.[ch] src/ui/*.[ch] src/ui/*.inc
sed -n 's/^\(title\|words\) = \(.*\)/tr("\2")/p' tours/*.tour |
    sed 's/\\/\\\\/g; s/"/\\"/g; s/^tr(\\"/tr("/; s/\\")$/")/' >"$work/tours.c"
(cd "$work" && xgettext --omit-header --from-code=UTF-8 --language=C -ktr -o tours tours.c)
msgcat --use-first "$work/code" "$work/tours" | msggrep --invert-match -K -e '^\(%[sd]\|[]:(), ]\)*$' - >"$work/pot"
# Nothing that reads like a sentence is in the screen's code that is not said by one of these, but errors of files and of commands,
# what the command line says (config.c, keymap.c, ui.c), and a few that are no language.
files=$(printf '%s\n' src/ui/*.[ch] src/ui/*.inc src/monitor/verdict.c |
    grep -vE '/(config|keymap|ui|glyph|graph|large|theme|term|screen)\.')
# shellcheck disable=SC2086 # a list of files
xgettext --from-code=UTF-8 --language=C --no-wrap --extract-all -o "$work/all" $files 2>/dev/null
# shellcheck disable=SC2086
xgettext --from-code=UTF-8 --language=C --no-wrap -kerr_set:3 -kerr_hint:2 -kerr_errno:2 -kerr_prefix:2 -kmem_printf -kstatic_assert:2 \
    -o "$work/errors" $files 2>/dev/null
cat >"$work/same" <<'EOF'
msgid "command -v bash >/dev/null && exec bash; exec sh"
msgid "memory.max, memory.high"
msgid "sleep infinity"
msgid "the root"
EOF
msgcat --no-wrap "$work/pot" | grep -h '^msgid' - "$work/errors" "$work/same" | sed 's/^msgid_plural/msgid/' >"$work/known"
if grep '^msgid' "$work/all" | grep -vxFf "$work/known" | grep -v '/bin\|printf' | grep -E '[a-z]{2,}[,:;]? [a-z]{2,}'; then
    echo "translations.sh: the texts above are in no catalogue: tr(), or N_() in a table"
    status=1
fi
status=${status:-0}
say() { # WHAT KIND-OF-MESSAGES: those, with where they are said
    msgattrib --no-wrap "$2" "$work/merged" | sed '1,/^$/d' >"$work/list"
    grep -q . "$work/list" || return 0
    echo "$catalogue: $1:"
    cat "$work/list"
    status=1
}
for catalogue in po/*.po; do
    msgfmt --check-format --check-domain -o /dev/null "$catalogue" || status=1
    msgmerge --quiet --no-fuzzy-matching -o "$work/merged" "$catalogue" "$work/pot"
    say "not translated" --untranslated
    say "fuzzy" --only-fuzzy
    say "what nobody says" --only-obsolete
done
exit $status
