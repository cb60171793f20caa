// Leases of tests have their types, one or several, without those of any runner that is not used.
import type { TestContext } from "node:test";
import type { Lease } from "@warmpool/core";
import { leaseForEach, leasesForEach } from "@warmpool/testing/jest";
import { leaseFor, leaseForAll, poolSetup, type Run, startRun } from "@warmpool/testing/node-test";
import { is } from "./equal.js";

interface Database {
  readonly url: string;
}
interface Server {
  readonly port: number;
}

export const { globalSetup, globalTeardown } = poolSetup({ pool: "./things.pool.js", atEnd: "delete" });
// @ts-expect-error: there is no such end
poolSetup({ pool: "./things.pool.js", atEnd: "maybe" });
export const run: Promise<Run> = startRun({ listener: "/tmp/things.sock" });

export async function aTest(t: TestContext): Promise<void> {
  const database = await leaseFor<Database>(t, { pool: "databases", keepFailed: { reach: ({ url }) => url } });
  is<Lease<Database>>()(database)(true);
  // @ts-expect-error: whose it is, the runner knows
  await leaseFor(t, { owner: "me" });
}

const server = leaseForAll<Server>({ tags: ["x86_64"], timeout: "10s" });
export const port: number = server.data.port;
const each = leaseForEach<Database>();
export const url: string = each.lease.data.url;
const both = leasesForEach<{ database: Database; server: Server }>({
  leases: { database: { pool: "databases" }, server: { pool: "servers" } },
});
export const ports: number = both.lease.server.data.port;
leasesForEach<{ database: Database; server: Server }>({
  // @ts-expect-error: each of them must be asked for
  leases: { database: { pool: "databases" } },
});
