import { test } from "node:test";
import { leaseFor } from "@warmpool/testing/node-test";
import { say } from "../say.ts";

// By --test-rerun-failures: what node:test has for it.
test("one that works the second time", async (t) => {
  const thing = await leaseFor(t);
  say(`retried: bad got ${thing.data.pid}`);
  if (t.attempt === 0) throw new Error("not yet");
});
test("the next", async (t) => {
  const thing = await leaseFor(t);
  say(`retried: next got ${thing.data.pid}`);
});
