import type { Selector, TicketItem, Verdict } from "../../model/ticket.js";
import { ITEMS } from "./draw.js";
import type { TicketSketch } from "./harness.js";
import { MINUTE } from "./policies.js";
import type { Random } from "./random.js";

/** What there is to be asked for. */
interface Offer {
  readonly pools: readonly string[];
  /** Of what exists. */
  readonly keys: readonly string[];
  readonly nowMs: number;
  /** So many were asked for before. */
  readonly requests: number;
  /** Some ask for several things together. */
  readonly isSocial: boolean;
}

export function drawRequest(random: Random, offer: Offer): { pool: string | undefined; sketch: TicketSketch } {
  const tags = random.chance(0.4) ? [random.pick(["a", "b", "c"]) as string] : undefined;
  const pool = tags === undefined ? (random.pick(offer.pools) as string) : undefined;
  const isDurable = random.chance(0.3);
  const selector = random.chance(0.5) ? drawSelector(random, offer) : undefined;
  const sandbox = selector?.sandbox === undefined ? {} : { selector: { sandbox: selector.sandbox } };
  // They share a sandbox.
  const items = offer.isSocial && random.chance(0.3) ? drawItems(random, offer, sandbox) : undefined;
  const isFussy = [selector, ...(items ?? []).map((item) => item.selector)].some(mayNeverBeMet);
  const sketch = {
    ...(items !== undefined && { items }),
    ...(random.chance(0.7) && { owner: random.pick(["ann", "bob", "cat"]) as string }),
    ...(tags !== undefined && { tags }),
    ...(selector !== undefined && { selector }),
    ...(random.chance(0.5) && { owner: random.pick(["ann", "bob"]) as string }),
    priority: random.chance(0.2) ? random.below(3) : 0,
    // What is wanted by its name, or in a condition, may never come.
    ...((random.chance(0.6) || isFussy) && {
      timeoutMs: random.chance(0.1) ? 0 : random.next() * 4 * MINUTE,
    }),
    ...(isDurable && { session: undefined, renewal: "manual" as const }),
    ...(isDurable && random.chance(0.5) && { ttlMs: MINUTE }),
    ...(random.chance(0.1) && { startAtMs: offer.nowMs + random.below(MINUTE) }),
    ...(random.chance(0.3) && { group: `run-${random.below(4)}` }),
    ...(random.chance(0.2) && { lifespan: { forMs: 1 + random.below(3 * MINUTE) } }),
    ...(isDurable && random.chance(0.5) && { requestId: `request-${random.below(offer.requests)}` }),
  };
  return { pool: items === undefined ? pool : undefined, sketch };
}

function drawItems(random: Random, offer: Offer, { selector: shared }: Pick<TicketItem, "selector">): TicketItem[] {
  return Array.from({ length: 1 + random.below(3) }, () => {
    const { sandbox: _sandbox, minLifeMs: _minLifeMs, ...own } = random.chance(0.2) ? drawSelector(random, offer) : {};
    const count = own.name === undefined ? 1 + random.below(2) : 1;
    const selector = { ...shared, ...own };
    const rest = { count, ...(Object.keys(selector).length > 0 && { selector }) };
    if (random.chance(0.3)) return { tags: [random.pick(["a", "b", "c"]) as string], ...rest };
    return { pool: random.pick(offer.pools) as string, ...rest };
  });
}

function drawSelector(random: Random, { keys }: Offer): Selector {
  const conditions = ["free", "dirty", "cleaning"];
  const named = random.chance(0.15) ? random.pick(random.chance(0.5) ? keys : ITEMS) : undefined;
  return {
    ...(random.chance(0.6) && { sandbox: random.pick(["x", "y", "z"]) as string }),
    ...(named !== undefined && { name: named }),
    ...(random.chance(0.15) && { condition: random.pick(conditions) as string }),
    ...(random.chance(0.1) && { set: random.pick(conditions) as string }),
    ...(random.chance(0.1) && { minLifeMs: random.below(20) * MINUTE }),
  };
}

function mayNeverBeMet(selector: Selector | undefined): boolean {
  const { name, condition, minLifeMs } = selector ?? {};
  return name !== undefined || condition !== undefined || minLifeMs !== undefined;
}

export function drawVerdict(random: Random): Verdict {
  if (random.chance(0.15)) return { failed: "it broke" };
  return random.chance(0.3) ? { condition: random.pick(["free", "dirty", "cleaning"]) as string } : "ok";
}
