import type { AnyEvent } from "../model/event.js";
import type { Call } from "./call.js";
import type { Resource } from "./resource.js";
import type { Ticket } from "./ticket.js";

/** What a decision asks the runtime to do, once its records are committed. */
export type Effect =
  /** The ticket has its lease: tell who waits. */
  | { readonly type: "granted"; readonly ticket: Ticket; readonly resource: Resource }
  /** The ticket was closed by something else than its holder: tell who waits or holds. */
  | { readonly type: "closed"; readonly ticket: Ticket }
  /** The lease's deadline passed: abort its signal. */
  | { readonly type: "overdue"; readonly ticket: Ticket }
  | { readonly type: "call"; readonly call: Call }
  /** The call's result is no longer wanted: abort its signal. It is answered all the same. */
  | { readonly type: "abort"; readonly call: Call }
  /** `told`: only to be written down. */
  | { readonly type: "event"; readonly event: AnyEvent; readonly told?: true };

/** Whether an effect may leave before the commit: telling someone that he has nothing any more harms nobody. */
export function mayPrecedeCommit(effect: Effect): boolean {
  switch (effect.type) {
    case "overdue":
    case "abort":
      return true;
    case "closed":
      return !effect.ticket.durable;
    case "granted":
    case "call":
    case "event":
      return false;
  }
}
