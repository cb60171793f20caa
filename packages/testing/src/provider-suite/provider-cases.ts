import type { ProviderCase } from "./case.js";
import { abortCases } from "./cases/abort.js";
import { allocateCases } from "./cases/allocate.js";
import { checkCases } from "./cases/check.js";
import { deleteCases } from "./cases/delete.js";
import { findCases } from "./cases/find.js";
import { listCases } from "./cases/list.js";
import { outageCases } from "./cases/outage.js";
import { resetCases } from "./cases/reset.js";
import { restartCases } from "./cases/restart.js";

const cases = {
  ...allocateCases,
  ...checkCases,
  ...deleteCases,
  ...abortCases,
  ...findCases,
  ...listCases,
  ...resetCases,
  ...restartCases,
  ...outageCases,
};

/** The cases of `providerSuite`, by their names. */
export type ProviderCaseName = keyof typeof cases;

export const PROVIDER_CASES: Readonly<Record<ProviderCaseName, ProviderCase>> = cases;
