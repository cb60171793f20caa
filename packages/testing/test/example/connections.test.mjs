import { describe, test } from "node:test";
import { factoryProvider } from "@warmpool/core";
import { providerSuite } from "@warmpool/testing";

const open = new Set();

const connections = () =>
  factoryProvider({
    async create(signal) {
      signal.throwIfAborted();
      const connection = { usable: true };
      open.add(connection);
      return connection;
    },
    validate: (connection) => connection.usable && open.has(connection),
    destroy: (connection) => void open.delete(connection),
  });

const noName = "a live object has no name: only who holds it can end it";

describe("connections", () => {
  providerSuite({
    test,
    create: () => ({
      provider: connections(),
      count: () => open.size,
      break(connection) {
        connection.usable = false;
      },
    }),
    deviations: [
      { without: "json", reason: "live objects stay in this process" },
      { without: "find", reason: noName },
      { without: "list", reason: noName },
      { without: "reset", reason: "a connection needs none" },
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
