import { test } from "node:test";
import { leaseFor } from "@warmpool/testing/node-test";
import { never, say } from "../say.ts";

test("one that takes too long", { timeout: 4_000 }, async (t) => {
  const thing = await leaseFor(t);
  say(`times out: bad got ${thing.data.pid}`);
  await never();
});
test("the next", async (t) => {
  const thing = await leaseFor(t);
  say(`times out: next got ${thing.data.pid}`);
});
