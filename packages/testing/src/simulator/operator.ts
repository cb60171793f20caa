import type { PoolManager, ResourceRecord } from "@warmpool/core";
import type { Fleet } from "./fleet.js";

/** How long an operator stops a pool, or holds a thing, at most. Milliseconds. */
const FOR_MS = 8_000;

/** A person with the manager's commands, who uses them at the wrong moment: each is meant to be survived. */
export class Operator {
  readonly #fleet: Fleet;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** One command to whoever is there. */
  meddle(): void {
    const { world, up } = this.#fleet;
    if (up.length === 0) return;
    const { random } = world;
    const { process, manager } = random.pick(up);
    process.deliver(() => {
      // That it is refused is an answer too.
      const done = random.chance(0.3) ? this.#stop(manager) : this.#touch(manager);
      done.catch((error: unknown) => world.note(() => `the operator is refused: ${error}`));
    });
  }

  /** Whatever was stopped goes on. */
  resumeAll(): void {
    for (const { process, manager } of this.#fleet.up) {
      process.deliver(() => {
        manager.resume().catch(() => {});
      });
    }
  }

  async #stop(manager: PoolManager): Promise<void> {
    const { random, timeline } = this.#fleet.world;
    const { name } = random.pick(this.#fleet.plans);
    const how = random.pick(["pause", "pause", "drain"] as const);
    this.#fleet.world.note(() => `the operator says ${how} to ${name}`);
    timeline.after(random.below(FOR_MS), () => this.resumeAll());
    await manager[how](name);
  }

  async #touch(manager: PoolManager): Promise<void> {
    const { random } = this.#fleet.world;
    const resources = await manager.resources();
    if (resources.length === 0) return;
    const record = random.pick(resources);
    const how = random.pick(["delete", "hold", "unhold", "forget"] as const);
    this.#fleet.world.note(() => `the operator says ${how} to ${record.key} (${record.state})`);
    const control = manager.resource(record.id);
    switch (how) {
      case "delete":
        this.#harm(record);
        return await control.delete();
      case "hold":
        this.#harm(record);
        return await control.hold("let me see", { for: random.between(1_000, FOR_MS) });
      case "unhold":
        return await control.unhold();
      case "forget":
        // Nobody declares what he cannot know: that a thing in use is gone.
        if (record.state !== "unknown" && record.state !== "deleting") return;
        for (const { excused } of this.#fleet.clouds) excused.add(record.key);
        return await control.forget("it is gone");
    }
  }

  /** A lease of it is lost, through no fault of the manager. */
  #harm({ key }: ResourceRecord): void {
    for (const { harmed } of this.#fleet.clouds) harmed.add(key);
  }
}
