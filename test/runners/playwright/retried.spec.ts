import { say } from "../say.js";
import { test } from "./thing-test.js";

test.describe.configure({ retries: 1 });

test("one that works the second time", ({ thing }, { retry }) => {
  say(`retried: bad got ${thing.data.pid}`);
  if (retry === 0) throw new Error("not yet");
});
test("the next", ({ thing }) => say(`retried: next got ${thing.data.pid}`));
