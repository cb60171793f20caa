import type { Extension } from "../engine/lease-time.js";
import type { TicketOrder } from "../engine/ticket.js";
import type { WarmpoolError } from "../model/error.js";
import type { TicketEnd, TicketRecord, TicketState, Verdict } from "../model/ticket.js";
import type { AcquireOrder } from "./acquire-options.js";
import type { Timer } from "./clock.js";
import type { Handle } from "./handle.js";
import type { LiveGroup } from "./lease-group.js";
import type { LiveLease, Released } from "./live-lease.js";
import type { Waiter } from "./waiter.js";

/** A resource that was lent, as its holder sees it: the engine's own, or what another process told of it. */
export interface LentResource {
  readonly id: number;
  readonly key: string;
  readonly pool: { readonly name: string };
  readonly data: unknown;
  readonly name?: string | undefined;
  readonly condition?: string | undefined;
  readonly userData?: Readonly<Record<string, unknown>> | undefined;
  /** All that its pool has. */
  readonly conditions?: readonly string[] | undefined;
}

/** A ticket as those who wait for it or hold it see it: the engine's own, or what another process told of it. */
export interface HeldTicket {
  readonly id: number;
  readonly owner: string;
  readonly order: TicketOrder;
  readonly state: TicketState;
  readonly token: number;
  readonly resource: LentResource | undefined;
  /** It asks for a list of things: then it has a share for each that it was granted, and no resource itself. */
  readonly isParty: boolean;
  readonly shares: readonly HeldTicket[] | undefined;
  /** The ticket that it is a share of. */
  readonly party: HeldTicket | undefined;
  readonly createdAtMs: number;
  readonly waitUntilAtMs: number;
  /** When its lease ends unless renewed; `Infinity`: nothing but its holder ends it. */
  readonly expiresAtMs: number;
  /** When its lease ends, whoever renews it; `Infinity`: it has no such end. */
  readonly lifespanEndsAtMs: number;
  /** Belongs to nobody and can be asked about after its end. */
  readonly durable: boolean;
  readonly end: TicketEnd | undefined;
  readonly reason: string | undefined;
  /** What came back of it so far. */
  readonly output: TicketRecord["output"] | undefined;
  handle: unknown;
}

/**
 * Where holders ask: in the process of the engine (`Desk`), or in any other (`RemoteDesk`). What holders are given, waits,
 * leases and tickets, is the same at both.
 */
export interface HolderDesk {
  readonly nowMs: number;
  readonly isClosed: boolean;
  /** Why nothing can be asked for any more. */
  readonly problem: WarmpoolError | undefined;
  after(ms: number, run: () => void): Timer;

  // ── Waiting ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Puts a waiter into line, or again. */
  enter(order: AcquireOrder, waiter: Waiter): void;
  waiterEntered(waiter: Waiter): void;
  waiterSettled(waiter: Waiter): void;
  /** Returns whether there is somebody to tell; if not, the wait ends all the same. */
  giveUp(ticket: HeldTicket, how: "cancelled" | "timed-out"): boolean;
  /** What whoever waited for it is told, now that it has ended. */
  errorOf(ticket: HeldTicket, signal: AbortSignal | undefined): WarmpoolError;
  /** A ticket goes on waiting while one of those who wait for it stopped. */
  waitTimedOut(ticket: HeldTicket): WarmpoolError;

  // ── Leases ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The lease of an `acquire`, or all of an `acquireAll`, was handed out. */
  leaseBegan(lease: LiveLease | LiveGroup, ticket: HeldTicket): void;
  release(ticket: HeldTicket, verdict: Verdict): Released;
  /** What was released before, and not committed. */
  releaseAgain(ticket: HeldTicket, verdict: Verdict): void;
  /** Whether it was renewed, perhaps later; with `false` it is to be asked again once `reopened`. */
  renew(ticket: HeldTicket): boolean | Promise<boolean>;
  /** Writes user data down. Resolves once it is committed; with `false`, when it must be done again. */
  update(ticket: HeldTicket, userData: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** What an extension came to, once it is committed; `undefined`: it must be asked for again. */
  extend(
    ticket: HeldTicket,
    wish: { readonly byMs: number } | { readonly untilMs: number },
  ): Promise<Extension | undefined>;
  /** Resolves when there is somebody to ask again. */
  reopened(call: string): Promise<unknown>;
  /** Nothing more becomes of it. */
  ended(handle: Handle): void;

  // ── Tickets ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What is committed of a ticket. */
  ticketRecord(ticket: HeldTicket): Pick<TicketRecord, "state" | "end" | "reason" | "output"> | undefined;
  /** Whether a grant is committed: before, nobody may know of it. */
  isCommitted(ticket: HeldTicket): boolean;
  /** Whether its holder has its lease, or nobody has to come for it. */
  isTaken(ticket: HeldTicket): boolean;
  /** The holder comes for its lease. Resolves when that is committed; with `false`, when it must be done again. */
  take(ticket: HeldTicket): Promise<boolean>;
  /** Resolves when everything so far is committed; with `false`, when it never will be. */
  committed(): Promise<boolean>;
  /** Withdraws a ticket, or ends its lease when nobody took it. Resolves with `false` if it must be done again. */
  closeTicket(ticketOf: () => HeldTicket): Promise<boolean>;
  /** Resolves with `committed`, or after `releaseTimeout`: what it waits for goes on behind it. */
  soon(committed: Promise<void>): Promise<void>;
  /** Keeps the process alive until a call is answered. */
  hold<T>(call: Promise<T>): Promise<T>;
}
