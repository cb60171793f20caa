import type { TicketOrder } from "../../engine/ticket.js";
import type { WarmpoolError } from "../../model/error.js";
import type { Stamp } from "../../model/letter.js";
import type { SentLease, SentOrder, SessionMessage } from "../../model/message.js";
import type { TicketEnd, TicketState, Verdict } from "../../model/ticket.js";
import type { AcquireOrder } from "../acquire-options.js";
import type { Timer } from "../clock.js";
import type { Handle } from "../handle.js";
import type { HeldTicket, LentResource } from "../holder-desk.js";

/**
 * A ticket as this process knows it: by what the leader told last. One of `acquire` is this session's; one of `request` is
 * nobody's, and was asked for here (`request`) or merely by its number (`watch`).
 */
export class RemoteTicket implements HeldTicket {
  readonly kind: "acquire" | "request" | "watch";
  readonly call: number;
  /** Others that were answered with the same ticket. */
  readonly sameCalls: number[] = [];
  readonly order: TicketOrder;
  readonly createdAtMs: number;
  /** 0: not known yet. */
  id: number;
  owner: string;
  state: TicketState = "waiting";
  token = 0;
  resource: LentResource | undefined;
  /** Of a list of things that was granted: a ticket for each. */
  shares: readonly RemoteTicket[] | undefined;
  /** The ticket that it is a share of. */
  readonly party: RemoteTicket | undefined;
  /** Of its lease; the leader may have chosen it. */
  ttlMs: number | undefined;
  /** Its lease ends so long after this, unless it was renewed since. */
  ends: { readonly since: Stamp; readonly leftMs: number } | undefined;
  /** When its lease ends, whoever renews it. */
  lifespan: { readonly endsAtMs: number; readonly leftMs: number; readonly since: Stamp } | undefined;
  /** It is granted, and nobody has come for it: until then nobody has it. */
  untaken = false;
  /** Its holder was told that it is lost: his session renews it no more. */
  lapsed = false;
  /** Its holder gave it back. */
  released: Verdict | undefined;
  /** Its wait became too long; the leader is being asked why. */
  gaveUp = false;
  end: TicketEnd | undefined;
  reason: string | undefined;
  output: readonly { readonly pool: string; readonly data: unknown }[] | undefined;
  error: WarmpoolError | undefined;
  handle: Handle | undefined;
  timer: Timer | undefined;
  readonly #expiresAtMs: (ticket: RemoteTicket) => number;

  constructor(
    what: Pick<RemoteTicket, "kind" | "call"> & { readonly id?: number; readonly party?: RemoteTicket },
    order: TicketOrder,
    createdAtMs: number,
    expiresAtMs: (ticket: RemoteTicket) => number,
  ) {
    this.kind = what.kind;
    this.call = what.call;
    this.id = what.id ?? 0;
    this.party = what.party;
    this.order = order;
    this.owner = order.owner;
    this.ttlMs = order.ttlMs;
    this.createdAtMs = createdAtMs;
    this.#expiresAtMs = expiresAtMs;
  }

  get waitUntilAtMs(): number {
    return Math.max(this.createdAtMs, this.order.startAtMs ?? 0) + this.order.waitMs;
  }

  get expiresAtMs(): number {
    return this.#expiresAtMs(this);
  }

  get isParty(): boolean {
    return this.order.items !== undefined || this.shares !== undefined;
  }

  /** What its holder gets: itself, or a share for each thing. */
  get leases(): readonly RemoteTicket[] {
    return this.shares ?? [this];
  }

  /** It has this lease. */
  lend({ resource, ttlMs, leftMs, since, lifespan }: SentLease): void {
    this.resource = { ...resource, data: resource.data };
    this.ttlMs = ttlMs;
    if (since === undefined) return;
    if (leftMs !== undefined) this.ends = { since, leftMs };
    if (lifespan !== undefined) this.lifespan = { ...lifespan, since };
  }

  /** It has a lease of each of these things. */
  share(leases: readonly SentLease[]): void {
    const { kind, call, id, order, createdAtMs } = this;
    this.shares = leases.map((lease) => {
      const share = new RemoteTicket({ kind, call, id, party: this }, order, createdAtMs, this.#expiresAtMs);
      share.state = "granted";
      share.token = lease.token;
      share.untaken = this.untaken;
      share.lend(lease);
      return share;
    });
  }

  get lifespanEndsAtMs(): number {
    return this.lifespan?.endsAtMs ?? Number.POSITIVE_INFINITY;
  }

  get durable(): boolean {
    return this.kind !== "acquire";
  }

  /** Its holder may use it, as far as is known here. */
  get isHeld(): boolean {
    return this.state === "granted" && this.released === undefined;
  }

  /** Renewed by every heartbeat of the session. */
  get isRenewed(): boolean {
    return this.kind === "acquire" && this.order.renewal === "session" && this.isHeld && !this.lapsed;
  }

  /** How it is asked for, for the first time or again. */
  get asked(): SessionMessage {
    const { kind, call } = this;
    if (this.id !== 0 && kind !== "acquire") return { type: "watch", call, ticket: this.id };
    return { type: kind === "acquire" ? "acquire" : "request", call, order: sent(this.order, kind) };
  }
}

function sent(order: TicketOrder & Partial<AcquireOrder>, kind: RemoteTicket["kind"]): SentOrder {
  const {
    session: _session,
    call: _call,
    line: _line,
    items,
    waitMs,
    requestId,
    ttlMs,
    lifespan,
    startAtMs,
    group,
    ...rest
  } = order;
  // Who waits here counts by his own clock.
  const bounded = kind === "request" && waitMs !== Number.POSITIVE_INFINITY;
  return {
    ...rest,
    ...(bounded && { waitMs }),
    ...(requestId !== undefined && { requestId }),
    ...(ttlMs !== undefined && { ttlMs }),
    ...(lifespan !== undefined && { lifespan }),
    ...(startAtMs !== undefined && { startAtMs }),
    ...(group !== undefined && { group }),
    ...(items !== undefined && { items }),
  };
}
