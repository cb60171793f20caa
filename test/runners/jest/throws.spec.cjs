const { leaseForEach } = require("@warmpool/testing/jest");
const { say } = require("./say.cjs");

const thing = leaseForEach();

describe("with a broken set-up", () => {
  beforeEach(() => {
    say(`throws: bad got ${thing.data.pid}`);
    throw new Error("it cannot be set up");
  });
  test("a set-up that throws", () => {});
});
test("the next", () => say(`throws: next got ${thing.data.pid}`));
