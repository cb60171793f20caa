import type { CountersRecord } from "../model/counters.js";
import type { Verdict } from "../model/ticket.js";
import { answered } from "./answering.js";
import type { Answer, Call } from "./call.js";
import { type ConfigureResult, configure, lineUpAnew, lookAtAll, type PoolOrder } from "./configuring.js";
import type { Effect } from "./effect.js";
import { enter, enterParty, isRepeatable, type Rejection, ticketOf } from "./entering.js";
import { type Explanation, explain } from "./explaining.js";
import { endGroup, type GroupEnd } from "./groups.js";
import { type Extension, extend } from "./lease-time.js";
import { Ledger, type Self } from "./ledger.js";
import { deliver, hold, lose, release, silence, tendTicket, unhold, update } from "./lending.js";
import { Moment } from "./moment.js";
import type { Pool } from "./pool.js";
import { tendProvider } from "./reaping.js";
import { type Recovered, recover } from "./recovering.js";
import type { Resource } from "./resource.js";
import { serve } from "./serving.js";
import { endSession, heard, keepOnly, lapse, neverTaken, renew, tendSession } from "./sessions.js";
import { dispose, heardAtMs, isNeverSilent, proceed } from "./tending.js";
import { Ticket, type TicketOrder } from "./ticket.js";
import { giveUp, settleIn, tendRank } from "./waiting.js";

/** More than can have been given in the time that a rolled-back store lost: over an hour of a million a second. */
const LOST_NUMBERS = 2 ** 32;

/**
 * The engine: every input, with the time, changes its state and leaves behind the records that changed and the effects to
 * run (`ledger.changed…`, `ledger.effects`), for the runtime to take. It reads no clock, does no I/O, draws nothing and
 * waits for nothing.
 */
export class Engine {
  readonly ledger: Ledger;

  constructor(self: Self, counters: CountersRecord, pools: readonly PoolOrder[], recovered: Recovered, nowMs: number) {
    this.ledger = new Ledger(self, counters, nowMs);
    configure(this.ledger, pools);
    recover(this.ledger, recovered);
    serve(this.ledger);
  }

  /** When `tick` must be called next, or `Infinity`. */
  get wakeAtMs(): number {
    return this.ledger.deadlines.nextAtMs;
  }

  // ── Inputs ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Somebody wants a resource. The ticket may be granted, or refused, by the time this returns. A `requestId` that its
   * owner used before gives the ticket of then, whatever the order says: comparing them is the caller's.
   */
  request(order: TicketOrder, nowMs: number): Ticket | Rejection {
    const ledger = this.#begin("request", order.owner, nowMs);
    const known = isRepeatable(order) ? ticketOf(ledger, order) : undefined;
    if (known !== undefined) return known;
    const ticket = order.items === undefined ? enter(ledger, order) : enterParty(ledger, order, order.items);
    if (!(ticket instanceof Ticket)) return ticket;
    serve(this.ledger);
    if (ticket.state !== "waiting") return ticket;
    settleIn(ledger, ticket);
    if (order.waitMs <= 0 && ticket.rank !== undefined) {
      giveUp(ledger, ticket, "timed-out");
      serve(this.ledger);
    }
    return ticket;
  }

  /** Whoever waited does so no more. A grant that came first is taken back. */
  giveUp(ticket: Ticket, how: "cancelled" | "timed-out", nowMs: number): void {
    giveUp(this.#begin("give-up", ticket.owner, nowMs), ticket, how);
    serve(this.ledger);
  }

  /** The holder was given its lease. */
  delivered(ticket: Ticket): void {
    deliver(this.ledger, ticket);
  }

  /** The holder of a durable ticket takes its lease: from now on it is his. */
  taken(ticket: Ticket, nowMs: number): void {
    deliver(this.#begin("take", ticket.owner, nowMs), ticket);
  }

  /** Ends all tickets of a group, whatever their state. */
  endGroup(group: string, nowMs: number): GroupEnd {
    const ended = endGroup(this.#begin("end-group", "operator", nowMs), group);
    serve(this.ledger);
    return ended;
  }

  /** The holder gives its lease back. Only for a granted ticket. */
  release(ticket: Ticket, verdict: Verdict, nowMs: number): void {
    release(this.#begin("release", ticket.owner, nowMs), ticket, verdict);
    serve(this.ledger);
  }

  /** The holder is alive: its lease's `ttl` begins anew, within its grace too. Only for a granted ticket. */
  renew(ticket: Ticket, nowMs: number): void {
    renew(this.#begin("renew", ticket.owner, nowMs), ticket);
  }

  /** The holder wants its lease's lifespan to end later. Only for a granted ticket. */
  extend(ticket: Ticket, wish: { readonly byMs: number } | { readonly untilMs: number }, nowMs: number): Extension {
    return extend(this.#begin("extend", ticket.owner, nowMs), ticket, wish);
  }

  /** Something arrived from a session elsewhere: it is alive, and may be silent for `ttlMs` from now. */
  heard(session: string, ttlMs: number, nowMs: number): void {
    heard(this.#begin("heartbeat", "engine", nowMs), session, ttlMs);
  }

  /** A session ends, by its own word; or it is known to be dead, and nobody uses what it had. */
  endSession(session: string, dead: boolean, nowMs: number): void {
    endSession(this.#begin("session-end", "engine", nowMs), session, dead);
    serve(this.ledger);
  }

  /** A session begins anew with only these of its tickets: nobody waits for the others, or uses them. */
  keepOnly(session: string, has: (ticket: Ticket) => boolean, nowMs: number): void {
    keepOnly(this.#begin("session-resumed", "engine", nowMs), session, has);
    serve(this.ledger);
  }

  /** Whoever waits elsewhere does so no more; a grant that he was told of, he did not take. */
  neverTaken(ticket: Ticket, how: "cancelled" | "timed-out", nowMs: number): void {
    neverTaken(this.#begin("give-up", ticket.owner, nowMs), ticket, how);
    serve(this.ledger);
  }

  /** A holder elsewhere has lost his lease: its grace begins. Renewing it still counts. */
  lapse(ticket: Ticket, nowMs: number): void {
    lapse(this.#begin("lapse", ticket.owner, nowMs), ticket);
  }

  /** The holder writes something down with its resource, key by key; `null` deletes one. Only for a granted ticket. */
  update(ticket: Ticket, userData: Readonly<Record<string, unknown>>, nowMs: number): void {
    update(this.#begin("update", ticket.owner, nowMs), ticket, userData);
  }

  /**
   * Takes away what is lent in a condition and whose holder was not heard of for so long, into another condition; returns
   * what that is, and who had it.
   */
  resetSilent(
    pool: Pool,
    { condition, silentMs, to }: { readonly condition: string; readonly silentMs: number; readonly to: string },
    nowMs: number,
  ): { readonly resource: Resource; readonly owner: string }[] {
    const ledger = this.#begin("reset-silent", "operator", nowMs);
    const taken: { resource: Resource; owner: string }[] = [];
    for (const resource of ledger.resources.values()) {
      const { ticket } = resource;
      if (resource.pool !== pool || resource.condition !== condition || ticket === undefined) continue;
      if (isNeverSilent(ledger, ticket) || ledger.nowMs < heardAtMs(ledger, resource) + silentMs) continue;
      taken.push({ resource, owner: ticket.owner });
      silence(ledger, resource, silentMs, to);
    }
    serve(this.ledger);
    return taken;
  }

  /** A provider call was answered, by its end or by its deadline. */
  answered(call: Call, answer: Answer, nowMs: number): void {
    answered(this.#begin("answer", "engine", nowMs), call, answer);
    serve(this.ledger);
  }

  /** An `allocate` under way says what it knows so far. */
  checkpoint(call: Call, data: unknown, nowMs: number): void {
    const ledger = this.#begin("checkpoint", "engine", nowMs);
    if (call.kind !== "allocate" || call.resource.gone) return;
    const { state } = call.resource;
    if (state !== "allocating" && state !== "unknown" && state !== "deleting") return;
    call.resource.data = data;
    ledger.change(call.resource);
  }

  /** Time has passed. */
  tick(nowMs: number): void {
    const ledger = this.#begin("tick", "engine", nowMs);
    for (let due = ledger.deadlines.take(ledger.nowMs); due !== undefined; due = ledger.deadlines.take(ledger.nowMs)) {
      switch (due.kind) {
        case "ticket":
          tendTicket(ledger, due);
          break;
        case "session":
          tendSession(ledger, due);
          break;
        case "rank":
          tendRank(ledger, due);
          break;
        case "resource":
          proceed(ledger, due);
          break;
        case "pool":
          ledger.touch(due);
          if (due.nextAllocateAtMs > ledger.nowMs) ledger.deadlines.arm(due, due.nextAllocateAtMs);
          break;
        case "provider":
          tendProvider(ledger, due);
          break;
      }
    }
    serve(this.ledger);
  }

  configure(pools: readonly PoolOrder[], nowMs: number): ConfigureResult {
    const result = configure(this.#begin("configure", "operator", nowMs), pools);
    serve(this.ledger);
    return result;
  }

  /** Neither lends nor makes, until resumed. */
  pause(pool: Pool, nowMs: number): void {
    const ledger = this.#begin("pause", "operator", nowMs);
    if (pool.mode !== "open") return;
    pool.mode = "paused";
    // Who waits for it or another is the other's now.
    ledger.touch(pool);
    ledger.poolChanged(pool, "paused");
    serve(this.ledger);
  }

  resume(pool: Pool, nowMs: number): void {
    const ledger = this.#begin("resume", "operator", nowMs);
    if (pool.mode !== "paused" && pool.mode !== "draining") return;
    pool.mode = "open";
    lineUpAnew(ledger);
    ledger.touch(pool);
    ledger.poolChanged(pool, "resumed");
    serve(this.ledger);
  }

  /** Accepts nothing more, serves who waits, ends what comes back. */
  drain(pool: Pool, nowMs: number): void {
    const ledger = this.#begin("drain", "operator", nowMs);
    if (pool.mode !== "open" && pool.mode !== "paused") return;
    pool.mode = "draining";
    ledger.touch(pool);
    lookAtAll(ledger, pool);
    ledger.poolChanged(pool, "draining");
    lineUpAnew(ledger);
    serve(this.ledger);
  }

  /** Ends a resource by hand. A lease on it is lost. */
  remove(resource: Resource, nowMs: number): void {
    const ledger = this.#begin("delete", "operator", nowMs);
    lose(ledger, resource, "deleted by an operator");
    // Whoever held it has his grace first, as with any lost resource.
    if (resource.state !== "leased") dispose(ledger, resource, "asked");
    ledger.touchAll(resource.pool.provider);
    serve(this.ledger);
  }

  /** Keeps a free resource for a person to look at; a lease on it is lost. */
  hold(resource: Resource, note: string, forMs: number, nowMs: number): void {
    const ledger = this.#begin("hold", "operator", nowMs);
    lose(ledger, resource, note);
    if (resource.state === "ready" || resource.state === "leased" || resource.state === "held")
      hold(ledger, resource, note, forMs);
    serve(this.ledger);
  }

  /** A person is done with what he held: it goes on as what was given back, and is checked before anybody gets it. */
  unhold(resource: Resource, nowMs: number): void {
    const ledger = this.#begin("unhold", "operator", nowMs);
    if (resource.state === "held") unhold(ledger, resource);
    serve(this.ledger);
  }

  /** A person says that it is gone, whatever the provider says. The only way out for a delete that never succeeds. */
  forget(resource: Resource, note: string, nowMs: number): void {
    const ledger = this.#begin("forget", "operator", nowMs);
    lose(ledger, resource, note);
    if (resource.call !== undefined) ledger.effects.push({ type: "abort", call: resource.call });
    ledger.forget(resource, "forgotten", note);
    serve(this.ledger);
  }

  /**
   * A person accepts that the store was rolled back: counters go on above whatever the provider has, and things of the lost
   * time are unrecorded things like any other.
   */
  acceptRollback(aboveResource: number, nowMs: number): void {
    const ledger = this.#begin("accept-rollback", "operator", nowMs);
    const { counters } = ledger;
    counters.resource = Math.max(counters.resource, aboveResource + 1);
    // Tokens and tickets of the lost time are nowhere to be seen: they must be larger than any of those all the same.
    counters.token += LOST_NUMBERS;
    counters.ticket += LOST_NUMBERS;
    ledger.rolledBack = undefined;
    ledger.rollbackAccepted = true;
    for (const pool of ledger.pools.values()) ledger.touch(pool);
    serve(this.ledger);
  }

  /** The process ends: nothing new is lent or made; with `"delete"`, all that there is goes, and leases are lost. */
  retire(resources: "keep" | "delete", nowMs: number): void {
    const ledger = this.#begin("close", "operator", nowMs);
    for (const pool of ledger.pools.values()) pool.mode = resources === "keep" ? "paused" : "leaving";
    if (resources === "keep") return;
    for (const resource of [...ledger.resources.values()]) {
      lose(ledger, resource, "its pool was closed");
      dispose(ledger, resource, "draining");
    }
    serve(this.ledger);
  }

  /** Why a ticket is not served yet, as of now or of the last input. */
  explain(ticket: Ticket, nowMs = this.ledger.nowMs): Explanation {
    return explain(this.#begin("explain", "operator", nowMs), ticket);
  }

  // ── What has come of them ──────────────────────────────────────────────────────────────────────────────────────────

  /** Hands over the effects gathered since the last time. */
  takeEffects(): Effect[] {
    const { effects } = this.ledger;
    if (effects.length > 0) this.ledger.effects = [];
    return effects;
  }

  /** Hands over the records that changed since the last time. */
  takeChanges(): { resources: readonly Resource[]; tickets: readonly Ticket[] } {
    const { changedResources: resources, changedTickets: tickets } = this.ledger;
    this.ledger.changedResources = [];
    this.ledger.changedTickets = [];
    for (const resource of resources) resource.dirty = false;
    for (const ticket of tickets) ticket.dirty = false;
    return { resources, tickets };
  }

  #begin(cause: string, actor: string, nowMs: number): Ledger {
    const { ledger } = this;
    // Time never goes back, whatever clock it was read from.
    if (nowMs > ledger.nowMs) ledger.now = new Moment(nowMs);
    ledger.cause = cause;
    ledger.actor = actor;
    return ledger;
  }
}
