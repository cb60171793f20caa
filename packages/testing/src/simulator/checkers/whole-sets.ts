import type { Lease, ResourceRecord, TicketRecord } from "@warmpool/core";
import type { Fleet } from "../fleet.js";
import type { Holder } from "../holder.js";
import type { Kept } from "../vault.js";

/** What commits, and the end of what is missing, may be late. Milliseconds. */
const LATE_MS = 120_000;

/**
 * All or nothing, by what a holder is given when he first hears of it: everything that he asked for, each once. Whoever comes
 * late for a ticket that nobody has to take, or is told of it elsewhere, may find that something has ended since: then that is over for good.
 */
export function checkWholeSet(fleet: Fleet, { took, wish, plan }: Holder, id: number, leases: readonly Lease[]): void {
  if (took) return;
  const { world, vault, scenario } = fleet;
  const keys = new Set(leases.map(({ resource }) => resource.key));
  const what = `${plan.name} asked for ${wish.count} and is given ${[...keys]}`;
  if (keys.size === wish.count && leases.length === keys.size) return;
  const hearsAtOnce = scenario.store !== "shared" && plan.kind !== "request";
  // In memory nobody loses sight of his ticket: he is late only if he comes late.
  const comesAtOnce = hearsAtOnce || (vault === undefined && plan.comesAfterMs === 0);
  if (keys.size > wish.count || leases.length !== keys.size || comesAtOnce)
    return world.violated("all or nothing", what);
  if (vault === undefined) return;
  const { restored } = vault;
  world.timeline.after(LATE_MS, () => {
    if (vault.restored !== restored) return;
    const left = [...vault.resourcesByKey.keys()].filter((key) => vault.resource(key)?.ticket === id && !keys.has(key));
    if (left.length > 0) world.violated("all or nothing", `${what}, and its ticket keeps ${left}`);
  });
}

/** All or nothing, by what is written down: a ticket is granted all that it asks for, in one step. */
export function checkWholeGrant({ world }: Fleet, before: Kept | undefined, after: Kept | undefined): void {
  if (after?.kind !== "ticket") return;
  const { id, owner, state, items, lease } = after.parsed as TicketRecord;
  if (state !== "granted" || (before?.parsed as TicketRecord | undefined)?.state === "granted") return;
  const asked = items.reduce((sum, { count }) => sum + count, 0);
  const given = new Set(lease?.resources).size;
  if (given !== asked)
    world.violated("all or nothing", `ticket ${id} of ${owner} asks for ${asked}, and is granted ${given}`);
}

/** And until its holder has taken it, a part that ends ends all of it. */
export function checkWholeUntaken({ world, vault }: Fleet): void {
  for (const { kind, parsed } of vault?.records.values() ?? []) {
    if (kind !== "ticket") continue;
    const { id, owner, state, lease } = parsed as TicketRecord;
    if (state !== "granted" || lease?.untaken !== true || lease.resources.length === 1) continue;
    const left = lease.resources.filter((resource) => ticketOf(vault, resource) === id);
    if (left.length < lease.resources.length)
      world.violated("all or nothing", `ticket ${id} of ${owner} keeps ${left} of ${lease.resources} for its holder`);
  }
}

function ticketOf(vault: Fleet["vault"], resource: number): number | undefined {
  return (vault?.records.get(`resource ${resource}`)?.parsed as ResourceRecord | undefined)?.ticket;
}
