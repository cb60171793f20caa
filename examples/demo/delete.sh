#!/bin/sh
# Ends the server of a key. It may find a whole one, half of one or none: what counts is that nothing is left.
set -eu
folder="$SERVERS/$WARMPOOL_KEY"

# Whether a process runs and is this server: its number might be another's by now. (A zombie has no command line.)
runs() {
  if [ -d /proc/self ]; then tr '\0' ' ' <"/proc/$1/cmdline"; else ps -o args= -p "$1"; fi 2>/dev/null |
    grep -q "$WARMPOOL_KEY"
}

if [ -s "$folder/pid" ]; then
  pid=$(cat "$folder/pid")
  while runs "$pid"; do
    kill "$pid" 2>/dev/null || true
    sleep 0.02
  done
fi
rm -rf "$folder"
