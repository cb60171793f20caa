import { never, say } from "../say.js";
import { test as base } from "./thing-test.js";

const test = base.extend<{ slow: string }>({
  slow: async ({ thing }, use) => {
    say(`overruns: bad got ${thing.data.pid}`);
    await use(await never());
  },
});

test("a set-up that takes too long", ({ slow }) => void slow);
base("the next", ({ thing }) => say(`overruns: next got ${thing.data.pid}`));
