import { Moment } from "../moment.js";
import { Ticket } from "../ticket.js";

/** A ticket by itself, in no line. */
export function ticketAt(id: number, { priority = 0, cameAtMs = 0 } = {}): Ticket {
  const order = {
    owner: "somebody",
    session: undefined,
    requestId: undefined,
    item: { pool: "web", count: 1 },
    items: undefined,
    priority,
    waitMs: 1_000,
    ttlMs: undefined,
    renewal: "manual",
    lifespan: undefined,
    startAtMs: undefined,
    group: undefined,
  } as const;
  return new Ticket(id, order, new Moment(cameAtMs));
}
