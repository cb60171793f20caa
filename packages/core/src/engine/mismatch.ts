import type { TicketItem } from "../model/ticket.js";
import type { Obstacle } from "./obstacle.js";
import { livesOn, shelfFor } from "./picking.js";
import type { Pool } from "./pool.js";

/** What differs between what somebody asks for and what a pool has: by name and remaining life. */
export function mismatches(pool: Pool, item: TicketItem, nowMs: number): Obstacle[] {
  const { name, minLifeMs } = item.selector ?? {};
  const found: Obstacle[] = [];
  if (name !== undefined) found.push(...missing(pool, name));
  if (minLifeMs !== undefined) {
    const tooOld = [...(shelfFor(pool, item) ?? [])].filter((resource) => !livesOn(pool, resource, item, nowMs)).length;
    if (tooOld > 0) found.push({ why: "too-old", count: tooOld, minLifeMs });
  }
  return found;
}

function missing({ names }: Pool, name: string): Obstacle[] {
  const named = names.get(name);
  if (named === undefined) return [{ why: "not-that-one", name, state: undefined }];
  if (named.shelf !== undefined) return [];
  const owner = named.ticket?.owner;
  return [{ why: "not-that-one", name, state: named.state, ...(owner !== undefined && { owner }) }];
}

/** Free ones, but for those in the condition that is wanted. */
export function inOtherConditions(pool: Pool, wanted: string): Obstacle[] {
  const are: Record<string, number> = {};
  let count = 0;
  for (const { condition = "" } of pool.free()) {
    if (condition === wanted) continue;
    are[condition] = (are[condition] ?? 0) + 1;
    count += 1;
  }
  return count === 0 ? [] : [{ why: "in-other-conditions", count, wanted, are }];
}
