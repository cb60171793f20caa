/** What somebody may do with a ticket: see it, take its leases (and renew, extend and release them), or end it. */
export type TicketAction = "see" | "take" | "end";

/** Who may do what with whose ticket. */
export type Access = (actor: string, action: TicketAction, ticket: { readonly owner: string }) => boolean;

/**
 * Whether somebody may do something with a ticket: whoever asked for it may do everything, and nobody else anything, unless
 * `access` decides.
 */
export function may(
  actor: string,
  action: TicketAction,
  ticket: { readonly owner: string },
  access?: Access | undefined,
): boolean {
  return access === undefined ? actor === ticket.owner : access(actor, action, ticket) === true;
}
