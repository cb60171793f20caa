import { isWarmpoolError } from "@warmpool/core";
import { describe, expect, test } from "vitest";
import { carelessHarness, type Mistake } from "./careless-store.js";
import type { StoreHarness } from "./harness.js";
import { STORE_CASES, type StoreCaseName } from "./store-cases.js";
import { type StoreSuiteOptions, storeSuite } from "./store-suite.js";

/** The case that finds each mistake. Others may find it too. */
const FOUND_BY: Record<Mistake, StoreCaseName> = {
  "installations have sixteen characters": "an installation is 8 characters of a-z and 0-9",
  "an installation is drawn at each opening": "an installation is drawn once in the life of a namespace",
  "all namespaces share an installation": "two namespaces have two installations",
  "the epoch stays": "epochs only grow",
  "the epoch is raised with the first commit": "an epoch that wrote nothing is not given again after a restart",
  "the signal is not looked at": "an opening that was given up rejects and keeps nothing",
  "sessions know only their own epoch": "two openings of a namespace never both write",
  "nobody asks who has it open": "a second opener is refused with STORE_IN_USE until the first has closed",
  "a new namespace has counters already": "a new namespace is empty",
  "records are parsed and printed": "records come back byte for byte",
  "records end after a megabyte": "a long record comes back whole",
  "pages overlap": "10,000 records load completely, each once",
  "only the first thousand are loaded": "10,000 records load completely, each once",
  "kinds share a table": "kinds do not share their numbers",
  "ids have 32 bits": "numbers up to the largest safe integer are kept apart",
  "an unread cursor blocks commits": "loading can be given up halfway",
  "changes are applied as they are read": "a batch is all or nothing",
  "what was written before an error stays": "a batch that the store cannot write leaves nothing",
  "large batches are cut": "a batch of 20,000 changes is committed whole",
  "drops come after puts": "the changes of a batch apply in their order",
  "puts only insert": "later batches replace and drop what earlier ones put",
  "dropping wants a record": "dropping a record that isn't there is no error",
  "empty batches are skipped": "an empty batch counts",
  "a repeated number is refused": "the same number twice resolves",
  "a repeated number is applied": "the same number twice changes nothing, even with other content",
  "gaps are not seen": "a number left out is refused with FENCED",
  "the epoch is not checked": "a commit of another epoch is refused with FENCED",
  "the check comes after the write": "a batch refused with FENCED changes nothing",
  "numbers go on in the next epoch": "numbers start again at 1 in each epoch",
  "all namespaces share the last number": "namespaces don't see each other",
  "namespaces are prefixes": "namespaces with awkward names stay apart",
  "namespaces know no case": "namespaces with awkward names stay apart",
  "closing closes the whole store": "opening and closing one namespace leaves the others alone",
  "closed sessions write": "a closed session refuses commits",
  "closing does not wait": "closing waits for the commits under way",
  "each close closes the newest session": "closing twice is closing once",
  "commits are written when closing": "survives a restart",
  "the epoch is checked in the process only": "what was left behind by a crash cannot write",
};

describe("a store that does everything right passes", () => {
  storeSuite({ test, create: () => carelessHarness() });
});

describe("a store with one mistake fails", () => {
  test.each(Object.entries(FOUND_BY))("%s: found by “%s”", async (mistake, name) => {
    const failures = await failuresOf({ create: () => carelessHarness(mistake as Mistake) }, [name]);
    expect([...failures.keys()]).toEqual([name]);
  });

  test("every case is there for some mistake", () => {
    expect([...new Set(Object.values(FOUND_BY))].sort()).toEqual(Object.keys(STORE_CASES).sort());
  });
});

describe("deviations", () => {
  const create = () => carelessHarness();

  test("a listed case is not run, and shown with its reason", () => {
    const names: string[] = [];
    const skipped: string[] = [];
    const register = Object.assign((name: string) => names.push(name), {
      skip: (name: string) => skipped.push(name),
    });
    storeSuite({ test: register, create, deviations: [{ case: "survives a restart", reason: "it keeps nothing" }] });
    expect(names).not.toContain("survives a restart");
    expect(names.length).toBe(Object.keys(STORE_CASES).length - 1);
    expect(skipped).toEqual(["survives a restart (not run: it keeps nothing)"]);
  });

  test.each([
    ["of an unknown case", [{ case: "survives everything", reason: "no" }], "survives everything"],
    ["of a name that every object has", [{ case: "constructor", reason: "no" }], "constructor"],
    ["without a reason", [{ case: "survives a restart", reason: " " }], "say why"],
    [
      "listed twice",
      [
        { case: "survives a restart", reason: "no" },
        { case: "survives a restart", reason: "no" },
      ],
      "listed twice",
    ],
  ])("a deviation %s is an error before any test is registered", (_, deviations, message) => {
    const names: string[] = [];
    const options = { test: (name: string) => names.push(name), create, deviations } as StoreSuiteOptions;
    const error = thrownBy(() => storeSuite(options));
    expect(isWarmpoolError(error, "INVALID_OPTIONS")).toBe(true);
    expect(String(error)).toContain(message);
    expect(names).toEqual([]);
  });
});

describe("the harness", () => {
  test("a store alone is enough for every case that needs no restart and no second opener", async () => {
    const failures = await failuresOf({ create: () => carelessHarness().store });
    expect([...failures.keys()].sort()).toEqual([
      "a second opener is refused with STORE_IN_USE until the first has closed",
      "an epoch that wrote nothing is not given again after a restart",
      "survives a restart",
      "what was left behind by a crash cannot write",
    ]);
    expect(String(failures.get("survives a restart"))).toContain("the harness has no reopen()");
  });

  test("is cleaned up once for each case, failed ones too, with all sessions closed", async () => {
    let cleanups = 0;
    const create = (): StoreHarness => {
      const harness = carelessHarness("gaps are not seen");
      return {
        ...harness,
        cleanup: async () => {
          cleanups += 1;
          // Refused if the case's sessions were still open.
          if (harness.another) await (await harness.another()).open("another");
        },
      };
    };
    const failures = await failuresOf({ create });
    expect(cleanups).toBe(Object.keys(STORE_CASES).length);
    expect(failures.has("a number left out is refused with FENCED")).toBe(true);
    expect([...failures.values()].filter((error) => isWarmpoolError(error, "STORE_IN_USE"))).toEqual([]);
  });
});

/** Runs the suite, or only some of its cases, and returns what failed and why. */
async function failuresOf(
  options: Pick<StoreSuiteOptions, "create">,
  names: readonly string[] = Object.keys(STORE_CASES),
): Promise<Map<string, unknown>> {
  const cases = new Map<string, () => Promise<void>>();
  storeSuite({ ...options, test: (name, run) => names.includes(name) && cases.set(name, run) });
  const failures = new Map<string, unknown>();
  for (const [name, run] of cases) await run().catch((error) => failures.set(name, error));
  return failures;
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
