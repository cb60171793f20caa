#!/bin/sh
# What exists under the key.
set -eu
. ./thing.sh
n=$(roll "find $$")
if [ "$n" -lt 6 ]; then exit 1; fi
if [ "$n" -lt 12 ]; then sleep 0.1; fi
pids=$(pids_of_thing)
[ -n "$pids" ] || exit 103
if [ "$n" -ge 94 ]; then exit 104; fi
printf '{"key":"%s","pid":%d}\n' "$WARMPOOL_KEY" "${pids%%[!0-9]*}"
