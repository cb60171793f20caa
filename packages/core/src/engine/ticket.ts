import type { TicketEnd, TicketItem, TicketRecord, TicketState, Verdict } from "../model/ticket.js";
import type { Due } from "./deadlines.js";
import type { Line, Rank } from "./line.js";
import type { Resource } from "./resource.js";

/** What somebody asks for. Whoever asks for the same again and again may hand in the same order: it is never changed. */
export interface TicketOrder {
  readonly owner: string;
  /** The session it dies with; `undefined`: it belongs to nobody. */
  readonly session: string | undefined;
  readonly requestId: string | undefined;
  readonly item: TicketItem;
  readonly priority: number;
  /** How long it may wait. `Infinity`: for ever. */
  readonly waitMs: number;
  /** `undefined`: the pool's, for tickets of a session. */
  readonly ttlMs: number | undefined;
  readonly renewal: "session" | "manual";
}

/** What few tickets have, and what is known only at the end: thousands wait without it. */
interface Notes {
  verdict?: Verdict;
  reason?: string;
  /** Kept after closing, for those who ask later. */
  output?: { pool: string; data: unknown };
  /** What kept it waiting when its wait became too long: afterwards nobody knows any more. Never stored. */
  explanation?: string;
  grantedAtMs?: number;
  /** Fields of its record that this release doesn't know: they survive rewriting. */
  extra?: object;
}

const NONE: Readonly<Notes> = {};

/**
 * A ticket as the engine holds it. Its states, and what must be true in each:
 *
 * - `waiting`: entered when accepted. In exactly one line; has no resource and no token.
 * - `granted`: entered when matched. In no line; has one resource, which names it, and a token larger than all before.
 * - `closed`: entered once and never left. `end` says how; it holds no resource. A ticket of `request` is kept for a while
 *   to be asked about, one of `acquire` is forgotten at once: its holder has the answer, and nobody else its number.
 *
 * There may be a hundred thousand of them: each field is paid for as often. Times that not every ticket has are
 * `undefined` before, for a number beyond 2^31 has a place of its own on the heap.
 */
export class Ticket implements Due {
  readonly id: number;
  readonly order: TicketOrder;
  readonly createdAtMs: number;
  state: TicketState = "waiting";
  resource: Resource | undefined;
  token = 0;
  /** When it was granted or closed. */
  sinceAtMs: number | undefined;
  /** When the lease ends unless renewed; `undefined`: nothing but its holder ends it. */
  leaseEndsAtMs: number | undefined;
  end: TicketEnd | undefined;
  #notes: Readonly<Notes> = NONE;

  // What follows is never stored.

  /** The holder has been given the lease: until then, giving up takes it back. */
  delivered = false;
  /** Its lease's deadline has passed, and its grace runs. */
  overdue = false;
  dirty = false;
  gone = false;
  rank: Rank | undefined;
  prev: Ticket | undefined;
  next: Ticket | undefined;
  /** Whatever the runtime keeps with it. */
  handle: unknown;
  heapIndex = -1;

  constructor(id: number, order: TicketOrder, createdAtMs: number) {
    this.id = id;
    this.order = order;
    this.createdAtMs = createdAtMs;
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

  get owner(): string {
    return this.order.owner;
  }

  get waitUntilAtMs(): number {
    return this.createdAtMs + this.order.waitMs;
  }

  get expiresAtMs(): number {
    return this.leaseEndsAtMs ?? Number.POSITIVE_INFINITY;
  }

  get grantedAtMs(): number | undefined {
    return this.state === "granted" ? this.sinceAtMs : this.#notes.grantedAtMs;
  }

  get endedAtMs(): number | undefined {
    return this.state === "closed" ? this.sinceAtMs : undefined;
  }

  get verdict(): Verdict | undefined {
    return this.#notes.verdict;
  }

  get reason(): string | undefined {
    return this.#notes.reason;
  }

  get output(): { pool: string; data: unknown } | undefined {
    return this.#notes.output;
  }

  get explanation(): string | undefined {
    return this.#notes.explanation;
  }

  note(notes: Notes): void {
    this.#notes = this.#notes === NONE ? notes : { ...this.#notes, ...notes };
  }

  toRecord(): TicketRecord {
    const { resource, order, grantedAtMs, endedAtMs } = this;
    const { verdict, reason, output, extra } = this.#notes;
    const { session, requestId, ttlMs, renewal } = order;
    return {
      ...extra,
      v: 1,
      id: this.id,
      owner: order.owner,
      items: [order.item],
      priority: order.priority,
      state: this.state,
      createdAtMs: this.createdAtMs,
      ...(session !== undefined && { session }),
      ...(requestId !== undefined && { requestId }),
      ...(order.waitMs !== Number.POSITIVE_INFINITY && { waitUntilAtMs: this.waitUntilAtMs }),
      ...(ttlMs !== undefined && { ttlMs }),
      renewal,
      ...(this.token !== 0 && {
        lease: {
          token: this.token,
          resources: resource === undefined ? [] : [resource.id],
          grantedAtMs: grantedAtMs ?? this.createdAtMs,
          renewal,
          ...(ttlMs !== undefined && { ttlMs }),
        },
      }),
      ...(this.end !== undefined && { end: this.end }),
      ...(endedAtMs !== undefined && { endedAtMs }),
      ...(verdict !== undefined && { verdict }),
      ...(reason !== undefined && { reason }),
      ...(output !== undefined && { output: [output] }),
    };
  }

  static fromRecord(record: TicketRecord): Ticket {
    const { v: _v, id, owner, items, priority, state, createdAtMs, session, requestId, ...rest } = record;
    const { waitUntilAtMs, ttlMs, renewal, lease, end, endedAtMs, verdict, reason, output, ...extra } = rest;
    const order: TicketOrder = {
      owner,
      session,
      requestId,
      item: items[0] as TicketItem,
      priority,
      waitMs: waitUntilAtMs === undefined ? Number.POSITIVE_INFINITY : waitUntilAtMs - createdAtMs,
      ttlMs,
      renewal: renewal ?? "session",
    };
    const ticket = new Ticket(id, order, createdAtMs);
    ticket.state = state;
    ticket.token = lease?.token ?? 0;
    ticket.sinceAtMs = state === "closed" ? (endedAtMs ?? createdAtMs) : lease?.grantedAtMs;
    ticket.end = end;
    ticket.note({
      extra,
      ...(lease !== undefined && { grantedAtMs: lease.grantedAtMs }),
      ...(verdict !== undefined && { verdict }),
      ...(reason !== undefined && { reason }),
      ...(output?.[0] !== undefined && { output: output[0] }),
    });
    return ticket;
  }
}
