import type { Leadership } from "@warmpool/core";
import type { Fleet, Member } from "../fleet.js";

/** What the probe shows of an engine: `packages/core/src/runtime/life.ts`. */
interface ShownLife {
  readonly engine: { readonly ledger: { readonly resources: Live; readonly tickets: Live } };
  readonly session: { readonly epoch: number; readonly isQuiet: boolean; readonly leadership?: Leadership };
}

type Live = ReadonlyMap<number, { toRecord(): unknown }>;

/** Steps between two comparisons of everything: they cost more than the steps themselves. */
const ALL_EVERY = 256;

/**
 * The store's content equals the engine's state, whenever no commit is under way. After each step, what was committed since
 * the last comparison is compared; and everything now and then, for what changed without being committed.
 */
export class SameState {
  readonly #fleet: Fleet;
  /** What was committed since it was compared last: numbers by kind. */
  readonly #changed = { resource: new Set<number>(), ticket: new Set<number>() };

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    fleet.vault?.witnesses.push((before, after) => {
      const { kind, id } = after ?? before ?? {};
      if (id !== undefined && (kind === "resource" || kind === "ticket")) this.#changed[kind].add(id);
    });
  }

  check(): void {
    if (this.#fleet.world.timeline.steps % ALL_EVERY === 0) return this.checkAll();
    const { resource, ticket } = this.#changed;
    if (resource.size + ticket.size === 0) return;
    for (const member of this.#fleet.members) {
      const life = member && this.#settled(member);
      if (life === undefined) continue;
      const { resources, tickets } = life.engine.ledger;
      for (const id of resource) this.#compare("resource", id, resources);
      for (const id of ticket) this.#compare("ticket", id, tickets);
      resource.clear();
      ticket.clear();
    }
  }

  checkAll(): void {
    const { vault, world } = this.#fleet;
    if (vault === undefined) return;
    for (const member of this.#fleet.members) {
      const life = member && this.#settled(member);
      if (life === undefined) continue;
      const { resources, tickets } = life.engine.ledger;
      for (const id of resources.keys()) if (!this.#compare("resource", id, resources)) return;
      for (const id of tickets.keys()) if (!this.#compare("ticket", id, tickets)) return;
      let stored = 0;
      for (const { kind } of vault.records.values()) if (kind === "resource" || kind === "ticket") stored += 1;
      const live = resources.size + tickets.size;
      if (stored !== live) world.violated("store is engine", `the store has ${stored} records, the engine ${live}`);
    }
  }

  #compare(kind: "resource" | "ticket", id: number, live: Live): boolean {
    const { vault, world } = this.#fleet;
    const stored = vault?.records.get(`${kind} ${id}`)?.record;
    const one = live.get(id);
    // As text: going through the parts takes three times as long.
    const engine = one === undefined ? undefined : JSON.stringify(one.toRecord());
    if (stored === engine) return true;
    world.violated("store is engine", `${kind} ${id} is ${stored} in the store, ${engine} in the engine`);
    return false;
  }

  /** The engine that has the store, if all that it decided is in there. */
  #settled({ lives, process }: Member): ShownLife | undefined {
    const life = lives.at(-1) as ShownLife | undefined;
    if (life === undefined || life.session.epoch !== this.#fleet.vault?.epoch || !life.session.isQuiet)
      return undefined;
    if (!process.alive || process.frozen) return undefined;
    // Its engine is being discarded.
    return (life.session.leadership?.leftMs ?? 1) <= 0 ? undefined : life;
  }
}
