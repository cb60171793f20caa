// A manager that keeps servers warm until it is killed, and tells of each change how many are ready:
// node manager.ts STORE OPTIONS WARM
import process from "node:process";
import { createPool } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { openStackProvider } from "@warmpool/provider-openstack";

const [store = "", options = "{}", warm = "1"] = process.argv.slice(2);
const pool = createPool({
  name: "vm",
  store: sqliteStore(store),
  provider: openStackProvider(JSON.parse(options)),
  warm: Number(warm),
  max: Number(warm),
  maxAllocating: Number(warm),
});
await pool.ready();
const tell = () => {
  const { resources, total } = pool.stats();
  process.stdout.write(`${JSON.stringify({ ready: resources.ready, total })}\n`);
};
pool.on("event", tell);
tell();
