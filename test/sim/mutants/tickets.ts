import { DURABLE, type Mutant, mutant } from "./mutant.ts";

/** Tickets, requests, and what several of them come to. */
export const TICKETS: readonly Mutant[] = [
  mutant(
    "a waiting ticket is forgotten at a restart",
    "engine/recovering.ts",
    "      else lineUp(ledger, ticket);\n",
    "",
    DURABLE,
  ),
  mutant(
    "a request id is not remembered",
    "engine/entering.ts",
    "return called ?? (requestId === undefined ? undefined : requests.get(requestKey(owner, requestId)));",
    "return called;",
    DURABLE,
  ),
  mutant(
    "a find that fails is not repeated",
    "engine/settling.ts",
    'if (resource.state === "unknown" || resource.state === "deleting") retryLater(ledger, resource, "find", answer);',
    'if (resource.state === "unknown") return;',
  ),
  mutant(
    "partial set kept",
    "engine/party.ts",
    "  if (wasWhole && !isLast) return ledger.changeTicket(party);",
    "  if (!isLast) return ledger.changeTicket(party);",
  ),
  mutant(
    "partial set granted",
    "engine/matching-parties.ts",
    "  if (!gathered.complete) return undefined;",
    "  if (!gathered.found.some(({ size }) => size > 0)) return undefined;",
  ),
  mutant(
    "quota ignored",
    "engine/owners.ts",
    "    return Math.max(0, this.policy.maxLeases - this.leases);",
    "    return this.policy.maxLeases;",
  ),
];
