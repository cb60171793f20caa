import { factoryProvider, inventoryProvider } from "@warmpool/core";
import { providerSuite } from "@warmpool/testing";
import { describe, test } from "vitest";

/** A live object, as a driver makes them. */
class Connection {
  static readonly open = new Set<Connection>();
  healthy = true;

  static async connect(signal: AbortSignal): Promise<Connection> {
    const connection = new Connection();
    Connection.open.add(connection);
    await new Promise((resolve) => setImmediate(resolve));
    if (!signal.aborted) return connection;
    Connection.open.delete(connection);
    throw new Error("given up", { cause: signal.reason });
  }

  async rollback(): Promise<void> {
    if (!Connection.open.has(this)) throw new Error("closed");
  }

  async close(): Promise<void> {
    Connection.open.delete(this);
  }
}

describe("factoryProvider", () => {
  const noName = "a live object has no name: only who holds it can end it";
  const ownAnswer = "the answer always reaches the process that asked, which then ends what came late";
  providerSuite({
    test,
    create: () => ({
      provider: factoryProvider({
        create: (signal) => Connection.connect(signal),
        validate: (connection) => connection.healthy && Connection.open.has(connection),
        reset: (connection) => connection.rollback(),
        destroy: (connection) => connection.close(),
      }),
      count: () => Connection.open.size,
      break(connection) {
        connection.healthy = false;
      },
    }),
    deviations: [
      { without: "json", reason: "live objects stay in this process" },
      { without: "find", reason: noName },
      { without: "list", reason: noName },
      { without: "restart", reason: "live objects end with their process" },
      { without: "outage", reason: "an outage is the factory's own affair" },
      { case: "the same key a second time never makes a second thing", reason: noName },
      { case: "delete without data, when the answer was lost, removes what the key made", reason: ownAnswer },
      { case: "a half-made thing is removed by delete with nothing but its key", reason: ownAnswer },
      {
        case: "a half-made thing whose checkpoint failed is removed by delete with nothing but its key",
        reason: ownAnswer,
      },
      {
        case: "settlesWithin is kept: what delete removed then stays removed, though its allocate runs on",
        reason: ownAnswer,
      },
    ],
    timeout: "2s",
  });
});

describe("inventoryProvider", () => {
  const notMade = "nothing is made and nothing deleted: a name is handed out and given back";
  const phones = () => {
    const broken = new Set<string>();
    const provide = () =>
      inventoryProvider({
        items: { anna: { port: 1 }, berta: { port: 2 }, carla: { port: 3 }, dora: { port: 4 } },
        check: async ({ data }) =>
          broken.has(data.name) ? { status: "unhealthy", reason: "it is silent" } : undefined,
        reset: async () => {},
      });
    return { provider: provide(), restart: provide, break: ({ name }: { name: string }) => void broken.add(name) };
  };
  providerSuite({
    test,
    create: phones,
    deviations: [
      { without: "count", reason: notMade },
      { without: "find", reason: notMade },
      { without: "list", reason: notMade },
      { without: "outage", reason: "an outage is the affair of the inventory's own check" },
      {
        case: "an allocate aborted before it starts rejects",
        reason: "there is nothing to wait for, so nothing to abort",
      },
      { case: "check of a deleted thing is unhealthy", reason: notMade },
      { case: "what a call rejects with is an Error with a message", reason: "no call of its own ever rejects" },
    ],
    timeout: "2s",
  });
});
