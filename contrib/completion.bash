# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of boxtop's command line in bash; in zsh too, behind: autoload -U +X bashcompinit && bashcompinit
# What it knows it asks the program for: commands, options and what they take are those of `boxtop COMMAND --help`.

# The options of a help text: "-m --memory SIZE", "- --rm ".
_boxtop_options() { # HELP
    sed -nE 's/^ +((-[[:alnum:]]), )?(--[a-z][a-z-]*)( ([^ ]+))?(  .*)?$/\2 \3 \5/p' <<<"$1" | sed 's/^ /- /'
}

# What an option takes, or nothing.
_boxtop_takes() { # OPTIONS OPTION
    awk -v option="$2" '$1 == option || $2 == option { print $3 }' <<<"$1"
}

# What the usage line of a help text has besides options: "NAME COMMAND [ARG...]".
_boxtop_places() { # HELP COMMAND
    local usage=${1%%$'\n'*}
    sed -E 's/ \| --.*//; s/\[(OPTIONS|-[^]]*)\]//g; s/^ *//' <<<"${usage#"boxtop $2"}"
}

# The words that may stand where a help text has KIND: "none|host|private", "[NAME|CGROUP...]".
_boxtop_words() { # PROGRAM COMMAND KIND WORD
    local kind words=''
    for kind in $(tr '|[]' '   ' <<<"${3//\[:N\]/}"); do
        case $kind in
        NAME*:* | NAME | NAME...) if [[ $2 = image* ]]; then words+=" $("$1" image ls -q)"; else words+=" $("$1" ps -aq)"; fi ;;
        ROOT) words+=" host $("$1" image ls -q)" && compgen -f -- "$4" ;;
        KNOB=VALUE*) words+=" $("$1" set --help | sed -nE 's/^  ([a-z]+\.[A-Za-z.]+) .*/\1=/p')" ;;
        SIGNAL) compgen -A signal -- "$4" ;;
        COMMAND) compgen -c -- "$4" ;;
        [a-z-]*) words+=" $kind" ;;
        *FILE* | *DIR* | *SRC* | *DST* | SOURCE | CGROUP* | ARG*) compgen -f -- "$4" ;;
        esac
    done 2>/dev/null
    compgen -W "$words" -- "$4"
}

# What the words so far leave open: the option that waits for its value, else how many words there are besides options.
_boxtop_state() { # OPTIONS WORD...
    local options=$1 count=0
    shift
    while [ $# -gt 0 ]; do
        if [[ $1 != -* ]]; then
            count=$((count + 1))
        elif [ -n "$(_boxtop_takes "$options" "$1")" ]; then
            [ "${2:-}" != = ] || set -- "$1" "${@:3}" # --network=none is three words for bash
            [ $# -gt 1 ] || { echo "$1" && return; }
            shift
        fi
        shift
    done
    echo $count
}

_boxtop() {
    local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} at=1 command help options state kind places
    [ "$word" != = ] || word=
    [ "${COMP_WORDS[1]}" != image ] || [ "$COMP_CWORD" -eq 2 ] || at=2
    command=${COMP_WORDS[*]:1:at}
    if [ "$COMP_CWORD" -eq 1 ] || [[ $command = -* ]]; then
        at=0 command=''
        help=$("$program" --readonly --help 2>/dev/null)
        places=("[$("$program" --help | sed -nE 's/^  boxtop ([a-z]+) .*/\1/p' | tr '\n' '|')]")
    else
        # shellcheck disable=SC2086 # "image rm" is two words
        help=$("$program" $command --help 2>/dev/null)
        read -r -a places <<<"$(_boxtop_places "$help" "$command")"
    fi
    options=$(_boxtop_options "$help")
    state=$(_boxtop_state "$options" "${COMP_WORDS[@]:at + 1:COMP_CWORD - at - 1}")
    [ ${#places[@]} -gt 0 ] || places=('')
    if [[ $state = -* ]]; then
        kind=$(_boxtop_takes "$options" "$state")
    elif [[ $word = -* ]]; then
        kind=$(awk '{ print $2 }' <<<"$options" | tr '\n' '|')
    else
        kind=${places[state < ${#places[@]} ? state : ${#places[@]} - 1]}
    fi
    mapfile -t COMPREPLY < <(_boxtop_words "$program" "$command" "$kind" "$word" | sort -u)
    [[ ${COMPREPLY[0]:-} != *[=:] ]] || compopt -o nospace
}

complete -o filenames -F _boxtop boxtop
