#!/bin/sh
# Healthy is a server that answers. ($WARMPOOL_DATA is what allocate.sh printed.)
exec "$NODE" -e '
  const signal = AbortSignal.timeout(2000);
  fetch(`http://${process.env.WARMPOOL_DATA}/health`, { signal }).then(
    ({ status }) => process.exit(status === 200 ? 0 : 1),
    ({ cause, message }) => { console.error(cause?.message ?? message); process.exit(1) },
  );
'
