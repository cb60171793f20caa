import { beforeEach, describe, test } from "node:test";
import { leaseFor } from "@warmpool/testing/node-test";
import { say } from "../say.ts";

describe("a suite", () => {
  beforeEach(async (t) => {
    const thing = await leaseFor(t);
    say(`throws: bad got ${thing.data.pid}`);
    throw new Error("it cannot be set up");
  });
  test("a set-up that throws", () => {});
});
test("the next", async (t) => {
  const thing = await leaseFor(t);
  say(`throws: next got ${thing.data.pid}`);
});
