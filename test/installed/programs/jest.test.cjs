// Run by Jest as it comes: no configuration, no flag, no transform for ES modules.
const { factoryProvider } = require("@warmpool/core");
const { providerSuite } = require("@warmpool/testing");
const { keyvStore } = require("@warmpool/core/keyv");
const { Keyv } = require("keyv");
const { story } = require("./story.cjs");

test("a pool in memory, one in a SQLite file, one in Keyv", async () => {
  await story(require("@warmpool/core"), require("@warmpool/core/sqlite"), keyvStore(new Keyv()));
});

test("errors are told apart by their code", async () => {
  const { createPool, isWarmpoolError } = require("@warmpool/core");
  try {
    createPool({ max: -1 });
  } catch (error) {
    expect(isWarmpoolError(error, "INVALID_OPTIONS")).toBe(true);
  }
  expect.assertions(1);
});

describe("a provider", () => {
  const made = new Set();
  const noName = "a live object has no name";
  providerSuite({
    test,
    create: () => ({
      provider: factoryProvider({
        create(signal) {
          signal.throwIfAborted();
          const thing = {};
          made.add(thing);
          return thing;
        },
        validate: (thing) => made.has(thing),
        destroy: (thing) => void made.delete(thing),
      }),
      count: () => made.size,
      break: (thing) => void made.delete(thing),
    }),
    deviations: [
      { without: "json", reason: "live objects stay in this process" },
      { without: "find", reason: noName },
      { without: "list", reason: noName },
      { without: "reset", reason: "it needs none" },
      { without: "restart", reason: "live objects end with their process" },
      { without: "outage", reason: "nothing is far away" },
      { case: "the same key a second time never makes a second thing", reason: noName },
      { case: "delete without data, when the answer was lost, removes what the key made", reason: noName },
      { case: "a half-made thing is removed by delete with nothing but its key", reason: noName },
      {
        case: "a half-made thing whose checkpoint failed is removed by delete with nothing but its key",
        reason: noName,
      },
      {
        case: "settlesWithin is kept: what delete removed then stays removed, though its allocate runs on",
        reason: noName,
      },
    ],
  });
});
