// Types of a manager come from the pools' names.
import {
  createManager,
  definePool,
  factoryProvider,
  type Lease,
  type LeaseOf,
  type PoolStats,
  type Ticket,
} from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { shellProvider } from "@warmpool/provider-shell";
import { is } from "./equal.js";

interface Vm {
  ip: string;
}

const scripts = { allocate: "./start.sh", delete: "./stop.sh" };
const pools = {
  web: definePool({ provider: shellProvider(scripts), warm: 3, max: 8 }),
  vm: definePool({ provider: shellProvider<Vm>({ ...scripts, output: "json" }), max: 20, tags: ["x86_64"] }),
};
const manager = createManager({ store: sqliteStore("a.db"), pools });

const web = await manager.acquire({ pool: "web" });
is<Lease<string, "web">>()(web)(true);
is<string>()(web.data)(true);
is<Vm>()((await manager.acquire({ pool: "vm", timeout: "2m", owner: "ci", priority: 1 })).data)(true);
is<Vm>()((await (await manager.request({ pool: "vm", requestId: "a" })).wait()).data)(true);
is<number>()(await manager.use({ pool: "vm" }, ({ data }) => data.ip.length))(true);

// A name that is one of several.
const either = await manager.acquire({ pool: "web" as "web" | "vm" });
is<Lease<string, "web"> | Lease<Vm, "vm">>()(either)(true);

// By tags: any of them, told apart by its name.
const any = await manager.acquire({ tags: ["x86_64"] });
is<LeaseOf<typeof pools>>()(any)(true);
is<Lease<string, "web"> | Lease<Vm, "vm">>()(any)(true);
switch (any.pool) {
  case "web":
    is<string>()(any.data)(true);
    break;
  case "vm":
    is<Vm>()(any.data)(true);
    break;
  default:
    is<never>()(any)(true);
}
// @ts-expect-error: it may be a text
any.data.ip;
is<"web" | "vm">()((await manager.acquire()).pool)(true);
const ticket = await manager.request({ tags: ["x86_64"] });
is<Ticket<Lease<string, "web"> | Lease<Vm, "vm">>>()(ticket)(true);

// What a ticket of an earlier process was for, its lease tells.
const lease = await manager.ticket(ticket.id)?.wait();
if (lease?.pool === "vm") is<string>()(lease.data.ip)(true);

await manager.pause("vm");
await manager.resources({ pool: "vm", state: "ready" });
is<Readonly<Record<string, PoolStats>>>()(manager.stats().pools)(true);

// @ts-expect-error: there is no such pool
await manager.acquire({ pool: "wbe" });
// @ts-expect-error: there is no such pool
await manager.use({ pool: "wbe" }, () => {});
// @ts-expect-error: there is no such pool
await manager.request({ pool: "wbe" });
// @ts-expect-error: there is no such pool
await manager.drain("wbe");
// @ts-expect-error: there is no such pool
await manager.resources({ pool: "wbe" });
// @ts-expect-error: there is no such state
await manager.resources({ state: "free" });
// @ts-expect-error: a request says from where
await manager.request({});

// @ts-expect-error: a pool is made by definePool, which checks its options
createManager({ pools: { web: { provider: shellProvider(scripts), max: 8 } } });
// @ts-expect-error: there are no pools
createManager({});

// Pools that are known only at run time: any name, and data that nobody knows.
const names: string[] = ["a", "b"];
const dynamic = createManager({
  pools: Object.fromEntries(names.map((name) => [name, definePool({ provider: shellProvider(scripts), max: 1 })])),
});
is<string>()((await dynamic.acquire({ pool: names[0] ?? "a" })).data)(true);

// Live objects, in memory.
class Connection {}
const memory = createManager({
  pools: { db: definePool({ provider: factoryProvider({ create: () => new Connection() }), max: 1 }) },
});
is<Connection>()((await memory.acquire({ pool: "db" })).data)(true);

const changed = await manager.configure({ pools: { web: definePool({ provider: shellProvider(scripts), max: 9 }) } });
is<readonly string[]>()(changed.draining)(true);
