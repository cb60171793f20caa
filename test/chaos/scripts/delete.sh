#!/bin/sh
# Ends whatever exists under the key: at once, late, at the next try, or without saying so.
set -eu
. ./thing.sh
n=$(roll "delete $$")
if [ "$n" -lt 6 ]; then exit 1; fi
if [ "$n" -lt 14 ]; then sleep 0.2; fi
end_thing
if [ "$n" -ge 94 ]; then exit 1; fi
