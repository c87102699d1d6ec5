#!/usr/bin/env bash
# The standalone program opens its window on a virtual screen, on a machine without a sound device, shows more than
# one colour, and ends when asked to. Exit code 77: Xvfb or the tools to look at it are not installed.
# usage: standalone_test.sh PROGRAM
set -euo pipefail
program=$1
for tool in Xvfb xwininfo import convert; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
scratch=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$scratch"' EXIT
# A home of its own, so that no settings of the user are read or changed; every device is ALSA's null.
export HOME=$scratch XDG_CONFIG_HOME=$scratch/config
printf 'pcm.!default { type null }\nctl.!default { type null }\n' >"$scratch/.asoundrc"

Xvfb -displayfd 3 -screen 0 1280x900x24 3>"$scratch/display" >/dev/null 2>&1 &
wait_for() { # command...; for up to 20 s
  for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.2; done
  echo "gave up waiting for: $*"
  return 1
}
wait_for test -s "$scratch/display"
DISPLAY=:$(cat "$scratch/display")
export DISPLAY

"$program" >"$scratch/log" 2>&1 &
running=$!
window_is_open() { xwininfo -root -tree | grep -q '"Raphson"'; }
wait_for window_is_open || { cat "$scratch/log"; exit 1; }
is_painted() {
  import -window root "$scratch/screen.png"
  [ "$(convert "$scratch/screen.png" -unique-colors -format '%w' info:)" -gt 500 ]
}
wait_for is_painted
kill -TERM $running
status=0
wait $running || status=$?
[ $status = 0 ] || [ $status = 143 ] || { echo "it ended with $status"; cat "$scratch/log"; exit 1; }
echo "the window opened, was painted and closed"
