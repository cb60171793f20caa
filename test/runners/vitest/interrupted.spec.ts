import { never, say } from "../say.js";
import { test } from "./thing-test.js";

test("one that is interrupted", { timeout: 60_000 }, async ({ thing }) => {
  say(`interrupted: bad got ${thing.data.pid}`);
  await never();
});
