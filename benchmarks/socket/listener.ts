// A process with a pool that listens: node listener.ts BUILD PATH MAX. It says so when everything is warm, and ends with its stdin.
import process from "node:process";
import { servers } from "../durable/thing.ts";
import { type Built, load } from "../lib/build.ts";

const [build, path = "", max = "1"] = process.argv.slice(2);
const { createPool } = await load(build as Built, ".");
const many = Number(max);
const pool = createPool({ name: "bench", provider: servers, max: many, warm: many, maxAllocating: many });
await pool.listen(path);
process.stdin.resume().once("end", () => void pool.close().then(() => process.exit()));
await Promise.all(Array.from({ length: many }, () => pool.acquire())).then((leases) =>
  Promise.all(leases.map((lease) => lease.release())),
);
console.log("listens");
