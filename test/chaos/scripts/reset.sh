#!/bin/sh
# Makes a thing clean: takes away what its holder left, in two steps, so that half a reset can be told.
set -eu
. ./thing.sh
n=$(roll "reset $$")
if [ "$n" -lt 8 ]; then exit 1; fi
rm -f "$folder/dirt-1"
if [ "$n" -lt 30 ]; then sleep 0.1; fi
if [ "$n" -ge 92 ]; then exit 1; fi
rm -f "$folder/dirt-2"
