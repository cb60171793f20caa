import { DURABLE, type Mutant, mutant } from "./mutant.ts";

/** What nobody knows the outcome of is settled before it is forgotten. */
export const OUTCOMES: readonly Mutant[] = [
  mutant(
    "forget the unknown state",
    "engine/settle.ts",
    '  return failure.made === "nothing" && failure.timedOut !== true ? "gone" : "unknown";',
    '  return "gone";',
  ),
  mutant(
    "absent believed too early",
    "engine/tending.ts",
    "      const atMs = Math.max(resource.settleAtMs, resource.retryAtMs);",
    "      const atMs = resource.retryAtMs;",
  ),
  mutant(
    "a delete during allocate is the last",
    "engine/settling.ts",
    "  if (answer.startedAtMs < resource.settleAtMs) {",
    "  if (answer.startedAtMs < 0) {",
  ),
  mutant(
    "a restart forgets that it was allocating",
    "engine/recovering.ts",
    "  if (mayStillBeMade(resource)) {",
    "  if (false as boolean) {",
    DURABLE,
  ),
  mutant(
    "an allocating record is dropped at a restart",
    "engine/recover.ts",
    '    case "allocating":\n      return { state: "unknown" };',
    '    case "allocating":\n      return { state: "ready" };',
    DURABLE,
  ),
  mutant(
    "one sighting instead of two",
    "engine/reconcile.ts",
    "  return sightings >= 2 &&",
    "  return sightings >= 1 &&",
  ),
  mutant(
    "a delete is taken at its word",
    "engine/settling.ts",
    "  if (provider.policy.can.find) {",
    "  if (true as boolean) return gone(ledger, resource);\n  if (provider.policy.can.find) {",
  ),
  mutant(
    "a sweep under way confirms a delete",
    "engine/settling.ts",
    "  resource.confirmBySweep = provider.sweeps + 1;",
    "  resource.confirmBySweep = provider.sweeps;",
  ),
  mutant(
    "a cut listing counts as complete",
    "runtime/caller.ts",
    "    for await (const thing of provider.list?.(context) ?? []) {",
    "    const own = (async function* () { try { yield* provider.list?.(context) ?? []; } catch {} })();\n    for await (const thing of own) {",
  ),
  mutant(
    "deletes are tried once",
    "engine/settling.ts",
    '  if (!answer.ok) return retryLater(ledger, resource, "delete", answer);',
    "  if (!answer.ok) return gone(ledger, resource);",
  ),
];
