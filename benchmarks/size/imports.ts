import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** From the start of a process to its end. */
export interface Start {
  readonly wallMs: number;
  /** Processor time, of all threads: what a busy machine leaves of it. */
  readonly cpuMs: number;
}

const TELL = "const { user, system } = process.cpuUsage(); process.stdout.write(String(user + system));";

/** A package, and the folder in which it is installed. */
export interface Imported {
  readonly folder: string;
  /** `"@warmpool/core"`, say. */
  readonly package: string;
}

/** Starts processes that import a package each, and ones that import nothing, in turn. */
export async function imports(
  starts: number,
  packages: readonly Imported[],
): Promise<{ bare: Start[]; pools: Start[][] }> {
  const files = packages.map(({ folder, package: name }) => program(folder, "import.mjs", `await import("${name}");`));
  const bareFile = program(packages[0]!.folder, "bare.mjs", "");
  const bare: Start[] = [];
  const pools: Start[][] = packages.map(() => []);
  // The first ones read from the disk.
  for (const file of [bareFile, ...files]) await start(file);
  for (let round = 0; round < starts; round += 1) {
    bare.push(await start(bareFile));
    for (const [index, file] of files.entries()) pools[index]!.push(await start(file));
  }
  return { bare, pools };
}

function program(folder: string, name: string, code: string): string {
  const file = join(folder, name);
  writeFileSync(file, `${code}\n${TELL}\n`);
  return file;
}

async function start(file: string): Promise<Start> {
  const startedAtMs = performance.now();
  const { stdout } = await run(process.execPath, [file], { env: { ...process.env, NODE_OPTIONS: "" } });
  return { wallMs: performance.now() - startedAtMs, cpuMs: Number(stdout) / 1_000 };
}
