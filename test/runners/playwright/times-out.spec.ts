import { never, say } from "../say.js";
import { test } from "./thing-test.js";

test("one that takes too long", async ({ thing }) => {
  say(`times out: bad got ${thing.data.pid}`);
  await never();
});
test("the next", ({ thing }) => say(`times out: next got ${thing.data.pid}`));
