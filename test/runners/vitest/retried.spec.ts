import { say } from "../say.js";
import { test } from "./thing-test.js";

let attempts = 0;

test("one that works the second time", { retry: 1 }, ({ thing }) => {
  say(`retried: bad got ${thing.data.pid}`);
  attempts += 1;
  if (attempts === 1) throw new Error("not yet");
});
test("the next", ({ thing }) => say(`retried: next got ${thing.data.pid}`));
