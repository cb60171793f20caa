import { createManager, type definePool, memoryStore, type PoolManager, type Store } from "@warmpool/core";
import { Cloud, type ThingData } from "./cloud.js";
import { type CallWitness, cloudProvider, type ThingParams } from "./cloud-provider.js";
import { ALIAS } from "./holder-plan.js";
import { poolOf } from "./pool-of.js";
import type { PoolPlan } from "./pool-plan.js";
import { Process } from "./process.js";
import type { Scenario } from "./scenario.js";
import { SharedStore } from "./shared-store.js";
import { SimulatedStore } from "./store.js";
import { Vault } from "./vault.js";
import type { World } from "./world.js";

/** A pool's provider options, whatever its name. */
type Pools = Record<string, ReturnType<typeof definePool<ThingData, ThingParams>>>;

/** A process that runs a manager. */
export interface Member {
  readonly process: Process;
  readonly manager: PoolManager;
  readonly store: SimulatedStore | undefined;
  /** Never leads, and is not configured. */
  readonly isClient: boolean;
  /** What the probe was shown: the lives of its engine. */
  readonly lives: unknown[];
  poolsOf(plans: readonly PoolPlan[]): Pools;
}

/** A cap that was in force, until something else was. */
interface Cap {
  readonly plans: readonly PoolPlan[];
  untilMs: number;
}

/** How long after a change a call may still leave that was decided before it: commits stall, and processes stand still. */
const DECIDED_BEFORE_MS = 120_000;

/** All processes of a deployment, what they run on, and what they are configured as. */
export class Fleet {
  readonly world: World;
  readonly scenario: Scenario;
  readonly clouds: readonly Cloud[];
  readonly vault: Vault | undefined;
  /** By slot; `undefined` while a process is down. */
  readonly members: (Member | undefined)[];
  /** Whom to tell when a process is up. */
  onUp: ((member: Member) => void) | undefined;
  /** Whom to tell when a memory was lost: leases and tokens begin anew. */
  onForgotten: (() => void) | undefined;
  /** How often a process was started. */
  starts = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #caps: Cap[];
  readonly #installation: string;
  readonly #witness: CallWitness;
  #offsetMs = 0;

  constructor(world: World, scenario: Scenario, witness: CallWitness) {
    const { random } = world;
    this.world = world;
    this.scenario = scenario;
    this.#witness = witness;
    this.#installation = random.word(8);
    this.vault = scenario.store === "memory" ? undefined : new Vault(world, this.#installation);
    this.clouds = scenario.providers.map(({ temper }) => new Cloud(world, temper, this.#foreigners()));
    this.members = Array.from({ length: scenario.managers }, () => undefined);
    this.#caps = [{ plans: scenario.pools, untilMs: Number.POSITIVE_INFINITY }];
  }

  get plans(): readonly PoolPlan[] {
    return (this.#caps.at(-1) as Cap).plans;
  }

  get up(): Member[] {
    return this.members.filter((member) => member !== undefined);
  }

  /** Each deployment has a higher one. */
  get #revision(): number {
    return this.#caps.length;
  }

  /** The largest cap that a call which leaves now may have been decided under. */
  capOf(pool: string): number {
    let cap = 0;
    for (const { plans, untilMs } of this.#caps) {
      if (untilMs + DECIDED_BEFORE_MS < this.world.nowMs) continue;
      cap = Math.max(cap, plans.find(({ name }) => name === pool)?.max ?? 0);
    }
    return cap;
  }

  /** Starts the process of a slot. */
  start(slot: number): void {
    const { world, scenario } = this;
    const { random } = world;
    this.starts += 1;
    if (this.starts > this.members.length && world.plan.strikes("clock jumped", `process ${slot}`, 0.7)) {
      this.#offsetMs = random.between(-7_200_000, 7_200_000);
    }
    const process = new Process(world, `process ${slot}.${this.starts}`, this.#offsetMs);
    const store = this.#connect(process);
    process.onDeath.push(() => this.#died(slot, store === undefined));
    world.note(() => `${process.name} starts`);
    const lives: unknown[] = [];
    process.clock.lifeBegan = (life) => lives.push(life);
    const providers = scenario.providers.map((plan, n) =>
      cloudProvider(process, this.clouds[n] as Cloud, plan, scenario, this.#witness),
    );
    const poolsOf = (plans: readonly PoolPlan[]): Pools =>
      Object.fromEntries(plans.map((plan) => [plan.name, poolOf(plan, providers, scenario)]));
    const capped = scenario.providers.flatMap(({ temper, max }, n) =>
      max !== undefined && this.plans.some(({ provider }) => provider === n) ? [[temper.name, { max }] as const] : [],
    );
    const memory = scenario.keepsInstallation ? memoryStore({ installation: this.#installation }) : memoryStore();
    const common = {
      namespace: "sim",
      owner: process.name,
      closeTimeout: "5s",
      releaseTimeout: "5s",
      sessionTtl: scenario.sessionTtlMs,
      ageing: scenario.ageing,
      fair: scenario.fair,
      ...(Object.keys(scenario.owners).length > 0 && { owners: scenario.owners }),
      clock: process.clock,
      ids: process.ids,
    } as const;
    const isClient = this.isClient(slot);
    const manager = (
      isClient
        ? createManager<Pools>({ ...common, role: "client", store: store as SimulatedStore })
        : createManager<Pools, Store>({
            ...common,
            store: store ?? memory,
            keepClosed: "1d",
            providers: Object.fromEntries(capped),
            reap: { every: "1s", minAge: "5s", mode: scenario.reap },
            aliases: this.#aliases(),
            revision: this.#revision,
            pools: poolsOf(this.plans) as never,
          })
    ) as PoolManager;
    // Nobody else does, not even for a trace: a listener is a part of the world.
    if (scenario.listens) {
      manager.on("event", (event) => {
        world.events += 1;
        world.note(() => `event ${event.type} ${JSON.stringify(event.ids)} ${JSON.stringify(event.data)}`);
      });
    }
    const member: Member = { process, manager, store, lives, isClient, poolsOf };
    // It may have died by now.
    if (!process.alive) return;
    this.members[slot] = member;
    this.onUp?.(member);
    for (const ask of this.#waiting.splice(0)) world.timeline.after(random.below(500), ask);
  }

  /** Of all pools that have something for whoever does not name it; the one that may be taken out is behind no alias. */
  #aliases(): Record<string, readonly string[] | Record<string, number>> {
    const names = this.plans
      .filter((plan) => !plan.onDemand && plan.name !== removableOf(this.scenario))
      .map(({ name }) => name);
    if (names.length === 0) return {};
    const turns = Object.fromEntries(names.map((name, n) => [name, n + 1]));
    return { [ALIAS]: this.scenario.alias === "order" ? names : turns };
  }

  /** The last of several processes that share a store may be ones that never lead. */
  isClient(slot: number): boolean {
    return slot >= this.members.length - this.scenario.clients;
  }

  /** Calls back when a process is up. */
  whenUp(run: () => void): void {
    this.#waiting.push(run);
  }

  #connect(process: Process): SimulatedStore | undefined {
    const { vault, scenario } = this;
    if (vault === undefined) return undefined;
    if (scenario.store === "durable") return new SimulatedStore(process, vault);
    return new SharedStore(process, vault, scenario.leaderTtlMs);
  }

  #died(slot: number, inMemory: boolean): void {
    const { timeline, random } = this.world;
    this.members[slot] = undefined;
    // Nobody remembers what a memory store knew.
    if (inMemory) {
      for (const cloud of this.clouds) cloud.excuseAll();
      this.onForgotten?.();
    }
    timeline.after(random.between(50, 2_000), () => this.start(slot));
  }

  /** A deployment: caps, buffers and specs change everywhere. */
  reconfigure(plans: readonly PoolPlan[]): void {
    (this.#caps.at(-1) as Cap).untilMs = this.world.nowMs;
    this.#caps.push({ plans, untilMs: Number.POSITIVE_INFINITY });
    const revision = this.#revision;
    for (const { process, manager, isClient, poolsOf } of this.up) {
      if (isClient) continue;
      process.deliver(() => {
        manager
          .configure({ pools: poolsOf(plans), revision })
          .catch((error: unknown) => this.world.note(() => `${process.name} is not configured: ${error}`));
      });
    }
  }

  /** Somebody else's things at the same provider. */
  #foreigners() {
    const { random } = this.world;
    const other = random.word(8);
    const made = { data: { n: -1 }, createdAtMs: 0 };
    const tags = { namespace: "sim", pool: "pool0", epoch: 999 };
    const a = `wp-${other}-${random.word(6)}-1`;
    const b = `wp-${this.#installation}-${random.word(6)}-2`;
    return [
      { ...made, key: a, tags: { ...tags, installation: other, key: a } },
      { ...made, key: b, tags: { ...tags, namespace: "theirs", installation: this.#installation, key: b } },
      { ...made, key: "a-machine-of-somebody", tags: {} },
    ];
  }
}

/** The pool that a deployment may take out, if there are several and one process alone decides. */
export function removableOf({ pools, store, providers }: Scenario): string | undefined {
  const last = pools.at(-1);
  if (last === undefined || pools.length === 1 || store === "shared") return undefined;
  // A process that begins without any pool of a provider cannot be told its cap, and would not know it when the pool is back.
  const keepsCap = pools.some((other) => other !== last && other.provider === last.provider);
  return keepsCap || providers[last.provider]?.max === undefined ? last.name : undefined;
}
