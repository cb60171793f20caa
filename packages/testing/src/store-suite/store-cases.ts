import { closingCases } from "./cases/closing.js";
import { committingCases } from "./cases/committing.js";
import { loadingCases } from "./cases/loading.js";
import { namespaceCases } from "./cases/namespaces.js";
import { openingCases } from "./cases/opening.js";
import { postingCases } from "./cases/posting.js";
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

/** Cases for a store that connects sessions: several processes use a namespace of it at the same time. */
export const POSTING_CASES = postingCases;

/** Names of these cases. */
export type PostingCaseName = keyof typeof POSTING_CASES;

/** Names of all cases of the suite. */
export type StoreCaseName = keyof typeof STORE_CASES | PostingCaseName;
