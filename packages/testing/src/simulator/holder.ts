import type { Lease, Ticket } from "@warmpool/core";
import { checkWholeSet } from "./checkers/whole-sets.js";
import type { Fleet, Member } from "./fleet.js";
import type { History } from "./history.js";
import type { HolderPlan } from "./holder-plan.js";
import { Holding, type Person } from "./holding.js";
import { type Lent, Wish } from "./wish.js";

/** How long somebody who could not reach a manager waits before he tries again. Milliseconds. */
const TRIES_AGAIN_MS = 400;

/**
 * Somebody who wants something, uses it and gives it back, or not. One of `acquire` lives in a manager's process and dies
 * with it. One of `request` lives elsewhere: when the manager's process dies he asks the next one for his ticket.
 */
export class Holder implements Person {
  readonly plan: HolderPlan;
  readonly wish: Wish;
  /** Nothing more is to come of it. */
  done = false;
  stopped = false;
  /** He knows the number of his ticket: the store must know it too. */
  ticket: number | undefined;
  /** He was given the lease of his ticket. */
  took = false;
  releasesAtMs = Number.POSITIVE_INFINITY;
  member: Member | undefined;
  /** What he did that ends his ticket. */
  readonly did = new Set<"released" | "cancelled">();
  readonly #holdings = new Map<number, Holding>();
  readonly #fleet: Fleet;
  readonly #history: History;
  #handle: Ticket<Lent> | undefined;
  #hasLeft = false;
  #isAwaited = false;

  constructor(plan: HolderPlan, fleet: Fleet, history: History) {
    this.plan = plan;
    this.#fleet = fleet;
    this.#history = history;
    this.wish = new Wish(plan, !this.isRemote && fleet.scenario.store !== "shared");
    fleet.world.timeline.after(plan.arrivesAtMs - fleet.world.nowMs, () => this.#ask());
  }

  get isRemote(): boolean {
    // What a memory store knows dies with its process, tickets too.
    return this.plan.kind === "request" && this.#fleet.vault !== undefined;
  }

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  get isHolding(): boolean {
    return [...this.#holdings.values()].some(({ isOver, isGivenBack }) => !isOver && !isGivenBack);
  }

  /** When he asked for the renewal that he was last told of: of what he has, the one that was renewed least lately. */
  get heardAtMs(): number {
    const held = [...this.#holdings.values()].filter(({ isGivenBack }) => !isGivenBack);
    return held.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...held.map(({ heardAtMs }) => heardAtMs));
  }

  get #world() {
    return this.#fleet.world;
  }

  // ── Asking ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #ask(): void {
    if (this.done) return;
    const { random } = this.#world;
    const { up } = this.#fleet;
    if (up.length === 0) return this.#fleet.whenUp(() => this.#ask());
    const member = random.pick(up);
    this.member = member;
    member.process.onDeath.push(() => {
      if (this.member === member) this.#managerDied();
    });
    this.#world.note(() => `${this.plan.name} asks ${member.process.name}: ${JSON.stringify(this.plan)}`);
    member.process.deliver(() => {
      if (this.plan.kind === "request") this.#request(member);
      else this.#acquire(member);
    });
  }

  #acquire(member: Member): void {
    const { random } = this.#world;
    const controller = new AbortController();
    this.wish.acquire(member, controller.signal).then(
      (lent) => this.#got(lent, member),
      (error: unknown) => {
        this.#world.note(() => `${this.plan.name} gets nothing: ${error}`);
        this.done = true;
      },
    );
    if (random.chance(0.15)) {
      member.process.after(random.between(0, 5_000), () => {
        if (!this.took) this.did.add("cancelled");
        controller.abort();
      });
    }
  }

  /** The same again after each loss of the manager: the request is idempotent. */
  #request(member: Member): void {
    this.wish.request(member).then(
      (ticket) => this.#accepted(ticket, member),
      (error: { code?: string }) => {
        // What a process says that has died in the same moment reaches nobody.
        if (this.member !== member) return;
        this.#world.note(() => `${this.plan.name} is not accepted: ${error}`);
        // Nobody can serve it, as long as the pools are as they are.
        this.done = this.ticket === undefined;
        if (!this.done) this.#askLater(member);
      },
    );
  }

  #accepted(ticket: Ticket<Lent>, member: Member): void {
    if (this.member !== member) return;
    const { vault } = this.#fleet;
    this.#handle = ticket;
    if (vault !== undefined) this.#checkTicket(ticket);
    this.ticket = ticket.id;
    if (this.plan.staysAway) {
      this.done = true;
      return;
    }
    const { random, timeline } = this.#world;
    if (this.#isAwaited || this.plan.comesAfterMs === 0) this.#come(ticket, member);
    else timeline.after(this.plan.comesAfterMs, () => this.#come(ticket, member));
    if (!this.#isAwaited) this.#mayVanish();
    this.#isAwaited = true;
    if (this.#holdings.size === 0 && random.chance(0.06))
      timeline.after(random.between(0, 3_000), () => this.#withdraw());
    // The thing of that name may never come, and the clock that counts his wait may be hours off.
    if (this.plan.thing !== undefined) timeline.after(this.plan.waitsMs ?? 0, () => this.#withdraw());
  }

  #come(ticket: Ticket<Lent>, member: Member): void {
    if (this.member !== member || this.done) return;
    ticket.wait().then(
      (lent) => this.#got(lent, member),
      (error: unknown) => {
        if (this.member !== member) return;
        this.#world.note(() => `${this.plan.name} has ended: ${error}`);
        this.#stop();
        this.done = true;
      },
    );
  }

  /** He may die while he waits, or never come for what he asked: what he is granted ends by its `ttl`. */
  #mayVanish(): void {
    const { random, timeline } = this.#world;
    const { name, ttlMs } = this.plan;
    if (ttlMs === undefined || !random.chance(0.7)) return;
    timeline.after(random.below(3_000), () => {
      if (this.took || this.done) return;
      this.done = this.#vanishes(name, 0.3);
    });
  }

  #vanishes(name: string, odds: number): boolean {
    const fate = this.#world.plan.one(name, [
      ["holder crashed", odds],
      ["holder forgot", odds],
    ]);
    if (fate !== undefined) this.#world.note(() => `${name}: ${fate}`);
    return fate !== undefined;
  }

  /** The same request gives the same ticket, which the store knows. */
  #checkTicket({ id }: Ticket<Lent>): void {
    const { name } = this.plan;
    if (this.#fleet.vault?.ticket(id) === undefined)
      this.#world.violated("nothing lost", `${name} was given ticket ${id}, which the store does not know`);
    if (this.ticket !== undefined && this.ticket !== id)
      this.#world.violated("one ticket for a request", `${name} had ticket ${this.ticket}, and is given ticket ${id}`);
  }

  #withdraw(): void {
    if (this.took || this.done) return;
    this.member?.process.deliver(() => {
      if (this.took) return;
      this.did.add("cancelled").add("released");
      this.#hasLeft = true;
      this.#handle?.close().catch(() => {});
    });
  }

  #askLater(member: Member): void {
    if (this.member === member) this.member = undefined;
    this.#world.timeline.after(TRIES_AGAIN_MS, () => this.#ask());
  }

  #managerDied(): void {
    this.member = undefined;
    this.#handle = undefined;
    for (const holding of this.#holdings.values()) holding.managerDied();
    if (!this.isRemote) this.done = true;
    else if (!this.done) this.#ask();
  }

  // ── Holding ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #got(lent: Lent, member: Member): void {
    const leases: readonly Lease[] = Array.isArray(lent) ? lent : [lent as Lease];
    if (this.member !== member || this.done) return;
    checkWholeSet(this.#fleet, this, lent.ticket, leases);
    const again = this.took;
    this.ticket = lent.ticket;
    this.took = true;
    for (const lease of leases) this.#take(lease, member, again);
    // What he had, and is not given again, has ended.
    const tokens = new Set(leases.map(({ token }) => token));
    for (const holding of this.#holdings.values()) if (!tokens.has(holding.token)) holding.stop();
    if (this.#hasLeft) return this.#release();
    if (!again) this.#begin();
  }

  #take(lease: Lease, member: Member, again: boolean): void {
    const known = this.#holdings.get(lease.token);
    if (known !== undefined) return known.resume(lease, member);
    if (again)
      this.#world.violated(
        "nothing lost",
        `${this.plan.name} had tokens ${[...this.#holdings.keys()]} and now has ${lease.token}`,
      );
    if (this.plan.thing !== undefined && lease.name !== this.plan.thing)
      this.#world.violated("what was asked for", `${this.plan.name} wants ${this.plan.thing} and gets ${lease.name}`);
    this.#holdings.set(lease.token, new Holding(this, this.#fleet, this.#history, lease, member));
  }

  #begin(): void {
    const { random, timeline } = this.#world;
    const { holdsMs, ttlMs, kind, name } = this.plan;
    this.releasesAtMs = timeline.nowMs + holdsMs;
    this.later(holdsMs, () => this.#leave());
    const holdings = [...this.#holdings.values()];
    for (const holding of holdings) holding.begin();
    if (holdings.length > 1 && random.chance(0.3)) this.later(random.below(holdsMs), () => this.#giveOneBack());
    const mayVanish = (ttlMs !== undefined && kind !== "acquire") || holdings.every((one) => one.ends);
    if (!mayVanish) return;
    this.later(random.below(holdsMs), () => {
      if (this.done || this.#hasLeft || !this.#vanishes(name, 0.25)) return;
      this.#stop();
      this.done = true;
    });
  }

  /** One of several is of no more use to him. */
  #giveOneBack(): void {
    const { member } = this;
    const holding = [...this.#holdings.values()].find(({ isOver, isGivenBack }) => !isOver && !isGivenBack);
    if (this.done || this.#hasLeft || member === undefined || holding === undefined) return;
    this.did.add("released");
    void holding.release(member);
  }

  lost(): void {
    if (!this.isRemote && !this.isHolding) this.done = true;
  }

  // ── Ending ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #leave(): void {
    if (this.done || this.#hasLeft) return;
    this.#stop();
    this.#hasLeft = true;
    this.did.add("released");
    // While nobody can be reached, the next one who is will hear of it.
    if (this.member !== undefined) this.#release();
  }

  #release(): void {
    const { random, timeline } = this.#world;
    const { member } = this;
    const given = [...this.#holdings.values()].filter(({ isOver }) => !isOver);
    if (member === undefined) return;
    this.#stop();
    void Promise.all(given.map((holding) => holding.release(member))).then(() => this.#released(member));
    if (random.chance(0.3)) {
      timeline.after(random.below(2_000), () => {
        member.process.deliver(() => void this.#handle?.close().catch(() => {}));
      });
    }
  }

  /** `release` resolves after a while also without its commit; only the store tells whether it is over. */
  #released(member: Member): void {
    if (this.member !== member) return;
    const { vault } = this.#fleet;
    const { ticket } = this;
    const over = vault === undefined || ticket === undefined || vault.ticket(ticket)?.state !== "granted";
    if (over || !this.isRemote) {
      this.done = true;
      for (const holding of this.#holdings.values()) holding.afterwards();
      return;
    }
    this.#world.timeline.after(TRIES_AGAIN_MS, () => this.#released(member));
  }

  /** From now on he uses nothing. */
  #stop(): void {
    for (const holding of this.#holdings.values()) holding.stop();
  }

  later(ms: number, run: () => void): void {
    const { process } = this.member ?? {};
    if (this.isRemote || process === undefined) this.#world.timeline.after(ms, run);
    else process.after(ms, run);
  }

  /** Whoever runs it has stopped it, with all others of its group. */
  runEnded(): void {
    this.did.add("released").add("cancelled");
    this.#stop();
    this.done = true;
  }

  /** The store is being restored: whoever had asked before is stopped. */
  forgotten(): void {
    if (this.#world.nowMs < this.plan.arrivesAtMs) return;
    this.stopped = true;
    this.#hasLeft = true;
    this.runEnded();
  }
}
