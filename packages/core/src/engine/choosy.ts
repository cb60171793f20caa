import type { TicketItem } from "../model/ticket.js";
import type { Ledger } from "./ledger.js";
import { mayLend } from "./matching.js";
import type { Want } from "./party.js";
import { shelfFor, suits } from "./picking.js";
import type { Pool } from "./pool.js";
import type { Resource } from "./resource.js";

/** What a party wants of which not every resource will do: it is looked for one by one. */
export type Choosy = Want & { readonly item: TicketItem };

export function isChoosy(want: Want): want is Choosy {
  return want.item !== undefined;
}

/** What is free of all that a party is choosy about; `undefined`: something is missing. It takes nothing. */
export function pickChoosy(
  ledger: Ledger,
  wants: readonly Want[],
  owner: string,
): ReadonlyMap<Want, readonly Resource[]> | undefined {
  const picked = new Map<Want, readonly Resource[]>();
  const taken = new Set<Resource>();
  for (const want of wants) {
    if (!isChoosy(want)) continue;
    const found = findAll(ledger, want, owner, taken);
    if (found.length < want.count) return undefined;
    for (const resource of found) taken.add(resource);
    picked.set(want, found);
  }
  return picked;
}

function findAll(ledger: Ledger, { item, count, pools }: Choosy, owner: string, taken: ReadonlySet<Resource>) {
  const found: Resource[] = [];
  for (const pool of pools) {
    if (!mayLend(ledger, pool)) continue;
    for (const resource of candidates(pool, item)) {
      if (found.length === count) return found;
      if (!taken.has(resource) && suits(pool, resource, { owner, item }, ledger.nowMs)) found.push(resource);
    }
  }
  return found;
}

function candidates(pool: Pool, item: TicketItem): Iterable<Resource> {
  const { name } = item.selector ?? {};
  if (name === undefined) return shelfFor(pool, item) ?? [];
  const named = pool.names.get(name);
  return named?.shelf === undefined ? [] : [named];
}
