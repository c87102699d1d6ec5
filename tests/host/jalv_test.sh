#!/usr/bin/env bash
# The LV2 plugin in jalv, on a JACK server with a dummy device: it comes up with its ports and its parameters, plays
# for a second, and goes without a crash. (lv2file and lv2apply refuse it: they offer no options and no atom ports,
# without which no JUCE plugin runs.) Exit code 77: jalv or jackd is not installed.
set -euo pipefail
for tool in jalv jackd jack_lsp; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
export JACK_DEFAULT_SERVER=raphson-test-$$ JACK_NO_AUDIO_RESERVATION=1
scratch=$(mktemp -d)
jackd -r -n "$JACK_DEFAULT_SERVER" -d dummy -r 48000 -p 256 >"$scratch/jackd.log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$scratch"' EXIT

wait_for() { # command...; for up to 20 s
  for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.2; done
  echo "gave up waiting for: $*"
  cat "$scratch"/*.log
  return 1
}
plugin_is_up() { jack_lsp | grep -q "audio_out_2"; }

wait_for jack_lsp
mkfifo "$scratch/orders"
jalv https://raphson.invalid/plugin <"$scratch/orders" >"$scratch/jalv.log" 2>&1 &
host=$!
exec 3>"$scratch/orders"
wait_for plugin_is_up
sleep 1 # of sound
echo controls >&3
exec 3>&- # the end of its orders is jalv's end
has_ended() { ! kill -0 $host; }
wait_for has_ended
status=0
wait $host || status=$?
[ $status = 0 ] || { echo "jalv ended with $status"; cat "$scratch/jalv.log"; exit 1; }
grep -q plugin_threshold_db "$scratch/jalv.log" || { echo "jalv knows no threshold"; cat "$scratch/jalv.log"; exit 1; }
echo "jalv played it and ended"
