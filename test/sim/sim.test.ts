import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FAULT_KINDS, type Fault } from "../../packages/testing/src/simulator/faults.js";
import type { Scenario } from "../../packages/testing/src/simulator/scenario.js";
import { bundle } from "./bundle.js";
import { campaign } from "./campaign.js";
import { MUTANTS } from "./mutants.js";
import { replayCommand, unbalanced } from "./report.js";

type Simulator = typeof import("../../packages/testing/src/simulator/index.js");

/** Each violated something once, with the scenarios that were drawn then; what it was has a test of the engine. */
const KNOWN_SEEDS: readonly { seed: number; what: string; stores?: Scenario["store"][] }[] = [
  { seed: 935603016, what: "by a clock that was set back, each of three tickets went before another" },
  { seed: 2660592369, what: "what was made for a pool that had left was adopted by another" },
  {
    seed: 2793449785,
    what: "a group was ended before anybody heard that a lease of it was taken: it went on without a reset",
  },
  { seed: 2830551449, what: "what was to start later was no part of the quota of waiting tickets" },
  { seed: 2010426457, what: "what was granted by a pool that left and came back had no time within which to be taken" },
  {
    seed: 4267640010,
    what: "several things that were there, but beyond their owner's quota, were let past the quota of waiting tickets",
  },
  { seed: 2714029539, what: "leases of a pool that had left the configuration could be extended without end" },
  { seed: 2695883747, what: "who had closed a ticket was still told of its grant, when somebody else had the thing" },
  { seed: 373937157, what: "what was adopted counted as free, though nobody had cleaned it", stores: ["memory"] },
];

let folder: string;
let file: string;
let simulator: Simulator;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "warmpool-sim-test-"));
  const path = join(folder, "simulator.mjs");
  await bundle(path);
  file = pathToFileURL(path).href;
  simulator = (await import(file)) as Simulator;
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("the simulator", () => {
  test("finds nothing violated, and every fault strikes", async () => {
    const workers = Math.min(2, availableParallelism());
    const result = await campaign({ bundle: file, faults: 20_000, seed: 1, workers });
    expect(result.violations).toEqual([]);
    expect(FAULT_KINDS.filter((kind) => result.faults[kind] === 0)).toEqual([]);
  }, 60_000);

  test("says which kinds are less than 1 % or more than 30 % of all faults", () => {
    const counts = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 1_000]));
    const faults = { ...counts, crashed: 999, "answer late": 30_001, paused: 30_000 } as Record<Fault, number>;
    expect(unbalanced({ faults, total: 100_000 })).toEqual(["answer late", "crashed"]);
  });

  test.each(KNOWN_SEEDS)("finds nothing violated by seed $seed: $what", async ({ seed, stores }) => {
    expect((await simulator.simulate({ seed, ...(stores && { stores }) })).violations).toEqual([]);
  });

  test.each([["memory"], ["durable"], ["shared"]] as const)(
    "goes the same way for the same seed (%s)",
    async (store) => {
      const [first, second] = [
        await simulator.simulate({ seed: 7, stores: [store], traced: true }),
        await simulator.simulate({ seed: 7, stores: [store], traced: true }),
      ];
      expect(second.trace).toEqual(first.trace);
      expect(second.fingerprint).toBe(first.fingerprint);
      const other = await simulator.simulate({ seed: 8, stores: [store] });
      expect(other.fingerprint).not.toBe(first.fingerprint);
    },
  );

  test("is not changed by being watched", async () => {
    for (const seed of [11, 12, 13, 14, 15, 16, 17, 18]) {
      const unseen = await simulator.simulate({ seed });
      const seen = await simulator.simulate({ seed, traced: true });
      expect(seen.fingerprint).toBe(unseen.fingerprint);
    }
  });
});

describe("a broken manager", () => {
  test("is caught, shrunk to a shorter trace, and replayed", async () => {
    const mutant = MUTANTS.find(({ name }) => name === "a cap that ignores unknown");
    const path = join(folder, "mutant.mjs");
    await bundle(path, mutant?.replacements);
    const broken = (await import(pathToFileURL(path).href)) as Simulator;
    let seed = 0;
    let caught = await broken.simulate({ seed });
    while (caught.violations.length === 0) caught = await broken.simulate({ seed: ++seed });
    const [{ rule } = { rule: "" }] = caught.violations;
    const options = { seed };
    const shortest = await broken.shrink(caught, options);
    const again = await broken.simulate({ ...shortest, traced: true });
    expect(again.violations[0]?.rule).toBe(rule);
    expect(shortest.only?.size ?? Number.POSITIVE_INFINITY).toBeLessThan(caught.decisions);
    expect(again.trace.join("\n")).toContain(`VIOLATION ${rule}`);
    expect(replayCommand(shortest)).toMatch(/^npm run sim -- --replay \d+ --only [\d,]* --holders \d+$/);
  }, 60_000);

  test("whose change is not in the source is refused", async () => {
    const file = "engine/size.ts";
    const lost = { file, text: "no such text", by: "" };
    await expect(bundle(join(folder, "lost.mjs"), [lost])).rejects.toThrow(/exactly once/);
    const elsewhere = { file: "engine/no-such-file.ts", text: "x", by: "" };
    await expect(bundle(join(folder, "lost.mjs"), [elsewhere])).rejects.toThrow(/was not bundled/);
  });

  test("each mutant changes something that is there, under a name of its own", async () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    expect(MUTANTS.length).toBeGreaterThanOrEqual(20);
    for (const { name, replacements } of MUTANTS) {
      for (const { file, text } of replacements) {
        const source = await readFile(new URL(`../../packages/core/src/${file}`, import.meta.url), "utf8");
        expect([name, source.split(text).length - 1]).toEqual([name, 1]);
      }
    }
  });
});
