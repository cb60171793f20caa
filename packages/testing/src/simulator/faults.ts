/**
 * Every fault that the simulator injects, and why it can really happen. A fault that no provider, store, network, machine
 * or holder could ever show has no place here: a manager that survives the impossible may still fail in the possible.
 *
 * What is assumed of the world, and so never broken, stands in docs/guide/simulation.md.
 */
export const FAULTS = {
  // ── Provider calls ───────────────────────────────────────────────────────────────────────────────────────────────────
  "answer lost": "A connection breaks after the request was carried out: the caller never hears of it.",
  "answer late": "A queue or a garbage collection holds an answer back, and others overtake it.",
  "request lost": "A connection breaks before the request arrives. The caller cannot tell it from a lost answer.",
  "request twice": "An HTTP client, proxy or SDK repeats a request whose first copy arrived after all.",
  "past its deadline": "A cloud takes longer than anybody allowed for; the caller has given up when it answers.",
  throttled: "A rate limit of an API that others use too.",
  "quota or capacity": "Quotas are small, and a zone runs out of machines.",
  "failed half way": "A machine was made, its disk or address was not: something exists that never will be ready.",
  "made after all": "The API answered with an error, or not at all, and its job queue made the thing all the same.",
  "failed transiently": "HTTP 500: perhaps before the request was carried out, perhaps after.",
  "delete kept it": "The API said yes and its job failed: the thing is still there.",
  "listing stale": "Listings come from an index or cache that lags behind by seconds.",
  "listing cut short": "A page of a listing fails: the caller has read a part and gets an error.",
  "listing of others": "Somebody else uses the same account, and has named or tagged his things as we do.",

  // ── Things ───────────────────────────────────────────────────────────────────────────────────────────────────────────
  "thing died": "Hardware fails; somebody deletes the machine by hand; its operating system hangs.",
  "thing came back": "A host reboots, and its machines with it; a broken network heals.",

  // ── The store ────────────────────────────────────────────────────────────────────────────────────────────────────────
  "commit failed": "The disk is full for a moment, a lock timed out, a connection was refused.",
  "commit unanswered": "The database committed, and the connection broke before it could say so.",
  "commit stalled": "Another's checkpoint, a failover, or a slow disk: the commit takes seconds.",
  "store restored": "Somebody restored a backup: what was written since then is gone.",

  // ── Letters between processes ────────────────────────────────────────────────────────────────────────────────────────
  "letter lost": "A datagram is dropped, a notification is missed, an unlogged table is truncated by a crash.",
  "letter twice": "A sender that heard nothing repeats it, and both copies arrive after all.",
  "letter late": "A poll that finds it seconds later, behind a lock or a failover; others overtake it.",

  // ── Processes and machines ───────────────────────────────────────────────────────────────────────────────────────────
  crashed: "The process is killed or the machine loses power, at whatever await it is.",
  "crashed at a send": "The same, between two messages that belong together: one has left, the next will not.",
  "clock jumped": "Somebody or NTP sets the wall clock; the next process starts by it.",
  suspended: "A laptop lid or a hypervisor: the machine stands still, its monotonic clock too.",
  paused: "SIGSTOP, a debugger, swapping, a long garbage collection: the clock goes on, the process does not.",
  "cut off": "A firewall or switch fails: the process reaches the provider, and the store no more.",

  // ── Holders and operators ────────────────────────────────────────────────────────────────────────────────────────────
  "holder crashed": "A build or test runner dies with its lease in hand, or while it waits for one.",
  "holder forgot": "A code path without release, or one that never comes back for its ticket.",
  "released twice": "A `finally` and a `using`; or a retry of a release whose answer was lost.",
  "used after its end": "A holder that does not look at its signal goes on working.",
  reconfigured: "A deployment changes caps, buffers and specs, or takes out a pool, while everything is under way.",
  meddled: "A person deletes, holds or forgets a resource, or pauses or drains a pool, at the wrong moment.",
} as const;

export type Fault = keyof typeof FAULTS;

export const FAULT_KINDS = Object.keys(FAULTS) as Fault[];
