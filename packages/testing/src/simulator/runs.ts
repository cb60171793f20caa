import type { Fleet } from "./fleet.js";
import type { Holder } from "./holder.js";

/** How often a run that is over is ended again: somebody may have asked for it meanwhile, and was not heard yet. Milliseconds. */
const ENDS_AGAIN_MS = 4_000;

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
    const { world, serving } = this.#fleet;
    world.timeline.after(ENDS_AGAIN_MS, () => this.#end(name));
    if (serving.length === 0) return;
    const { process, manager } = world.random.pick(serving);
    process.deliver(() => {
      manager.endGroup(name).catch(() => {});
    });
  }
}
