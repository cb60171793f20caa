import type { TicketRecord } from "@warmpool/core";
import type { Fleet } from "./fleet.js";
import type { Holder } from "./holder.js";

/** How often a run that is over is ended again: somebody may have asked for it meanwhile, and was not heard yet. Milliseconds. */
const ENDS_AGAIN_MS = 15_000;

/** Groups of holders that belong together and are stopped together: whoever runs them says so, until nothing is left. */
export class Runs {
  readonly #fleet: Fleet;

  constructor(fleet: Fleet, holders: Iterable<Holder>) {
    this.#fleet = fleet;
    const all = [...holders];
    for (const { name, endsAtMs } of fleet.scenario.groups) {
      fleet.world.timeline.after(endsAtMs, () => {
        fleet.world.note(() => `${name} is over`);
        for (const holder of all) if (holder.plan.group === name) holder.runEnded();
        this.#end(name);
      });
    }
  }

  #end(name: string): void {
    const { world, up, vault } = this.#fleet;
    world.timeline.after(ENDS_AGAIN_MS, () => this.#end(name));
    if (up.length === 0) return;
    const { process, manager } = world.random.pick(up);
    process.deliver(() => {
      const open = this.#open(name);
      const restored = vault?.restored;
      manager.endGroup(name).then(
        () => {
          if (vault?.restored !== restored) return;
          const left = open.filter((id) => vault?.ticket(id)?.state !== "closed" && vault?.ticket(id) !== undefined);
          if (left.length > 0) world.violated("a group ends whole", `${name} was ended, and tickets ${left} go on`);
        },
        () => {},
      );
    });
  }

  /** Tickets of a group that the store has and that have not ended. */
  #open(name: string): readonly number[] {
    const open: number[] = [];
    for (const { kind, parsed } of this.#fleet.vault?.records.values() ?? []) {
      const { id, group, state } = parsed as TicketRecord;
      if (kind === "ticket" && group === name && state !== "closed") open.push(id);
    }
    return open;
  }
}
