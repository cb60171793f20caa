import type { WarmpoolEvent } from "../model/event.js";
import type { Pool } from "./pool.js";
import type { Provider } from "./provider.js";
import type { Resource } from "./resource.js";
import type { Ticket } from "./ticket.js";

/** The pools that could serve a ticket, or do. */
export function poolNamesOf({ line, resource, wants, shares }: Ticket): readonly string[] {
  if (resource !== undefined) return [resource.pool.name];
  if (shares !== undefined) return shares.flatMap((one) => one.resource?.pool.name ?? []);
  if (line === undefined) return [];
  const pools = wants === undefined ? line.pools : new Set(wants.flatMap((want) => want.pools));
  return [...pools].map(({ name }) => name);
}

/** What an event is about. */
export function idsOf(about: Resource | Ticket | Pool | Provider): WarmpoolEvent["ids"] {
  switch (about.kind) {
    case "resource":
      return {
        pool: about.pool.name,
        provider: about.pool.provider.name,
        resource: about.id,
        ...(about.ticket !== undefined && { ticket: about.ticket.id, token: about.ticket.token }),
      };
    case "ticket":
      return {
        ticket: about.id,
        owner: about.owner,
        ...(about.order.group !== undefined && { group: about.order.group }),
        ...(about.token !== 0 && { token: about.token }),
        ...(about.resource !== undefined && { resource: about.resource.id, pool: about.resource.pool.name }),
      };
    case "pool":
      return { pool: about.name, provider: about.provider.name };
    case "provider":
      return { provider: about.name };
  }
}
