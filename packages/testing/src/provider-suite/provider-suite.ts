import assert from "node:assert/strict";
import { type Duration, WarmpoolError } from "@warmpool/core";
import type { ProviderCase } from "./case.js";
import { type ProviderDeviation, parseDeviations, whyNotRun } from "./deviation.js";
import { toMs } from "./duration.js";
import { messageOf } from "./failure.js";
import type { ProviderHarness } from "./harness.js";
import { disagreements, lack } from "./need.js";
import { PROVIDER_CASES } from "./provider-cases.js";
import { type SuiteRun, World } from "./world.js";

/** Registers a test: Vitest's, Jest's, Bun's or `node:test`'s `test`, or any function like it. */
export interface RegisterTest {
  (name: string, run: () => Promise<void>): unknown;
  /** Registers a test that is not run. Without it, what is not run is registered as a test that does nothing. */
  readonly skip?: (name: string, run: () => Promise<void>) => unknown;
}

/** What to prove, and with what. */
export interface ProviderSuiteOptions<Data, Params> {
  /** Registers each case. */
  readonly test: RegisterTest;
  /** Makes a provider and its outside world. Called once per case that is run. */
  create(): ProviderHarness<Data, Params> | Promise<ProviderHarness<Data, Params>>;
  /** What the provider is not asked to prove, each with its reason. Default: none. */
  readonly deviations?: readonly ProviderDeviation[];
  /**
   * Longest that one call may take, and that a provider may need until what it did can be seen. Above 0. Default:
   * `"30s"`. The runner's own time limit for a test must be several times as long.
   */
  readonly timeout?: Duration;
}

/** Proved of every harness: nothing is left untested without a reason, and no reason is out of date. */
const AGREEMENT = "what the provider and its harness are without, deviations say with the reason";

/**
 * Registers the conformance suite for providers: what the engine relies on, a case each, proved against the real thing
 * with faults around it (lost answers, aborted calls, restarts, outages).
 *
 * A case that cannot be run is registered as skipped, with the reason in its name.
 *
 * ```ts
 * providerSuite({
 *   test,
 *   create: () => ({ provider: rackProvider({ host: "rack-7" }), count: () => machinesOn("rack-7") }),
 *   deviations: [{ without: "outage", reason: "the rack cannot be unplugged from here" }],
 * });
 * ```
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS` at once, for a deviation that names no case or gives no reason, and for a
 * `timeout` that is none.
 */
export function providerSuite<Data, Params = void>(options: ProviderSuiteOptions<Data, Params>): void {
  const { test, create } = options;
  const deviations = parseDeviations(options.deviations ?? []);
  const timeoutMs = parseTimeout(options.timeout ?? "30s");
  const json = !deviations.without.has("json");
  const run: SuiteRun = { timeoutMs, json, installation: draw(8), allocateMs: undefined };
  // Data and Params are the provider's own affair: the suite hands on what it was given.
  const open = async () => (await create()) as unknown as ProviderHarness<unknown, unknown>;

  test(AGREEMENT, async () => {
    const harness = await open();
    const problems = disagreements(harness, deviations.without, timeoutMs);
    await harness.cleanup?.();
    assert.deepEqual(problems, [], AGREEMENT);
  });
  for (const [name, proof] of Object.entries<ProviderCase>(PROVIDER_CASES)) {
    const why = whyNotRun(name, proof, deviations);
    if (why === undefined) test(name, async () => prove(proof, await open(), run));
    else (test.skip ?? test)(`${name} (not run: ${why})`, async () => {});
  }
}

/** Runs one case in a fresh world, and clears up after it, whatever came of it. */
async function prove(proof: ProviderCase, harness: ProviderHarness<unknown, unknown>, run: SuiteRun): Promise<void> {
  const world = await World.open(harness, run, draw(6));
  let failure: { error: unknown } | undefined;
  try {
    assertHasWhatItNeeds(proof, harness, run.timeoutMs);
    await proof.run(world);
  } catch (error) {
    failure = { error };
  }
  const left = await world.close(failure === undefined);
  if (failure === undefined) assert.deepEqual(left, [], "clearing up after the case failed");
  else if (left.length === 0) throw failure.error;
  else throw new Error(`${messageOf(failure.error)}\nAnd then: ${left.join("; ")}`, { cause: failure.error });
}

function assertHasWhatItNeeds(
  { needs = [], needsOneOf = [] }: ProviderCase,
  harness: ProviderHarness<unknown, unknown>,
  timeoutMs: number,
): void {
  const lacks = (need: (typeof needs)[number]) => lack(need, harness, timeoutMs) ?? [];
  assert.deepEqual(needs.flatMap(lacks), [], "This case needs more");
  const ways = needsOneOf.flatMap(lacks);
  assert.ok(ways.length === 0 || ways.length < needsOneOf.length, `This case needs one of: ${ways.join("; ")}`);
}

function parseTimeout(timeout: Duration): number {
  const timeoutMs = toMs(timeout);
  if (timeoutMs > 0) return timeoutMs;
  const problem = "must be a duration above 0";
  throw new WarmpoolError("INVALID_OPTIONS", `Options of providerSuite: timeout: ${problem}`, {
    details: { problems: [{ path: "timeout", problem }] },
  });
}

/** A random part of a key. Slightly uneven, which is enough to keep runs apart. */
function draw(length: number): string {
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => letters[byte % letters.length]).join("");
}
