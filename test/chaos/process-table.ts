import { readdirSync, readFileSync } from "node:fs";
import type { PoolName } from "./protocol.ts";

/** A process that is a resource. */
export interface Thing {
  readonly pid: number;
  readonly key: string;
  readonly pool: PoolName;
}

/** As scripts/thing.sh starts them. */
const COMMAND = /^tail\0-f\0--pid=\d+\0(.*)\/things\/\w+\/([a-z0-9-]+)\/(\w+)\0$/;

/** The things of a run that really run, whatever any manager thinks. Linux only. */
export function runningThings(folder: string): Thing[] {
  const things: Thing[] = [];
  for (const pid of processIds()) {
    const [, root, key, pool] = COMMAND.exec(read(`/proc/${pid}/cmdline`)) ?? [];
    if (root === folder) things.push({ pid, key: key as string, pool: pool as PoolName });
  }
  return things;
}

/** All processes that scripts of a run started, and the scripts: they bear its folder in their environment. */
export function runningInFolder(folder: string): { pid: number; key: string | undefined }[] {
  const found: { pid: number; key: string | undefined }[] = [];
  for (const pid of processIds()) {
    const environment = read(`/proc/${pid}/environ`).split("\0");
    if (!environment.includes(`THINGS=${folder}/things`)) continue;
    const key = environment.find((variable) => variable.startsWith("WARMPOOL_KEY="))?.slice("WARMPOOL_KEY=".length);
    found.push({ pid, key });
  }
  return found;
}

function processIds(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It has ended meanwhile, or is another user's.
    return "";
  }
}
