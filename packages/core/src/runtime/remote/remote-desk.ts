import type { Extension } from "../../engine/lease-time.js";
import type { TicketOrder } from "../../engine/ticket.js";
import type { WarmpoolError } from "../../model/error.js";
import type { AnyEvent } from "../../model/event.js";
import { fromFailed, type HeldName, type LeaderMessage, type SessionMessage } from "../../model/message.js";
import type { TicketRecord, Verdict } from "../../model/ticket.js";
import type { AcquireOrder } from "../acquire-options.js";
import type { Timer } from "../clock.js";
import { abortError, acquireTimeout, clause, poolClosed, storeBusy } from "../errors.js";
import type { Handle } from "../handle.js";
import type { HeldTicket, HolderDesk, LentResource } from "../holder-desk.js";
import type { Lent, LiveGroup } from "../lease-group.js";
import type { LiveLease, Released } from "../live-lease.js";
import type { Runtime } from "../runtime.js";
import { LiveTicket } from "../ticket-handle.js";
import { Waiter } from "../waiter.js";
import { Asks } from "./asks.js";
import { Candidacy } from "./candidacy.js";
import { Contact } from "./contact.js";
import { HeldLeases } from "./held-leases.js";
import { LeaseCalls, type Question } from "./lease-calls.js";
import { RemoteTicket } from "./remote-ticket.js";
import { RemoteTickets } from "./remote-tickets.js";

/** Whoever has waited too long waits this much longer to hear why, if somebody leads. Milliseconds. */
const EXPLAIN_MS = 250;

const NOBODY_LEADS = "No process that leads this namespace could be reached.";
const NOT_COMMITTED = "This process leads, and the store did not take it in time.";

/** A `request` that has not been accepted yet. */
interface Accepting {
  readonly resolve: (ticket: LiveTicket) => void;
  readonly reject: (error: WarmpoolError) => void;
}

/**
 * Where holders ask who share their store with other processes: what they ask for is said to whoever leads, this process or
 * another, and what he says is told to them. It keeps what it was told, to say it to the next leader: so a change of leaders
 * changes nothing for them.
 */
export class RemoteDesk implements HolderDesk {
  /** Whether this process may lead, by its configuration. */
  readonly candidacy: Candidacy;
  readonly #runtime: Runtime;
  readonly #contact: Contact;
  readonly #leases: HeldLeases;
  readonly #leaseCalls: LeaseCalls;
  readonly #tickets = new RemoteTickets();
  readonly #asks = new Asks((message) => this.#contact.say(message));
  readonly #accepting = new Map<RemoteTicket, Accepting>();
  #calls = 0;
  #waiters = 0;
  #listens = false;
  #isReady!: () => void;
  /** Resolves when a leader has been heard for the first time. */
  readonly ready = new Promise<void>((resolve) => {
    this.#isReady = resolve;
  });

  constructor(runtime: Runtime) {
    const { store, namespace, clock, sessionTtlMs: ttlMs } = runtime.options;
    this.#runtime = runtime;
    this.candidacy = new Candidacy(runtime);
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
      () => this.#tickets.leases(),
      (ms, run) => this.after(ms, run),
    );
    this.#leaseCalls = new LeaseCalls(this.#contact, this.#leases, (question) => this.#ask(question));
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
    this.#tickets.add(ticket);
    if (order.ttlMs !== undefined && kind === "acquire") this.#contact.quicken(order.ttlMs);
    this.#contact.say(ticket.asked);
    return ticket;
  }

  /** Asks something that has one answer: again, until it has come. */
  ask(question: string, about: readonly unknown[]): Promise<unknown> {
    return this.#ask({ type: "ask", question, about });
  }

  #ask(question: Question): Promise<unknown> {
    if (this.problem !== undefined) return Promise.reject(this.problem);
    return this.#asks.ask({ ...question, call: ++this.#calls });
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
    const known = this.#tickets.ofId(id);
    if (known?.handle instanceof LiveTicket) return known.handle;
    const ticket = this.#open("watch", { ...UNKNOWN, requestId: undefined }, id);
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
    this.#tickets.forget(ticket);
    ticket.handle?.closed();
  }

  errorOf(held: HeldTicket, signal: AbortSignal | undefined): WarmpoolError {
    const { id, end, error, order } = held as RemoteTicket;
    const number = id === 0 ? undefined : id;
    if (end === "cancelled" && signal?.aborted === true) return abortError(number, signal);
    if (error !== undefined) return error;
    const { explanation, cause } = this.#silence;
    return acquireTimeout(number, order.waitMs, explanation, cause);
  }

  waitTimedOut({ id, createdAtMs }: HeldTicket): WarmpoolError {
    const waitsOn = { explanation: "It waits on. explain() tells why.", cause: undefined };
    const { explanation, cause } = this.#contact.hasLeader ? waitsOn : this.#silence;
    return acquireTimeout(id, this.nowMs - createdAtMs, explanation, cause);
  }

  /** Why nobody answers, as far as it is known here. */
  get #silence(): { explanation: string; cause: unknown } {
    const { life } = this.#runtime;
    const cause = this.candidacy.problem ?? life?.committer.problem ?? this.#contact.problem;
    const what = life?.committer.problem === undefined ? NOBODY_LEADS : NOT_COMMITTED;
    const why = cause instanceof Error ? ` ${clause(cause.message)}.` : "";
    return { explanation: `${what}${why}`, cause };
  }

  // ── Leases ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  leaseBegan(lease: LiveLease | LiveGroup, ticket: HeldTicket): void {
    ticket.handle = lease;
    this.#leases.heed((ticket as RemoteTicket).leases);
  }

  release(held: HeldTicket, verdict: Verdict): Released {
    const ticket = held as RemoteTicket;
    if (this.problem !== undefined) return { verdict, done: Promise.reject(this.problem) };
    ticket.released = verdict;
    const lease = [ticket.id, ticket.token] as const;
    const released = this.#ask({ type: "release", lease, verdict });
    return { verdict, done: this.soon(released.then(() => this.#tickets.forget(ticket))) };
  }

  releaseAgain(): void {}

  async renew(held: HeldTicket): Promise<boolean> {
    await this.#leaseCalls.renew(held as RemoteTicket);
    return true;
  }

  extend(
    held: HeldTicket,
    wish: { readonly byMs: number } | { readonly untilMs: number },
  ): Promise<Extension | undefined> {
    return this.#leaseCalls.extend(held as RemoteTicket, wish, this.nowMs);
  }

  async update(held: HeldTicket, userData: Readonly<Record<string, unknown>>): Promise<boolean> {
    await this.#leaseCalls.update(held as RemoteTicket, userData);
    return true;
  }

  async reopened(): Promise<void> {}

  ended(handle: Handle): void {
    this.#tickets.forgetEnded(handle);
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

  take(held: HeldTicket): Promise<boolean> {
    return this.#leaseCalls.take(held as RemoteTicket);
  }

  async committed(): Promise<boolean> {
    return true;
  }

  async closeTicket(ticketOf: () => HeldTicket): Promise<boolean> {
    await this.#ask({ type: "close", ticket: ticketOf().id });
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
        const ticket = this.#tickets.leaseOf(message.call, message.token);
        if (ticket?.isHeld === true && !ticket.lapsed) this.#leases.lapse(ticket);
        return;
      }
      case "closed":
        return this.#closed(message);
      case "answer":
        return this.#answered(message);
      case "configuration":
        return this.candidacy.heard(message);
      case "events":
        // The leader hears of them before anybody has to write to him.
        if (this.#runtime.life === undefined) for (const event of message.events) this.#emit(event);
        return;
    }
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

  /** The ticket of a call, now that its number is known. */
  #known(call: number, id: number): RemoteTicket | undefined {
    const asked = this.#tickets.ofCall(call);
    if (asked === undefined) return undefined;
    const ticket = this.#tickets.name(asked, id);
    if (!ticket.durable) return ticket;
    const handle = ticket.handle instanceof LiveTicket ? ticket.handle : new LiveTicket(this, ticket);
    this.#accepting.get(asked)?.resolve(handle);
    this.#accepting.delete(asked);
    return ticket;
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
    for (const { ttlMs } of ticket.leases) {
      if (ttlMs !== undefined && ticket.kind === "acquire") this.#contact.quicken(ttlMs);
    }
    if (ticket.kind === "acquire" && ticket.leases.some((each) => this.#leases.leftMs(each) <= 0)) {
      // It came too late to be of use: whoever waits asks for another.
      this.#contact.say({ type: "giveUp", call, how: "cancelled" });
      return this.#close(ticket, "expired");
    }
    ticket.handle?.granted(first.resource as LentResource);
    this.#leases.heed(ticket.leases);
  }

  #closed({ call, ticket: id, token, end, reason, output, silent, error }: LeaderMessage & { type: "closed" }): void {
    const whole = this.#known(call, id);
    const ticket = whole && this.#tickets.leaseOf(call, token);
    if (ticket === undefined) return;
    ticket.reason = reason;
    ticket.output = output;
    ticket.error = fromFailed(error);
    // Whoever waits is still there, and asks anew for what is left of his time.
    this.#close(ticket, silent === true && !ticket.gaveUp ? "expired" : end);
  }

  #answered(message: LeaderMessage & { type: "answer" }): void {
    if (this.#asks.answered(message)) return;
    const ticket = this.#tickets.ofCall(message.call);
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
    for (const ticket of this.#tickets.all()) {
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
    rest.push(...this.#asks.again());
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
    for (const ticket of this.#tickets.all()) if (ticket.state === "waiting") this.#fail(ticket, error);
    this.#asks.fail(error);
  }

  #fail(ticket: RemoteTicket, error: WarmpoolError): void {
    ticket.handle?.stopWaiting(error);
    this.#accepting.get(ticket)?.reject(error);
    this.#accepting.delete(ticket);
    if (ticket.kind === "acquire" && ticket.state === "waiting") this.#tickets.forget(ticket);
  }

  /** The engine in this process ended or began: its holders are those of whoever leads. */
  suspended(): void {}

  reloaded(): void {}

  /** There will be no leader for this process. */
  failed(error: WarmpoolError): void {
    for (const ticket of this.#tickets.all()) {
      ticket.handle?.failed(error);
      this.#fail(ticket, error);
    }
    this.#asks.fail(error);
    this.#leases.end();
  }

  /** Waiting ends here. Leases run on, renewed no more: who holds one when its time is over is told then. */
  closed(error: WarmpoolError): void {
    for (const ticket of this.#tickets.all()) this.#fail(ticket, error);
  }

  /** Waits for what is being answered, and says goodbye to whoever leads. */
  async leave(error: WarmpoolError, deadline: Promise<void>): Promise<void> {
    if (this.#contact.hasLeader) await Promise.race([this.#asks.allAnswered(), deadline]);
    await this.#contact.close(deadline);
    this.#asks.fail(error);
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
