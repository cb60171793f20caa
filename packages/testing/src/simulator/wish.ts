import type { Lease, LeaseGroup, Ticket } from "@warmpool/core";
import type { Member } from "./fleet.js";
import type { HolderPlan, PlacePlan } from "./holder-plan.js";

/** What a ticket gives: a lease, or those of all that was asked for together. */
export type Lent = Lease | LeaseGroup;

/** What a holder says when he asks, in words of the public API: the same each time, for it is a part of his request. */
export class Wish {
  readonly #plan: HolderPlan;
  /** Whether he lives in the process of the engine that he asks. */
  readonly #livesThere: boolean;
  #startAt: Date | undefined;

  constructor(plan: HolderPlan, livesThere: boolean) {
    this.#plan = plan;
    this.#livesThere = livesThere;
  }

  /** How many things he is to get. */
  get count(): number {
    return this.#plan.items?.reduce((sum, { count }) => sum + count, 0) ?? 1;
  }

  acquire({ manager, process }: Member, signal: AbortSignal): Promise<Lent> {
    const { kind, items, place } = this.#plan;
    const options = { ...this.#options(process.nowMs), signal, ...(kind === "manual" && { renew: "manual" as const }) };
    if (items !== undefined) return manager.acquireAll(items as never, options as never) as Promise<Lent>;
    return manager.acquire({ ...where(place), ...options } as never) as Promise<Lent>;
  }

  request({ manager, process }: Member): Promise<Ticket<Lent>> {
    const { name, items, place } = this.#plan;
    const what = items === undefined ? where(place) : { items };
    return manager.request({ ...what, ...this.#options(process.nowMs), requestId: name } as never);
  }

  #options(nowMs: number) {
    const { owner, priority, sandbox, minLifeMs, lifespanMs, startsLaterMs, group, waitsMs, ttlMs, thing, cleans } =
      this.#plan;
    // By whose clock? Those of machines may be hours apart: he asks where he lives.
    if (startsLaterMs !== undefined && this.#livesThere) this.#startAt ??= new Date(nowMs + startsLaterMs);
    return {
      owner,
      priority,
      ...(thing !== undefined && { name: thing }),
      ...(cleans && { condition: "dirty", set: "cleaning" }),
      ...(sandbox !== undefined && { sandbox }),
      ...(minLifeMs !== undefined && { minLife: minLifeMs }),
      ...(lifespanMs !== undefined && { lifespan: lifespanMs }),
      ...(this.#startAt !== undefined && { startAt: this.#startAt }),
      ...(group !== undefined && { group }),
      ...(waitsMs !== undefined && { timeout: waitsMs }),
      ...(ttlMs !== undefined && { ttl: ttlMs }),
    };
  }
}

function where({ pool, tags, alias }: PlacePlan) {
  return {
    ...(pool !== undefined && { pool }),
    ...(tags !== undefined && { tags }),
    ...(alias !== undefined && { alias }),
  };
}
