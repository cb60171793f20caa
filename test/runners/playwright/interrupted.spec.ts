import { never, say } from "../say.js";
import { test } from "./thing-test.js";

test("one that is interrupted", async ({ thing }) => {
  test.setTimeout(60_000);
  say(`interrupted: bad got ${thing.data.pid}`);
  await never();
});
