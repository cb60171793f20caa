import type { Ledger } from "./ledger.js";
import { goesBefore } from "./line.js";
import { isKeptFromHim, leavingOf, mayMakeAtMs, placesOf, startAllocate } from "./making.js";
import { mayHaveAll } from "./party.js";
import type { Pool } from "./pool.js";
import type { Resource } from "./resource.js";
import { dispose } from "./tending.js";
import type { Ticket } from "./ticket.js";

/** What somebody waits for by its name is made in the slot that is its. At the cap, something idle gives way to it. */
export function makeNamed(ledger: Ledger, pool: Pool): void {
  const wanted = callers(ledger, pool);
  let leaving = leavingOf(pool);
  for (const [name, ticket] of wanted) {
    const slot = pool.slotFor(name);
    if (slot === undefined) continue;
    const atMs = mayMakeAtMs(ledger, pool);
    if (atMs > ledger.nowMs) return ledger.deadlines.arm(pool, atMs);
    if (placesOf(pool) > 0) {
      if (pool.counts.allocating >= pool.policy.maxAllocating) return;
      startAllocate(ledger, pool, slot);
    } else if (leaving > 0) {
      leaving -= 1;
    } else if (!isKeptFromHim(ledger, pool, ticket)) {
      const idle = idlest(pool, wanted, ticket);
      if (idle !== undefined) dispose(ledger, idle, "room-for-others");
    }
  }
}

/** What is waited for by name, and who is the first to. */
function callers(ledger: Ledger, pool: Pool): ReadonlyMap<string, Ticket> {
  const wanted = new Map<string, Ticket>();
  const call = (name: string, ticket: Ticket | undefined) => {
    const known = wanted.get(name);
    if (ticket !== undefined && (known === undefined || goesBefore(ticket, known))) wanted.set(name, ticket);
  };
  for (const [name, lines] of pool.calls) for (const { first } of lines) call(name, first);
  if (pool.wanted === 0) return wanted;
  for (const party of ledger.parties) {
    if (!mayHaveAll(ledger, party)) continue;
    for (const { item, pools } of party.wants ?? []) {
      const name = item?.selector?.name;
      if (name !== undefined && pools.includes(pool)) call(name, party);
    }
  }
  return wanted;
}

/** Of what anybody may have, the last that would be lent: none that is waited for by name no later than by this one. */
function idlest({ warm }: Pool, wanted: ReadonlyMap<string, Ticket>, ticket: Ticket): Resource | undefined {
  for (let idle = warm.last; idle !== undefined; idle = idle.prev) {
    const { name } = idle.marks;
    const caller = name === undefined ? undefined : wanted.get(name);
    if (caller === undefined || goesBefore(ticket, caller)) return idle;
  }
  return undefined;
}
