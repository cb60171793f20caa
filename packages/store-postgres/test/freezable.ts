// A process that may lead, to be stopped and continued: node freezable.ts URL SCHEMA. It tells each call of its provider; on each
// line on its stdin it acquires something and keeps it, and tells which; it closes when stdin ends.
import process from "node:process";
import { createInterface } from "node:readline";
import { watchedPool } from "./watched-pool.ts";

/** What it tells, a line of JSON each. */
export type Told =
  | { readonly told: "call"; readonly what: string; readonly epoch: number; readonly atMs: number }
  | { readonly told: "lease"; readonly token: number; readonly active: readonly boolean[] }
  | { readonly told: "lost"; readonly token: number };

const [url = "", schema = ""] = process.argv.slice(2);
const tell = (told: Told) => process.stdout.write(`${JSON.stringify(told)}\n`);
const pool = watchedPool(url, schema, (call) => tell({ told: "call", ...call, atMs: Date.now() }));
const leases: { readonly active: boolean }[] = [];

createInterface({ input: process.stdin })
  .on("line", async () => {
    const lease = await pool.acquire();
    leases.push(lease);
    lease.signal.addEventListener("abort", () => tell({ told: "lost", token: lease.token }));
    tell({ told: "lease", token: lease.token, active: leases.map(({ active }) => active) });
  })
  .on("close", () => void pool.close().then(() => process.exit()));
