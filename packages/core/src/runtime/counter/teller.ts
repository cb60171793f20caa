import { Ticket, type TicketOrder } from "../../engine/ticket.js";
import { WarmpoolError } from "../../model/error.js";
import { type LeaseName, type SentOrder, type SessionMessage, toFailed } from "../../model/message.js";
import type { Verdict } from "../../model/ticket.js";
import { noSuchTicket, rejection, requestConflict, sameRequest, storeBusy } from "../errors.js";
import type { Handle } from "../handle.js";
import type { Life } from "../life.js";
import type { Runtime } from "../runtime.js";
import { type Listening, TicketNews } from "./ticket-news.js";

/** Does what a session says: each message becomes an input of the engine, and its answer leaves when that is committed. */
export class Teller {
  readonly #runtime: Runtime;
  readonly #life: Life;
  readonly #listening: Listening;
  #afterCommit: (() => void)[] = [];

  constructor(runtime: Runtime, life: Life, listening: Listening) {
    this.#runtime = runtime;
    this.#life = life;
    this.#listening = listening;
  }

  /** What was said since the last time is gathered: its answers leave with its commit. */
  committed(): void {
    const answers = this.#afterCommit;
    if (answers.length === 0) return;
    this.#afterCommit = [];
    void this.#life.committer.committed().then((isCommitted) => {
      if (isCommitted && this.#runtime.life === this.#life) for (const answer of answers) answer();
    });
  }

  hear(session: string, message: Exclude<SessionMessage, { type: "listen" }>): void {
    switch (message.type) {
      case "hello":
        return this.#hello(session, message);
      case "acquire":
        return this.#acquire(session, message.call, message.order);
      case "request":
        return this.#request(session, message.call, message.order);
      case "watch":
        return this.#watch(session, message.call, message.ticket);
      case "giveUp":
        return this.#giveUp(callKey(session, message.call), message.how);
      case "release":
        return this.#release(session, message);
      case "renew":
        return this.#renew(session, message);
      case "extend":
        return this.#extend(session, message);
      case "update":
        return this.#update(session, message);
      case "take":
        return this.#take(session, message);
      case "lapse": {
        const ticket = this.#held(message.lease);
        if (ticket !== undefined) this.#life.engine.lapse(ticket, this.#nowMs);
        return;
      }
      case "close":
        return this.#close(session, message.call, message.ticket);
      case "ask":
        return this.#ask(session, message);
      case "bye":
        return this.#life.engine.endSession(session, false, this.#nowMs);
    }
  }

  get #nowMs(): number {
    return this.#runtime.nowMs;
  }

  // ── Sessions ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * It has these, and nothing else. What an earlier leader gave it besides, it has given back, or was told the end of though
   * that was never committed, or never heard of.
   */
  #hello(session: string, { open, held }: SessionMessage & { type: "hello" }): void {
    const { engine } = this.#life;
    const waiting = new Set(open.map((call) => callKey(session, call)));
    const names = new Set(held.map(([, id, token]) => `${id}/${token}`));
    const has = ({ id, token, order, state }: Ticket) =>
      (state === "granted" && names.has(`${id}/${token}`)) || (order.call !== undefined && waiting.has(order.call));
    engine.keepOnly(session, has, this.#nowMs);
    this.tellConfiguration(session);
    for (const [call, id, token] of held) {
      const ticket = this.#held([id, token]);
      if (ticket === undefined) this.#tellLost(session, call, id, token);
      else this.#newsOf(ticket.party ?? ticket).add(session, call);
    }
  }

  /** What this leader is configured as, once that is committed. */
  tellConfiguration(session: string): void {
    const { configuration } = this.#life.engine.ledger.counters;
    if (configuration === undefined) return;
    this.#afterCommit.push(() => this.#listening.tell(session, { type: "configuration", ...configuration }));
  }

  #tellLost(session: string, call: number, ticket: number, token: number): void {
    const reason = "the store does not know it any more";
    const error = toFailed(noSuchTicket(ticket));
    this.#afterCommit.push(() =>
      this.#listening.tell(session, { type: "closed", call, ticket, token, end: "lost", reason, error }),
    );
  }

  // ── Tickets ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #acquire(session: string, call: number, sent: SentOrder): void {
    const { atOnce, ...order } = sent;
    const key = callKey(session, call);
    // Whoever waits elsewhere counts by his own clock.
    const waitMs = Number.POSITIVE_INFINITY;
    const ticket = this.#make(session, call, { ...UNSAID, ...order, requestId: undefined, session, waitMs, call: key });
    if (ticket === undefined) return;
    if (atOnce === true && ticket.state === "waiting") this.#life.engine.giveUp(ticket, "timed-out", this.#nowMs);
  }

  #request(session: string, call: number, sent: SentOrder): void {
    const { requestId, waitMs = Number.POSITIVE_INFINITY, atOnce: _atOnce, ...rest } = sent;
    const order = { ...UNSAID, ...rest, requestId, waitMs, session: undefined, call: callKey(session, call) };
    this.#make(session, call, order);
  }

  /** The ticket of a call: a new one, or that of the first time. */
  #make(session: string, call: number, order: TicketOrder): Ticket | undefined {
    const { engine, committer } = this.#life;
    const { backlog } = this.#runtime.options;
    if (committer.waiting >= backlog) return this.#fail(session, call, storeBusy(committer.waiting, backlog));
    const ticket = engine.request(order, this.#nowMs);
    if (!(ticket instanceof Ticket)) return this.#fail(session, call, rejection(ticket, engine.ledger));
    if (!sameRequest(ticket, order) && ticket.durable) return this.#fail(session, call, requestConflict(ticket));
    this.#follow(session, call, ticket);
    return ticket;
  }

  #watch(session: string, call: number, id: number): void {
    const ticket = this.#life.engine.ledger.tickets.get(id);
    const isKnown = ticket !== undefined && this.#life.records.ticket(id) !== undefined;
    if (isKnown) this.#follow(session, call, ticket);
    else this.#fail(session, call, noSuchTicket(id));
  }

  /** From now on the session is told what becomes of it; and what has become of it by now, once that is committed. */
  #follow(session: string, call: number, ticket: Ticket): void {
    const news = this.#newsOf(ticket);
    // Whose grant is committed with this batch is told by its news, which come first.
    const isOld = this.#life.records.ticket(ticket.id) !== undefined;
    news.add(session, call);
    this.#afterCommit.push(() => {
      const { id, owner, order, state } = ticket;
      const { ttlMs } = order;
      if (isOld || state === "waiting" || ticket.durable) {
        const accepted = { type: "accepted", call, ticket: id, owner, ...(ttlMs !== undefined && { ttlMs }) } as const;
        this.#listening.tell(session, accepted);
      }
      if (isOld || ticket.durable) news.tellAll(session, call);
    });
  }

  #newsOf(ticket: Ticket): TicketNews {
    if (ticket.handle instanceof TicketNews) return ticket.handle;
    const news = new TicketNews(this.#life, ticket, this.#listening);
    ticket.handle = news;
    return news;
  }

  #giveUp(key: string, how: "cancelled" | "timed-out"): void {
    const { engine } = this.#life;
    const ticket = engine.ledger.calls.get(key);
    // What is nobody's does not end because one of those who asked is gone.
    if (ticket === undefined || ticket.durable) return;
    engine.neverTaken(ticket, how, this.#nowMs);
  }

  #close(session: string, call: number, id: number): void {
    const { engine } = this.#life;
    const ticket = engine.ledger.tickets.get(id);
    if (ticket?.state === "waiting" || ticket?.delivered === false) engine.giveUp(ticket, "cancelled", this.#nowMs);
    else if (ticket?.state === "granted") this.#giveBack(ticket, "ok");
    this.#afterCommit.push(() => this.#listening.tell(session, { type: "answer", call }));
  }

  // ── Leases ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The ticket, or the share of it, whose lease has that token: another token's lease is over. */
  #held([id, token]: LeaseName): Ticket | undefined {
    const ticket = this.#life.engine.ledger.tickets.get(id);
    const leases = ticket?.shares ?? (ticket === undefined ? [] : [ticket]);
    return leases.find((each) => each.state === "granted" && each.token === token);
  }

  #release(session: string, message: SessionMessage & { type: "release" }): void {
    const { call, lease, verdict, again } = message;
    const ticket = this.#held(lease);
    if (ticket !== undefined) this.#giveBack(ticket, verdict);
    // Perhaps an earlier leader has done it: nobody remembers those.
    else if (again !== true) return void this.#fail(session, call, leaseLost(lease));
    this.#afterCommit.push(() => this.#listening.tell(session, { type: "answer", call }));
  }

  /** Of a ticket that is nobody's, others may hold the lease as well. */
  #giveBack(ticket: Ticket, verdict: Verdict): void {
    this.#life.engine.release(ticket, verdict, this.#nowMs);
    const { handle } = ticket;
    if (ticket.durable && handle !== undefined) this.#afterCommit.push(() => (handle as Handle).closed());
  }

  /** Renewals are not committed. */
  #renew(session: string, { call, lease }: SessionMessage & { type: "renew" }): void {
    const ticket = this.#held(lease);
    if (ticket === undefined) return void this.#fail(session, call, leaseLost(lease));
    this.#life.engine.renew(ticket, this.#nowMs);
    this.#listening.tell(session, { type: "answer", call });
  }

  #take(session: string, { call, lease }: SessionMessage & { type: "take" }): void {
    const ticket = this.#held(lease);
    if (ticket === undefined) return void this.#fail(session, call, leaseLost(lease));
    this.#life.engine.taken(ticket.party ?? ticket, this.#nowMs);
    this.#afterCommit.push(() => this.#listening.tell(session, { type: "answer", call }));
  }

  #extend(session: string, { call, lease, untilMs }: SessionMessage & { type: "extend" }): void {
    const ticket = this.#held(lease);
    if (ticket === undefined) return void this.#fail(session, call, leaseLost(lease));
    const value = this.#life.engine.extend(ticket, { untilMs }, this.#nowMs);
    this.#afterCommit.push(() => this.#listening.tell(session, { type: "answer", call, value }));
  }

  #update(session: string, { call, lease, userData }: SessionMessage & { type: "update" }): void {
    const ticket = this.#held(lease);
    if (ticket === undefined) return void this.#fail(session, call, leaseLost(lease));
    this.#life.engine.update(ticket, userData, this.#nowMs);
    this.#afterCommit.push(() => this.#listening.tell(session, { type: "answer", call }));
  }

  // ── Anything else ──────────────────────────────────────────────────────────────────────────────────────────────────

  #ask(session: string, { call, question, about }: SessionMessage & { type: "ask" }): void {
    const answer = this.#runtime.options.answer(question, about);
    answer.then(
      (value) => {
        if (this.#runtime.life === this.#life) this.#listening.tell(session, { type: "answer", call, value });
      },
      (error: unknown) => {
        if (this.#runtime.life === this.#life) this.#fail(session, call, error);
      },
    );
  }

  #fail(session: string, call: number, error: unknown): undefined {
    this.#listening.tell(session, { type: "answer", call, ...toFailed(error) });
  }
}

/** What need not be sent. */
const UNSAID = { items: undefined, ttlMs: undefined, lifespan: undefined, startAtMs: undefined, group: undefined };

/** One call of one session. */
function callKey(session: string, call: number): string {
  return `${session}/${call}`;
}

function leaseLost([, token]: LeaseName): WarmpoolError<"LEASE_LOST"> {
  const reason = "it has ended, or another token holds its resource";
  return new WarmpoolError("LEASE_LOST", `Lease ${token} was lost: ${reason}. Stop using its resource.`, {
    details: { token, pool: "", reason },
  });
}
