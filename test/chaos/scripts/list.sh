#!/bin/sh
# The keys of everything that runs. (The pattern comes by stdin, or grep would find itself.)
set -eu
[ $(($$ % 10)) != 0 ] || exit 1
printf '%s/%s/wp-[a-z0-9-]*\n' "$THINGS" "$PROVIDER" | grep -hsao -f - /proc/[0-9]*/cmdline | sed 's,.*/,,' | sort -u
