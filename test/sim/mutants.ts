import type { Scenario } from "../../packages/testing/src/simulator/index.ts";
import type { Replacement } from "./bundle.ts";

/** A manager that breaks one rule. The simulator must notice. */
export interface Mutant {
  readonly name: string;
  readonly replacements: readonly Replacement[];
  /** Where it shows. Default: everywhere. */
  readonly stores?: readonly Scenario["store"][];
}

function mutant(name: string, file: string, text: string, by: string, stores?: Mutant["stores"]): Mutant {
  return { name, replacements: [{ file, text, by }], ...(stores !== undefined && { stores }) };
}

const DURABLE = ["durable"] as const;
const SHARED = ["shared"] as const;

/** Rules whose breach a simulation must show. Each takes one out of the source; production code has no switches for this. */
export const MUTANTS: readonly Mutant[] = [
  // ── Write first, then act ────────────────────────────────────────────────────────────────────────────────────────────
  mutant(
    "act before commit",
    "engine/effect.ts",
    '    case "granted":\n    case "call":\n    case "event":\n      return false;',
    '    case "granted":\n    case "call":\n    case "event":\n      return true;',
    DURABLE,
  ),
  mutant(
    "call before commit",
    "engine/effect.ts",
    '    case "granted":\n    case "call":\n    case "event":\n      return false;',
    '    case "call":\n      return true;\n    case "granted":\n    case "event":\n      return false;',
    DURABLE,
  ),
  mutant(
    "grant before commit",
    "engine/effect.ts",
    '    case "granted":\n    case "call":\n    case "event":\n      return false;',
    '    case "granted":\n      return true;\n    case "call":\n    case "event":\n      return false;',
    DURABLE,
  ),
  mutant(
    "a failed commit is taken for done",
    "runtime/committer.ts",
    "      this.#options.repeated(error, attempt);",
    "      this.#options.repeated(error, attempt);\n      return finish();",
    DURABLE,
  ),
  mutant(
    "a repeated commit gets a new number",
    "runtime/committer.ts",
    "this.#commit(number, changes, attempt + 1, finish)",
    "this.#commit(++this.#number, changes, attempt + 1, finish)",
    DURABLE,
  ),
  mutant(
    "a change is forgotten in the batch",
    "engine/lending.ts",
    "  ledger.deadlines.arm(ticket, keptUntilAtMs(ledger, ticket));\n  ledger.changeTicket(ticket);",
    "  ledger.deadlines.arm(ticket, keptUntilAtMs(ledger, ticket));",
    DURABLE,
  ),

  // ── Unknown outcomes ─────────────────────────────────────────────────────────────────────────────────────────────────
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

  // ── Caps ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
  mutant(
    "a cap that ignores deleting",
    "engine/making.ts",
    "  return pool.total + unrecordedOf(pool);",
    "  return pool.total - pool.counts.deleting + unrecordedOf(pool);",
  ),
  mutant(
    "a cap that ignores unknown",
    "engine/making.ts",
    "  return pool.total + unrecordedOf(pool);",
    "  return pool.total - pool.counts.unknown + unrecordedOf(pool);",
  ),
  mutant("a cap that is off by one", "engine/size.ts", "supply.max - supply.total", "supply.max + 1 - supply.total"),
  mutant(
    "no cap over the pools of a provider",
    "engine/making.ts",
    "    if (roomAt(provider) <= 0) return count - made;",
    "",
  ),

  // ── Leases ───────────────────────────────────────────────────────────────────────────────────────────────────────────
  mutant("reuse before reset", "engine/recycle.ts", "  if (canReset) return RESETTING;", ""),
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
    "runtime/lease.ts",
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
    "  if (reuse === undefined || (isolates(reuse) && !used.isBound))",
    "  if (reuse === undefined)",
  ),
  mutant(
    "dirty ones count as free",
    "engine/conditions.ts",
    '  return end === "ok" ? conditions.released : conditions.abandoned;',
    "  return conditions.names[0] as string;",
  ),

  // ── Tickets ──────────────────────────────────────────────────────────────────────────────────────────────────────────
  mutant(
    "a waiting ticket is forgotten at a restart",
    "engine/recovering.ts",
    "      else lineUp(ledger, ticket);\n",
    "",
    DURABLE,
  ),
  mutant(
    "a request id is not remembered",
    "engine/engine.ts",
    "      if (known !== undefined) return known;",
    "",
    DURABLE,
  ),
  mutant(
    "a find that fails is not repeated",
    "engine/settling.ts",
    'if (resource.state === "unknown" || resource.state === "deleting") retryLater(ledger, resource, "find", answer);',
    'if (resource.state === "unknown") return;',
  ),

  // ── Leadership ───────────────────────────────────────────────────────────────────────────────────────────────────────
  mutant(
    "a leader calls after its time",
    "runtime/caller.ts",
    "if (!this.#options.leads())",
    "if (false as boolean)",
    SHARED,
  ),
  {
    name: "a leader confirms after its time",
    replacements: [
      {
        file: "runtime/counter/counter.ts",
        text: "    if (this.#isOver || this.#runtime.hasLapsed()) return;",
        by: "    if (this.#isOver) return;",
      },
      {
        file: "runtime/counter/counter.ts",
        text: "    if (this.#isOver || !leads(this.#life)) return;",
        by: "    if (this.#isOver) return;",
      },
    ],
    stores: SHARED,
  },
  mutant(
    "a new leader does not wait for the old one's calls",
    "runtime/life.ts",
    "    leaderTtlMs: store.leaderTtlMs ?? 0,",
    "    leaderTtlMs: -10_000,",
    SHARED,
  ),
  mutant(
    "a new leader ends leases at once",
    "engine/recovering.ts",
    "      else resumeLease(ledger, ticket);\n      return;",
    "      else {\n        ticket.endsAtMs = ledger.nowMs;\n        ledger.deadlines.arm(ticket, ledger.nowMs);\n      }\n      return;",
    SHARED,
  ),

  // ── Sessions elsewhere ───────────────────────────────────────────────────────────────────────────────────────────────
  mutant(
    "a repeated call makes a second ticket",
    "engine/engine.ts",
    "      if (repeated !== undefined) return repeated;\n",
    "",
    SHARED,
  ),
  mutant(
    "a letter to an earlier leader is acted upon",
    "runtime/counter/counter.ts",
    "    if (epoch !== own) return epoch < own",
    "    if (epoch === 0) return epoch < own",
    SHARED,
  ),
  mutant(
    "a letter that came twice is heard twice",
    "runtime/remote/channel.ts",
    "    const known = this.#heard + 1 - first;",
    "    const known = 0;",
    SHARED,
  ),
  mutant(
    "a session begins anew and forgets what it has",
    "runtime/remote/remote-desk.ts",
    "      else if (ticket.shares === undefined) held.push([call, id, token]);",
    "",
    SHARED,
  ),
  mutant(
    "what a session does not name any more was never used",
    "engine/sessions.ts",
    '    if (ticket.state === "granted" && ticket.delivered) {',
    "    if (false) {",
    SHARED,
  ),
  mutant(
    "a grant to who gave up is kept",
    "runtime/counter/teller.ts",
    "    engine.neverTaken(ticket, how, this.#nowMs);",
    '    if (ticket.state === "waiting") engine.neverTaken(ticket, how, this.#nowMs);',
    SHARED,
  ),
  mutant(
    "a release is not said to the next leader",
    "runtime/remote/asks.ts",
    '      yield message.type === "release" ? { ...message, again: true } : message;',
    '      if (message.type !== "release") yield message;',
    SHARED,
  ),
  mutant(
    "a silent session keeps its leases",
    "engine/session.ts",
    "Number.NEGATIVE_INFINITY : heardAtMs + ttlMs;",
    "Number.NEGATIVE_INFINITY : heardAtMs + ttlMs + 1e9;",
    SHARED,
  ),
  mutant(
    "a silent session keeps its tickets",
    "engine/sessions.ts",
    "  stopWaiting(ledger, session, FELL_SILENT);",
    "  ledger.deadlines.arm(session, ledger.nowMs + session.ttlMs);",
    SHARED,
  ),
  mutant(
    "a lease that its holder has lost is renewed",
    "engine/sessions.ts",
    "  ticket.note({ lapsed: true });\n",
    "",
    SHARED,
  ),
  mutant(
    "a holder counts from hearing, not from sending",
    "runtime/remote/contact.ts",
    "this.#confirmed = at;",
    "this.#confirmed = this.now();",
    SHARED,
  ),
  mutant(
    "a suspended holder counts by its monotonic clock alone",
    "runtime/remote/contact.ts",
    "    return Math.max(nowMs - monotonicMs, nowWallMs - wallMs);",
    "    return nowMs - monotonicMs + 0 * (nowWallMs - wallMs);",
    SHARED,
  ),

  // ── Others ───────────────────────────────────────────────────────────────────────────────────────────────────────────
  mutant(
    "another installation's things are ours",
    "engine/reconcile.ts",
    "  if (installation !== identity.installation || namespace !== identity.namespace) {",
    "  if (namespace !== identity.namespace) {",
  ),
  mutant(
    "another namespace's things are ours",
    "engine/reconcile.ts",
    "  if (installation !== identity.installation || namespace !== identity.namespace) {",
    "  if (installation !== identity.installation) {",
  ),
  mutant(
    "leaks are only reported",
    "engine/reaping.ts",
    '  return mode === "report" ? "report" : "delete";',
    '  return "report";',
  ),

  // ── Lifespans and hand-off ─────────────────────────────────────────────────────────────────────────────────────────
  mutant(
    "a lifespan is not clamped",
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
    "what nobody takes is kept for ever",
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
