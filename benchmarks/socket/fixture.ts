import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const suite = fileURLToPath(new URL("./suite", import.meta.url));
const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));

/** How long a test takes, that does nothing, and of that one which leases something warm. Milliseconds. */
export interface FixtureResult {
  readonly bareMs: number;
  readonly leasedMs: number;
  /** The first one of a file: it connects. */
  readonly firstMs: number;
}

/** Real runs of Vitest, with the built packages as they are installed. */
export async function fixture(tests: number): Promise<FixtureResult> {
  const folder = mkdtempSync(join(tmpdir(), "bench-fixture-"));
  const env = { ...process.env, BENCH_TESTS: String(tests), BENCH_FOLDER: folder };
  await run(process.execPath, [vitest, "run", "--root", suite], { env, maxBuffer: 1e8 });
  const told = (name: string) =>
    JSON.parse(readFileSync(join(folder, name), "utf8")) as { eachMs: number; firstMs: number };
  const [bare, leased] = [told("bare.json"), told("leased.json")];
  rmSync(folder, { recursive: true });
  return { bareMs: bare.eachMs, leasedMs: leased.eachMs, firstMs: leased.firstMs };
}
