import type { Store } from "@warmpool/core";
import { type StoreHarness, storeSuite } from "@warmpool/testing";
import { describe, test } from "vitest";
import { postgresStore } from "../src/index.js";
import { Cable } from "./cable.js";
import { TrialSchema } from "./trial-schema.js";

/** Stores over a cable each: a crash pulls it. */
async function postgresHarness(): Promise<StoreHarness> {
  const trial = new TrialSchema();
  const cables: Cable[] = [];
  const connect = async (): Promise<Store> => {
    const cable = await Cable.to(trial.url);
    cables.push(cable);
    return postgresStore(cable.url, { schema: trial.schema, leaderTtl: "300ms" });
  };
  return {
    store: await connect(),
    async reopen() {
      for (const cable of cables) await cable.pull();
      return await connect();
    },
    another: connect,
    async cleanup() {
      for (const cable of cables) await cable.pull();
      await trial.drop();
    },
  };
}

describe("PostgreSQL", () => {
  storeSuite({
    test,
    create: postgresHarness,
    posts: true,
    deviations: [
      {
        case: "two openings of a namespace never both write",
        reason: "a second opening waits until nobody leads: see election.test.ts",
      },
      {
        case: "a second opener is refused with STORE_IN_USE until the first has closed",
        reason: "a second opener waits until nobody leads: see election.test.ts",
      },
    ],
  });
});
