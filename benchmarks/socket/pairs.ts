import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { type Built, load } from "../lib/build.ts";
import { quantile } from "../lib/statistics.ts";
import { connectEcho } from "./connect-echo.ts";

export interface PairsOrder {
  /** `floor`: an echo, which is what the socket and the two processes cost by themselves. */
  readonly contestant: Built | "floor";
  /** Acquire and release at the same time, of one client. */
  readonly inFlight: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface PairsResult {
  readonly pairsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One client of a pool in another process, with a thing for each pair in flight. */
export async function socketPairs(order: PairsOrder): Promise<PairsResult> {
  const { contestant, inFlight, warmUpMs, measureMs } = order;
  const folder = mkdtempSync(join(tmpdir(), "bench-socket-"));
  const path = join(folder, "pool.sock");
  const [file, ...args] = contestant === "floor" ? ["echo.ts", path] : ["listener.ts", contestant, path, `${inFlight}`];
  const listener = spawn(process.execPath, [join(import.meta.dirname, file), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(listener.stdout, "data");
  const pool = contestant === "floor" ? await connectEcho(path) : await connect(contestant, path);
  const laps: number[] = [];
  let stopped = false;
  const running = Array.from({ length: inFlight }, async () => {
    while (!stopped) {
      const startedAtMs = performance.now();
      const lease = await pool.acquire();
      await lease.release();
      laps.push(performance.now() - startedAtMs);
    }
  });
  await passed(warmUpMs);
  laps.length = 0;
  const startedAtMs = performance.now();
  await passed(measureMs);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const told = [...laps];
  stopped = true;
  await Promise.all(running);
  await pool.close();
  listener.stdin.end();
  await once(listener, "close");
  rmSync(folder, { recursive: true });
  return { pairsPerSecond: told.length / seconds, p50Ms: quantile(told, 0.5), p99Ms: quantile(told, 0.99) };
}

async function connect(contestant: Built, path: string) {
  const { connectPool } = await load(contestant, ".");
  const pool = connectPool(path);
  await pool.ready();
  return pool;
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
