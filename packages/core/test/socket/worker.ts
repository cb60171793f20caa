// A process that uses another's pool: node worker.ts PATH. It acquires, says so, and stays until it is killed.
import process from "node:process";
import { connectPool } from "@warmpool/core";

const pool = connectPool(process.argv[2] as string, { owner: "worker" });
const lease = await pool.acquire();
// One more, for which there is nothing.
pool.acquire().catch(() => {});
console.log(JSON.stringify({ token: lease.token }));
