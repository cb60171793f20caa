import type { Conditions } from "../conditions.js";
import type { Ticket } from "../ticket.js";
import { Harness, type TicketSketch } from "./harness.js";
import type { PoolSketch } from "./policies.js";

const names = ["free", "dirty", "cleaning", "busy"];
export const clean = { from: "dirty", via: "cleaning", to: "free" };

export function conditions(rest: Partial<Conditions> = {}): Conditions {
  const base = { names, initial: "free", released: "free", abandoned: "dirty" };
  return { ...base, clean: undefined, silent: undefined, ...rest };
}

interface Rest extends Omit<PoolSketch, "conditions"> {
  readonly conditions?: Partial<Conditions>;
  readonly can?: { readonly reset?: boolean };
}

/** A pool with conditions, and so many that are made. */
export function shelf(count: number, { conditions: own, can, ...rest }: Rest = {}): Harness {
  const pool = { max: count, warm: count, reuse: true, lend: "least-recently-used" as const, ...rest };
  const harness = new Harness({
    pools: { web: { ...pool, conditions: conditions(own) } },
    providers: { cloud: { can: can ?? {} } },
  });
  harness.succeedAll("allocate");
  return harness;
}

export const asks = (condition: string, set?: string): TicketSketch => ({
  selector: { condition, ...(set !== undefined && { set }) },
  session: undefined,
  renewal: "manual",
});

export const idOf = (ticket: Ticket) => ticket.resource?.id;
