#!/bin/sh
# Whether the thing runs. Some are sick from the start, which is noted where the referee finds it; some checks are slow,
# some can't tell. (A process id is as good as dice: another call gets another answer.)
set -eu
. ./thing.sh
if [ "$(roll sick)" -lt 4 ]; then
  : >"$SICK/$WARMPOOL_KEY"
  echo "sick" >&2
  exit 1
fi
n=$(roll "check $$")
if [ "$n" -lt 5 ]; then exit 75; fi
if [ "$n" -lt 10 ]; then sleep 0.2; fi
pids=$(pids_of_thing)
[ -n "$pids" ]
