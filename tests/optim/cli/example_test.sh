#!/bin/sh
# Runs a tool's example as its help prints it, from the source's folder, and asks for its report.
# usage: example_test.sh RAPHSON SOURCE NAME SCRATCH
set -eu
raphson=$1
source=$2
name=$3
scratch=$4

fail() { echo "$*"; exit 1; }

example=$("$raphson" tools --examples | grep -e "^raphson $name " || true)
[ -n "$example" ] || fail "raphson tools --examples has no line for $name: its NAME_tool.cpp must bear the command's name"
rm -rf "$scratch"
mkdir -p "$scratch"
cd "$source"
status=0
eval "\"\$raphson\" ${example#raphson } --out \"\$scratch/out\"" >"$scratch/stdout" 2>"$scratch/stderr" || status=$?
[ "$status" = 0 ] || fail "'$example' ended with $status: $(cat "$scratch/stderr")"
for file in report.html report.json; do
  [ -s "$scratch/out/$file" ] || fail "'$example --out DIR' wrote no $file"
done
rm -rf "$scratch"
