import { mergeUserData } from "../engine/conditions.js";
import { type Duration, durationMs } from "../model/duration.js";
import { WarmpoolError } from "../model/error.js";
import type { Verdict } from "../model/ticket.js";
import type { Timer } from "./clock.js";
import { clause, lifespanExhausted } from "./errors.js";
import type { Handle } from "./handle.js";
import type { HeldTicket, HolderDesk, LentResource } from "./holder-desk.js";
import type { Lease } from "./lease.js";
import { checkUserData, wrongReason, wrongVerdict } from "./lease-words.js";
import { problem } from "./parse.js";

/** A release under way or done. */
export interface Released {
  readonly verdict: Verdict;
  /** Resolves when it is committed. */
  readonly done: Promise<void>;
}

/** What a Date can hold. */
const LAST_DATE_MS = 8.64e15;

/** What few leases have. */
interface Extras {
  /** What its holder said of the resource so far. */
  verdict?: Verdict;
  lost?: WarmpoolError<"LEASE_LOST"> | undefined;
  /** The store does not know it any more. */
  unknown?: true;
  /** Made when somebody asks: most holders never do, and one costs more than all the rest of a lease. */
  controller?: AbortController | undefined;
  /** What is written down with its resource, once this holder wrote something. */
  userData?: Readonly<Record<string, unknown>>;
  /** Ends it while nobody leads who could confirm it. */
  suspense?: Timer;
}

const NONE: Readonly<Extras> = {};

/** Its private methods are TypeScript's: a `#method` is a field more in each lease. */
export class LiveLease implements Lease, Handle {
  readonly data: unknown;
  readonly #desk: HolderDesk;
  readonly #resource: LentResource;
  #live: HeldTicket;
  #released: Released | undefined;
  #extras = NONE;

  constructor(desk: HolderDesk, ticket: HeldTicket, resource: LentResource) {
    this.#desk = desk;
    this.#live = ticket;
    this.#resource = resource;
    this.data = resource.data;
  }

  private note(extras: Extras): void {
    this.#extras = { ...this.#extras, ...extras };
  }

  get pool(): string {
    return this.#resource.pool.name;
  }

  get token(): number {
    return this.#live.token;
  }

  get name(): string | undefined {
    return this.#resource.name;
  }

  get condition(): string | undefined {
    return this.#resource.condition;
  }

  get userData(): Readonly<Record<string, unknown>> {
    return this.#extras.userData ?? this.#resource.userData ?? {};
  }

  get ticket(): number {
    return this.#live.id;
  }

  get resource(): { id: number; key: string } {
    const { id, key } = this.#resource;
    return { id, key };
  }

  get active(): boolean {
    return this.#released === undefined && this.#extras.lost === undefined;
  }

  get expiresAt(): Date | null {
    const { expiresAtMs, order, durable } = this.#live;
    const { ttlMs, renewal } = order;
    if (ttlMs === undefined || renewal === "manual" || durable) return dateOf(expiresAtMs);
    // This process renews it: it would end that long after the process fell silent.
    return dateOf(Math.min(expiresAtMs, this.#desk.nowMs + ttlMs));
  }

  get until(): Date | null {
    return dateOf(this.#live.lifespanEndsAtMs);
  }

  get signal(): AbortSignal {
    const { controller = new AbortController(), lost } = this.#extras;
    if (this.#extras.controller === undefined) {
      this.note({ controller });
      if (lost !== undefined) controller.abort(lost);
    }
    return controller.signal;
  }

  get isReleased(): boolean {
    return this.#released !== undefined;
  }

  /** It may be renewed and released, perhaps within its grace. */
  private get holds(): boolean {
    return this.#live.state === "granted" && this.#extras.unknown !== true;
  }

  async renew(): Promise<void> {
    if (this.#released !== undefined) throw this.ended("It was released.");
    if (!this.holds) throw this.#extras.lost ?? this.ended("It has ended.");
    const renewed = this.#desk.renew(this.#live);
    if (!(typeof renewed === "boolean" ? renewed : await renewed)) {
      await this.#desk.reopened("renew");
      return this.renew();
    }
    this.revive();
  }

  /** It was overdue, within its grace: it lives on, and has a new signal, for the old one has aborted. */
  private revive(): void {
    const { lost } = this.#extras;
    if (lost === undefined) return;
    if (this.#live.lifespanEndsAtMs <= this.#desk.nowMs) throw lost;
    this.note({ lost: undefined, controller: undefined });
  }

  async extend(by: Duration | Date): Promise<Date | null> {
    const wish = by instanceof Date ? { untilMs: timeOf(by) } : { byMs: durationMs(by, "by") };
    if (this.#released !== undefined) throw this.ended("It was released.");
    if (!this.holds) throw this.#extras.lost ?? this.ended("It has ended.");
    const extension = await this.#desk.extend(this.#live, wish);
    // The engine was loaded anew before that was committed.
    if (extension === undefined) return this.extend(by);
    if ("refused" in extension) throw lifespanExhausted(this.token, this.pool, extension.endsAtMs);
    // The leases of a ticket last as long as each other.
    for (const { handle, state } of this.#live.party?.shares ?? [this.#live])
      if (handle instanceof LiveLease && state === "granted" && handle.holds) handle.revive();
    return dateOf(extension.endsAtMs);
  }

  release(verdict: Verdict = this.#extras.verdict ?? "ok"): Promise<void> {
    if (this.#released !== undefined || !this.holds) return this.releasedBefore(verdict);
    const wrong = verdict === "ok" ? undefined : wrongVerdict(verdict, this.#resource);
    if (wrong !== undefined) return Promise.reject(wrong);
    this.#released = this.#desk.release(this.#live, verdict);
    return this.#released.done;
  }

  private releasedBefore(verdict: Verdict): Promise<void> {
    const released = this.#released;
    if (released === undefined) return Promise.reject(this.#extras.lost ?? this.ended("It has ended."));
    if (sameVerdict(released.verdict, verdict)) return released.done;
    return Promise.reject(this.ended("It was released before, with another verdict."));
  }

  async update(userData: Readonly<Record<string, unknown>>): Promise<void> {
    checkUserData(userData);
    if (this.#released !== undefined) throw this.ended("It was released.");
    if (!this.holds) throw this.#extras.lost ?? this.ended("It has ended.");
    // Unless the engine was loaded anew before that was committed.
    if (!(await this.#desk.update(this.#live, userData))) return this.update(userData);
    this.note({ userData: mergeUserData(this.userData, userData) ?? {} });
    if (this.holds) this.revive();
  }

  fail(reason: string): void {
    const wrong = wrongReason(reason);
    if (wrong !== undefined) throw wrong;
    this.note({ verdict: { failed: reason } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const releases = this.#released !== undefined || (this.holds && !this.#desk.isClosed);
    // An error here would hide the one with which the block may have ended. What failed, the signal tells.
    if (releases) await (this.#released?.done ?? this.release()).catch(() => {});
  }

  granted(): void {}

  /** The next leader gives every lease one full `ttl`: until then, and no longer, it is certainly ours. No lifespan waits. */
  suspended(leadsForMs?: number): void {
    if (!this.active) return;
    const { order, lifespanEndsAtMs } = this.#live;
    const { ttlMs = Number.POSITIVE_INFINITY } = order;
    const confirmedMs = leadsForMs === undefined ? Number.POSITIVE_INFINITY : leadsForMs + ttlMs;
    const lastsMs = lifespanEndsAtMs - this.#desk.nowMs;
    const leftMs = Math.min(confirmedMs, lastsMs);
    if (leftMs === Number.POSITIVE_INFINITY) return;
    const why = confirmedMs < lastsMs ? "no leader has confirmed it for its whole ttl" : "its lifespan is over";
    const lose = () => this.lose(why);
    if (leftMs <= 0) return lose();
    this.note({ suspense: this.#desk.after(leftMs, lose) });
  }

  stopWaiting(): void {}

  overdue(): void {
    const over = this.#live.lifespanEndsAtMs <= this.#live.expiresAtMs;
    this.lose(over ? "its lifespan is over" : "its deadline passed without a renewal");
  }

  closed(): void {
    this.#desk.ended(this);
    this.lose(this.#live.reason ?? "it was closed");
  }

  reloaded(find: (before: HeldTicket) => HeldTicket | undefined): void {
    this.#extras.suspense?.cancel();
    const ticket = find(this.#live);
    const alive = ticket?.state === "granted" && ticket.token === this.token;
    if (!alive) {
      this.note({ unknown: true });
      this.#desk.ended(this);
      if (this.#released === undefined) this.lose("the store does not know it any more");
      return;
    }
    // Unless it is the lease of a ticket, which takes its place again.
    ticket.handle = this;
    this.#live = ticket;
    // Released, but that was not committed: it is released again.
    if (this.#released !== undefined) this.#desk.releaseAgain(ticket, this.#released.verdict);
    // Its holder was told that it is over; one that a session renews would have no end otherwise.
    else if (this.#extras.lost !== undefined && ticket.order.session !== undefined)
      this.#desk.releaseAgain(ticket, "ok");
  }

  failed(error: WarmpoolError): void {
    this.lose(error.message, error);
  }

  private lose(reason: string, cause?: unknown): void {
    const { token, pool } = this;
    const lost = new WarmpoolError(
      "LEASE_LOST",
      `Lease ${token} of pool "${pool}" was lost: ${clause(reason)}. Stop using its resource.`,
      { details: { token, pool, reason }, cause },
    );
    this.note({ lost });
    this.#extras.controller?.abort(lost);
  }

  private ended(why: string): WarmpoolError<"LEASE_ENDED"> {
    const { token, pool } = this;
    return new WarmpoolError("LEASE_ENDED", `Lease ${token} of pool "${pool}" is over. ${why}`, {
      details: { token, pool },
    });
  }
}

function dateOf(atMs: number): Date | null {
  return Number.isFinite(atMs) ? new Date(Math.min(atMs, LAST_DATE_MS)) : null;
}

/** @throws {WarmpoolError} `INVALID_OPTIONS`. */
function timeOf(date: Date): number {
  const atMs = date.getTime();
  if (Number.isNaN(atMs)) throw problem([{ path: "by", problem: "must be a valid Date" }]);
  return atMs;
}

function sameVerdict(a: Verdict, b: Verdict): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
