const { leaseForEach } = require("@warmpool/testing/jest");
const { never, say } = require("./say.cjs");

const thing = leaseForEach();

test("one that is interrupted", async () => {
  say(`interrupted: bad got ${thing.data.pid}`);
  await never();
}, 60_000);
