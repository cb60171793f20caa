import { DURABLE, type Mutant, mutant } from "./mutant.ts";

/** Who has what, and in what state he gets it. */
export const LEASES: readonly Mutant[] = [
  mutant("reuse before reset", "engine/recycle.ts", "return home.makesClean ? RESETTING : READY;", "return READY;"),
  mutant(
    "a failed reset counts as done",
    "engine/tending.ts",
    '  dispose(ledger, resource, "reset-failed");',
    '  toReady(ledger, resource, "front");',
  ),
  mutant(
    "an interrupted reset counts as done",
    "engine/recover.ts",
    '      return { state: "deleting", reason: "interrupted-reset" };',
    '      return { state: "ready" };',
    DURABLE,
  ),
  mutant(
    "a lost lease is not told",
    "engine/lending.ts",
    '  close(ledger, ticket, "lost");\n  ledger.effects.push({ type: "closed", ticket });',
    '  close(ledger, ticket, "lost");',
  ),
  mutant(
    "a lease that a restart shortens",
    "engine/recovering.ts",
    "      else resumeLease(ledger, ticket);\n      return;",
    "      else {\n        ticket.endsAtMs = ledger.nowMs;\n        ledger.deadlines.arm(ticket, ledger.nowMs);\n      }\n      return;",
    DURABLE,
  ),
  mutant(
    "a renewal is not heard",
    "engine/lease-time.ts",
    "  ticket.endsAtMs = Math.min(leaseEndsAtMs({ ttlMs, renewedBy }, ledger.nowMs), lifespanEndsAtMs);",
    "  ticket.endsAtMs ??= Math.min(leaseEndsAtMs({ ttlMs, renewedBy }, ledger.nowMs), lifespanEndsAtMs);",
  ),
  mutant(
    "renew after expiry",
    "runtime/live-lease.ts",
    '    return this.#live.state === "granted" && this.#extras.unknown !== true;',
    "    return this.#extras.unknown !== true;",
  ),
  mutant(
    "tokens repeat after a restart",
    "engine/lending.ts",
    "  ticket.token = ledger.counters.token++;",
    "  ticket.token = ledger.resources.size + 1;",
  ),

  mutant(
    "sandbox mixed",
    "engine/pool.ts",
    "    } else if (boundTo !== undefined) {",
    "    } else if (false as boolean) {",
  ),
  mutant(
    "the unnamed share what they use",
    "engine/recycle.ts",
    "  if (reuse === undefined || (isolates(reuse) && !isKept(reuse, used)))",
    "  if (reuse === undefined)",
  ),
  mutant(
    "dirty ones count as free",
    "engine/conditions.ts",
    '  return end === "ok" ? conditions.released : conditions.abandoned;',
    "  return conditions.names[0] as string;",
  ),
];
