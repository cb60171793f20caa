import type { Leadership } from "@warmpool/core";
import type { Fleet } from "../fleet.js";

/** What the probe shows of an engine: `packages/core/src/runtime/life.ts`. */
interface ShownLife {
  readonly engine: {
    readonly ledger: {
      readonly resources: ReadonlyMap<number, { toRecord(): unknown }>;
      readonly tickets: ReadonlyMap<number, { toRecord(): unknown }>;
    };
  };
  readonly session: { readonly epoch: number; readonly isQuiet: boolean; readonly leadership?: Leadership };
}

/** The store's content equals the engine's state, whenever no commit is under way. */
export function checkSameState(fleet: Fleet): void {
  const { vault, world } = fleet;
  if (vault === undefined) return;
  for (const member of fleet.up) {
    const life = member.lives.at(-1) as ShownLife | undefined;
    if (life === undefined || life.session.epoch !== vault.epoch || !life.session.isQuiet) continue;
    if (!member.process.alive || member.process.frozen) continue;
    // Its engine is being discarded.
    if ((life.session.leadership?.leftMs ?? 1) <= 0) continue;
    const { resources, tickets } = life.engine.ledger;
    let seen = 0;
    for (const [kind, live] of [["resource", resources] as const, ["ticket", tickets] as const]) {
      for (const [id, { toRecord }] of live.entries()) {
        seen += 1;
        const stored = vault.records.get(`${kind} ${id}`)?.record;
        const engine = JSON.stringify(toRecord.call(live.get(id)));
        if (stored !== engine) {
          world.violated("store is engine", `${kind} ${id} is ${stored} in the store, ${engine} in the engine`);
          return;
        }
      }
    }
    let stored = 0;
    for (const { kind } of vault.records.values()) if (kind === "resource" || kind === "ticket") stored += 1;
    if (stored !== seen) {
      world.violated("store is engine", `the store has ${stored} records, the engine ${seen}`);
    }
  }
}
