import { FELL_SILENT } from "../../engine/sessions.js";
import type { Ticket } from "../../engine/ticket.js";
import { type LeaderMessage, type SentLease, toFailed } from "../../model/message.js";
import { endOf } from "../errors.js";
import type { Handle } from "../handle.js";
import type { LentResource } from "../holder-desk.js";
import type { Life } from "../life.js";

/** Where news go: a session, by the call that it asked by. */
export interface Listening {
  tell(session: string, message: LeaderMessage): void;
  /** A time of the session's that was before now. */
  heardAt(session: string): Pick<SentLease, "since">;
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
      this.#followShares();
      this.#tellGranted(session, call);
    } else if (record?.state === "closed" && ticket.state === "closed") {
      this.#tellClosed(session, call);
    }
  }

  granted(): void {
    // From now on somebody may use it; one of `request` may have to be taken first.
    if (!this.#ticket.durable) this.#life.engine.delivered(this.#ticket);
    this.#followShares();
    for (const [session, call] of this.#calls) this.#tellGranted(session, call);
  }

  /** What becomes of each thing of a list is told by its token. */
  #followShares(): void {
    for (const share of this.#ticket.shares ?? []) {
      if (share.handle instanceof ShareNews) continue;
      share.handle = new ShareNews({
        overdue: () => this.overdue(share.token),
        closed: () => {
          for (const [session, call] of this.#calls) this.#tellClosed(session, call, share);
        },
      });
    }
  }

  #tellGranted(session: string, call: number): void {
    const ticket = this.#ticket;
    const lent = (ticket.shares ?? [ticket]).filter(({ resource }) => resource !== undefined);
    const { since } = this.#listening.heardAt(session);
    this.#listening.tell(session, {
      type: "granted",
      call,
      ticket: ticket.id,
      token: ticket.token,
      leases: lent.map((each) => ({ ...this.#sent(each), ...(since !== undefined && { since }) })),
      ...(ticket.isParty && { isParty: true as const }),
      ...(ticket.delivered === false && { untaken: true as const }),
    });
  }

  #sent({ token, order, resource, expiresAtMs, lifespanEndsAtMs: endsAtMs }: Ticket): SentLease {
    const { nowMs } = this.#life.engine.ledger;
    const { id, key, pool, data, name, condition, userData, conditions } = resource as LentResource;
    const { ttlMs } = order;
    return {
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
      ...(ttlMs !== undefined && { ttlMs }),
      ...(Number.isFinite(expiresAtMs) && { leftMs: expiresAtMs - nowMs }),
      ...(Number.isFinite(endsAtMs) && { lifespan: { endsAtMs, leftMs: endsAtMs - nowMs } }),
    };
  }

  overdue(token?: number): void {
    for (const [session, call] of this.#calls) {
      this.#listening.tell(session, { type: "overdue", call, ...(token !== undefined && { token }) });
    }
  }

  closed(): void {
    for (const [session, call] of this.#calls) this.#tellClosed(session, call);
  }

  #tellClosed(session: string, call: number, one = this.#ticket): void {
    const { id: ticket, token, end = "cancelled", reason, output } = one;
    const { engine, committer } = this.#life;
    this.#listening.tell(session, {
      type: "closed",
      call,
      ticket,
      ...(one !== this.#ticket && { token }),
      end,
      ...(reason !== undefined && { reason }),
      ...(output !== undefined && { output }),
      ...(reason === FELL_SILENT && { silent: true as const }),
      error: toFailed(endOf(one, undefined, false, engine, committer.problem)),
    });
  }

  // Sessions find the next leader by themselves.
  suspended(): void {}
  reloaded(): void {}
  stopWaiting(): void {}
  failed(): void {}
}

/** What becomes of one of several things that a ticket was granted. */
class ShareNews implements Handle {
  readonly overdue: () => void;
  readonly closed: () => void;

  constructor({ overdue, closed }: Pick<Handle, "overdue" | "closed">) {
    this.overdue = overdue;
    this.closed = closed;
  }

  granted(): void {}
  suspended(): void {}
  reloaded(): void {}
  stopWaiting(): void {}
  failed(): void {}
}
