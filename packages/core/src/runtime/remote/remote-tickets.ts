import type { RemoteTicket } from "./remote-ticket.js";

/** The tickets of this session that wait or hold something, found by the call that asked for them or by their number. */
export class RemoteTickets {
  readonly #byCall = new Map<number, RemoteTicket>();
  /** Those of `request`. */
  readonly #byId = new Map<number, RemoteTicket>();

  add(ticket: RemoteTicket): void {
    this.#byCall.set(ticket.call, ticket);
    if (ticket.id !== 0) this.#byId.set(ticket.id, ticket);
  }

  ofCall(call: number): RemoteTicket | undefined {
    return this.#byCall.get(call);
  }

  ofId(id: number): RemoteTicket | undefined {
    return this.#byId.get(id);
  }

  /** Each once, as they are now. */
  all(): Iterable<RemoteTicket> {
    return new Set(this.#byCall.values());
  }

  /** Each once; of one that was granted a list of things, its shares. */
  *leases(): Iterable<RemoteTicket> {
    for (const ticket of this.all()) {
      if (ticket.shares === undefined) yield ticket;
      else yield* ticket.shares;
    }
  }

  /** The ticket of a call, or the share of it that has that token. */
  leaseOf(call: number, token: number | undefined): RemoteTicket | undefined {
    const ticket = this.#byCall.get(call);
    return ticket?.shares === undefined || token === undefined
      ? ticket
      : ticket.shares.find((share) => share.token === token);
  }

  /** Its number is known now. Several calls with the same `requestId` have the same ticket: it is returned. */
  name(ticket: RemoteTicket, id: number): RemoteTicket {
    ticket.id = id;
    if (!ticket.durable) return ticket;
    const only = this.#byId.get(id) ?? ticket;
    this.#byId.set(id, only);
    if (only !== ticket) {
      only.sameCalls.push(ticket.call);
      this.#byCall.set(ticket.call, only);
    }
    return only;
  }

  forget(ticket: RemoteTicket): void {
    const { party } = ticket;
    if (party !== undefined) {
      ticket.state = "closed";
      // It is over with the last of them.
      if (party.shares?.every(({ state }) => state === "closed") === true) this.forget(party);
      return;
    }
    ticket.timer?.cancel();
    for (const call of [ticket.call, ...ticket.sameCalls]) this.#byCall.delete(call);
    if (this.#byId.get(ticket.id) === ticket) this.#byId.delete(ticket.id);
  }

  /** A handle that was told its end needs its ticket no more. */
  forgetEnded(handle: unknown): void {
    for (const ticket of this.#byId.values()) {
      if (ticket.handle === handle && ticket.state === "closed") return this.forget(ticket);
    }
  }
}
