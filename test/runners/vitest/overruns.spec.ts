import { never, say } from "../say.js";
import { test as base } from "./thing-test.js";

const test = base.extend("slow", async ({ thing }) => {
  say(`overruns: bad got ${thing.data.pid}`);
  return await never();
});

test("a set-up that takes too long", ({ slow }) => void slow);
base("the next", ({ thing }) => say(`overruns: next got ${thing.data.pid}`));
