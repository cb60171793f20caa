import { type ProviderCaseName, providerSuite } from "@warmpool/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { cloudHarness } from "./fake-cloud/cloud-harness.js";
import { abortMutants } from "./mutants/abort-mutants.js";
import { allocateMutants } from "./mutants/allocate-mutants.js";
import { checkMutants } from "./mutants/check-mutants.js";
import { deleteMutants } from "./mutants/delete-mutants.js";
import { findMutants } from "./mutants/find-mutants.js";
import { listMutants } from "./mutants/list-mutants.js";
import type { Mutant } from "./mutants/mutant.js";
import { outageMutants } from "./mutants/outage-mutants.js";
import { resetMutants } from "./mutants/reset-mutants.js";
import { restartMutants } from "./mutants/restart-mutants.js";

const MUTANTS: readonly Mutant[] = [
  ...allocateMutants,
  ...deleteMutants,
  ...checkMutants,
  ...abortMutants,
  ...findMutants,
  ...listMutants,
  ...resetMutants,
  ...restartMutants,
  ...outageMutants,
];

/** The cases as the suite registers them. */
function casesFor(provide?: Mutant["provide"]): Map<string, () => Promise<void>> {
  const cases = new Map<string, () => Promise<void>>();
  providerSuite({ test: (name, run) => cases.set(name, run), create: () => cloudHarness(provide), timeout: "2s" });
  return cases;
}

/** By what is wrong with the mutant: what each case that must catch it failed with. */
const failures = new Map<string, Map<string, unknown>>();

// All at once: most of them pass the time waiting for what a mutant will never do.
beforeAll(async () => {
  const proofs = MUTANTS.flatMap(({ that, provide, caughtBy }) => {
    const failedWith = new Map<string, unknown>();
    failures.set(that, failedWith);
    return Object.keys(caughtBy).map(async (name) => {
      await casesFor(provide)
        .get(name)?.()
        .catch((error: unknown) => failedWith.set(name, error));
    });
  });
  await Promise.all(proofs);
});

describe.each(MUTANTS)("a provider that $that", ({ that, caughtBy }) => {
  test.each(Object.entries(caughtBy))("is caught by: %s", (name, message) => {
    const failure = failures.get(that)?.get(name);
    expect(failure).toBeInstanceOf(Error);
    expect((failure as Error).message).toMatch(message);
  });
});

test("no two mutants go by the same name", () => {
  expect(failures.size).toBe(MUTANTS.length);
});

test("there is no case that nothing can fail", () => {
  const [, ...cases] = casesFor().keys();
  const caught = new Set(MUTANTS.flatMap(({ caughtBy }) => Object.keys(caughtBy) as ProviderCaseName[]));
  expect(cases.filter((name) => !caught.has(name as ProviderCaseName))).toEqual([]);
});
