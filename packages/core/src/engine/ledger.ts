import type { CountersRecord } from "../model/counters.js";
import type { EventData, EventType, WarmpoolEvent } from "../model/event.js";
import { formatKey } from "../model/key.js";
import type { DeleteReason, ResourceState } from "../model/resource.js";
import type { TicketState } from "../model/ticket.js";
import type { ResourceCall, ResourceCallKind } from "./call.js";
import { count } from "./counting.js";
import { Deadlines } from "./deadlines.js";
import type { Effect } from "./effect.js";
import { idsOf, poolNamesOf } from "./event-ids.js";
import { Groups } from "./groups.js";
import { Line, type LineTerms, type Rank } from "./line.js";
import { Lines } from "./lines.js";
import { Moment } from "./moment.js";
import { Owners, type OwnerTerms } from "./owners.js";
import type { CallTimeouts } from "./policy.js";
import type { Pool } from "./pool.js";
import type { Provider } from "./provider.js";
import { Resource } from "./resource.js";
import { Session } from "./session.js";
import { SharedNumbers } from "./shared-numbers.js";
import type { Ticket } from "./ticket.js";

/** Who this engine is, in which life. */
export interface Self {
  readonly namespace: string;
  readonly installation: string;
  readonly epoch: number;
  /** 6 characters of `[a-z0-9]`, drawn for this epoch: part of every key. */
  readonly epochId: string;
  /** This process's session. */
  readonly session: string;
  /** Records are written down: changes are gathered, and nothing is delivered before the commit. */
  readonly durable: boolean;
  /** How long an older leader may go on for: 0 where only one process may open the store. */
  readonly leaderTtlMs: number;
  /** How long a session of another process may be silent until it says so itself, and the `ttl` of its leases in pools without one. */
  readonly sessionTtlMs: number;
  /** How long closed tickets of `request` are kept. */
  readonly keepClosedMs: number;
  /** By so much earlier who came counts as if he came earlier, for each step of priority. `Infinity`: he always goes first. */
  readonly ageingMs: number;
  /** How those who ask are told apart; `undefined`: not at all. */
  readonly owners: OwnerTerms | undefined;
  /** Somebody listens to events from the beginning. */
  readonly watched: boolean;
}

type Watched = Resource | Ticket | Rank | Pool | Provider | Session;

/**
 * The live records with their indexes, and what has come of the present input: changed records and effects. The files
 * beside it hold what happens to them; this one only keeps them consistent.
 */
export class Ledger {
  readonly self: Self;
  now: Moment;
  /** When this epoch began. */
  readonly startedAtMs: number;
  /** The input being handled, for events. */
  cause = "recovered";
  actor = "engine";
  /** In the order of configuration. */
  readonly pools = new Map<string, Pool>();
  readonly providers = new Map<object, Provider>();
  readonly resources = new Map<number, Resource>();
  readonly keys = new Map<string, Resource>();
  /** Calls that still run for resources that were forgotten, by key: until they end, nothing else touches that key. */
  readonly strays = new Map<string, ResourceCall>();
  /** By number, but for those that belong to a session of memory: these are found through their line or their resource. */
  readonly tickets = new Map<number, Ticket>();
  /** Tickets with a `requestId`, by owner and that. */
  readonly requests = new Map<string, Ticket>();
  /** Who has tickets here from elsewhere, by id. */
  readonly sessions = new Map<string, Session>();
  /** Tickets by the call that made them, where calls come from elsewhere and may be repeated. */
  readonly calls = new Map<string, Ticket>();
  /** Waiting tickets whose start has not come: they stand in no line. */
  readonly early = new Set<Ticket>();
  readonly groups = new Groups();
  /** Numbers that resources of several pools share out among them, by counter. */
  readonly #numbers = new SharedNumbers();
  readonly deadlines = new Deadlines<Watched>();
  readonly lines: Lines;
  /** Tickets that ask for several things together, in order. No pool looks here but those that they want something of. */
  readonly parties: Line;
  /** Who holds something or waits; `undefined`: that makes no difference. */
  readonly owners: Owners | undefined;
  readonly terms: LineTerms;
  readonly counters: { -readonly [Key in keyof CountersRecord]: CountersRecord[Key] };

  changedResources: Resource[] = [];
  changedTickets: Ticket[] = [];
  effects: Effect[] = [];
  /**
   * Tells of a grant: by an effect. Where nothing is written down first, nothing is left to wait for, and whoever is told at once
   * takes its place. It may not call the engine.
   */
  tellGranted = (ticket: Ticket, resource: Resource): void => {
    this.effects.push({ type: "granted", ticket, resource });
  };
  /** Pools to be matched and sized before the input is done: a list through the pools themselves. */
  #firstTouched: Pool | undefined;
  #lastTouched: Pool | undefined;
  /** Somebody listens to events: otherwise they are only counted. */
  watched: boolean;
  /** Keys of a later state of this store: nothing is lent, made or reaped until a person decides. */
  rolledBack: readonly string[] | undefined;
  /** A person has decided: for the rest of this epoch, what is of a later state is unrecorded like anything else. */
  rollbackAccepted = false;

  constructor(self: Self, counters: CountersRecord, nowMs: number) {
    this.self = self;
    this.owners = self.owners === undefined ? undefined : new Owners(self.owners);
    this.terms = { ageingMs: self.ageingMs, owners: this.owners };
    this.lines = new Lines(this.pools, this.terms);
    // Those who ask for several things go by arrival, whoever they are.
    this.parties = new Line([], { ageingMs: self.ageingMs, owners: undefined });
    this.watched = self.watched;
    this.counters = { ...counters };
    this.now = new Moment(nowMs);
    this.startedAtMs = nowMs;
  }

  get nowMs(): number {
    return this.now.atMs;
  }

  // ── Pools ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Has a pool matched and sized before the present input is done. */
  touch(pool: Pool): void {
    if (pool.touched) return;
    pool.touched = true;
    if (this.#lastTouched === undefined) this.#firstTouched = pool;
    else this.#lastTouched.nextTouched = pool;
    this.#lastTouched = pool;
  }

  /** The first of the pools to be matched and sized, and all that follow it; none: the input is done. */
  takeTouched(): Pool | undefined {
    const first = this.#firstTouched;
    this.#firstTouched = undefined;
    this.#lastTouched = undefined;
    return first;
  }

  get isSettled(): boolean {
    return this.#firstTouched === undefined;
  }

  /** All pools that somebody waits for. */
  touchWaiting(): void {
    for (const pool of this.pools.values()) if (pool.waiting > 0) this.touch(pool);
  }

  /** Puts a ticket into a line, whose pools are matched. */
  lineUp(ticket: Ticket, line: Line): void {
    line.push(ticket);
    const { pools } = line;
    for (let at = 0; at < pools.length; at++) this.touch(pools[at] as Pool);
  }

  touchAll(provider: Provider): void {
    this.touchThose(provider.pools);
  }

  touchThose(pools: Iterable<Pool>): void {
    for (const pool of pools) this.touch(pool);
  }

  // ── Resources ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A new record, with the next number and key; or for a thing that was found, with the key it has. */
  addResource(pool: Pool, state: ResourceState, foundKey?: string, ownSlot?: number): Resource {
    const { self, nowMs } = this;
    const id = this.counters.resource++;
    const key = foundKey ?? formatKey(self.installation, self.epochId, id);
    const slot = ownSlot ?? pool.slots.take();
    if (ownSlot !== undefined) pool.slots.claim(ownSlot);
    const resource = new Resource(pool, { id, key, slot, atMs: nowMs, epoch: self.epoch, state });
    // One call at a time for a key, even when its first record was forgotten.
    if (foundKey !== undefined) resource.call = this.strays.get(foundKey);
    if (state === "allocating" && pool.policy.counters.length > 0) this.#numbers.take(resource);
    this.index(resource);
    this.change(resource);
    this.resourceChanged(resource, undefined);
    return resource;
  }

  /** What a record of an earlier life holds. */
  claim(resource: Resource): void {
    resource.pool.slots.claim(resource.slot);
    this.#numbers.claim(resource);
  }

  index(resource: Resource): void {
    this.resources.set(resource.id, resource);
    this.keys.set(resource.key, resource);
    this.#count(resource, +1);
  }

  /** Puts a resource into another state. */
  move(resource: Resource, to: ResourceState, reason?: DeleteReason): void {
    const { pool, state: from } = resource;
    if (resource.shelf !== undefined) pool.unshelve(resource);
    if (resource.vetting) this.stopVetting(resource);
    resource.sinceAtMs = this.nowMs;
    if (reason !== undefined) resource.reason = reason;
    this.change(resource);
    // What is handed on stays leased.
    if (from !== to) this.#recount(resource, to);
    this.resourceChanged(resource, from, reason);
  }

  #recount(resource: Resource, to: ResourceState): void {
    count(resource, resource.state, -1);
    count(resource, to, +1);
    resource.state = to;
    this.touch(resource.pool);
  }

  /** The check that was to come before lending it is over, or of no use any more. */
  stopVetting(resource: Resource): void {
    if (!resource.vetting) return;
    resource.vetting = false;
    resource.pool.vetting -= 1;
  }

  /** The provider has it no more: its record is dropped, its slot and its place in the caps are free. */
  forget(resource: Resource, reason: EventData["resource.gone"]["reason"], note?: string): void {
    const { pool, call } = resource;
    const { provider } = pool;
    pool.unshelve(resource);
    this.stopVetting(resource);
    if (resource.slowDelete) pool.slowDeletes -= 1;
    this.#count(resource, -1);
    pool.slots.give(resource.slot);
    this.#numbers.give(resource);
    pool.unname(resource);
    this.resources.delete(resource.id);
    this.keys.delete(resource.key);
    if (call !== undefined) this.strays.set(resource.key, call);
    if (provider.sweep !== undefined) provider.goneMeanwhile.add(resource.key);
    this.deadlines.disarm(resource);
    resource.gone = true;
    this.change(resource);
    this.event("resource.gone", note === undefined ? { reason } : { reason, note }, resource);
    // Under a shared cap, or behind a breaker that lets one through at a time, its place may be another pool's.
    if (provider.policy.max === Number.POSITIVE_INFINITY && !provider.breaker.halfOpen) this.touch(pool);
    else this.touchAll(provider);
  }

  /** Its delete will take a while: nobody should count on its place. */
  slowDelete(resource: Resource): void {
    if (resource.slowDelete) return;
    resource.slowDelete = true;
    resource.pool.slowDeletes += 1;
    this.touchAll(resource.pool.provider);
  }

  #count(resource: Resource, by: 1 | -1): void {
    const { pool } = resource;
    count(resource, resource.state, by);
    pool.total += by;
    pool.provider.total += by;
  }

  /** Marks a record as changed: it goes into the next batch. */
  change(resource: Resource): void {
    if (this.self.durable) this.#changed(resource);
  }

  #changed(resource: Resource): void {
    if (resource.dirty) return;
    resource.dirty = true;
    this.changedResources.push(resource);
  }

  /** Asks for a provider call. There is at most one at a time for a resource. */
  call(resource: Resource, kind: ResourceCallKind): void {
    const { pool } = resource;
    const call: ResourceCall = {
      kind,
      provider: pool.provider,
      pool,
      resource,
      timeoutMs:
        kind === "check" ? pool.policy.check.timeoutMs : pool.policy.timeouts[`${kind}Ms` as keyof CallTimeouts],
      abandonAtMs: undefined,
    };
    resource.call = call;
    this.effects.push({ type: "call", call });
  }

  // ── Owners ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** An owner has one more resource, or one less: those of his who waited for that are looked at. */
  lent(owner: string, by: 1 | -1): void {
    const { owners } = this;
    if (owners === undefined) return;
    for (const pool of owners.lent(owner, by)) this.touch(pool);
    if (this.parties.size > 0) this.touchWaiting();
  }

  // ── Tickets ────────────────────────────────────────────────────────────────────────────────────────────────────────

  addTicket(ticket: Ticket): void {
    if (ticket.order.group !== undefined) this.groups.enter(ticket);
    if (this.#isListed(ticket)) this.#list(ticket);
  }

  #list(ticket: Ticket): void {
    const { owner, requestId } = ticket.order;
    this.tickets.set(ticket.id, ticket);
    if (requestId !== undefined) this.requests.set(requestKey(owner, requestId), ticket);
    if (ticket.order.call !== undefined) this.#join(ticket, this.self.sessionTtlMs);
  }

  dropTicket(ticket: Ticket): void {
    this.deadlines.disarm(ticket);
    if (this.#isListed(ticket)) this.#unlist(ticket);
  }

  #unlist(ticket: Ticket): void {
    ticket.note({ gone: true });
    const { owner, requestId } = ticket.order;
    this.tickets.delete(ticket.id);
    if (requestId !== undefined) this.requests.delete(requestKey(owner, requestId));
    if (ticket.order.call !== undefined) this.#leave(ticket);
    this.changeTicket(ticket);
  }

  /** Has its session answer for it. One that nobody has heard of yet is taken for heard. */
  #join(ticket: Ticket, ttlMs: number): void {
    const { call, session: id } = ticket.order;
    if (call !== undefined) this.calls.set(call, ticket);
    if (id === undefined) return;
    let session = this.sessions.get(id);
    if (session === undefined) {
      session = new Session(id, ttlMs, this.nowMs);
      this.sessions.set(id, session);
      this.deadlines.arm(session, session.silentAtMs);
    }
    session.tickets.add(ticket);
  }

  /** The session elsewhere that a ticket belongs to. */
  sessionOf({ order }: Ticket): Session | undefined {
    return order.session === undefined ? undefined : this.sessions.get(order.session);
  }

  #leave(ticket: Ticket): void {
    const { call } = ticket.order;
    if (call !== undefined) this.calls.delete(call);
    const session = this.sessionOf(ticket);
    if (session === undefined) return;
    session.tickets.delete(ticket);
    // A silent one is remembered for its leases alone.
    if (session.tickets.size === 0 && session.heapIndex === -1) this.sessions.delete(session.id);
  }

  #isListed(ticket: Ticket): boolean {
    const { requestId, call } = ticket.order;
    return this.self.durable || ticket.durable || requestId !== undefined || call !== undefined || ticket.isParty;
  }

  /** The ticket of that number, if there is one. In memory, one of a session is searched for. */
  ticket(id: number): Ticket | undefined {
    const listed = this.tickets.get(id);
    if (listed !== undefined || this.self.durable) return listed;
    for (const ticket of this.allTickets()) if (ticket.id === id) return ticket;
    return undefined;
  }

  /** All tickets there are. */
  *allTickets(): Iterable<Ticket> {
    yield* this.tickets.values();
    if (this.self.durable) return;
    for (const ticket of this.early) if (!this.#isListed(ticket)) yield ticket;
    for (const line of this.lines.all()) for (const ticket of line) if (!this.#isListed(ticket)) yield ticket;
    for (const { ticket } of this.resources.values()) {
      if (ticket !== undefined && ticket.party === undefined && !this.#isListed(ticket)) yield ticket;
    }
  }

  changeTicket(ticket: Ticket): void {
    if (this.self.durable) this.#ticketChanged(ticket);
  }

  #ticketChanged(ticket: Ticket): void {
    if (ticket.dirty) return;
    ticket.dirty = true;
    this.changedTickets.push(ticket);
  }

  // ── Events ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A ticket is new, or was granted or closed. Nothing is put together while nobody listens. */
  ticketChanged(ticket: Ticket, from: TicketState | undefined): void {
    if (this.watched) this.#tellTicket(ticket, from);
    else this.counters.event++;
  }

  #tellTicket(ticket: Ticket, from: TicketState | undefined): void {
    const { state: to, end, reason } = ticket;
    // Over a restart, the clock that it came by may have been set back.
    const waitedMs = to === "granted" && { waitedMs: Math.max(0, this.nowMs - ticket.waitsSinceMs) };
    const ended = to === "closed" && { ...(end !== undefined && { end }), ...(reason !== undefined && { reason }) };
    const pools = to !== "closed" && { pools: poolNamesOf(ticket) };
    this.event("ticket.changed", { from, to, ...waitedMs, ...ended, ...pools }, ticket);
  }

  resourceChanged(resource: Resource, from: ResourceState | undefined, reason?: DeleteReason): void {
    if (this.watched) this.#tellResource(resource, from, reason);
    else this.counters.event++;
  }

  #tellResource(resource: Resource, from: ResourceState | undefined, reason: DeleteReason | undefined): void {
    const { state: to } = resource;
    this.event("resource.changed", reason === undefined ? { from, to } : { from, to, reason }, resource);
  }

  poolChanged(pool: Pool, to: EventData["pool.changed"]["to"]): void {
    const { mode, policy } = pool;
    this.event("pool.changed", { to, mode, max: policy.max, warm: policy.warm }, pool);
  }

  event<Type extends EventType>(type: Type, data: EventData[Type], about: Resource | Ticket | Pool | Provider): void {
    const seq = this.counters.event++;
    if (!this.watched) return;
    const event: WarmpoolEvent<Type> = {
      v: 1,
      seq,
      atMs: this.nowMs,
      type,
      actor: this.actor,
      cause: this.cause,
      ids: idsOf(about),
      data,
    };
    this.effects.push({ type: "event", event: event as never });
  }
}

export function requestKey(owner: string, requestId: string): string {
  return JSON.stringify([owner, requestId]);
}
