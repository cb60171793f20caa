import type { Lease, Ticket } from "@warmpool/core";
import type { Fleet, Member } from "./fleet.js";
import { believes, type History, type Hold } from "./history.js";
import type { HolderPlan } from "./scenario.js";

/** How often a holder uses what it holds, at most. Milliseconds. */
const USES_EVERY_MS = 6_000;

/** How long somebody who could not reach a manager waits before he tries again. Milliseconds. */
const TRIES_AGAIN_MS = 400;

/**
 * Somebody who wants a resource, uses it and gives it back, or not. One of `acquire` lives in a manager's process and dies
 * with it. One of `request` lives elsewhere: when the manager's process dies he asks the next one for his ticket.
 */
export class Holder {
  readonly plan: HolderPlan;
  /** Nothing more is to come of it. */
  done = false;
  /** Stopped by a person, with all that he had. */
  stopped = false;
  /** He knows the number of his ticket: the store must know it too. */
  ticket: number | undefined;
  /** When he asked for the renewal that he was last told of. */
  heardAtMs = Number.NEGATIVE_INFINITY;
  /** He was given the lease of his ticket. */
  took = false;
  /** What he did that ends his ticket. */
  readonly did = new Set<"released" | "cancelled">();
  readonly #fleet: Fleet;
  readonly #history: History;
  #hold: Hold | undefined;
  #member: Member | undefined;
  #lease: Lease | undefined;
  #handle: Ticket | undefined;
  #releasesAtMs = Number.POSITIVE_INFINITY;
  #startAt: Date | undefined;
  /** When the lifespan of his lease ends. */
  #endsAtMs = Number.POSITIVE_INFINITY;

  constructor(plan: HolderPlan, fleet: Fleet, history: History) {
    this.plan = plan;
    this.#fleet = fleet;
    this.#history = history;
    fleet.world.timeline.after(plan.arrivesAtMs, () => this.#ask());
  }

  get #isRemote(): boolean {
    // What a memory store knows dies with its process, tickets too.
    return this.plan.kind === "request" && this.#fleet.vault !== undefined;
  }

  /** In the process of the engine that he asks. */
  get #livesThere(): boolean {
    return !this.#isRemote && this.#fleet.scenario.store !== "shared";
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
    this.#member = member;
    member.process.onDeath.push(() => {
      if (this.#member === member) this.#managerDied();
    });
    this.#world.note(() => `${this.plan.name} asks ${member.process.name} (${this.plan.kind})`);
    member.process.deliver(() => {
      if (this.plan.kind === "request") this.#request(member);
      else this.#acquire(member);
    });
  }

  #selection() {
    const { pool, tags, priority, sandbox, minLifeMs, lifespanMs, startsLaterMs, group } = this.plan;
    // The same each time that he asks: it is a part of his request.
    // By whose clock? Those of machines may be hours apart: he asks where he lives.
    if (startsLaterMs !== undefined && this.#member !== undefined && this.#livesThere)
      this.#startAt ??= new Date(this.#member.process.nowMs + startsLaterMs);
    return {
      ...(pool === undefined ? { tags } : { pool }),
      ...(sandbox !== undefined && { sandbox }),
      ...(minLifeMs !== undefined && { minLife: minLifeMs }),
      priority,
      owner: this.plan.name,
      ...(lifespanMs !== undefined && { lifespan: lifespanMs }),
      ...(this.#startAt !== undefined && { startAt: this.#startAt }),
      ...(group !== undefined && { group }),
    };
  }

  #acquire(member: Member): void {
    const { kind, waitsMs, ttlMs } = this.plan;
    const { random } = this.#world;
    const controller = new AbortController();
    const acquired = member.manager.acquire({
      ...this.#selection(),
      signal: controller.signal,
      ...(waitsMs !== undefined && { timeout: waitsMs }),
      ...(ttlMs !== undefined && { ttl: ttlMs }),
      ...(kind === "manual" && { renew: "manual" as const }),
    } as never) as Promise<Lease>;
    acquired.then(
      (lease) => this.#got(lease, member),
      (error: unknown) => {
        this.#world.note(() => `${this.plan.name} gets nothing: ${error}`);
        this.done = true;
      },
    );
    if (random.chance(0.15)) {
      member.process.after(random.between(0, 5_000), () => {
        if (this.#lease === undefined) this.did.add("cancelled");
        controller.abort();
      });
    }
  }

  /** The same again after each loss of the manager: the request is idempotent. */
  #request(member: Member): void {
    const { waitsMs, ttlMs, name } = this.plan;
    const asked = member.manager.request({
      ...this.#selection(),
      requestId: name,
      ...(waitsMs !== undefined && { timeout: waitsMs }),
      ...(ttlMs !== undefined && { ttl: ttlMs }),
    } as never) as Promise<Ticket>;
    asked.then(
      (ticket) => this.#accepted(ticket, member),
      (error: { code?: string }) => {
        this.#world.note(() => `${name} is not accepted: ${error}`);
        // Nobody can serve it, as long as the pools are as they are.
        this.done = this.ticket === undefined;
        if (!this.done) this.#askLater(member);
      },
    );
  }

  #accepted(ticket: Ticket, member: Member): void {
    if (this.#member !== member) return;
    const { vault } = this.#fleet;
    this.#handle = ticket;
    this.ticket = ticket.id;
    if (vault !== undefined && vault.ticket(ticket.id) === undefined) {
      this.#world.violated(
        "nothing lost",
        `${this.plan.name} was given ticket ${ticket.id}, which the store does not know`,
      );
    }
    if (this.plan.staysAway) {
      this.done = true;
      return;
    }
    ticket.wait().then(
      (lease) => this.#got(lease, member),
      (error: unknown) => {
        if (this.#member !== member) return;
        this.#world.note(() => `${this.plan.name} has ended: ${error}`);
        this.#stop();
        this.done = true;
      },
    );
    if (this.#hold === undefined && this.#world.random.chance(0.06)) {
      this.#world.timeline.after(this.#world.random.between(0, 3_000), () => this.#withdraw());
    }
  }

  #withdraw(): void {
    const { process } = this.#member ?? {};
    if (this.#lease !== undefined || this.done) return;
    process?.deliver(() => {
      if (this.#lease !== undefined) return;
      this.did.add("cancelled").add("released");
      this.#handle?.close().catch(() => {});
    });
  }

  #askLater(member: Member): void {
    if (this.#member === member) this.#member = undefined;
    this.#world.timeline.after(TRIES_AGAIN_MS, () => this.#ask());
  }

  #managerDied(): void {
    this.#member = undefined;
    this.#lease = undefined;
    this.#handle = undefined;
    if (!this.#isRemote) {
      this.#stop();
      this.done = true;
      return;
    }
    if (this.#hold !== undefined) this.#hold.hearsFrom = undefined;
    // The next manager counts his lifespan by another clock, hours off perhaps: he waits for its word.
    if (Number.isFinite(this.#endsAtMs)) this.#stop();
    if (!this.done) this.#ask();
  }

  // ── Holding ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #got(lease: Lease, member: Member): void {
    const { plan, random, timeline } = this.#world;
    if (this.#member !== member || this.done) return;
    this.#lease = lease;
    this.ticket = lease.ticket;
    const leftMs = leftOf(lease.expiresAt, member);
    this.took = true;
    this.#endsAtMs = timeline.nowMs + leftOf(lease.until, member);
    const again = this.#hold !== undefined;
    const isShared = this.#fleet.scenario.store === "shared";
    const hold: Hold = {
      holder: this.plan.name,
      sandbox: this.plan.sandbox ?? `only ${this.plan.name}`,
      key: lease.resource.key,
      token: lease.token,
      ticket: lease.ticket,
      untilMs: this.plan.kind === "acquire" ? this.#endsAtMs : timeline.nowMs + leftMs,
      over: !lease.active,
      hearsFrom: isShared ? undefined : member.process,
      ...(isShared &&
        this.plan.kind === "acquire" && { confirmedUntilMs: () => this.#confirmedUntilMs(lease, member) }),
    };
    if (this.#hold !== undefined && this.#hold.token !== lease.token) {
      this.#world.violated("nothing lost", `${hold.holder} had token ${this.#hold.token} and now has ${lease.token}`);
    }
    this.#hold = hold;
    this.#world.note(() => `${hold.holder} holds ${hold.key} by token ${hold.token}`);
    this.#history.began(hold);
    this.#listen(lease);
    if (this.did.has("released")) return this.#release();
    if (again) return;
    this.#releasesAtMs = timeline.nowMs + this.plan.holdsMs;
    this.#later(this.plan.holdsMs, () => this.#leave());
    if (believes(hold, timeline.nowMs)) this.#use(hold.key, hold.token, false);
    this.#useSoon();
    if (this.plan.ttlMs !== undefined && this.plan.kind !== "acquire") this.#renewSoon();
    if (lease.until !== null && random.chance(0.4)) this.#extendSoon();
    const mayVanish = (this.plan.ttlMs !== undefined && this.plan.kind !== "acquire") || lease.until !== null;
    const fate = mayVanish
      ? plan.one(this.plan.name, [
          ["holder crashed", 0.38],
          ["holder forgot", 0.42],
        ])
      : undefined;
    if (fate !== undefined) {
      this.#later(random.below(this.plan.holdsMs), () => {
        this.#world.note(() => `${this.plan.name}: ${fate}`);
        this.#stop();
        this.done = true;
      });
    }
  }

  /** Until when a lease that its process renews counts: as its process knows it, though it may stand still. */
  #confirmedUntilMs({ expiresAt }: Lease, { process }: Member): number {
    if (expiresAt === null) return Number.POSITIVE_INFINITY;
    return this.#world.nowMs + expiresAt.getTime() - process.nowMs;
  }

  #listen({ signal }: Lease): void {
    const hold = this.#hold;
    const stop = () => {
      if (hold === this.#hold) this.#lostIt();
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  }

  /** He is told that it is over, or that it will be unless he says something now. */
  #lostIt(): void {
    const { random } = this.#world;
    this.#stop();
    const lease = this.#lease;
    const member = this.#member;
    if (lease === undefined || member === undefined || this.done) return;
    if (random.chance(0.3)) {
      // Within its grace, a renewal gives it back.
      const before = this.#hold;
      const askedAtMs = this.#world.nowMs;
      const asked = random.chance(0.5) ? lease.renew() : this.#extend(lease, member);
      asked.then(
        () => {
          if (this.done || this.did.has("released") || this.#hold !== before || before === undefined) return;
          this.#hold = { ...before, over: false, untilMs: this.#untilMs(askedAtMs) };
          this.heardAtMs = askedAtMs;
          this.#history.began(this.#hold);
          this.#listen(lease);
        },
        () => this.#misuse(),
      );
      return;
    }
    this.#misuse();
    if (!this.#isRemote) this.done = true;
  }

  #misuse(): void {
    const { plan, timeline, random } = this.#world;
    const { key, token } = this.#hold ?? {};
    if (!this.#isRemote) this.done = true;
    if (key === undefined || token === undefined) return;
    if (plan.strikes("used after its end", `${this.plan.name} ${key}`, 0.95)) {
      timeline.after(random.between(1, 3_000), () => {
        if (!this.stopped) this.#use(key, token, true);
      });
    }
  }

  #useSoon(): void {
    this.#later(this.#world.random.between(1, USES_EVERY_MS), () => {
      const hold = this.#hold;
      if (hold === undefined || this.done || !believes(hold, this.#world.nowMs)) return;
      this.#use(hold.key, hold.token, false);
      this.#useSoon();
    });
  }

  #use(key: string, token: number, knowingly: boolean): void {
    for (const { things } of this.#fleet.clouds) {
      const thing = things.get(key);
      if (thing === undefined) continue;
      // A thing that is handed the token refuses whoever lost his lease without noticing.
      if (token < thing.token) {
        if (!knowingly)
          this.#world.violated("tokens rise", `${this.plan.name} uses ${key} by ${token} after ${thing.token}`);
        return;
      }
      thing.token = token;
      if (!knowingly) thing.dirtyBy = token;
    }
  }

  #renewSoon(): void {
    const ttlMs = this.plan.ttlMs ?? 10_000;
    this.#later(Math.floor(ttlMs / 3), () => {
      const { nowMs } = this.#world;
      const hold = this.#hold;
      if (this.done || hold === undefined || this.did.has("released")) return;
      if (nowMs > this.#releasesAtMs + 30_000) return;
      this.#member?.process.deliver(() => {
        const lease = this.#lease;
        if (lease === undefined || this.did.has("released")) return;
        lease.renew().then(
          () => {
            this.heardAtMs = nowMs;
            // It counts from when he asked, and only now that he knows.
            if (hold === this.#hold && !hold.over) hold.untilMs = Math.max(hold.untilMs, this.#untilMs(nowMs));
          },
          () => {},
        );
      });
      this.#renewSoon();
    });
  }

  /** Until when his lease is his, by a renewal that he asked for at that time. */
  #untilMs(askedAtMs: number): number {
    const { kind, ttlMs } = this.plan;
    const renewedMs = kind === "acquire" || ttlMs === undefined ? Number.POSITIVE_INFINITY : askedAtMs + ttlMs;
    return Math.min(this.#endsAtMs, renewedMs);
  }

  /** He wants it for longer than he said. */
  #extendSoon(): void {
    this.#later(this.#world.random.between(1, this.plan.holdsMs), () => {
      const hold = this.#hold;
      const member = this.#member;
      if (this.done || hold === undefined || hold.over || member === undefined) return;
      const askedAtMs = this.#world.nowMs;
      member.process.deliver(() => {
        const lease = this.#lease;
        if (lease === undefined || this.did.has("released")) return;
        this.#extend(lease, member).then(
          () => {
            this.heardAtMs = Math.max(this.heardAtMs, askedAtMs);
            if (hold === this.#hold && !hold.over) hold.untilMs = Math.max(hold.untilMs, this.#untilMs(askedAtMs));
          },
          () => {},
        );
      });
    });
  }

  async #extend(lease: Lease, member: Member): Promise<void> {
    const until = await lease.extend(this.#world.random.between(500, 20_000));
    if (this.#member === member) this.#endsAtMs = this.#world.nowMs + leftOf(until, member);
  }

  // ── Ending ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #leave(): void {
    if (this.done || this.did.has("released")) return;
    this.#stop();
    this.did.add("released");
    // While nobody can be reached, the next one who is will hear of it.
    if (this.#lease !== undefined) this.#release();
  }

  #release(): void {
    const { random, plan, timeline } = this.#world;
    const member = this.#member;
    const lease = this.#lease;
    if (lease === undefined || member === undefined) return;
    this.#stop();
    const verdict = random.chance(0.15) ? { failed: "it is broken" } : ("ok" as const);
    member.process.deliver(() => {
      this.#world.note(() => `${this.plan.name} releases ${lease.resource.key}`);
      lease.release(verdict).then(
        () => this.#released(member),
        () => this.#released(member),
      );
      if (plan.strikes("released twice", `${this.plan.name} ${lease.resource.key}`, 0.9)) {
        timeline.after(random.below(2_000), () => {
          member.process.deliver(() => {
            lease.release(random.chance(0.5) ? verdict : "ok").catch(() => {});
            this.#handle?.close().catch(() => {});
          });
        });
      }
    });
  }

  /** `release` resolves after a while also without its commit; only the store tells whether it is over. */
  #released(member: Member): void {
    if (this.#member !== member) return;
    const { vault } = this.#fleet;
    const { ticket } = this;
    const over = vault === undefined || ticket === undefined || vault.ticket(ticket)?.state !== "granted";
    if (over || !this.#isRemote) {
      this.done = true;
      this.#misuse();
      return;
    }
    this.#world.timeline.after(TRIES_AGAIN_MS, () => this.#released(member));
  }

  /** From now on he does not use it. */
  #stop(): void {
    if (this.#hold !== undefined) this.#hold.over = true;
  }

  /** Whoever lives in a process acts by its clock and dies with it. */
  #later(ms: number, run: () => void): void {
    const { process } = this.#member ?? {};
    if (this.#isRemote || process === undefined) this.#world.timeline.after(ms, run);
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
    this.did.add("released").add("cancelled");
    this.#stop();
    this.done = true;
  }
}

/** How long it is until then, by the clock of a member. */
function leftOf(date: Date | null, { process }: Member): number {
  return date === null ? Number.POSITIVE_INFINITY : date.getTime() - process.nowMs;
}
