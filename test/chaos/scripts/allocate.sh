#!/bin/sh
# Makes a thing: at once, late, half of one, none, or without saying so.
set -eu
. ./thing.sh
answer() { printf '{"key":"%s","pid":%d}\n' "$WARMPOOL_KEY" "$pid"; }

n=$(roll allocate)
if [ "$n" -lt 4 ]; then
  echo "nothing was made" >&2
  exit 175
elif [ "$n" -lt 8 ]; then
  make_thing
  exit 1
elif [ "$n" -lt 12 ]; then
  make_thing apart
  exit 1
elif [ "$n" -lt 14 ]; then
  make_thing apart
  echo "this is not JSON"
elif [ "$n" -lt 16 ]; then
  make_thing apart
  sleep 30
elif [ "$n" -lt 26 ]; then
  sleep 0.3
  make_thing
  answer
elif [ "$n" -lt 36 ]; then
  make_thing
  sleep 0.3
  answer
elif [ "$n" -lt 46 ]; then
  sleep 0.1
  make_thing apart
  sleep 0.2
  answer
else
  make_thing
  answer
fi
