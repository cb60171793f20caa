import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Jobs } from "../jobs/job.ts";

const run = promisify(execFile);
const file = fileURLToPath(new URL("../child.ts", import.meta.url));

/** Compiled code, kept between children, so that a measurement does not wait for the start of its process. */
const cache = mkdtempSync(join(tmpdir(), "bench-cache-"));
process.on("exit", () => rmSync(cache, { recursive: true, force: true }));

/**
 * For what is measured in processor time: garbage is collected by the main thread, all of it. Otherwise helper threads would take
 * as much of it as the machine has room for: what allocates much would look cheaper than it is, and more so on an idle machine.
 */
export const WHOLE_COST: readonly string[] = ["--single-threaded-gc", "--expose-gc"];

/** Has a process of its own measure. */
export async function measure<Name extends keyof Jobs>(
  job: Name,
  order: Jobs[Name]["order"],
  flags: readonly string[] = [],
): Promise<Jobs[Name]["result"]> {
  const args = ["--disable-warning=ExperimentalWarning", ...flags, file, JSON.stringify({ job, ...order })];
  const env = { ...process.env, NODE_COMPILE_CACHE: cache, NODE_OPTIONS: "" };
  const { stdout } = await run(process.execPath, args, { env, maxBuffer: 1e8 });
  return JSON.parse(stdout) as Jobs[Name]["result"];
}
