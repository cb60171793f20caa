import type { ResourceRecord, TicketRecord } from "@warmpool/core";
import type { Cloud } from "./cloud.js";
import { type Fleet, removableOf } from "./fleet.js";
import { Operator } from "./operator.js";
import type { PoolPlan } from "./pool-plan.js";

/** What the run does besides. */
interface Told {
  /** The store was restored, and every holder was stopped before. */
  restored(): void;
  /** Whether the holder of a ticket was stopped. */
  isStopped(ticket: TicketRecord): boolean;
}

/** What happens to machines, things and deployments, from time to time. */
export class Mishaps {
  readonly #fleet: Fleet;
  readonly #told: Told;
  readonly #operator: Operator;

  constructor(fleet: Fleet, told: Told) {
    this.#fleet = fleet;
    this.#told = told;
    this.#operator = new Operator(fleet);
  }

  begin(): void {
    const { world, scenario, vault } = this.#fleet;
    const { timeline, random, plan } = world;
    const next = () => {
      if (!plan.active) return;
      if (vault !== undefined && scenario.restores && random.chance(0.2)) vault.backUp();
      this.#happen();
      timeline.after(1 + random.below(2 * scenario.mishapEveryMs), next);
    };
    timeline.after(random.below(scenario.mishapEveryMs), next);
  }

  /** Everybody comes back, and a person does what only a person may. */
  end(): void {
    const { world, vault, scenario } = this.#fleet;
    const { timeline } = world;
    world.note(() => "everybody comes back");
    if (this.#fleet.plans.length < scenario.pools.length) this.#fleet.reconfigure(this.#present(1));
    timeline.after(15_000, () => {
      this.#operator.resumeAll();
      if (vault?.restored) this.#acceptRollback();
      // What is held is held until a moment by a clock that may have been set back since: he has seen enough of it.
      this.#deleteWhere(({ state }) => state === "held");
    });
    // When a third of all fail at once, nothing is deleted: he has looked, and they are really dead.
    timeline.after(120_000, () => this.#deleteWhere(({ key }) => this.#isDead(key)));
  }

  #isDead(key: string): boolean {
    const { clouds } = this.#fleet;
    return !clouds.some(({ things }) => things.get(key)?.sick === false);
  }

  #deleteWhere(condemned: (record: ResourceRecord) => boolean): void {
    for (const { manager, process } of this.#fleet.up) {
      process.deliver(() => {
        const end = async () => {
          for (const record of await manager.resources())
            if (condemned(record)) await manager.resource(record.id).delete();
        };
        end().catch(() => {});
      });
    }
  }

  #happen(): void {
    const { world, vault, clouds, up, scenario } = this.#fleet;
    // Only what hits something counts as a fault.
    const runs = up.some(({ process }) => !process.frozen);
    const fault = world.plan.one("everything", [
      ["thing died", clouds.some(hasPrey) ? 0.07 : 0],
      ["thing came back", clouds.some(({ hasComeback }) => hasComeback) ? 0.2 : 0],
      ["crashed", up.length > 0 ? 0.06 : 0],
      ["paused", runs ? 0.1 : 0],
      ["suspended", runs ? 0.1 : 0],
      ["reconfigured", runs ? 0.08 : 0],
      ["meddled", runs ? 0.1 : 0],
      ["store restored", scenario.restores && vault?.canRestore === true ? 0.3 : 0],
    ]);
    if (vault !== undefined && world.random.chance(0.15)) this.#cutOff();
    if (fault === undefined) return;
    this.#fleet.world.note(() => `mishap: ${fault}`);
    switch (fault) {
      case "thing died":
        return this.#harm();
      case "thing came back":
        for (const cloud of this.#fleet.clouds) cloud.heal();
        return;
      case "crashed":
        return this.#anyone()?.process.crash();
      case "paused":
        return this.#freeze("goes on");
      case "suspended":
        return this.#freeze("stands still");
      case "reconfigured":
        return this.#reconfigure();
      case "meddled":
        return this.#operator.meddle();
      case "store restored":
        return this.#restore();
      default:
    }
  }

  #anyone() {
    const { up, world } = this.#fleet;
    return up.length === 0 ? undefined : world.random.pick(up);
  }

  #freeze(clock: "goes on" | "stands still"): void {
    const { random } = this.#fleet.world;
    // Longer than a lease, now and then.
    const ms = random.often(50, 2_000, 40_000);
    const awake = this.#fleet.up.filter(({ process }) => !process.frozen);
    if (awake.length > 0) random.pick(awake).process.freeze(ms, clock);
  }

  #harm(): void {
    const { clouds, world } = this.#fleet;
    const cloud = world.random.pick(clouds.filter(hasPrey));
    const keys = [...cloud.things.values()].filter(({ state }) => state === "ready").map(({ key }) => key);
    cloud.harm(world.random.pick(keys), world.random.chance(0.5) ? "sick" : "vanished");
  }

  /** It is a fault for each commit that does not arrive. */
  #cutOff(): void {
    const { world } = this.#fleet;
    const member = this.#anyone();
    if (member !== undefined) member.process.cutOffUntilMs = world.nowMs + world.random.often(200, 2_500, 15_000);
  }

  #reconfigure(): void {
    const { random } = this.#fleet.world;
    const change = (plan: PoolPlan): PoolPlan => {
      if (random.chance(0.4)) return plan;
      const max = Math.max(1, plan.max + random.between(-2, 2));
      const revision = random.chance(0.3) ? plan.revision + 1 : plan.revision;
      // On a shared store, configurations differ for a while: then only the buffers and specs change here.
      const cap = this.#fleet.scenario.store === "shared" ? plan.max : max;
      return { ...plan, max: cap, warm: plan.onDemand ? 0 : random.below(cap + 1), revision };
    };
    this.#fleet.reconfigure(this.#present(0.5).map(change));
  }

  /** Now and then a pool is taken out, where one process alone decides; and comes back, as likely as that. */
  #present(comesBack: number): readonly PoolPlan[] {
    const { world, scenario, plans } = this.#fleet;
    const { random } = world;
    const leaving = comesBack < 1 && random.chance(0.2) ? removableOf(scenario) : undefined;
    return scenario.pools.flatMap((first) => {
      const plan = plans.find(({ name }) => name === first.name) ?? (random.chance(comesBack) ? first : undefined);
      return plan === undefined || plan.name === leaving ? [] : [plan];
    });
  }

  /** Whoever restores a backup stops everything first: processes, and all who hold something. */
  #restore(): void {
    const { vault, up, clouds, world } = this.#fleet;
    const { random } = world;
    if (vault?.canRestore !== true) return;
    for (const { process } of up) process.crash();
    for (const cloud of clouds) cloud.startOver();
    vault.restore();
    this.#told.restored();
    this.#fleet.onUp = () => world.timeline.after(random.between(500, 3_000), () => this.#acceptRollback());
  }

  /** A person looked at it, withdraws what the stopped ones had asked for, and goes on with what is there. */
  #acceptRollback(): void {
    for (const { manager, process } of this.#fleet.up) {
      process.deliver(() => {
        manager.acceptRollback().catch(() => {});
        const withdraw = async () => {
          for (const ticket of await manager.tickets()) {
            if (this.#told.isStopped(ticket)) await manager.ticket(ticket.id)?.close();
          }
        };
        withdraw().catch(() => {});
      });
    }
  }
}

function hasPrey({ things }: Cloud): boolean {
  for (const { state } of things.values()) if (state === "ready") return true;
  return false;
}
