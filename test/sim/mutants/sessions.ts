import { type Mutant, mutant, SHARED } from "./mutant.ts";

/** What holders in other processes are told and believed. */
export const SESSIONS: readonly Mutant[] = [
  mutant("a repeated call makes a second ticket", "engine/entering.ts", "calls.get(call);", "undefined;", SHARED),
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
];
