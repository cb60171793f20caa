import { DURABLE, type Mutant, mutant } from "./mutant.ts";

/** No effect leaves before the records of its decision are committed. */
export const WRITE_FIRST: readonly Mutant[] = [
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
    "engine/closing.ts",
    "  ledger.deadlines.arm(ticket, keptUntilAtMs(ledger, ticket));\n  ledger.changeTicket(ticket);",
    "  ledger.deadlines.arm(ticket, keptUntilAtMs(ledger, ticket));",
    DURABLE,
  ),
];
