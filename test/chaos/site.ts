import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Random } from "../../packages/testing/src/simulator/random.ts";
import { runningInFolder, runningThings, type Thing } from "./process-table.ts";
import { POOLS, type PoolName } from "./protocol.ts";
import type { Referee } from "./referee.ts";

/** Where a run takes place: its folder, its processes, and what somebody from outside does to them. */
export class Site {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "warmpool-chaos-")));
  readonly #excused = new Set<string>();

  constructor() {
    mkdirSync(join(this.folder, "sick"));
  }

  /** Resources that were killed from outside or found sick. */
  get excused(): number {
    return this.#excused.size;
  }

  /** The things that run. */
  look(): Thing[] {
    return runningThings(this.folder);
  }

  /** Somebody from outside kills a resource, or a script that works on one. */
  strike(dice: Random): void {
    const inFolder = runningInFolder(this.folder);
    if (inFolder.length === 0) return;
    const { key, pid } = dice.pick(inFolder);
    if (key !== undefined) this.#excused.add(key);
    killProcess(pid);
  }

  /** Killed from outside, or sick, as scripts/check.sh has noted. */
  isExcused(key: string): boolean {
    if (this.#excused.has(key)) return true;
    if (!existsSync(join(this.folder, "sick", key))) return false;
    this.#excused.add(key);
    return true;
  }

  /** A new holder: what the one before left must be gone, and it leaves something itself. */
  soil(key: string, pool: PoolName, referee: Referee): void {
    for (const name of ["dirt-1", "dirt-2"]) {
      const path = join(this.folder, "things", POOLS[pool].provider, key, name);
      if (existsSync(path)) referee.note("dirty", `${key} was lent with ${name} of an earlier holder`);
      try {
        writeFileSync(path, "");
      } catch {
        // It was struck, and is gone already.
      }
    }
  }

  /** Nothing of the run goes on, and nothing is left of it; but for the folder, with its story, if that is wanted. */
  cleanUp(trace: readonly string[] | undefined): void {
    // Processes may have begun others since they were looked for.
    for (let looks = 0; looks < 20; looks += 1) {
      const left = runningInFolder(this.folder);
      if (left.length === 0) break;
      for (const { pid } of left) killProcess(pid);
    }
    if (trace === undefined) rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    else writeFileSync(join(this.folder, "trace"), trace.join("\n"));
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
