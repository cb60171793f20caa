const { leaseForEach } = require("@warmpool/testing/jest");
const { say } = require("./say.cjs");

const thing = leaseForEach();
let attempts = 0;

jest.retryTimes(1);

test("one that works the second time", () => {
  say(`retried: bad got ${thing.data.pid}`);
  attempts += 1;
  if (attempts === 1) throw new Error("not yet");
});
test("the next", () => say(`retried: next got ${thing.data.pid}`));
