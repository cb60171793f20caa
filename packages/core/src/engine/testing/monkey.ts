import type { Effect } from "../effect.js";
import { leasesOf } from "../lease-time.js";
import type { Resource } from "../resource.js";
import type { Ticket } from "../ticket.js";
import { drawOwners, drawPools, drawProviders, drawSize } from "./draw.js";
import { drawRequest, drawVerdict } from "./draw-request.js";
import { Harness } from "./harness.js";
import { Holders } from "./holders.js";
import { UNLIMITED } from "./owners.js";
import { MINUTE, type PoolSketch, type ProviderSketch, SECOND } from "./policies.js";
import { Random } from "./random.js";
import { unrest } from "./unrest.js";
import { type Thing, World } from "./world.js";

/**
 * A walk through whatever may happen, drawn from a seed: people ask for resources, hold, release and give up; providers
 * fail; operators meddle; the process dies. What must never happen is looked for after each step, and what must happen in
 * the end, once the faults have stopped.
 */
export class Monkey {
  readonly seed: number;
  readonly harness: Harness;
  readonly world: World;
  readonly #random: Random;
  readonly #durable: boolean;
  readonly #all: Record<string, PoolSketch>;
  /** Tickets that somebody waits with or holds a lease of, by number. */
  readonly #people = new Set<number>();
  readonly #holders: Holders;
  /** Keys that a person declared gone. */
  readonly #forgotten = new Set<string>();
  /** A cap was lowered, or something was forgotten or found: more may exist than it allows. */
  #mayBeOver = false;
  #requests = 0;
  /** Some ask for several things together. */
  readonly #isSocial: boolean;
  #cleansAtMs = 0;

  constructor(seed: number) {
    this.seed = seed;
    const random = new Random(seed);
    this.#random = random;
    this.#durable = random.chance(0.75);
    this.#isSocial = random.chance(0.5);
    const providers = drawProviders(random);
    this.#all = drawPools(random, Object.keys(providers));
    const durable = this.#durable;
    const drawn = drawOwners(random);
    const owners = random.chance(0.4) ? drawn : {};
    const policyOf = (name: string) => drawn[name] ?? UNLIMITED;
    this.harness = new Harness({
      pools: this.#all,
      providers,
      commits: false,
      self: {
        durable,
        keepClosedMs: 10 * MINUTE,
        watched: random.chance(0.1),
        ageingMs: random.pick([MINUTE, Number.POSITIVE_INFINITY]) as number,
        owners: Object.keys(owners).length === 0 ? undefined : { fair: random.chance(0.5), policyOf },
      },
    });
    this.world = new World(this.harness, random);
    this.#holders = new Holders(this, owners, this.#forgotten);
    this.world.made = (thing) => this.#checkReal(thing);
    this.harness.ran = (effect) => this.#ran(effect);
    // Those of the very first input left before anyone listened.
    for (const call of this.harness.running) this.world.start(call);
  }

  walk(steps: number): void {
    for (let step = 0; step < steps; step++) {
      this.#act();
      if (this.#durable && this.#random.chance(0.5)) this.harness.commit();
    }
  }

  /** The faults stop, everyone gives back what he has, and time passes: what is not right then will never be. */
  comeToRest(): void {
    const { harness, world } = this;
    world.faults = 0;
    world.outages.clear();
    for (const thing of world.things.values()) thing.sick = false;
    harness.configure(this.#all);
    for (const pool of harness.ledger.pools.values()) harness.input((engine, nowMs) => engine.resume(pool, nowMs));
    this.#pass(15 * MINUTE, true);
    const find = () => unrest(this.harness, this.world, (key, provider) => this.#mayLeak(key, provider));
    let problems = find();
    // Old ones are replaced for ever: that is no unrest, if it passes.
    for (let tries = 0; tries < 80 && problems.length > 0; tries++) {
      this.#pass(15 * SECOND, true);
      problems = find();
    }
    if (problems.length > 0) throw new Error(`It never came to rest:\n${problems.join("\n")}`);
  }

  // ── What may happen ────────────────────────────────────────────────────────────────────────────────────────────────

  #act(): void {
    const act = this.#random.weighted<() => void>([
      [30, () => this.#pass(this.#random.next() ** 3 * 40 * SECOND, false)],
      [1, () => this.#pass(this.#random.next() * 5 * MINUTE, false)],
      [22, () => this.#request()],
      [15, () => this.#release()],
      [5, () => this.#giveUp()],
      [4, () => this.#renew()],
      [2, () => this.#extend()],
      [8, () => this.#take()],
      [0.5, () => this.#endGroup()],
      [2, () => this.#meddle()],
      [1.5, () => this.#steer()],
      [0.7, () => this.#configure()],
      [1.5, () => this.#vex()],
      [this.#durable ? 0.7 : 0.2, () => this.#crash()],
    ]);
    act();
  }

  #request(): void {
    this.#requests += 1;
    const ask = drawRequest(this.#random, {
      pools: Object.keys(this.#all),
      keys: this.harness.resources().map(({ key }) => key),
      nowMs: this.harness.nowMs,
      requests: this.#requests,
      isSocial: this.#isSocial,
    });
    const ticket = this.harness.tryRequest(ask.pool, ask.sketch);
    if (!("rejected" in ticket) && ticket.state !== "closed") this.#people.add(ticket.id);
  }

  #ticket(state: Ticket["state"]): Ticket | undefined {
    const tickets: Ticket[] = [];
    for (const id of this.#people) {
      const ticket = this.harness.ledger.tickets.get(id) ?? this.#holder(id);
      if (ticket === undefined || ticket.state === "closed") this.#people.delete(id);
      else if (ticket.state === state && (state === "waiting" || ticket.delivered)) tickets.push(ticket);
    }
    return this.#random.pick(tickets);
  }

  /** In memory, a ticket that was granted at once is known by its resource only. */
  #holder(id: number): Ticket | undefined {
    for (const { ticket } of this.harness.ledger.resources.values())
      if (ticket?.id === id) return ticket.party ?? ticket;
    return undefined;
  }

  #release(): void {
    const ticket = this.#ticket("granted");
    if (ticket === undefined) return;
    const parts = leasesOf(ticket).filter((part) => this.#holders.have(part));
    if (parts.length === 0) return;
    const whole = this.#random.chance(0.5);
    const given = whole ? parts : [this.#random.pick(parts) as Ticket];
    for (const part of given) this.#holders.gaveBack(part);
    const verdict = drawVerdict(this.#random);
    this.harness.release(whole ? ticket : (given[0] as Ticket), verdict);
  }

  #giveUp(): void {
    const ticket = this.#ticket("waiting") ?? this.#undelivered();
    if (ticket !== undefined) this.harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
  }

  #undelivered(): Ticket | undefined {
    return this.#random.pick(
      [...this.harness.ledger.tickets.values()].filter((one) => one.state === "granted" && !one.delivered),
    );
  }

  #renew(): void {
    const ticket = this.#ticket("granted");
    const part = ticket === undefined ? undefined : this.#random.pick(leasesOf(ticket));
    if (part === undefined || !this.#holders.have(part)) return;
    const random = this.#random;
    if (random.chance(0.5)) return this.harness.input((engine, nowMs) => engine.renew(part, nowMs));
    const userData = { [random.pick(["a", "b"]) as string]: random.chance(0.3) ? null : random.below(9) };
    this.harness.input((engine, nowMs) => engine.update(part, userData, nowMs));
  }

  #extend(): void {
    const granted = this.#ticket("granted");
    const ticket = granted === undefined ? undefined : this.#random.pick(leasesOf(granted));
    if (ticket === undefined || !this.#holders.have(ticket)) return;
    const byMs = this.#random.below(2 * MINUTE);
    this.harness.input((engine, nowMs) => engine.extend(ticket, { byMs }, nowMs));
  }

  /** Somebody comes for the lease of his ticket: what he has is written down before he has it. */
  #take(): void {
    const { harness } = this;
    const ticket = this.#random.pick([...harness.ledger.tickets.values()].filter(isUntaken));
    if (ticket === undefined || (this.#durable && harness.mirror.tickets.get(ticket.id)?.state !== "granted")) return;
    harness.input((engine, nowMs) => engine.taken(ticket, nowMs));
    if (this.#durable) harness.commit();
    this.#holders.hasNow(ticket);
  }

  #endGroup(): void {
    const group = `run-${this.#random.below(4)}`;
    this.harness.input((engine, nowMs) => engine.endGroup(group, nowMs));
    for (const { order, state } of this.harness.ledger.allTickets())
      if (order.group === group && state !== "closed") throw new Error(`${group} has a ticket that goes on`);
  }

  /** An operator does something to a resource. */
  #meddle(): void {
    const resource = this.#random.pick(this.harness.resources());
    if (resource === undefined) return;
    const how = this.#random.below(4);
    if (how < 2) return this.harness.input((engine, nowMs) => engine.remove(resource, nowMs));
    if (how === 2) return this.harness.input((engine, nowMs) => engine.hold(resource, "look at it", 3 * MINUTE, nowMs));
    // Nobody declares what he cannot know: that a thing in use is gone.
    if (resource.state === "leased" || resource.state === "ready") return;
    this.#forgotten.add(resource.key);
    this.#mayBeOver = true;
    this.harness.input((engine, nowMs) => engine.forget(resource, "it is gone", nowMs));
  }

  #steer(): void {
    const pool = this.#random.pick([...this.harness.ledger.pools.values()]);
    if (pool === undefined) return;
    const how = this.#random.weighted([
      [2, "pause"],
      [1, "drain"],
      [4, "resume"],
    ] as const);
    this.harness.input((engine, nowMs) => engine[how](pool, nowMs));
  }

  #configure(): void {
    const pools = this.#drawConfiguration();
    const { configurations, providers } = this.harness;
    if (this.#random.chance(0.2)) configurations.renew(this.#random.pick(Object.keys(providers)) as string);
    this.harness.configure(pools);
  }

  /** Other sizes, other specs, and some pools not at all. */
  #drawConfiguration(): Record<string, PoolSketch> {
    const random = this.#random;
    const pools: Record<string, PoolSketch> = {};
    for (const [name, sketch] of Object.entries(this.#all)) {
      if (random.chance(0.15)) continue;
      if (random.chance(0.4)) this.#all[name] = { ...sketch, spec: `spec-${random.below(3)}` };
      if (random.chance(0.3)) this.#all[name] = { ...sketch, ...drawSize(random), spec: sketch.spec ?? "spec-1" };
      pools[name] = this.#all[name] as PoolSketch;
    }
    this.#mayBeOver = true;
    return pools;
  }

  /** The world gets worse, or better. */
  #vex(): void {
    const random = this.#random;
    const provider = random.pick(Object.keys(this.harness.providers)) as string;
    const how = random.below(5);
    if (how === 0) return void this.world.outages.add(provider);
    if (how === 1) return void this.world.outages.delete(provider);
    if (how === 4) return this.world.strew(provider);
    const thing = random.pick([...this.world.things.values()]);
    if (thing === undefined) return;
    const { can = {} } = this.harness.providers[thing.provider] as ProviderSketch;
    const isChecked = can.check && this.#all[thing.pool]?.check?.everyMs !== Number.POSITIVE_INFINITY;
    if (how === 2) thing.sick = !thing.sick;
    // One at a time: if many are missing, a sweep stops, and a person has to look.
    else if ((can.list || isChecked) && this.#missing().length === 0) this.world.things.delete(thing.key);
  }

  #missing(): Resource[] {
    return this.harness.resources().filter(({ key, data }) => data !== undefined && !this.world.things.has(key));
  }

  /** The process dies, or loads its records anew because somebody else wrote the store. */
  #crash(): void {
    const { harness, world } = this;
    const { session } = harness.self;
    const lives = this.#durable && this.#random.chance(0.3);
    world.processDied();
    if (!this.#durable) {
      // All that was known is forgotten, and what was asked for may still come.
      for (const key of [...world.things.keys(), ...world.mayStillMake]) this.#forgotten.add(key);
      this.#mayBeOver = true;
    }
    for (const id of this.#people) if (!harness.mirror.tickets.has(id)) this.#people.delete(id);
    this.#holders.restart(() => {
      if (this.#random.chance(0.2)) harness.pools = this.#drawConfiguration();
      harness.restart(lives ? { session } : {});
    }, lives);
  }

  /** Time passes; what is due happens in its order. */
  #pass(ms: number, inPeace: boolean): void {
    const { harness, world } = this;
    const untilMs = harness.nowMs + Math.ceil(ms);
    let atOnce = 0;
    for (;;) {
      if (inPeace) this.#giveBack();
      const wakeAtMs = harness.engine.wakeAtMs;
      const nextAtMs = Math.min(wakeAtMs, world.nextAtMs);
      if (nextAtMs > untilMs) break;
      atOnce = nextAtMs > harness.nowMs ? 0 : atOnce + 1;
      if (atOnce > 500) throw new Error("there is no end to what is due now");
      harness.nowMs = Math.max(harness.nowMs, nextAtMs);
      if (world.nextAtMs <= harness.nowMs) world.step();
      else harness.tick();
      if (this.#durable && (inPeace || this.#random.chance(0.8))) harness.commit();
    }
    harness.nowMs = Math.max(harness.nowMs, untilMs);
  }

  /** Now and then somebody comes to clean what is dirty, where the provider does not: he gives it back as free. */
  #cleanUp(): void {
    const { harness } = this;
    if (harness.nowMs < this.#cleansAtMs) return;
    this.#cleansAtMs = harness.nowMs + 10 * SECOND;
    for (const pool of [...harness.ledger.pools.values()]) {
      const cleaned = pool.provider.policy.can.reset ? pool.policy.conditions?.clean?.from : undefined;
      for (const { condition = "" } of [...pool.conditioned]) {
        if (condition !== cleaned) harness.tryRequest(pool.name, { selector: { condition }, timeoutMs: 5 * SECOND });
      }
    }
  }

  #giveBack(): void {
    this.#cleanUp();
    this.#holders.giveBackAll((ticket) =>
      this.harness.release(ticket, ticket.resource?.pool.usual === undefined ? "ok" : { condition: "free" }),
    );
    if (this.#durable) this.harness.commit();
  }

  // ── What must never happen ─────────────────────────────────────────────────────────────────────────────────────────

  #ran(effect: Effect): void {
    switch (effect.type) {
      case "call":
        return this.world.start(effect.call);
      case "abort":
        return this.world.abort(effect.call);
      case "granted":
        return this.#granted(effect.ticket);
      case "closed":
        return this.#holders.closed(effect.ticket);
      case "overdue":
      case "event":
        return;
    }
  }

  #granted(ticket: Ticket): void {
    // He stopped waiting before it was written down; or nobody has come for it yet.
    if (ticket.state !== "granted" || isUntaken(ticket)) return;
    if (ticket.isParty && leasesOf(ticket).length < ticket.lent.length && !this.#durable)
      throw new Error("a part was lent");
    this.#holders.hasNow(ticket);
    this.harness.engine.delivered(ticket);
  }

  /** Caps hold in the world itself, not only in our records. */
  #checkReal(thing: Thing): void {
    if (this.#mayBeOver) return;
    const { things } = this.world;
    const ours = [...things.values()].filter(({ isForeign }) => !isForeign);
    const ofPool = ours.filter(({ pool }) => pool === thing.pool).length;
    const ofProvider = ours.filter(({ provider }) => provider === thing.provider).length;
    const { max = 8 } = this.harness.pools[thing.pool] ?? {};
    const { max: shared = Number.POSITIVE_INFINITY } = this.harness.providers[thing.provider] ?? {};
    if (ofPool > max || ofProvider > shared)
      throw new Error(`${ofPool} of ${max}, ${ofProvider} of ${shared} really exist`);
  }

  /** A person's word is believed where nothing can be listed. */
  #mayLeak(key: string, provider: string): boolean {
    return this.#forgotten.has(key) && this.harness.providers[provider]?.can?.list !== true;
  }
}

/** A ticket of `request` whose holder has not come for its lease yet. */
function isUntaken(ticket: Ticket): boolean {
  return ticket.state === "granted" && ticket.durable && !ticket.delivered;
}
