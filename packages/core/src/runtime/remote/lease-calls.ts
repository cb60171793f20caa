import type { Extension } from "../../engine/lease-time.js";
import type { Stamp } from "../../model/letter.js";
import type { SessionMessage } from "../../model/message.js";
import type { LentResource } from "../holder-desk.js";
import type { Contact } from "./contact.js";
import type { HeldLeases } from "./held-leases.js";
import type { RemoteTicket } from "./remote-ticket.js";

/** A question, but for its number. */
export type Question = SessionMessage extends infer Message
  ? Message extends { readonly call: number }
    ? Omit<Message, "call">
    : never
  : never;

/**
 * What a holder asks for his lease. Whoever answers has heard of him: the lease's `ttl` begins anew, and it counts from when
 * he asked.
 */
export class LeaseCalls {
  readonly #contact: Contact;
  readonly #leases: HeldLeases;
  readonly #ask: (question: Question) => Promise<unknown>;

  constructor(contact: Contact, leases: HeldLeases, ask: (question: Question) => Promise<unknown>) {
    this.#contact = contact;
    this.#leases = leases;
    this.#ask = ask;
  }

  async renew(ticket: RemoteTicket): Promise<void> {
    const since = this.#contact.now();
    await this.#ask({ type: "renew", lease: [ticket.id, ticket.token] });
    this.#renewed(ticket, since);
  }

  async update(ticket: RemoteTicket, userData: Readonly<Record<string, unknown>>): Promise<void> {
    const since = this.#contact.now();
    await this.#ask({ type: "update", lease: [ticket.id, ticket.token], userData });
    this.#renewed(ticket, since);
  }

  async extend(
    ticket: RemoteTicket,
    wish: { readonly byMs: number } | { readonly untilMs: number },
    nowMs: number,
  ): Promise<Extension> {
    const { id, token, lifespanEndsAtMs } = ticket;
    const since = this.#contact.now();
    // By an end, for it may be heard twice. What has no end needs none.
    const wished = "untilMs" in wish ? wish.untilMs : lifespanEndsAtMs + wish.byMs;
    const untilMs = Number.isFinite(wished) ? wished : nowMs;
    const answer = await this.#ask({ type: "extend", lease: [id, token], untilMs });
    const extension = answer as Partial<Extension> & { endsAtMs: number | null };
    if ("refused" in extension && extension.endsAtMs !== null) return extension as Extension;
    const endsAtMs = extension.endsAtMs ?? Number.POSITIVE_INFINITY;
    // The leases of a ticket last as long as each other.
    for (const each of (ticket.party ?? ticket).leases) {
      const { lifespan } = each;
      if (lifespan !== undefined) {
        const leftMs = lifespan.leftMs + endsAtMs - lifespan.endsAtMs;
        each.lifespan = { ...lifespan, endsAtMs, leftMs };
      }
      this.#renewed(each, since);
    }
    return { endsAtMs };
  }

  /** The holder comes for what was granted. Returns whether it is still his. */
  async take(ticket: RemoteTicket): Promise<boolean> {
    const since = this.#contact.now();
    await this.#ask({ type: "take", lease: [ticket.id, ticket.token] });
    ticket.untaken = false;
    const { leases } = ticket;
    for (const each of leases) {
      each.untaken = false;
      if (each.ttlMs !== undefined) each.ends = { since, leftMs: each.ttlMs };
    }
    // First: if the answer took longer than the lease lasts, whoever gets it is told at once.
    if (ticket.state === "granted") ticket.handle?.granted(ticket.resource as LentResource);
    for (const each of leases) if (each.lapsed && each.isHeld) each.handle?.overdue();
    this.#leases.heed(leases);
    return ticket.state === "granted";
  }

  /** Its holder was heard of, and will be heard of again. */
  #renewed(ticket: RemoteTicket, since: Stamp): void {
    if (ticket.ttlMs !== undefined) ticket.ends = { since, leftMs: ticket.ttlMs };
    ticket.lapsed = false;
    this.#leases.heed([ticket]);
  }
}
