import type { TicketEnd, TicketItem, TicketRecord, TicketState, Verdict } from "../model/ticket.js";
import type { Due } from "./deadlines.js";
import type { LifespanWish } from "./lifespan.js";
import type { Line, Rank } from "./line.js";
import { Moment } from "./moment.js";
import type { Want } from "./party.js";
import type { Resource } from "./resource.js";

/** What somebody asks for: never changed. Whoever asks for the same again and again may hand in the same order. */
export interface TicketOrder {
  readonly owner: string;
  /** The session it dies with; `undefined`: it belongs to nobody. */
  readonly session: string | undefined;
  readonly requestId: string | undefined;
  /** What it asks for; the first of it, if it asks for several things. */
  readonly item: TicketItem;
  /** All that it asks for, if that is a list: all or nothing. */
  readonly items: readonly TicketItem[] | undefined;
  readonly priority: number;
  /** How long it may wait. `Infinity`: for ever. */
  readonly waitMs: number;
  /** `undefined`: the pool's, for tickets of a session. */
  readonly ttlMs: number | undefined;
  readonly renewal: "session" | "manual";
  /** How long the lease may last at most. `undefined`: the pool's default. */
  readonly lifespan: LifespanWish | undefined;
  /** It stands in no line before. `undefined`: it starts at once. */
  readonly startAtMs: number | undefined;
  /** Ended together with others that name the same. */
  readonly group: string | undefined;
  /** Where calls come from other processes: which one of which session it was. The same again is the same ticket. */
  readonly call?: string;
  /** Where it led last. The engine's own. */
  line?: Line | undefined;
}

/** What few tickets have, and what is known only at the end: thousands wait without it. */
interface Notes {
  readonly end?: TicketEnd;
  readonly endedAtMs?: number;
  readonly verdict?: Verdict;
  readonly reason?: string;
  /** Kept after closing, for those who ask later. */
  readonly output?: readonly { readonly pool: string; readonly data: unknown }[];
  /** What kept it waiting when its wait became too long: afterwards nobody knows any more. Never stored. */
  readonly explanation?: string;
  /** Its lease's deadline has passed, and its grace runs. Never stored. */
  readonly overdue?: boolean;
  /** When its lease ends, whoever renews it. */
  readonly lifespanEndsAtMs?: number;
  /** From when its age counts, if that is not from when its wait does. Never stored. */
  readonly cameAtMs?: number;
  /** Where it goes in line, if that is not by its number: it was made before it started. */
  readonly place?: number;
  /** Its holder has until then to take the lease. Never stored. */
  readonly takeUntilAtMs?: number;
  /** What a party wants while it waits, and where from. Never stored. */
  readonly wants?: readonly Want[];
  /** What a party was granted: a share for each resource, in the order of its items. */
  readonly shares?: readonly Ticket[];
  /** Numbers of the resources that a party was granted; the n-th share has the n-th token. */
  readonly lent?: readonly number[];
  /** The party that it is a share of. */
  readonly party?: Ticket;
  /** Its holder elsewhere has lost it: his session renews it no more. Never stored. */
  readonly lapsed?: boolean;
  /** Its record is to be dropped. */
  readonly gone?: true;
  /** Fields of its record that this release doesn't know: they survive rewriting. */
  readonly extra?: object;
}

const NONE: Notes = {};

/**
 * A ticket as the engine holds it. Its states, and what must be true in each:
 *
 * - `waiting`: entered when accepted. In exactly one line; has no resource and no token.
 * - `granted`: entered when matched. In no line; has one resource, which names it, and a token larger than all before.
 * - `closed`: entered once and never left. `end` says how; it holds no resource. A ticket of `request` is kept for a while
 *   to be asked about, one of `acquire` is forgotten at once: its holder has the answer, and nobody else its number.
 *
 * There may be a hundred thousand of them: each field is paid for as often.
 *
 * One that asks for a list of things is a *party*: it waits in a line of its own, and is granted whole. Then each of its
 * resources has a *share*: a ticket with the party's number, an own token and an own end, which is recorded with its party.
 * The party is closed with its last share, and ends as that did.
 */
export class Ticket implements Due {
  readonly id: number;
  readonly order: TicketOrder;
  readonly createdAt: Moment;
  state: TicketState = "waiting";
  /** What it holds. */
  resource: Resource | undefined;
  /** Larger than every token before it; 0: it was never granted. */
  token = 0;
  grantedAt: Moment | undefined;
  /** When its lease ends unless renewed; `undefined`: nothing but its holder ends it. */
  endsAtMs: number | undefined;
  #notes = NONE;

  // What follows is never stored.

  /** The holder has been given the lease: until then, giving up takes it back. */
  delivered = false;
  dirty = false;
  rank: Rank | undefined;
  prev: Ticket | undefined;
  next: Ticket | undefined;
  /** Whatever the runtime keeps with it. */
  handle: unknown;
  heapIndex = -1;

  constructor(id: number, order: TicketOrder, createdAt: Moment) {
    this.id = id;
    this.order = order;
    this.createdAt = createdAt;
  }

  get kind(): "ticket" {
    return "ticket";
  }

  /** Belongs to nobody and can be asked about after its end. */
  get durable(): boolean {
    return this.order.session === undefined;
  }

  /** The line it stands in. */
  get line(): Line | undefined {
    return this.rank?.line;
  }

  /** It asks for a list of things: all or nothing. */
  get isParty(): boolean {
    return this.order.items !== undefined;
  }

  get wants(): readonly Want[] | undefined {
    return this.#notes.wants;
  }

  get shares(): readonly Ticket[] | undefined {
    return this.#notes.shares;
  }

  get lent(): readonly number[] {
    return this.#notes.lent ?? [];
  }

  get party(): Ticket | undefined {
    return this.#notes.party;
  }

  get owner(): string {
    return this.order.owner;
  }

  get waitUntilAtMs(): number {
    return this.waitsSinceMs + this.order.waitMs;
  }

  /** From when its wait counts. */
  get waitsSinceMs(): number {
    const { startAtMs } = this.order;
    return startAtMs === undefined ? this.createdAt.atMs : Math.max(startAtMs, this.createdAt.atMs);
  }

  /** Its start has not come, or it was not put into line since. */
  get isEarly(): boolean {
    const { startAtMs } = this.order;
    return startAtMs !== undefined && startAtMs > this.createdAt.atMs && this.#notes.place === undefined;
  }

  /** When it came, as far as its place in line is concerned. */
  get cameAtMs(): number {
    return this.#notes.cameAtMs ?? this.waitsSinceMs;
  }

  /** Whoever has the smaller one came first. */
  get place(): number {
    return this.#notes.place ?? this.id;
  }

  /** Until then its holder must take the lease; otherwise it goes back as if it had never been lent. */
  get takeUntilAtMs(): number {
    return this.durable ? (this.#notes.takeUntilAtMs ?? Number.POSITIVE_INFINITY) : this.waitUntilAtMs;
  }

  get createdAtMs(): number {
    return this.createdAt.atMs;
  }

  /** When its lease ends unless renewed; `Infinity`: nothing but its holder ends it. */
  get expiresAtMs(): number {
    return this.endsAtMs ?? Number.POSITIVE_INFINITY;
  }

  /** When its lease ends, whoever renews it; `Infinity`: never. */
  get lifespanEndsAtMs(): number {
    return this.#notes.lifespanEndsAtMs ?? Number.POSITIVE_INFINITY;
  }

  get lapsed(): boolean {
    return this.#notes.lapsed === true;
  }

  get overdue(): boolean {
    return this.#notes.overdue === true;
  }

  get gone(): boolean {
    return this.#notes.gone === true;
  }

  get end(): TicketEnd | undefined {
    return this.state === "closed" ? (this.#notes.end ?? "released") : undefined;
  }

  get endedAtMs(): number | undefined {
    return this.#notes.endedAtMs;
  }

  get verdict(): Verdict | undefined {
    return this.#notes.verdict;
  }

  get reason(): string | undefined {
    return this.#notes.reason;
  }

  get output(): readonly { readonly pool: string; readonly data: unknown }[] | undefined {
    return this.#notes.output;
  }

  get explanation(): string | undefined {
    return this.#notes.explanation;
  }

  /** Adds to what is known of it. */
  note(notes: Notes): void {
    this.#notes = this.#notes === NONE ? notes : { ...this.#notes, ...notes };
  }

  toRecord(): TicketRecord {
    const { resource, order, end, grantedAt } = this;
    const { endedAtMs, verdict, reason, output, extra, lifespanEndsAtMs, place } = this.#notes;
    const { session, requestId, ttlMs, renewal, lifespan, startAtMs, group, call } = order;
    return {
      ...extra,
      v: 1,
      id: this.id,
      owner: order.owner,
      items: order.items ?? [order.item],
      ...(order.items !== undefined && { several: true as const }),
      priority: order.priority,
      state: this.state,
      createdAtMs: this.createdAtMs,
      ...(session !== undefined && { session }),
      ...(requestId !== undefined && { requestId }),
      ...(call !== undefined && { call }),
      ...(order.waitMs !== Number.POSITIVE_INFINITY && { waitUntilAtMs: this.waitUntilAtMs }),
      ...(ttlMs !== undefined && { ttlMs }),
      renewal,
      ...(lifespan !== undefined && { lifespan }),
      ...(startAtMs !== undefined && { startAtMs }),
      ...(place !== undefined && { place }),
      ...(group !== undefined && { group }),
      ...(grantedAt !== undefined && {
        lease: {
          token: this.token,
          resources: resource === undefined ? (this.state === "granted" ? this.lent : []) : [resource.id],
          grantedAtMs: grantedAt.atMs,
          renewal,
          ...(ttlMs !== undefined && { ttlMs }),
          ...(lifespanEndsAtMs !== undefined && { lifespanEndsAtMs }),
          ...(this.state === "granted" && !this.delivered && this.durable && { untaken: true as const }),
        },
      }),
      ...(end !== undefined && { end }),
      ...(endedAtMs !== undefined && { endedAtMs }),
      ...(verdict !== undefined && { verdict }),
      ...(reason !== undefined && { reason }),
      ...(output !== undefined && { output }),
    };
  }

  static fromRecord(record: TicketRecord): Ticket {
    const { v: _v, id, owner, items, several, priority, state, createdAtMs, session, requestId, ...rest } = record;
    const {
      waitUntilAtMs,
      ttlMs,
      renewal,
      lease,
      end,
      endedAtMs,
      verdict,
      reason,
      output,
      lifespan,
      startAtMs,
      group,
      call,
      place,
      ...extra
    } = rest;
    const order: TicketOrder = {
      owner,
      session,
      requestId,
      item: items[0] as TicketItem,
      items: several === true ? items : undefined,
      priority,
      waitMs:
        waitUntilAtMs === undefined
          ? Number.POSITIVE_INFINITY
          : waitUntilAtMs - Math.max(startAtMs ?? createdAtMs, createdAtMs),
      ttlMs,
      renewal: renewal ?? "session",
      lifespan,
      startAtMs,
      group,
      ...(call !== undefined && { call }),
    };
    const ticket = new Ticket(id, order, new Moment(createdAtMs));
    ticket.state = state;
    if (lease !== undefined) {
      ticket.token = lease.token;
      ticket.grantedAt = new Moment(lease.grantedAtMs);
      ticket.delivered = lease.untaken !== true;
    }
    ticket.note({
      extra,
      ...(place !== undefined && { place }),
      ...(lease?.lifespanEndsAtMs !== undefined && { lifespanEndsAtMs: lease.lifespanEndsAtMs }),
      ...(end !== undefined && { end }),
      ...(endedAtMs !== undefined && { endedAtMs }),
      ...(verdict !== undefined && { verdict }),
      ...(reason !== undefined && { reason }),
      ...(output !== undefined && { output }),
      ...(several === true && lease !== undefined && { lent: lease.resources }),
    });
    return ticket;
  }
}
