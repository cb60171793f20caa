const { leaseForEach } = require("@warmpool/testing/jest");
const { never, say } = require("./say.cjs");

const thing = leaseForEach();

describe("with a slow set-up", () => {
  beforeEach(async () => {
    say(`overruns: bad got ${thing.data.pid}`);
    await never();
  });
  test("a set-up that takes too long", () => {});
});
test("the next", () => say(`overruns: next got ${thing.data.pid}`));
