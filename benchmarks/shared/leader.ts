// A process that may lead: node leader.ts URL MAX [NAMESPACE [LEADER_TTL_MS [BUILD]]]. It says when it waits to lead, and when it leads
// and everything is warm; it closes when its stdin ends.
import process from "node:process";
import { servers } from "../durable/thing.ts";
import { type Built, load, loadPostgres } from "../lib/build.ts";

const [url = "", max = "1", name = "bench", leaderTtlMs = "5000", build = "warmpool"] = process.argv.slice(2);
const { createPool } = await load(build as Built, ".");
const { postgresStore } = await loadPostgres(build as Built);
const many = Number(max);
const store = postgresStore(url, { leaderTtl: Number(leaderTtlMs), schema: build });
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
