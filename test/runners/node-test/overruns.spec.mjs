import { beforeEach, describe, test } from "node:test";
import { leaseFor } from "@warmpool/testing/node-test";
import { never, say } from "../say.ts";

describe("a suite", () => {
  const setUp = async (t) => {
    const thing = await leaseFor(t);
    say(`overruns: bad got ${thing.data.pid}`);
    await never();
  };
  // Of a test's own timeout, hooks know nothing.
  beforeEach(setUp, { timeout: 4_000 });
  test("a set-up that takes too long", () => {});
});
test("the next", async (t) => {
  const thing = await leaseFor(t);
  say(`overruns: next got ${thing.data.pid}`);
});
