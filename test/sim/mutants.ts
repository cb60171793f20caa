import { CAPS } from "./mutants/caps.ts";
import { LEADERSHIP } from "./mutants/leadership.ts";
import { LEASES } from "./mutants/leases.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { OTHERS } from "./mutants/others.ts";
import { OUTCOMES } from "./mutants/outcomes.ts";
import { SESSIONS } from "./mutants/sessions.ts";
import { TICKETS } from "./mutants/tickets.ts";
import { TIMES } from "./mutants/times.ts";
import { WRITE_FIRST } from "./mutants/write-first.ts";

/** Rules whose breach a simulation must show. Each takes one out of the source; production code has no switches for this. */
export const MUTANTS: readonly Mutant[] = [
  ...WRITE_FIRST,
  ...OUTCOMES,
  ...CAPS,
  ...LEASES,
  ...TICKETS,
  ...TIMES,
  ...LEADERSHIP,
  ...SESSIONS,
  ...OTHERS,
];
