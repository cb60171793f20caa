#!/bin/sh
# The keys of everything that runs. (The pattern comes by stdin, or grep would find itself. No pipe: if somebody kills a
# part of it, what is left would look like a whole listing.)
set -eu
[ $(($$ % 10)) != 0 ] || exit 1
found=$(
  grep -hsao -f - /proc/[0-9]*/cmdline <<PATTERN
$THINGS/$PROVIDER/wp-[a-z0-9-]*
PATTERN
) || [ $? -le 2 ]
for path in $found; do echo "${path##*/}"; done
