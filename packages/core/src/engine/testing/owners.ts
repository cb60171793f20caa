import type { OwnerPolicy } from "../owners.js";
import type { Ticket } from "../ticket.js";
import { Harness } from "./harness.js";
import { MINUTE } from "./policies.js";

interface Rules {
  readonly fair?: boolean;
  readonly ageingMs?: number;
  readonly owners?: Readonly<Record<string, Partial<OwnerPolicy>>>;
}

export const UNLIMITED: OwnerPolicy = {
  weight: 1,
  maxLeases: Number.POSITIVE_INFINITY,
  maxWaiting: Number.POSITIVE_INFINITY,
};

/** So many places, all ready. */
export function scene(max: number, { fair = false, ageingMs = MINUTE, owners = {} }: Rules = {}): Harness {
  const policyOf = (owner: string) => ({ ...UNLIMITED, ...owners[owner] });
  const harness = new Harness({
    pools: { web: { max, warm: max, reuse: true } },
    self: { ageingMs, owners: { fair, policyOf } },
  });
  harness.succeedAll();
  return harness;
}

export function ask(harness: Harness, owner: string, sketch: Parameters<Harness["request"]>[1] = {}): Ticket {
  return harness.request("web", { owner, ...sketch });
}

/** Whoever holds something gives it back, one after the other; says who got it, in that order. */
export function serve(harness: Harness, count: number): string[] {
  const served: string[] = [];
  for (let n = 0; n < count; n++) {
    const before = new Set(harness.resources("leased").map(({ ticket }) => ticket));
    const [oldest] = harness.resources("leased").sort((a, b) => a.sinceAtMs - b.sinceAtMs || tokenOf(a) - tokenOf(b));
    harness.release(oldest?.ticket as Ticket);
    const next = harness.resources("leased").find(({ ticket }) => !before.has(ticket))?.ticket;
    if (next !== undefined) served.push(next.owner);
    harness.advance(1);
  }
  return served;
}

function tokenOf({ ticket }: { readonly ticket: Ticket | undefined }): number {
  return ticket?.token ?? 0;
}

export function refused(harness: Harness, owner: string, sketch: object = {}): unknown {
  return harness.tryRequest("web", { owner, ...sketch });
}
