import type { TicketRecord } from "@warmpool/core";
import type { Fleet } from "../fleet.js";
import type { History, Hold } from "../history.js";

/** Nobody who is given something has more than his owner may, by what holders were told. */
export function checkQuota({ scenario, vault, world }: Fleet, history: History, { owner, holder }: Hold): void {
  const { maxLeases } = scenario.owners[owner] ?? {};
  if (maxLeases === undefined) return;
  // Whoever cannot be reached may not have heard yet that something is his no more: the store says so.
  const held = history
    .heldBy(owner)
    .filter(({ key, ticket }) => vault === undefined || vault.resource(key)?.ticket === ticket);
  if (held.length > maxLeases)
    world.violated(
      "never over a quota",
      `${owner} may have ${maxLeases}, and with what ${holder} is given has ${held.map(({ key }) => key)}`,
    );
}

/** Nor by what is written down, in leases and in tickets that wait. */
export function checkQuotas({ scenario, vault, world }: Fleet): void {
  if (vault === undefined) return;
  const leases = new Map<string, number>();
  const waiting = new Map<string, number>();
  const count = (counts: Map<string, number>, owner = "") => counts.set(owner, (counts.get(owner) ?? 0) + 1);
  for (const { kind, parsed } of vault.records.values()) {
    if (kind === "resource") {
      const { ticket } = parsed as { readonly ticket?: number };
      if (ticket !== undefined) count(leases, vault.ticket(ticket)?.owner);
    } else if (kind === "ticket" && (parsed as TicketRecord).state === "waiting") {
      count(waiting, (parsed as TicketRecord).owner);
    }
  }
  for (const [owner, { maxLeases, maxWaiting }] of Object.entries(scenario.owners)) {
    const [has, waits] = [leases.get(owner) ?? 0, waiting.get(owner) ?? 0];
    if (has > (maxLeases ?? has)) world.violated("never over a quota", `${owner} has ${has} of ${maxLeases}`);
    if (waits > (maxWaiting ?? waits))
      world.violated("never over a quota", `${waits} of ${owner} wait, of ${maxWaiting}`);
  }
}
