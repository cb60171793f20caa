import type { Extension } from "../../engine/lease-time.js";
import type { TicketOrder } from "../../engine/ticket.js";
import type { WarmpoolError } from "../../model/error.js";
import type { AnyEvent } from "../../model/event.js";
import type { Stamp } from "../../model/letter.js";
import { fromFailed, type HeldName, type LeaderMessage, type SessionMessage } from "../../model/message.js";
import type { TicketRecord, Verdict } from "../../model/ticket.js";
import type { AcquireOrder } from "../acquire-options.js";
import type { Timer } from "../clock.js";
import { abortError, acquireTimeout, poolClosed, storeBusy } from "../errors.js";
import type { Handle } from "../handle.js";
import type { HeldTicket, HolderDesk, LentResource } from "../holder-desk.js";
import type { LiveLease, Released } from "../lease.js";
import type { Lent, LiveGroup } from "../lease-group.js";
import type { Runtime } from "../runtime.js";
import { LiveTicket } from "../ticket-handle.js";
import { Waiter } from "../waiter.js";
import { Contact } from "./contact.js";
import { HeldLeases } from "./held-leases.js";
import { RemoteTicket } from "./remote-ticket.js";

/** Whoever has waited too long waits this much longer to hear why, if somebody leads. Milliseconds. */
const EXPLAIN_MS = 250;

const NOBODY_LEADS = "No process that leads this namespace could be reached.";

/** A `request` that has not been accepted yet. */
interface Accepting {
  readonly resolve: (ticket: LiveTicket) => void;
  readonly reject: (error: WarmpoolError) => void;
}

/** A call with one answer. */
interface Ask {
  readonly message: SessionMessage & { readonly call: number };
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: WarmpoolError) => void;
}

/**
 * Where holders ask who share their store with other processes: what they ask for is said to whoever leads, this process or
 * another, and what he says is told to them. It keeps what it was told, to say it to the next leader: so a change of leaders
 * changes nothing for them.
 */
export class RemoteDesk implements HolderDesk {
  readonly #runtime: Runtime;
  readonly #contact: Contact;
  readonly #leases: HeldLeases;
  /** Those that wait or hold something, by their call. */
  readonly #tickets = new Map<number, RemoteTicket>();
  /** Those of `request`, by their number. */
  readonly #byId = new Map<number, RemoteTicket>();
  readonly #asks = new Map<number, Ask>();
  readonly #accepting = new Map<RemoteTicket, Accepting>();
  #calls = 0;
  #waiters = 0;
  #listens = false;
  #allAnswered: (() => void) | undefined;
  #isReady!: () => void;
  /** Resolves when a leader has been heard for the first time. */
  readonly ready = new Promise<void>((resolve) => {
    this.#isReady = resolve;
  });

  constructor(runtime: Runtime, ttlMs: number) {
    const { store, namespace, clock } = runtime.options;
    this.#runtime = runtime;
    this.#contact = new Contact({
      store,
      namespace,
      session: runtime.session,
      clock,
      ttlMs,
      counter: () => runtime.life?.counter,
      resume: () => this.#resume(),
      received: (message) => this.#received(message),
      confirmed: () => {
        this.#isReady();
        this.#leases.look();
      },
      shortestTtlMs: () => this.#leases.shortestTtlMs(),
      refused: (error) => this.#refused(error),
      failed: (error) => runtime.failed(error),
    });
    this.#leases = new HeldLeases(
      this.#contact,
      () => this.#all(),
      (ms, run) => this.after(ms, run),
    );
  }

  /** All tickets; of one that was granted a list of things, its shares. */
  *#all(): Iterable<RemoteTicket> {
    for (const ticket of new Set(this.#tickets.values())) {
      if (ticket.shares === undefined) yield ticket;
      else yield* ticket.shares;
    }
  }

  begin(): void {
    this.#contact.begin();
  }

  /** Letters to this session, from the leader in this process. */
  receive(texts: readonly string[]): void {
    this.#contact.receive(texts);
  }

  get nowMs(): number {
    return this.#runtime.nowMs;
  }

  get isClosed(): boolean {
    return this.#runtime.isClosed;
  }

  get problem(): WarmpoolError | undefined {
    return this.#runtime.problem;
  }

  after(ms: number, run: () => void): Timer {
    return this.#runtime.options.clock.after(ms, run);
  }

  // ── Asking ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  acquire(order: AcquireOrder, signal: AbortSignal | undefined): Promise<Lent> {
    if (signal?.aborted === true) return Promise.reject(abortError(undefined, signal));
    const { backlog } = this.#runtime.options;
    const problem =
      this.#problemFor(order) ?? (this.#waiters < backlog ? undefined : storeBusy(this.#waiters, backlog));
    if (problem !== undefined) return Promise.reject(problem);
    return new Promise((resolve) => this.enter(order, new Waiter(this, order, signal, resolve)));
  }

  enter(order: AcquireOrder, waiter: Waiter): void {
    const problem = this.#problemFor(order);
    if (problem !== undefined) return waiter.failed(problem);
    const ticket = this.#open("acquire", order);
    waiter.wait(ticket);
    const { waitUntilAtMs } = ticket;
    if (!Number.isFinite(waitUntilAtMs)) return;
    ticket.timer = this.after(waitUntilAtMs - this.nowMs, () => this.#tooLong(ticket));
  }

  #problemFor({ item }: TicketOrder): WarmpoolError | undefined {
    return this.isClosed ? poolClosed(item.pool ?? this.#runtime.options.namespace) : this.problem;
  }

  #open(kind: RemoteTicket["kind"], order: TicketOrder, id?: number): RemoteTicket {
    const what = { kind, call: ++this.#calls, ...(id !== undefined && { id }) };
    const ticket = new RemoteTicket(what, order, this.nowMs, (each) => this.nowMs + this.#leases.leftMs(each));
    this.#tickets.set(ticket.call, ticket);
    if (order.ttlMs !== undefined && kind === "acquire") this.#contact.quicken(order.ttlMs);
    this.#contact.say(ticket.asked);
    return ticket;
  }

  /** Asks something that has one answer: again, until it has come. */
  ask(question: string, about: readonly unknown[]): Promise<unknown> {
    return this.#ask({ type: "ask", call: ++this.#calls, question, about });
  }

  #ask(message: Ask["message"]): Promise<unknown> {
    if (this.problem !== undefined) return Promise.reject(this.problem);
    return new Promise((resolve, reject) => {
      this.#asks.set(message.call, { message, resolve, reject });
      this.#contact.say(message);
    });
  }

  async request(order: TicketOrder): Promise<LiveTicket> {
    const problem = this.#problemFor(order);
    if (problem !== undefined) throw problem;
    return await new Promise<LiveTicket>((resolve, reject) => {
      const ticket = this.#open("request", order);
      this.#accepting.set(ticket, { resolve, reject });
    });
  }

  /** A ticket by its number, whether there is one or not: that will be heard. */
  ticket(id: number): LiveTicket {
    const known = this.#byId.get(id);
    if (known?.handle instanceof LiveTicket) return known.handle;
    const ticket = this.#open("watch", { ...UNKNOWN, requestId: undefined }, id);
    this.#byId.set(id, ticket);
    return new LiveTicket(this, ticket);
  }

  // ── Waiting ────────────────────────────────────────────────────────────────────────────────────────────────────────

  waiterEntered(): void {
    this.#waiters += 1;
    this.#runtime.process.waiting(+1);
  }

  waiterSettled(): void {
    this.#waiters -= 1;
    this.#runtime.process.waiting(-1);
  }

  /** Its wait is over. Whoever leads may still say why it was in vain. */
  #tooLong(ticket: RemoteTicket): void {
    if (ticket.state !== "waiting") return;
    const { call } = ticket;
    ticket.gaveUp = true;
    this.#contact.say({ type: "giveUp", call, how: "timed-out" });
    const end = () => this.#close(ticket, "timed-out");
    if (this.#contact.hasLeader) ticket.timer = this.after(EXPLAIN_MS, end);
    else end();
  }

  giveUp(held: HeldTicket, how: "cancelled" | "timed-out"): boolean {
    const ticket = held as RemoteTicket;
    if (ticket.state !== "waiting") return true;
    this.#contact.say({ type: "giveUp", call: ticket.call, how });
    this.#close(ticket, how);
    return true;
  }

  #close(ticket: RemoteTicket, end: NonNullable<RemoteTicket["end"]>): void {
    if (ticket.state === "closed") return;
    ticket.state = "closed";
    ticket.end = end;
    this.#forget(ticket);
    ticket.handle?.closed();
  }

  #forget(ticket: RemoteTicket): void {
    const { party } = ticket;
    if (party !== undefined) {
      ticket.state = "closed";
      // It is over with the last of them.
      if (party.shares?.every(({ state }) => state === "closed") === true) this.#forget(party);
      return;
    }
    ticket.timer?.cancel();
    for (const call of [ticket.call, ...ticket.sameCalls]) this.#tickets.delete(call);
    if (this.#byId.get(ticket.id) === ticket) this.#byId.delete(ticket.id);
  }

  errorOf(held: HeldTicket, signal: AbortSignal | undefined): WarmpoolError {
    const { id, end, error, order } = held as RemoteTicket;
    const number = id === 0 ? undefined : id;
    if (end === "cancelled" && signal?.aborted === true) return abortError(number, signal);
    return error ?? acquireTimeout(number, order.waitMs, NOBODY_LEADS, undefined);
  }

  waitTimedOut({ id, createdAtMs }: HeldTicket): WarmpoolError {
    const explanation = this.#contact.hasLeader ? "It waits on. explain() tells why." : NOBODY_LEADS;
    return acquireTimeout(id, this.nowMs - createdAtMs, explanation, undefined);
  }

  // ── Leases ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  leaseBegan(lease: LiveLease | LiveGroup, ticket: HeldTicket): void {
    ticket.handle = lease;
    this.#leases.look();
  }

  release(held: HeldTicket, verdict: Verdict): Released {
    const ticket = held as RemoteTicket;
    if (this.problem !== undefined) return { verdict, done: Promise.reject(this.problem) };
    ticket.released = verdict;
    const lease = [ticket.id, ticket.token] as const;
    const released = this.#ask({ type: "release", call: ++this.#calls, lease, verdict });
    return { verdict, done: this.soon(released.then(() => this.#forget(ticket))) };
  }

  releaseAgain(): void {}

  async renew(held: HeldTicket): Promise<boolean> {
    const ticket = held as RemoteTicket;
    const since = this.#contact.now();
    await this.#ask({ type: "renew", call: ++this.#calls, lease: [ticket.id, ticket.token] });
    this.#renewed(ticket, since);
    return true;
  }

  async extend(
    held: HeldTicket,
    wish: { readonly byMs: number } | { readonly untilMs: number },
  ): Promise<Extension | undefined> {
    const ticket = held as RemoteTicket;
    const { id, token, lifespanEndsAtMs, ttlMs } = ticket;
    const since = this.#contact.now();
    // By an end, for it may be heard twice. What has no end needs none.
    const wished = "untilMs" in wish ? wish.untilMs : lifespanEndsAtMs + wish.byMs;
    const untilMs = Number.isFinite(wished) ? wished : this.nowMs;
    const answer = await this.#ask({ type: "extend", call: ++this.#calls, lease: [id, token], untilMs });
    const extension = answer as Partial<Extension> & { endsAtMs: number | null };
    if ("refused" in extension && extension.endsAtMs !== null) return extension as Extension;
    const endsAtMs = extension.endsAtMs ?? Number.POSITIVE_INFINITY;
    if (ttlMs !== undefined) ticket.ends = { since, leftMs: ttlMs };
    const { lifespan } = ticket;
    if (lifespan !== undefined) {
      const leftMs = lifespan.leftMs + endsAtMs - lifespan.endsAtMs;
      ticket.lifespan = { ...lifespan, endsAtMs, leftMs };
    }
    ticket.lapsed = false;
    this.#leases.look();
    return { endsAtMs };
  }

  async update(held: HeldTicket, userData: Readonly<Record<string, unknown>>): Promise<boolean> {
    const ticket = held as RemoteTicket;
    const since = this.#contact.now();
    await this.#ask({ type: "update", call: ++this.#calls, lease: [ticket.id, ticket.token], userData });
    this.#renewed(ticket, since);
    return true;
  }

  /** Its holder was heard of, and will be heard of again. */
  #renewed(ticket: RemoteTicket, since: Stamp): void {
    if (ticket.ttlMs !== undefined) ticket.ends = { since, leftMs: ticket.ttlMs };
    ticket.lapsed = false;
    this.#leases.look();
  }

  async reopened(): Promise<void> {}

  ended(handle: Handle): void {
    for (const ticket of this.#byId.values()) {
      if (ticket.handle === handle && ticket.state === "closed") return this.#forget(ticket);
    }
  }

  // ── Tickets ────────────────────────────────────────────────────────────────────────────────────────────────────────

  ticketRecord(held: HeldTicket): Pick<TicketRecord, "state" | "end" | "reason" | "output"> {
    const { state, end, reason, output } = held as RemoteTicket;
    return {
      state,
      ...(end !== undefined && { end }),
      ...(reason !== undefined && { reason }),
      ...(output !== undefined && { output }),
    };
  }

  /** The leader tells nothing else. */
  isCommitted({ state }: HeldTicket): boolean {
    return state === "granted";
  }

  isTaken(held: HeldTicket): boolean {
    return !(held as RemoteTicket).untaken;
  }

  async take(held: HeldTicket): Promise<boolean> {
    const ticket = held as RemoteTicket;
    const since = this.#contact.now();
    await this.#ask({ type: "take", call: ++this.#calls, lease: [ticket.id, ticket.token] });
    ticket.untaken = false;
    const leases = ticket.shares ?? [ticket];
    for (const each of leases) {
      each.untaken = false;
      if (each.ttlMs !== undefined) each.ends = { since, leftMs: each.ttlMs };
    }
    // First: if the answer took longer than the lease lasts, whoever gets it is told at once.
    if (ticket.state === "granted") ticket.handle?.granted(ticket.resource as LentResource);
    for (const each of leases) if (each.lapsed && each.isHeld) each.handle?.overdue();
    this.#leases.look();
    return ticket.state === "granted";
  }

  async committed(): Promise<boolean> {
    return true;
  }

  async closeTicket(ticketOf: () => HeldTicket): Promise<boolean> {
    await this.#ask({ type: "close", call: ++this.#calls, ticket: ticketOf().id });
    return true;
  }

  soon(committed: Promise<void>): Promise<void> {
    return this.#runtime.soon(committed);
  }

  hold<T>(call: Promise<T>): Promise<T> {
    return this.#runtime.process.until(call);
  }

  // ── What a leader says ─────────────────────────────────────────────────────────────────────────────────────────────

  #received(message: LeaderMessage): void {
    switch (message.type) {
      case "accepted":
        return this.#accepted(message);
      case "granted":
        return this.#granted(message);
      case "overdue": {
        const ticket = this.#leaseOf(message.call, message.token);
        if (ticket?.isHeld === true && !ticket.lapsed) this.#leases.lapse(ticket);
        return;
      }
      case "closed":
        return this.#closed(message);
      case "answer":
        return this.#answered(message);
      case "events":
        // The leader hears of them before anybody has to write to him.
        if (this.#runtime.life === undefined) for (const event of message.events) this.#emit(event);
        return;
    }
  }

  /** The ticket of a call, or the share of it that has that token. */
  #leaseOf(call: number, token: number | undefined): RemoteTicket | undefined {
    const ticket = this.#tickets.get(call);
    return ticket?.shares === undefined || token === undefined
      ? ticket
      : ticket.shares.find((share) => share.token === token);
  }

  #emit(event: AnyEvent): void {
    this.#runtime.options.emit(event);
    this.#runtime.options.log.append(event);
  }

  #accepted({ call, ticket: id, owner, ttlMs }: LeaderMessage & { type: "accepted" }): void {
    const ticket = this.#known(call, id);
    if (ticket === undefined) return;
    ticket.owner = owner;
    if (ttlMs === undefined) return;
    ticket.ttlMs = ttlMs;
    if (ticket.kind === "acquire") this.#contact.quicken(ttlMs);
  }

  /** The ticket of a call, now that its number is known. Several who asked with the same `requestId` have the same one. */
  #known(call: number, id: number): RemoteTicket | undefined {
    const ticket = this.#tickets.get(call);
    if (ticket === undefined) return undefined;
    ticket.id = id;
    if (!ticket.durable) return ticket;
    const same = this.#byId.get(id);
    const only = same ?? ticket;
    this.#byId.set(id, only);
    if (only !== ticket) {
      only.sameCalls.push(call);
      this.#tickets.set(call, only);
    }
    const handle = only.handle instanceof LiveTicket ? only.handle : new LiveTicket(this, only);
    this.#accepting.get(ticket)?.resolve(handle);
    this.#accepting.delete(ticket);
    return only;
  }

  #granted(message: LeaderMessage & { type: "granted" }): void {
    const { call, token, leases, untaken } = message;
    const ticket = this.#known(call, message.ticket);
    // Whoever asked for it is gone.
    if (ticket === undefined) return this.#contact.say({ type: "giveUp", call, how: "cancelled" });
    const [first] = leases;
    if (ticket.gaveUp || ticket.state !== "waiting" || first === undefined) return;
    ticket.timer?.cancel();
    ticket.state = "granted";
    ticket.token = token;
    ticket.untaken = untaken === true;
    if (message.isParty === true) ticket.share(leases);
    else ticket.lend(first);
    for (const { ttlMs } of ticket.shares ?? [ticket]) {
      if (ttlMs !== undefined && ticket.kind === "acquire") this.#contact.quicken(ttlMs);
    }
    if (ticket.kind === "acquire" && (ticket.shares ?? [ticket]).some((each) => this.#leases.leftMs(each) <= 0)) {
      // It came too late to be of use: whoever waits asks for another.
      this.#contact.say({ type: "giveUp", call, how: "cancelled" });
      return this.#close(ticket, "expired");
    }
    ticket.handle?.granted(first.resource as LentResource);
    this.#leases.look();
  }

  #closed({ call, ticket: id, token, end, reason, output, silent, error }: LeaderMessage & { type: "closed" }): void {
    const whole = this.#known(call, id);
    const ticket = whole && this.#leaseOf(call, token);
    if (ticket === undefined) return;
    ticket.reason = reason;
    ticket.output = output;
    ticket.error = fromFailed(error);
    // Whoever waits is still there, and asks anew for what is left of his time.
    this.#close(ticket, silent === true && !ticket.gaveUp ? "expired" : end);
  }

  #answered(message: LeaderMessage & { type: "answer" }): void {
    const { call } = message;
    const ask = this.#asks.get(call);
    if (ask !== undefined) {
      this.#asks.delete(call);
      if ("failed" in message) ask.reject(fromFailed(message));
      else ask.resolve(message.value);
      if (this.#asks.size === 0) this.#allAnswered?.();
      return;
    }
    const ticket = this.#tickets.get(call);
    if (ticket === undefined || !("failed" in message)) return;
    ticket.error = fromFailed(message);
    this.#accepting.get(ticket)?.reject(ticket.error);
    this.#accepting.delete(ticket);
    this.#close(ticket, "refused");
  }

  /** Everything that a leader must know who knows nothing of this session. */
  #resume(): SessionMessage[] {
    const open: number[] = [];
    const held: HeldName[] = [];
    const rest: SessionMessage[] = [];
    for (const ticket of new Set(this.#tickets.values())) {
      const { kind, call, id, token, state, lapsed } = ticket;
      if (ticket.gaveUp) continue;
      if (kind !== "acquire" || state === "waiting") rest.push(ticket.asked);
      else if (ticket.isHeld && lapsed) rest.push({ type: "lapse", lease: [id, token] });
      if (kind !== "acquire") continue;
      if (state === "waiting") open.push(call);
      // Also what is being given back: that is said besides, with its verdict.
      else if (ticket.shares === undefined) held.push([call, id, token]);
      for (const share of ticket.shares ?? []) {
        if (share.state === "granted") held.push([call, id, share.token]);
        if (share.isHeld && share.lapsed) rest.push({ type: "lapse", lease: [id, share.token] });
      }
    }
    for (const { message } of this.#asks.values()) {
      rest.push(message.type === "release" ? { ...message, again: true } : message);
    }
    if (this.#listens) rest.push({ type: "listen", on: true });
    return [{ type: "hello", open, held }, ...rest];
  }

  /** Somebody began or ceased to listen to events. */
  listen(on: boolean): void {
    if (on === this.#listens) return;
    this.#listens = on;
    this.#contact.say({ type: "listen", on });
  }

  // ── Bad news ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #refused(error: WarmpoolError): void {
    this.#runtime.options.logger.error({ err: error }, "another process's letter was not understood");
    for (const ticket of [...this.#tickets.values()]) if (ticket.state === "waiting") this.#fail(ticket, error);
    this.#failAsks(error);
  }

  #fail(ticket: RemoteTicket, error: WarmpoolError): void {
    ticket.handle?.stopWaiting(error);
    this.#accepting.get(ticket)?.reject(error);
    this.#accepting.delete(ticket);
    if (ticket.kind === "acquire" && ticket.state === "waiting") this.#forget(ticket);
  }

  #failAsks(error: WarmpoolError): void {
    for (const { reject } of this.#asks.values()) reject(error);
    this.#asks.clear();
  }

  /** The engine in this process ended or began: its holders are those of whoever leads. */
  suspended(): void {}

  reloaded(): void {}

  /** There will be no leader for this process. */
  failed(error: WarmpoolError): void {
    for (const ticket of [...this.#tickets.values()]) {
      ticket.handle?.failed(error);
      this.#fail(ticket, error);
    }
    this.#failAsks(error);
    this.#leases.end();
  }

  closed(error: WarmpoolError): void {
    for (const ticket of [...this.#tickets.values()]) this.#fail(ticket, error);
    this.#leases.end();
  }

  /** Waits for what is being answered, and says goodbye to whoever leads. */
  async leave(error: WarmpoolError, deadline: Promise<void>): Promise<void> {
    if (this.#asks.size > 0 && this.#contact.hasLeader) {
      const answered = new Promise<void>((resolve) => {
        this.#allAnswered = resolve;
      });
      await Promise.race([answered, deadline]);
    }
    await this.#contact.close(deadline);
    this.#failAsks(error);
  }
}

/** What is asked for by a ticket that is known by its number alone. */
const UNKNOWN: Omit<TicketOrder, "requestId"> = {
  owner: "",
  session: undefined,
  item: { count: 1 },
  items: undefined,
  priority: 0,
  waitMs: Number.POSITIVE_INFINITY,
  ttlMs: undefined,
  renewal: "manual",
  lifespan: undefined,
  startAtMs: undefined,
  group: undefined,
};
