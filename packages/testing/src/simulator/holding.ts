import type { Lease } from "@warmpool/core";
import type { Fleet, Member } from "./fleet.js";
import { believes, type History, type Hold } from "./history.js";
import type { HolderPlan } from "./holder-plan.js";

/** How often a holder uses what he holds, at most. Milliseconds. */
const USES_EVERY_MS = 6_000;

/** Whoever forgot his lease stops renewing it so long after he should have given it back. Milliseconds. */
const RENEWS_AFTER_MS = 30_000;

/** Whose hand a lease is in. */
export interface Person {
  readonly plan: HolderPlan;
  readonly done: boolean;
  /** Stopped by somebody else, with all that he had. */
  readonly stopped: boolean;
  /** He lives elsewhere than in a manager's process. */
  readonly isRemote: boolean;
  /** He wants to be rid of all that he has. */
  readonly hasLeft: boolean;
  /** When he is to give it back. */
  readonly releasesAtMs: number;
  /** Through whom he speaks; `undefined`: that one has died. */
  readonly member: Member | undefined;
  /** Has something happen by the clock of whoever he lives in, which dies with it. */
  later(ms: number, run: () => void): void;
  /** One of the things that he had is lost to him. */
  lost(): void;
}

/** One lease in a holder's hand: how he uses it, renews it, hears of its end, and gives it back, or not. */
export class Holding {
  readonly token: number;
  readonly key: string;
  /** When he asked for the renewal that he was last told of. */
  heardAtMs = Number.NEGATIVE_INFINITY;
  /** He gave it back, or it is lost to him. */
  isOver = false;
  /** He gave it back himself. */
  isGivenBack = false;
  #hold: Hold;
  #lease: Lease | undefined;
  #endsAtMs = Number.POSITIVE_INFINITY;
  readonly #person: Person;
  readonly #fleet: Fleet;
  readonly #history: History;

  constructor(person: Person, fleet: Fleet, history: History, lease: Lease, member: Member) {
    this.#person = person;
    this.#fleet = fleet;
    this.#history = history;
    this.token = lease.token;
    this.key = lease.resource.key;
    this.#hold = this.#take(lease, member);
  }

  get #world() {
    return this.#fleet.world;
  }

  /** He has it in hand, perhaps again, by the word of whoever is in charge now. */
  resume(lease: Lease, member: Member): void {
    // He gave it back, and whoever heard of it died before it was written down.
    if (this.isGivenBack) {
      this.#lease = lease;
      void this.release(member);
    } else this.#hold = this.#take(lease, member);
  }

  /** It has an end, whoever renews it. */
  get ends(): boolean {
    return this.#lease?.until !== null;
  }

  #take(lease: Lease, member: Member): Hold {
    const { plan } = this.#person;
    const { nowMs } = this.#world;
    this.#lease = lease;
    this.#endsAtMs = nowMs + leftOf(lease.until, member);
    const isShared = this.#fleet.scenario.store === "shared";
    const hold: Hold = {
      holder: plan.name,
      owner: plan.owner,
      sandbox: plan.sandbox ?? `only ${plan.name}`,
      cleans: plan.cleans,
      key: this.key,
      token: lease.token,
      ticket: lease.ticket,
      untilMs: plan.kind === "acquire" ? this.#endsAtMs : nowMs + leftOf(lease.expiresAt, member),
      over: !lease.active,
      hearsFrom: isShared ? undefined : member.process,
      ...(isShared && plan.kind === "acquire" && { confirmedUntilMs: () => this.#confirmedUntilMs(lease, member) }),
    };
    this.#checkLifespan(lease, member);
    this.#world.note(() => `${plan.name} holds ${hold.key} by token ${hold.token}`);
    this.#history.began(hold);
    this.#listen(lease, hold);
    return hold;
  }

  /** Until when a lease that its process renews counts: as its process knows it, though it may stand still. */
  #confirmedUntilMs({ expiresAt }: Lease, { process }: Member): number {
    if (expiresAt === null) return Number.POSITIVE_INFINITY;
    return this.#world.nowMs + expiresAt.getTime() - process.nowMs;
  }

  /** No end that he is told of is later than the maximum of its pool allows, whatever he asked for. */
  #checkLifespan(lease: Lease, member: Member): void {
    // The clock of whoever granted it may have been hours off.
    if (this.#person.isRemote) return;
    const { lifespan } = this.#fleet.scenario.pools.find(({ name }) => name === lease.pool) ?? {};
    const limitMs = Math.min(lifespan?.maximum ?? NEVER, lifespan?.relativeMaximum ?? NEVER);
    const leftMs = leftOf(lease.until, member);
    if (leftMs > limitMs && limitMs < NEVER)
      this.#world.violated(
        "no lease outlives its maximum",
        `${this.#person.plan.name} is told that ${this.key} is his for ${leftMs} ms, its pool allows ${limitMs}`,
      );
  }

  /** What he does from now on, until he gives it back. */
  begin(): void {
    const { plan } = this.#person;
    const { random, timeline } = this.#world;
    if (believes(this.#hold, timeline.nowMs)) this.#use(false);
    this.#useSoon();
    if (plan.ttlMs !== undefined && plan.kind !== "acquire") this.#renewSoon();
    if (this.#lease?.until !== null && random.chance(0.4)) this.#extendSoon();
  }

  // ── Using ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #useSoon(): void {
    this.#person.later(this.#world.random.between(1, USES_EVERY_MS), () => {
      if (this.#person.done || !believes(this.#hold, this.#world.nowMs)) return;
      this.#use(false);
      this.#useSoon();
    });
  }

  #use(knowingly: boolean): void {
    const { key, token } = this;
    for (const { things } of this.#fleet.clouds) {
      const thing = things.get(key);
      if (thing === undefined) continue;
      // A thing that is handed the token refuses whoever lost his lease without noticing.
      if (token < thing.token) {
        if (!knowingly)
          this.#world.violated("tokens rise", `${this.#person.plan.name} uses ${key} by ${token} after ${thing.token}`);
        return;
      }
      thing.token = token;
      if (!knowingly) thing.dirtyBy = token;
    }
  }

  #misuse(): void {
    const { plan, timeline, random } = this.#world;
    if (!plan.active) return;
    timeline.after(random.between(1, 3_000), () => {
      const { stopped, isRemote, member } = this.#person;
      // Whoever lived in a process that has died does nothing any more, and what has gone cannot be used.
      if (stopped || (!isRemote && member === undefined)) return;
      if (!this.#fleet.clouds.some(({ things }) => things.has(this.key))) return;
      if (!plan.strikes("used after its end", `${this.#person.plan.name} ${this.key}`, 0.7)) return;
      this.#use(true);
      this.#misuse();
    });
  }

  // ── Hearing of it ──────────────────────────────────────────────────────────────────────────────────────────────────

  #listen({ signal }: Lease, hold: Hold): void {
    const stop = () => {
      if (hold === this.#hold) this.#lostIt();
    };
    // While it is being taken, nobody has it yet.
    if (signal.aborted) queueMicrotask(stop);
    else signal.addEventListener("abort", stop, { once: true });
  }

  /** He is told that it is over, or that it will be unless he says something now. */
  #lostIt(): void {
    const { random } = this.#world;
    this.stop();
    const lease = this.#lease;
    const { member, done } = this.#person;
    if (lease === undefined || member === undefined || done || this.isOver) return;
    // Within its grace, a renewal gives it back.
    if (random.chance(0.3)) return this.#saveIt(lease, member);
    this.#isLost();
  }

  #saveIt(lease: Lease, member: Member): void {
    const before = this.#hold;
    const askedAtMs = this.#world.nowMs;
    const asked = this.#world.random.chance(0.5) ? lease.renew() : this.#extend(lease, member);
    asked.then(
      () => {
        if (this.#person.done || this.#person.hasLeft || this.isGivenBack || this.#hold !== before) return;
        this.#hold = { ...before, over: false, untilMs: this.#untilMs(askedAtMs) };
        this.heardAtMs = askedAtMs;
        this.#history.began(this.#hold);
        this.#listen(lease, this.#hold);
      },
      () => this.#isLost(),
    );
  }

  #isLost(): void {
    if (this.isOver) return;
    this.isOver = !this.#person.isRemote;
    this.#misuse();
    this.#person.lost();
  }

  // ── Renewing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #renewSoon(): void {
    const person = this.#person;
    person.later(Math.floor((person.plan.ttlMs ?? 10_000) / 3), () => {
      const { nowMs } = this.#world;
      if (person.done || person.hasLeft || this.isGivenBack) return;
      if (nowMs > person.releasesAtMs + RENEWS_AFTER_MS) return;
      this.#say((lease) => (this.#world.random.chance(0.2) ? lease.update({ beat: nowMs }) : lease.renew()));
      this.#renewSoon();
    });
  }

  /** He wants it for longer than he said. */
  #extendSoon(): void {
    const person = this.#person;
    person.later(this.#world.random.between(1, person.plan.holdsMs), () => {
      if (person.done || this.#hold.over) return;
      this.#say((lease, member) => this.#extend(lease, member));
    });
  }

  /** It counts from when he asked, and only once he knows. */
  #say(ask: (lease: Lease, member: Member) => Promise<void>): void {
    const { member } = this.#person;
    const hold = this.#hold;
    const askedAtMs = this.#world.nowMs;
    member?.process.deliver(() => {
      const lease = this.#lease;
      if (lease === undefined || this.#person.hasLeft || this.isGivenBack) return;
      ask(lease, member).then(
        () => {
          this.heardAtMs = Math.max(this.heardAtMs, askedAtMs);
          if (hold === this.#hold && !hold.over) hold.untilMs = Math.max(hold.untilMs, this.#untilMs(askedAtMs));
        },
        () => {},
      );
    });
  }

  async #extend(lease: Lease, member: Member): Promise<void> {
    const until = await lease.extend(this.#world.random.between(500, 20_000));
    if (this.#person.member !== member) return;
    this.#checkLifespan(lease, member);
    this.#endsAtMs = this.#world.nowMs + leftOf(until, member);
  }

  /** Until when his lease is his, by a renewal that he asked for at that time. */
  #untilMs(askedAtMs: number): number {
    const { kind, ttlMs } = this.#person.plan;
    return Math.min(this.#endsAtMs, kind === "acquire" || ttlMs === undefined ? NEVER : askedAtMs + ttlMs);
  }

  // ── Ending ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Gives it back; resolves when that is over, one way or the other. */
  release(member: Member): Promise<void> {
    const lease = this.#lease;
    if (lease === undefined) return Promise.resolve();
    this.stop();
    this.isGivenBack = true;
    const { random, plan, timeline } = this.#world;
    const verdict = this.#verdict();
    return new Promise((resolve) => {
      member.process.deliver(() => {
        this.#world.note(() => `${this.#person.plan.name} releases ${this.key}`);
        lease.release(verdict).then(resolve, () => resolve());
        // And again, and again.
        while (plan.strikes("released twice", `${this.#person.plan.name} ${this.key}`, 0.5)) {
          timeline.after(random.below(2_000), () => {
            member.process.deliver(() => void lease.release(random.chance(0.5) ? verdict : "ok").catch(() => {}));
          });
        }
      });
    });
  }

  #verdict() {
    if (this.#person.plan.cleans) return this.#clean() ? { condition: "free" } : { condition: "dirty" };
    return this.#world.random.chance(0.15) ? { failed: "it is broken" } : ("ok" as const);
  }

  /** What has gone, and may come back, cannot be cleaned. */
  #clean(): boolean {
    for (const { things } of this.#fleet.clouds) {
      const thing = things.get(this.key);
      if (thing?.token !== this.token) continue;
      thing.dirtyBy = undefined;
      return true;
    }
    return false;
  }

  /** It is over, and he may not know it. */
  afterwards(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#misuse();
  }

  /** From now on he does not use it. */
  stop(): void {
    this.#hold.over = true;
  }

  /** Whoever gave it to him has died. */
  managerDied(): void {
    this.#lease = undefined;
    if (!this.#person.isRemote) {
      this.stop();
      this.isOver = true;
      return;
    }
    this.#hold.hearsFrom = undefined;
    // The next manager counts his lifespan by another clock, hours off perhaps: he waits for its word.
    if (Number.isFinite(this.#endsAtMs)) this.stop();
  }
}

const NEVER = Number.POSITIVE_INFINITY;

/** How long it is until then, by the clock of a member. */
function leftOf(date: Date | null, { process }: Member): number {
  return date === null ? NEVER : date.getTime() - process.nowMs;
}
