import { say } from "../say.js";
import { test as base } from "./thing-test.js";

const test = base.extend("broken", async ({ thing }) => {
  say(`throws: bad got ${thing.data.pid}`);
  throw new Error("it cannot be set up");
});

test("a set-up that throws", ({ broken }) => void broken);
base("the next", ({ thing }) => say(`throws: next got ${thing.data.pid}`));
