import { DURABLE, type Mutant, mutant } from "./mutant.ts";

/** Lifespans, hand-off and groups. */
export const TIMES: readonly Mutant[] = [
  mutant(
    "lifespan unclamped",
    "engine/lifespan.ts",
    "  if (wishAtMs <= latestAtMs) return",
    "  if (wishAtMs <= latestAtMs || asked) return",
    DURABLE,
  ),
  mutant(
    "a lifespan is put off by renewals",
    "engine/lease-time.ts",
    "  ticket.endsAtMs = Math.min(leaseEndsAtMs({ ttlMs, renewedBy }, ledger.nowMs), lifespanEndsAtMs);",
    "  ticket.endsAtMs = leaseEndsAtMs({ ttlMs, renewedBy }, ledger.nowMs);",
  ),
  mutant(
    "ack ignored",
    "engine/lending.ts",
    '      else if (ticket.durable) giveUp(ledger, ticket, "cancelled", "nobody took its lease in time");\n',
    "      else if (ticket.durable) return;\n",
  ),
  mutant(
    "what was taken is not, after a restart",
    "engine/ticket.ts",
    "      ticket.delivered = lease.untaken !== true;",
    "      ticket.delivered = session !== undefined;",
    DURABLE,
  ),
  mutant(
    "a group's leases go on",
    "engine/groups.ts",
    '  const granted = tickets.filter(({ state }) => state === "granted");',
    '  const granted = tickets.filter(({ state }) => state === "waiting");',
    DURABLE,
  ),
];
