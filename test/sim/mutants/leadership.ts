import { type Mutant, mutant, SHARED } from "./mutant.ts";

/** What a leader may still do. */
export const LEADERSHIP: readonly Mutant[] = [
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
];
