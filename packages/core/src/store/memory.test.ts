import { type StoreCaseName, type StoreDeviation, storeSuite } from "@warmpool/testing";
import { describe, expect, test } from "vitest";
import { memoryStore } from "./memory.js";

/** Cases that look at what was kept. */
const ABOUT_CONTENT: readonly StoreCaseName[] = [
  "records come back byte for byte",
  "a long record comes back whole",
  "10,000 records load completely, each once",
  "kinds do not share their numbers",
  "numbers up to the largest safe integer are kept apart",
  "loading can be given up halfway",
  "a batch is all or nothing",
  "a batch that the store cannot write leaves nothing",
  "a batch of 20,000 changes is committed whole",
  "the changes of a batch apply in their order",
  "later batches replace and drop what earlier ones put",
  "the same number twice changes nothing, even with other content",
  "a batch refused with FENCED changes nothing",
  "numbers start again at 1 in each epoch",
  "namespaces don't see each other",
  "namespaces with awkward names stay apart",
  "closing waits for the commits under way",
  "survives a restart",
  "an epoch that wrote nothing is not given again after a restart",
  "what was left behind by a crash cannot write",
];

const deviations: readonly StoreDeviation[] = [
  ...ABOUT_CONTENT.map((name) => ({ case: name, reason: "memory keeps nothing" })),
  {
    case: "a second opener is refused with STORE_IN_USE until the first has closed",
    reason: "each process has a memory of its own",
  },
  {
    case: "an opening that was given up rejects and keeps nothing",
    reason: "memory opens at once, there is nothing to give up",
  },
];

describe("memory", () => {
  storeSuite({ test, create: () => memoryStore(), deviations });

  test("an installation can be given, so that a new start reaps what the last one left", async () => {
    const { installation } = await memoryStore({ installation: "abcd1234" }).open("web");
    expect(installation).toBe("abcd1234");
  });

  test.each(["", "short", "longer than it may be", "ABCD1234", "abcd-123"])("%j is no installation", (installation) => {
    const make = () => memoryStore({ installation });
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_OPTIONS" }));
  });
});
