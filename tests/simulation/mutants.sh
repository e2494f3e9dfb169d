#!/bin/bash
# Builds the simulation against each of mutants.txt's planted bugs and fails unless the simulation fails for all of them, and holds
# for the modules as they are.   usage: mutants.sh [NUMBER]   (CC, QW_SIM_RUNS: see below)
set -u
cd "$(dirname "$0")/../.."
compiler=${CC:-cc}
export QW_SIM_RUNS=${QW_SIM_RUNS:-2500}
flags="-std=gnu11 -D_GNU_SOURCE -O1 -w -I. $(pkg-config --cflags cmocka)"
libraries=$(pkg-config --libs cmocka)
modules="ventilator/scheduler.c ventilator/dispatch.c sink/join.c"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
problems=0 mutants=0

problem () {
    echo "PROBLEM: $*"
    problems=$((problems + 1))
}

# What does not change is compiled once.
for source in tests/unit/test_simulation.c tests/simulation/*.c proto/status.c $modules; do
    # shellcheck disable=SC2086
    $compiler $flags -c "$source" -o "$work/$(basename "$source" .c).o" || exit 1
done

link () { # PROGRAM: of all objects in $work
    # shellcheck disable=SC2086
    $compiler "$work"/*.o $libraries -o "$1"
}

# The world must hold without a planted bug; otherwise "it failed" would say nothing.
link "$work/whole" || exit 1
if ! timeout 120 "$work/whole" >"$work/log" 2>&1; then
    tail -n 5 "$work/log"
    problem "the simulation fails for the modules as they are"
fi

try () { # FILE BREAKS OLD NEW
    local text object
    mutants=$((mutants + 1))
    if [ -n "${only:-}" ] && [ "$only" != "$mutants" ]; then return; fi
    text=$(cat "$1"; echo .)
    local without=${text//"$3"/}
    if [ $((${#text} - ${#without})) -ne ${#3} ]; then
        problem "$mutants, $1: the fragment does not stand there exactly once: $3"
        return
    fi
    text=${text/"$3"/"$4"}
    mkdir -p "$work/mutant"
    printf '%s' "${text%.}" >"$work/mutant/$(basename "$1")"
    object="$work/$(basename "$1" .c).o"
    cp "$object" "$work/kept"
    # shellcheck disable=SC2086
    if ! $compiler $flags -c "$work/mutant/$(basename "$1")" -o "$object" || ! link "$work/mutated"; then
        problem "$mutants, $1: the mutant does not compile: $2"
    elif (timeout 60 "$work/mutated"; exit $?) >"$work/log" 2>&1; then
        problem "$mutants, $1: the simulation does not notice: $2"
    else
        local how
        how=$(grep -a -m 1 -o 'I[1-9] does not hold: .*' "$work/log" || echo "it crashes or does not end")
        printf '%2d  %s\n      found: %s\n' "$mutants" "$2" "$how"
    fi
    cp "$work/kept" "$object"
}

only=${1:-}
file='' breaks='' old='' new='' part=''
finish () {
    [ -n "$file" ] && try "$file" "$breaks" "$old" "$new"
    file='' breaks='' old='' new='' part=''
}
while IFS= read -r line || [ -n "$line" ]; do
    case $line in
    '#'*) ;;
    'file '*) file=${line#file } ;;
    'breaks '*) breaks=${line#breaks } ;;
    -*) old+=${part:+$'\n'}${line#-} part=old ;;
    +*) [ "$part" = new ] && new+=$'\n'
        new+=${line#+} part=new ;;
    '') finish ;;
    *) problem "mutants.txt: $line" ;;
    esac
done <tests/simulation/mutants.txt
finish

[ "$mutants" -ge 16 ] || problem "only $mutants mutants"
echo "$mutants mutants, $problems problems"
[ "$problems" -eq 0 ]
