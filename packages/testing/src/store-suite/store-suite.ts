import assert from "node:assert/strict";
import type { Store } from "@warmpool/core";
import type { RegisterTest } from "../provider-suite/provider-suite.js";
import type { StoreCase } from "./case.js";
import { parseDeviations, type StoreDeviation } from "./deviation.js";
import { asHarness, type StoreHarness } from "./harness.js";
import { POSTING_CASES, STORE_CASES } from "./store-cases.js";
import { Trial } from "./trial.js";

/** What to prove, and with what. */
export interface StoreSuiteOptions {
  /** Registers each case. */
  readonly test: RegisterTest;
  /** Makes an empty store that nobody else uses, alone or with its harness. Called once per case that is run. */
  create(): Store | StoreHarness | Promise<Store | StoreHarness>;
  /** The store connects sessions (`Store.connect`): what it does with their letters is proved as well. Default: `false`. */
  readonly posts?: boolean;
  /** What the store is not asked to prove, each with its reason. Default: none. */
  readonly deviations?: readonly StoreDeviation[];
}

/**
 * Registers the conformance suite for stores: what the runtime relies on, a case each, to be run against the real
 * thing.
 *
 * A case listed in `deviations` is registered as skipped, with the reason in its name.
 *
 * ```ts
 * storeSuite({
 *   test,
 *   create: () => keyvStore(new Keyv()),
 *   deviations: [{ case: "survives a restart", reason: "an in-memory Keyv keeps nothing" }],
 * });
 * ```
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS` at once, for a deviation that names no case or gives no reason.
 */
export function storeSuite({ test, create, posts = false, deviations = [] }: StoreSuiteOptions): void {
  const reasons = parseDeviations(deviations);
  for (const [name, proof] of Object.entries<StoreCase>(posts ? ALL_CASES : STORE_CASES)) {
    const reason = reasons.get(name);
    if (reason === undefined) test(name, async () => prove(proof, asHarness(await create()), posts));
    else (test.skip ?? test)(`${name} (not run: ${reason})`, async () => {});
  }
}

const ALL_CASES = { ...STORE_CASES, ...POSTING_CASES };

/** Runs one case on a fresh store, and clears up after it, whatever came of it. */
async function prove(proof: StoreCase, harness: StoreHarness, posts: boolean): Promise<void> {
  const isProved = posts || harness.store.connect === undefined;
  assert.ok(isProved, "the store has connect(): register the suite with posts: true, to prove its letters too");
  const isServed = harness.store.connect === undefined || harness.store.sharing !== undefined;
  assert.ok(isServed, "the store has connect() and no sharing: give it that of @warmpool/core");
  const trial = new Trial(harness);
  try {
    await proof.run(trial);
  } finally {
    await trial.close();
  }
}
