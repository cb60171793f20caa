import type { Ticket } from "./ticket.js";

/**
 * In what order tickets came, over all lines: whoever has the later place came no earlier. Those who come now do, for time
 * never goes back within an epoch; who starts later came when he started. Those who waited in an earlier one came by a clock
 * that was set back since, perhaps: they count as having come in the order of their places, and by now.
 *
 * @param waiting In the order of their places.
 */
export function settleArrivals(waiting: readonly Ticket[], nowMs: number): void {
  const lastAtMs = waiting.reduce((latestMs, { cameAtMs }) => Math.max(latestMs, cameAtMs), nowMs);
  const aheadMs = lastAtMs - nowMs;
  let latestMs = Number.NEGATIVE_INFINITY;
  for (const ticket of waiting) {
    latestMs = Math.max(latestMs, ticket.cameAtMs - aheadMs);
    if (latestMs !== ticket.cameAtMs) ticket.note({ cameAtMs: latestMs });
  }
}
