# For the other scripts: what a thing is, and the dice. A thing is a process that bears its key on its command line:
#   tail -f --pid=CHAOS_PID THINGS/PROVIDER/KEY/POOL
# It does nothing, weighs nothing, and ends by itself when the chaos run does.

folder="$THINGS/$PROVIDER/${WARMPOOL_KEY-}"

# 0 … 99, the same again for the same seed, resource and name.
roll() {
  sum=$(printf '%s' "$SEED/$WARMPOOL_ID/$1" | cksum)
  echo $((${sum%% *} % 100))
}

# Starts the thing in the script's process group; with "apart" in one of its own, which nobody ends with the script's.
make_thing() {
  mkdir -p "$folder"
  : >"$folder/$WARMPOOL_POOL"
  if [ "${1-}" = apart ]; then
    setsid tail -f "--pid=$CHAOS_PID" "$folder/$WARMPOOL_POOL" >/dev/null 2>&1 &
  else
    tail -f "--pid=$CHAOS_PID" "$folder/$WARMPOOL_POOL" >/dev/null 2>&1 &
  fi
  pid=$!
  # Until then it is another copy of this script, which nobody would take for the thing.
  until grep -sqaz '^tail$' "/proc/$pid/cmdline"; do
    grep -sqa . "/proc/$pid/cmdline" || exit 1
  done
}

# The pids of the key's processes, by what really runs. The pattern comes by stdin, or grep would find itself. Somebody
# kills processes at random, these too: whatever is missing then must not look as if the thing were, so that nothing here
# is a pipe. (2: a process ended while grep read of it.)
pids_of_thing() {
  found=$(
    grep -lsaF -f - /proc/[0-9]*/cmdline <<KEY
/$WARMPOOL_KEY/
KEY
  ) || [ $? -le 2 ] || return 1
  for file in $found; do
    file=${file#/proc/}
    echo "${file%/cmdline}"
  done
}

end_thing() {
  for tries in 1 2 3 4 5 6 7 8; do
    pids=$(pids_of_thing)
    [ -n "$pids" ] || break
    # shellcheck disable=SC2086
    kill -9 $pids 2>/dev/null || true
    [ "$tries" = 1 ] || sleep 0.02
  done
  pids=$(pids_of_thing)
  [ -z "$pids" ] || exit 1
  rm -rf "$folder"
}
