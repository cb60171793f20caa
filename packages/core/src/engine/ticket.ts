import type { TicketEnd, TicketItem, TicketRecord, TicketState, Verdict } from "../model/ticket.js";
import type { Due } from "./deadlines.js";
import type { Line } from "./line.js";
import type { Resource } from "./resource.js";

/** What a ticket is made from. */
export interface TicketOrder {
  readonly id: number;
  readonly owner: string;
  readonly session: string | undefined;
  readonly requestId: string | undefined;
  readonly item: TicketItem;
  readonly priority: number;
  readonly createdAtMs: number;
  /** `Infinity`: it waits for ever. */
  readonly waitUntilAtMs: number;
  readonly ttlMs: number | undefined;
  readonly renewal: "session" | "manual";
}

/**
 * A ticket as the engine holds it. Its states, and what must be true in each:
 *
 * - `waiting`: entered when accepted. In exactly one line; has no resource and no token.
 * - `granted`: entered when matched. In no line; has one resource, which names it, and a token larger than all before.
 * - `closed`: entered once and never left. `end` says how; it holds no resource. A ticket of `request` is kept for a while
 *   to be asked about, one of `acquire` is forgotten at once: its holder has the answer, and nobody else its number.
 */
export class Ticket implements Due {
  readonly kind = "ticket";
  readonly id: number;
  readonly owner: string;
  readonly session: string | undefined;
  readonly requestId: string | undefined;
  readonly item: TicketItem;
  readonly priority: number;
  readonly createdAtMs: number;
  readonly waitUntilAtMs: number;
  readonly ttlMs: number | undefined;
  readonly renewal: "session" | "manual";
  state: TicketState = "waiting";
  resource: Resource | undefined;
  token = 0;
  grantedAtMs = 0;
  /** When the lease ends unless renewed; `Infinity`: nothing but its holder ends it. */
  expiresAtMs = Number.POSITIVE_INFINITY;
  end: TicketEnd | undefined;
  endedAtMs = 0;
  verdict: Verdict | undefined;
  reason: string | undefined;
  /** Kept after closing, for those who ask later. */
  output: { pool: string; data: unknown } | undefined;
  extra: object | undefined;

  // What follows is never stored.

  /** The holder has been given the lease: until then, giving up takes it back. */
  delivered = false;
  /** Its lease's deadline has passed, and its grace runs. */
  overdue = false;
  dirty = false;
  gone = false;
  /** What kept it waiting when its wait became too long: afterwards nobody knows any more. */
  explanation: string | undefined;
  line: Line | undefined;
  prev: Ticket | undefined;
  next: Ticket | undefined;
  /** Whatever the runtime keeps with it. */
  handle: unknown;
  dueAtMs = Number.POSITIVE_INFINITY;
  heapIndex = -1;

  constructor(order: TicketOrder) {
    this.id = order.id;
    this.owner = order.owner;
    this.session = order.session;
    this.requestId = order.requestId;
    this.item = order.item;
    this.priority = order.priority;
    this.createdAtMs = order.createdAtMs;
    this.waitUntilAtMs = order.waitUntilAtMs;
    this.ttlMs = order.ttlMs;
    this.renewal = order.renewal;
  }

  /** Belongs to nobody and can be asked about after its end. */
  get durable(): boolean {
    return this.session === undefined;
  }

  toRecord(): TicketRecord {
    const { resource } = this;
    return {
      ...this.extra,
      v: 1,
      id: this.id,
      owner: this.owner,
      items: [this.item],
      priority: this.priority,
      state: this.state,
      createdAtMs: this.createdAtMs,
      ...(this.session !== undefined && { session: this.session }),
      ...(this.requestId !== undefined && { requestId: this.requestId }),
      ...(this.waitUntilAtMs !== Number.POSITIVE_INFINITY && { waitUntilAtMs: this.waitUntilAtMs }),
      ...(this.ttlMs !== undefined && { ttlMs: this.ttlMs }),
      renewal: this.renewal,
      ...(this.token !== 0 && {
        lease: {
          token: this.token,
          resources: resource === undefined ? [] : [resource.id],
          grantedAtMs: this.grantedAtMs,
          renewal: this.renewal,
          ...(this.ttlMs !== undefined && { ttlMs: this.ttlMs }),
        },
      }),
      ...(this.end !== undefined && { end: this.end, endedAtMs: this.endedAtMs }),
      ...(this.verdict !== undefined && { verdict: this.verdict }),
      ...(this.reason !== undefined && { reason: this.reason }),
      ...(this.output !== undefined && { output: [this.output] }),
    };
  }

  static fromRecord(record: TicketRecord): Ticket {
    const {
      v: _v,
      id,
      owner,
      items,
      priority,
      state,
      createdAtMs,
      session,
      requestId,
      waitUntilAtMs,
      ...rest
    } = record;
    const { ttlMs, renewal, lease, end, endedAtMs, verdict, reason, output, ...extra } = rest;
    const ticket = new Ticket({
      id,
      owner,
      session,
      requestId,
      item: items[0] as TicketItem,
      priority,
      createdAtMs,
      waitUntilAtMs: waitUntilAtMs ?? Number.POSITIVE_INFINITY,
      ttlMs,
      renewal: renewal ?? "session",
    });
    ticket.state = state;
    ticket.token = lease?.token ?? 0;
    ticket.grantedAtMs = lease?.grantedAtMs ?? 0;
    ticket.end = end;
    ticket.endedAtMs = endedAtMs ?? 0;
    ticket.verdict = verdict;
    ticket.reason = reason;
    ticket.output = output?.[0];
    ticket.extra = extra;
    return ticket;
  }
}
