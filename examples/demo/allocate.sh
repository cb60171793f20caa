#!/bin/sh
# Makes a server under the key that it is given and prints its address, once it answers.
set -eu
folder="$SERVERS/$WARMPOOL_KEY"
mkdir -p "$folder"

"$NODE" server.ts "$folder" "$WARMPOOL_KEY" >"$folder/log" 2>&1 &
echo $! >"$folder/pid"

until [ -f "$folder/address" ]; do
  kill -0 $! || { cat "$folder/log" >&2; exit 1; }
  sleep 0.05
done
cat "$folder/address"
