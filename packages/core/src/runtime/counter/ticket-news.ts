import { FELL_SILENT } from "../../engine/sessions.js";
import type { Ticket } from "../../engine/ticket.js";
import { type LeaderMessage, toFailed } from "../../model/message.js";
import { endOf } from "../errors.js";
import type { Handle } from "../handle.js";
import type { LentResource } from "../holder-desk.js";
import type { Life } from "../life.js";

/** Where news go: a session, by the call that it asked by. */
export interface Listening {
  tell(session: string, message: LeaderMessage): void;
  /** A time of the session's that was before now. */
  heardAt(session: string): Pick<LeaderMessage & { type: "granted" }, "since">;
}

/** Whoever elsewhere must be told what becomes of a ticket: its session, or all who asked for it by its number or `requestId`. */
export class TicketNews implements Handle {
  readonly #life: Life;
  readonly #ticket: Ticket;
  readonly #listening: Listening;
  readonly #calls = new Map<string, number>();

  constructor(life: Life, ticket: Ticket, listening: Listening) {
    this.#life = life;
    this.#ticket = ticket;
    this.#listening = listening;
  }

  /** A session is to be told, by that call. */
  add(session: string, call: number): void {
    this.#calls.set(session, call);
  }

  /** What it is at present, as committed; nothing while its grant or end is being committed: that is told then. */
  tellAll(session: string, call: number): void {
    const ticket = this.#ticket;
    const record = this.#life.records.ticket(ticket.id);
    if (record?.state === "granted" && ticket.state === "granted") {
      this.#tellGranted(session, call, ticket.resource as LentResource);
    } else if (record?.state === "closed" && ticket.state === "closed") {
      this.#tellClosed(session, call);
    }
  }

  granted(resource: LentResource): void {
    // From now on somebody may use it; one of `request` may have to be taken first.
    if (!this.#ticket.durable) this.#life.engine.delivered(this.#ticket);
    for (const [session, call] of this.#calls) this.#tellGranted(session, call, resource);
  }

  #tellGranted(session: string, call: number, lent: LentResource): void {
    const { id, key, pool, data, name, condition, userData, conditions } = lent;
    const { id: ticket, token, order, expiresAtMs, lifespanEndsAtMs: endsAtMs } = this.#ticket;
    const { ttlMs } = order;
    const { ledger } = this.#life.engine;
    const leftMs = expiresAtMs - ledger.nowMs;
    this.#listening.tell(session, {
      type: "granted",
      call,
      ticket,
      token,
      resource: {
        id,
        key,
        pool: { name: pool.name },
        data,
        ...(name !== undefined && { name }),
        ...(condition !== undefined && { condition }),
        ...(userData !== undefined && { userData }),
        ...(conditions !== undefined && { conditions }),
      },
      ...(this.#ticket.delivered === false && { untaken: true as const }),
      ...(ttlMs !== undefined && { ttlMs }),
      ...(Number.isFinite(leftMs) && { leftMs, ...this.#listening.heardAt(session) }),
      ...(Number.isFinite(endsAtMs) && { lifespan: { endsAtMs, leftMs: endsAtMs - ledger.nowMs } }),
    });
  }

  overdue(): void {
    for (const [session, call] of this.#calls) this.#listening.tell(session, { type: "overdue", call });
  }

  closed(): void {
    for (const [session, call] of this.#calls) this.#tellClosed(session, call);
  }

  #tellClosed(session: string, call: number): void {
    const { id: ticket, end = "cancelled", reason, output } = this.#ticket;
    this.#listening.tell(session, {
      type: "closed",
      call,
      ticket,
      end,
      ...(reason !== undefined && { reason }),
      ...(output !== undefined && { output }),
      ...(reason === FELL_SILENT && { silent: true as const }),
      error: toFailed(endOf(this.#ticket, undefined, false, this.#life.engine)),
    });
  }

  // Sessions find the next leader by themselves.
  suspended(): void {}
  reloaded(): void {}
  stopWaiting(): void {}
  failed(): void {}
}
