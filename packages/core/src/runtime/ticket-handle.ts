import { type Duration, durationMs } from "../model/duration.js";
import { isWarmpoolError, type WarmpoolError } from "../model/error.js";
import type { TicketEnd, TicketState } from "../model/ticket.js";
import { isSignal } from "./acquire-options.js";
import { abortError, noSuchTicket } from "./errors.js";
import type { Handle } from "./handle.js";
import type { HeldTicket, HolderDesk, LentResource } from "./holder-desk.js";
import type { Lease } from "./lease.js";
import { type Lent, LiveGroup } from "./lease-group.js";
import { LiveLease } from "./live-lease.js";
import { checkKnown, problem } from "./parse.js";

/** What is known of a ticket at present, without waiting. */
export interface TicketStatus {
  /** As committed last. */
  readonly state: TicketState;
  /** How it ended. */
  readonly end?: TicketEnd;
  /** Why it was refused, lost or failed. */
  readonly reason?: string;
  /**
   * What it was granted: pool and data of each resource. Kept after it was closed. With the pool's `lease.ackWithin`, only
   * once the holder has taken the lease.
   */
  readonly output?: readonly { readonly pool: string; readonly data: unknown }[];
}

/**
 * A durable request for a resource: it outlives the process that made it. Find it again by its `id`, or by repeating the
 * request with the same `requestId`.
 */
export interface Ticket<L extends Lent = Lease> {
  /** Number in the namespace: `manager.ticket(id)` finds it again. */
  readonly id: number;
  /** Who asked. */
  readonly owner: string;
  /** By which its owner can repeat the request. */
  readonly requestId: string | undefined;
  /** What is known at present. Never blocks. */
  status(): TicketStatus;
  /**
   * Its lease: again and again the same; of `items` the leases of all of them, after a restart those that did not come back
   * before. Whoever gets it has taken it: see the pool's `lease.ackWithin`. Stopping to wait does not cancel the ticket.
   *
   * @param options.timeout Longest wait in this call. Default: as long as the ticket waits.
   * @throws {WarmpoolError} `ACQUIRE_TIMEOUT`, `ABORTED`, `TICKET_CLOSED`, `TICKET_CANCELLED`, `REFUSED`, `POOL_CLOSED`.
   */
  wait(options?: { signal?: AbortSignal; timeout?: Duration }): Promise<L>;
  /** Withdraws it while it waits; releases its lease once granted. Idempotent. Resolves when that is committed. */
  close(): Promise<void>;
}

const WAIT_OPTIONS = ["signal", "timeout"];

interface Wait {
  readonly resolve: (lent: Lent) => void;
  readonly reject: (error: WarmpoolError) => void;
}

export class LiveTicket implements Ticket<Lent>, Handle {
  readonly id: number;
  readonly requestId: string | undefined;
  readonly #desk: HolderDesk;
  readonly #waits = new Set<Wait>();
  #live: HeldTicket;
  #lease: LiveLease | LiveGroup | undefined;
  /** Its owner does not want it any more: what it is granted before that is heard is for nobody. */
  #closing = false;
  /** The store has it. */
  isKnown = true;

  constructor(desk: HolderDesk, ticket: HeldTicket) {
    this.#desk = desk;
    this.#live = ticket;
    this.id = ticket.id;
    this.requestId = ticket.order.requestId;
    ticket.handle = this;
  }

  get owner(): string {
    return this.#live.owner;
  }

  status(): TicketStatus {
    const record = this.#desk.ticketRecord(this.#live);
    if (record === undefined) return { state: "closed" };
    const { state, end, reason, output } = record;
    const isLent = state === "granted" && this.#live.state === "granted" && this.#desk.isTaken(this.#live);
    const lent = isLent ? outputOf(this.#live) : output;
    return {
      state,
      ...(end !== undefined && { end }),
      ...(reason !== undefined && { reason }),
      ...(lent !== undefined && { output: lent }),
    };
  }

  async wait(options: { signal?: AbortSignal; timeout?: Duration } = {}): Promise<Lent> {
    checkKnown(options, WAIT_OPTIONS);
    const { signal, timeout } = options;
    const timeoutMs = timeout === undefined ? undefined : durationMs(timeout, "timeout");
    if (signal !== undefined && !isSignal(signal))
      throw problem([{ path: "signal", problem: "must be an AbortSignal" }]);
    if (this.#lease !== undefined && this.#live.state === "granted") return lentBy(this.#lease);
    if (signal?.aborted === true) throw abortError(this.id, signal);
    if (this.#live.state === "granted" && !this.#closing && this.#desk.isCommitted(this.#live)) {
      if (this.#desk.isTaken(this.#live)) return this.#lend();
      void this.#take();
    }
    if (this.#live.state === "closed") {
      const state = this.#desk.ticketRecord(this.#live)?.state;
      if (state === "closed" || state === undefined) throw this.#desk.errorOf(this.#live, undefined);
      void this.#endSoon();
    }
    if (this.#desk.problem !== undefined) throw this.#desk.problem;
    return await this.#desk.hold(this.#wait(signal, timeoutMs));
  }

  #wait(signal: AbortSignal | undefined, timeoutMs: number | undefined): Promise<Lent> {
    return new Promise<Lent>((resolve, reject) => {
      const done = () => {
        this.#waits.delete(wait);
        signal?.removeEventListener("abort", abort);
        timer?.cancel();
      };
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          done();
          then(value);
        };
      const wait: Wait = { resolve: settle(resolve), reject: settle(reject) };
      const abort = () => wait.reject(abortError(this.id, signal));
      const tooLong = () => wait.reject(this.#desk.waitTimedOut(this.#live));
      const timer = timeoutMs === undefined ? undefined : this.#desk.after(timeoutMs, tooLong);
      signal?.addEventListener("abort", abort, { once: true });
      this.#waits.add(wait);
    });
  }

  async close(): Promise<void> {
    if (this.#live.state === "granted" && this.#lease?.active === true) return await this.#lease.release();
    await this.#desk.soon(this.#close());
  }

  async #close(): Promise<void> {
    this.#closing = true;
    try {
      // Again if the engine was loaded anew meanwhile, unless it does not know the ticket any more.
      while (this.isKnown && !(await this.#desk.closeTicket(() => this.#live)));
    } catch (error) {
      // It goes on, and so do those who wait for it.
      this.#closing = false;
      if (this.#live.state === "granted" && this.#desk.isCommitted(this.#live)) this.granted();
      throw error;
    }
    this.#desk.ended(this);
  }

  granted(): void {
    // Closed by its owner while the grant was being committed.
    if (this.#live.state !== "granted") return void this.#endSoon();
    // Where another process leads, it closes it when it hears of that, and says so.
    if (this.#closing) return;
    // If nobody is there to take it, the next one who waits will.
    if (!this.#desk.isTaken(this.#live)) {
      if (this.#waits.size > 0) void this.#take();
      return;
    }
    const lent = this.#lend();
    for (const wait of [...this.#waits]) wait.resolve(lent);
  }

  /** Before anybody has the lease, it is written down that somebody does. If that fails, the next life tells. */
  async #take(): Promise<void> {
    try {
      if (await this.#desk.take(this.#live)) this.granted();
    } catch (error) {
      // He came too late: those who wait hear of its end when that is committed.
      if (!isWarmpoolError(error, "LEASE_LOST")) this.stopWaiting(error as WarmpoolError);
    }
  }

  /** Tells those who wait that it has ended, once that is committed: before, a crash may undo it. */
  async #endSoon(): Promise<void> {
    if ((await this.#desk.committed()) && this.#live.state === "closed") {
      this.stopWaiting(this.#desk.errorOf(this.#live, undefined));
    }
  }

  suspended(leadsForMs?: number): void {
    this.#lease?.suspended(leadsForMs);
  }

  overdue(): void {
    this.#lease?.overdue();
  }

  closed(): void {
    this.#lease?.closed();
    this.#desk.ended(this);
    this.stopWaiting(this.#desk.errorOf(this.#live, undefined));
  }

  failed(error: WarmpoolError): void {
    this.#lease?.failed(error);
    this.stopWaiting(error);
  }

  stopWaiting(error: WarmpoolError): void {
    for (const wait of [...this.#waits]) wait.reject(error);
  }

  reloaded(find: (before: HeldTicket) => HeldTicket | undefined): void {
    const ticket = find(this.#live);
    this.#lease?.reloaded(find);
    if (ticket === undefined) {
      this.isKnown = false;
      this.#desk.ended(this);
      return this.stopWaiting(noSuchTicket(this.id));
    }
    this.#live = ticket;
    ticket.handle = this;
    if (ticket.state === "granted") this.granted();
    else if (ticket.state === "closed") this.closed();
  }

  #lend(): Lent {
    const ticket = this.#live;
    // What becomes of the ticket is told to the ticket, which tells its lease.
    this.#lease ??= ticket.isParty
      ? new LiveGroup(this.#desk, ticket)
      : new LiveLease(this.#desk, ticket, ticket.resource as LentResource);
    return lentBy(this.#lease);
  }
}

function lentBy(lent: LiveLease | LiveGroup): Lent {
  return lent instanceof LiveGroup ? lent.leases : lent;
}

/** What it was granted: of several, those that came back already too. */
function outputOf({ resource, shares = [], output = [] }: HeldTicket): readonly { pool: string; data: unknown }[] {
  const lent = [resource, ...shares.map((share) => share.resource)].filter((one) => one !== undefined);
  return [...output, ...lent.map(({ pool, data }) => ({ pool: pool.name, data }))];
}
