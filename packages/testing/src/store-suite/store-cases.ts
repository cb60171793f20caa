import { closingCases } from "./cases/closing.js";
import { committingCases } from "./cases/committing.js";
import { loadingCases } from "./cases/loading.js";
import { namespaceCases } from "./cases/namespaces.js";
import { openingCases } from "./cases/opening.js";
import { restartCases } from "./cases/restart.js";

/** Every case by its sentence, in the order in which they are run. */
export const STORE_CASES = {
  ...openingCases,
  ...loadingCases,
  ...committingCases,
  ...namespaceCases,
  ...closingCases,
  ...restartCases,
} as const;

/** Names of the cases of the suite. */
export type StoreCaseName = keyof typeof STORE_CASES;
