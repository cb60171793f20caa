// A process that may lead: node leader.ts URL MAX [NAMESPACE [LEADER_TTL_MS]]. It says when it waits to lead, and when it leads
// and everything is warm; it closes when its stdin ends.
import process from "node:process";
import { createPool } from "@warmpool/core";
import { postgresStore } from "@warmpool/store-postgres";
import { servers } from "../durable/thing.ts";

const [url = "", max = "1", name = "bench", leaderTtlMs = "5000"] = process.argv.slice(2);
const many = Number(max);
const store = postgresStore(url, { leaderTtl: Number(leaderTtlMs) });
const pool = createPool({ name, provider: servers, max: many, warm: many, maxAllocating: 100, store });
process.stdin.resume().once("end", () => void pool.close().then(() => process.exit()));
await pool.ready();
console.log("waits");
for (;;) {
  const resources = await pool.resources();
  if (resources.filter(({ state }) => state === "ready" || state === "leased").length >= many) break;
  await new Promise((resolve) => setTimeout(resolve, 50));
}
console.log("leads");
