// `lease.data` has the type that the provider makes.
import {
  createPool,
  defineProvider,
  factoryProvider,
  inventoryProvider,
  type JsonValue,
  type Lease,
  type Pool,
  type Provider,
} from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { shellProvider } from "@warmpool/provider-shell";
import { z } from "zod";
import { is } from "./equal.js";

class Connection {
  query(text: string): string {
    return text;
  }
}

// ── factoryProvider ──────────────────────────────────────────────────────────────────────────────────────────────────

const connections = createPool({ provider: factoryProvider({ create: () => new Connection() }), max: 3 });
is<Pool<Connection>>()(connections)(true);
is<Connection>()((await connections.acquire()).data)(true);
is<Lease<Connection>>()(await connections.acquire({ timeout: "2m" }))(true);
is<string>()(await connections.use(({ data }) => data.query("select 1")))(true);
is<number>()(await connections.use({ owner: "ci" }, async ({ data }) => data.query("select 1").length))(true);
is<Connection>()((await (await connections.request({ requestId: "a" })).wait()).data)(true);
const ticket = connections.ticket(1);
if (ticket !== undefined) is<Connection>()((await ticket.wait()).data)(true);

const later = createPool({
  provider: factoryProvider({
    create: async (signal) => (signal.aborted ? new Connection() : new Connection()),
    validate: (connection) => connection.query("select 1") === "1",
    reset: (connection) => void connection.query("rollback"),
    destroy: (connection) => void connection.query("quit"),
  }),
  max: 3,
  warm: 1,
});
is<Connection>()((await later.acquire()).data)(true);

// @ts-expect-error: a connection has no such method
(await later.acquire()).data.disconnect();

// ── shellProvider ────────────────────────────────────────────────────────────────────────────────────────────────────

interface Server {
  url: string;
  port: number;
}

const scripts = { allocate: "./start.sh", delete: "./stop.sh" };
is<string>()((await createPool({ provider: shellProvider(scripts), max: 3 }).acquire()).data)(true);

const json = createPool({
  provider: shellProvider({ ...scripts, output: "json" }),
  max: 3,
  store: sqliteStore("a.db"),
});
is<JsonValue>()((await json.acquire()).data)(true);

const servers = createPool({ provider: shellProvider<Server>({ ...scripts, output: "json" }), max: 3 });
is<Server>()((await servers.acquire()).data)(true);

const parsed = createPool({ provider: shellProvider({ ...scripts, output: z.object({ port: z.number() }) }), max: 3 });
is<{ port: number }>()((await parsed.acquire()).data)(true);

// ── defineProvider: with zod, and with any other Standard Schema ─────────────────────────────────────────────────────

const rackProvider = defineProvider({
  name: "rack",
  options: z.object({ host: z.string(), port: z.number().default(22) }),
  create: ({ host, port }) => ({
    async allocate({ key, slot }) {
      is<string>()(host)(true);
      is<number>()(port)(true);
      return { address: `${host}:${port}`, key, slot };
    },
    async delete({ data }) {
      is<{ address: string; key: string; slot: number } | undefined>()(data)(true);
    },
  }),
});
const racks = createPool({ provider: rackProvider({ host: "rack-7" }), max: 3, store: sqliteStore("a.db") });
is<{ address: string; key: string; slot: number }>()((await racks.acquire()).data)(true);

// @ts-expect-error: host is required
rackProvider({});
// @ts-expect-error: host is a text
rackProvider({ host: 7 });

/** As any library might write one. */
const upperCase: {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: "own";
    readonly validate: (value: unknown) => { readonly value: { readonly text: string } };
    readonly types?: { readonly input: { readonly text: string }; readonly output: { readonly text: string } };
  };
} = { "~standard": { version: 1, vendor: "own", validate: (value) => ({ value: value as { text: string } }) } };
const ownProvider = defineProvider({
  name: "own",
  options: upperCase,
  create: ({ text }) => ({ allocate: async () => text, delete: async () => {} }),
});
is<Provider<string>>()(ownProvider({ text: "a" }))(true);
// @ts-expect-error: text is required
ownProvider({});

// ── inventoryProvider ────────────────────────────────────────────────────────────────────────────────────────────────

const phones = createPool({
  provider: inventoryProvider({ items: { anna: { port: 5001 }, berta: { port: 5002 } } }),
  max: 2,
  warm: 2,
  store: sqliteStore("a.db"),
});
const { data: phone } = await phones.acquire();
is<number>()(phone.port)(true);
is<string>()(phone.name)(true);

// ── A provider written by hand ───────────────────────────────────────────────────────────────────────────────────────

const byHand: Provider<Server> = {
  name: "hand",
  async allocate({ key, params }) {
    is<void>()(params)(true);
    return { url: `http://${key}`, port: 80 };
  },
  async delete() {},
  async check({ data }) {
    return data.port === 80 ? { status: "healthy" } : { status: "unhealthy", reason: "wrong port" };
  },
};
is<Server>()((await createPool({ provider: byHand, max: 3 }).acquire()).data)(true);
is<Server>()(
  (
    await createPool({
      provider: { name: "inline", allocate: async () => ({ url: "", port: 1 }) as Server, delete: async () => {} },
      max: 3,
    }).acquire()
  ).data,
)(true);

// A lease is read only.
const lease = await servers.acquire();
// @ts-expect-error: the token was given by the pool
lease.token = 1;
is<"ok" | { readonly failed: string } | { readonly condition: string } | undefined>()(
  undefined as Parameters<typeof lease.release>[0],
)(true);
await lease.release({ failed: "it was broken" });
// @ts-expect-error: a verdict is "ok" or { failed }
await lease.release("broken");
