import { test } from "node:test";
import { leaseFor } from "@warmpool/testing/node-test";
import { never, say } from "../say.ts";

test("one that is interrupted", async (t) => {
  const thing = await leaseFor(t);
  say(`interrupted: bad got ${thing.data.pid}`);
  await never();
});
