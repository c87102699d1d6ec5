#!/bin/sh
# Installs the build into a scratch prefix, moves it elsewhere, and builds examples/clone.cpp against it from
# outside the tree, once by find_package(Raphson) and once by pkg-config. Each program must print every line
# that its source announces as "// prints: LINE".
#
# From the environment: CMAKE, CXX and CXXFLAGS (which CMake reads too), GENERATOR. usage: package_test.sh SOURCE BUILD SCRATCH
set -eu
source=$1
build=$2
scratch=$3
prefix=$scratch/moved

fail() { echo "$*"; exit 1; }

install_and_move() {
  rm -rf "$scratch"
  mkdir -p "$scratch"
  "$CMAKE" --install "$build" --prefix "$scratch/prefix" >"$scratch/install.log"
  mv "$scratch/prefix" "$prefix"
  cp -r "$source/examples" "$scratch/examples"
}

installs_no_path_of_this_machine() {
  find "$prefix" \( -name '*.cmake' -o -name '*.pc' \) -exec grep -lF "$source" {} + >"$scratch/paths" || return 0
  fail "these name the folder they were built in: $(cat "$scratch/paths")"
}

prints_what_it_announces() {
  "$1" >"$1.txt" || fail "$1 failed"
  sed -n 's|^// prints: ||p' "$scratch/examples/clone.cpp" >"$scratch/announced"
  [ -s "$scratch/announced" ] || fail "examples/clone.cpp announces no line with '// prints: '"
  while IFS= read -r line; do
    grep -qxF -e "$line" "$1.txt" || fail "$1 did not print '$line' but: $(cat "$1.txt")"
  done <"$scratch/announced"
}

# Where the shells look, and what they can read.
completes_words() {
  [ -x "$prefix/bin/raphson" ] || return 0 # built without it
  for file in bash-completion/completions/raphson zsh/site-functions/_raphson fish/vendor_completions.d/raphson.fish; do
    grep -q -e "raphson match" "$prefix/share/$file" || fail "share/$file does not know of raphson match"
  done
  bash -n "$prefix/share/bash-completion/completions/raphson" || fail "bash cannot read its completion"
}

by_find_package() {
  "$CMAKE" -S "$scratch/examples" -B "$scratch/by_cmake" -G "$GENERATOR" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$prefix"
  "$CMAKE" --build "$scratch/by_cmake"
  prints_what_it_announces "$scratch/by_cmake/clone"
}

by_pkg_config() {
  PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name raphson.pc)")
  export PKG_CONFIG_PATH
  # shellcheck disable=SC2046,SC2086 # flags are words
  $CXX -std=c++20 -O2 $CXXFLAGS "$scratch/examples/clone.cpp" -o "$scratch/by_pkg_config" $(pkg-config --cflags --libs raphson)
  prints_what_it_announces "$scratch/by_pkg_config"
}

install_and_move
installs_no_path_of_this_machine
completes_words
by_find_package
by_pkg_config
echo "found, linked and ran both ways"
