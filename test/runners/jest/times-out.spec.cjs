const { leaseForEach } = require("@warmpool/testing/jest");
const { never, say } = require("./say.cjs");

const thing = leaseForEach();

test("one that takes too long", async () => {
  say(`times out: bad got ${thing.data.pid}`);
  await never();
});
test("the next", () => say(`times out: next got ${thing.data.pid}`));
