import type { Pool } from "../pool.js";
import type { Harness } from "./harness.js";
import type { World } from "./world.js";

/** What is still to be done though nothing goes wrong any more: who waits, what is stuck, what is missing or has leaked. */
export function unrest(
  harness: Harness,
  { things }: World,
  mayLeak: (key: string, provider: string) => boolean,
): string[] {
  const { engine, ledger } = harness;
  const problems: string[] = [];
  for (const ticket of ledger.tickets.values()) {
    const { id, state, order } = ticket;
    if (state === "waiting") problems.push(`ticket ${id} waits: ${engine.explain(ticket).text}`);
    if (state === "granted" && order.ttlMs !== undefined) problems.push(`ticket ${id} is still granted`);
  }
  for (const { id, state, reason, key, ticket } of ledger.resources.values()) {
    const isLentForEver = state === "leased" && ticket !== undefined && ticket.order.ttlMs === undefined;
    if (state !== "ready" && !isLentForEver) problems.push(`resource ${id} is ${state} (${reason})`);
    if (!things.has(key)) problems.push(`resource ${id} does not exist`);
  }
  for (const pool of ledger.pools.values()) if (isShort(pool)) problems.push(`pool ${pool.name} lacks warm ones`);
  for (const { key, provider, isForeign } of things.values()) {
    if (!isForeign && !ledger.keys.has(key) && !mayLeak(key, provider)) problems.push(`${key} has leaked`);
  }
  return problems;
}

function isShort({ policy, warm, total, provider }: Pool): boolean {
  const isFull = total >= policy.max || provider.total + provider.unrecorded.size >= provider.policy.max;
  return warm.size < policy.warm && !isFull;
}
