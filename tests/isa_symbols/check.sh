#!/bin/sh
# Holds what dsp/simd/isa.h promises: code compiled for a newer instruction set is never called where it must
# not be. A linker keeps one copy of an inline function that several objects define; were that the AVX-512
# copy, an older machine would crash in code that has nothing to do with lanes. So, in the objects of
# NAME.isa.cpp compiled for avx2 or avx512,
#   - every function other objects can see carries its instruction set: as a template argument or in its name;
#   - none of them is defined in a baseline object, too;
#   - no code runs at start-up, before dsp::detect_isa is asked.
#
# usage: check.sh NM OBJECTS    OBJECTS: a file of lines "baseline|avx2|avx512 PATH"
set -eu
nm=$1
objects=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Objects alone: a precompiled header stands in the list, too.
objects_of() { sed -n "s/^$1 \(.*\.o\)\$/\1/p" "$objects"; }

# Each symbol as "TYPE<tab>SYMBOL<tab>NAME AS WRITTEN IN C++"; nm keeps the order with -p.
symbols() {
  "$nm" -p --defined-only "$1" | awk '{ print $2 "\t" $3 }' >"$scratch/symbols"
  "$nm" -p -C --defined-only "$1" | sed 's/^[^ ]* . //' | paste "$scratch/symbols" -
}

objects_of baseline | while IFS= read -r object; do symbols "$object"; done >"$scratch/baseline"
[ -s "$scratch/baseline" ] || { echo "no baseline objects in $objects"; exit 1; }

check_isa() { # name, value of the enumerator in dsp::Isa
  objects_of "$1" >"$scratch/objects"
  [ -s "$scratch/objects" ] || { echo "no $1 objects in $objects"; exit 1; }
  while IFS= read -r object; do
    symbols "$object" | awk -F '\t' -v isa="$1" -v tag="(raphson::dsp::Isa)$2" -v object="${object##*/CMakeFiles/}" '
      function wrong(what) { print object ": " $3 ": " what; found = 1 }
      NR == FNR { baseline[$2] = baseline[$2] $1; next }
      { seen = 1 }
      $2 ~ /^_GLOBAL__/ { wrong("runs at start-up") }
      $1 !~ /^[TWwi]$/ { next }
      baseline[$2] ~ /[TWwi]/ { wrong("a baseline object defines it, too") }
      index($3, tag) == 0 && index($3, isa) == 0 { wrong("does not carry " isa) }
      END { if (!seen) { print object ": no symbols"; found = 1 } exit found }
    ' "$scratch/baseline" - || failed=1
  done <"$scratch/objects"
}

failed=0
check_isa avx2 1
check_isa avx512 2
[ "$failed" = 0 ] && echo "every function of the avx2 and avx512 objects carries its instruction set"
exit "$failed"
