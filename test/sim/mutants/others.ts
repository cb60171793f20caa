import { type Mutant, mutant } from "./mutant.ts";

/** What is not ours, and what has leaked. */
export const OTHERS: readonly Mutant[] = [
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
];
