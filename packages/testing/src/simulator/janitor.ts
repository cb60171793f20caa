import type { ResourceRecord } from "@warmpool/core";
import type { Fleet } from "./fleet.js";
import type { History } from "./history.js";
import { Holder } from "./holder.js";
import { janitorPlan } from "./holder-plan.js";

/** How often somebody looks whether there is something to clean. Milliseconds. */
const LOOKS_EVERY_MS = 1_500;

/** Cleans what is dirty in pools whose provider does not: comes for a dirty one by its condition, and gives it back as free. */
export class Janitor {
  readonly #fleet: Fleet;
  readonly #history: History;
  readonly #pools: readonly string[];
  readonly #came: Holder[] = [];

  constructor(fleet: Fleet, history: History) {
    this.#fleet = fleet;
    this.#history = history;
    this.#pools = fleet.scenario.pools.filter(({ cleanedBy }) => cleanedBy === "janitor").map(({ name }) => name);
    if (this.#pools.length > 0) this.#lookSoon();
  }

  #lookSoon(): void {
    this.#fleet.world.timeline.after(LOOKS_EVERY_MS, () => {
      this.#lookSoon();
      if (this.#came.at(-1)?.done !== false) void this.#look();
    });
  }

  async #look(): Promise<void> {
    for (const pool of this.#pools) if (await this.#isDirty(pool)) return this.#clean(pool);
  }

  async #isDirty(pool: string): Promise<boolean> {
    const { vault, up } = this.#fleet;
    const isDirty = (record: ResourceRecord) =>
      record.pool === pool && record.state === "ready" && record.condition === "dirty";
    if (vault !== undefined) {
      for (const { parsed } of vault.resourcesByKey.values()) if (isDirty(parsed as ResourceRecord)) return true;
      return false;
    }
    const resources = await up[0]?.manager.resources({ pool }).catch(() => []);
    return resources?.some(isDirty) === true;
  }

  #clean(pool: string): void {
    const plan = janitorPlan(this.#came.length, pool, this.#fleet.world.nowMs);
    this.#came.push(new Holder(plan, this.#fleet, this.#history));
  }

  /** The store is being restored: whoever is at work is stopped. */
  forgotten(): void {
    for (const holder of this.#came) holder.forgotten();
  }
}
