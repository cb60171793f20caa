import { randomUUID } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureDirectory, fileNameOf } from "./directory.js";
import { endGroup } from "./process-group.js";
import { processTable } from "./process-table.js";

/** A script that runs, or ran when its manager died. */
interface RunningScript {
  readonly v: 1;
  readonly key: string;
  readonly command: string;
  /** The epoch of the manager that started it. */
  readonly epoch: number;
  /** Of the script, and of its process group. */
  readonly pid: number;
  /** What `ProcessTable.identify` said of it: numbers are used again. */
  readonly identity: string;
}

/** A running script and the file that says so. */
interface Recorded {
  readonly path: string;
  /** `undefined`: unreadable. Files are put there whole, so only a crash of the machine leaves such a one. */
  readonly script: RunningScript | undefined;
}

/** Why a key cannot be had for a new script. */
export type Obstacle =
  /** A manager of a later epoch works on it. */
  | { readonly type: "newer"; readonly script: RunningScript }
  /** What runs can't be ended. */
  | { readonly type: "stubborn"; readonly script: RunningScript };

/**
 * The scripts that run, as files of one folder, so that a manager can end those of a manager that was killed before it
 * touches their keys.
 *
 * Each script has a file of its own, written before the script may do anything and removed when nothing of it is left
 * to be ended. Two managers that start scripts for one key at the same moment both write first and look then: at least
 * one of them sees the other.
 */
export class RunningScripts {
  readonly #directory: string;
  readonly #killAfterMs: number;

  constructor(directory: string, killAfterMs: number) {
    this.#directory = directory;
    this.#killAfterMs = killAfterMs;
  }

  /**
   * Writes down that a process, which must not do anything yet, is a script for a key.
   *
   * @returns The path of the file. `undefined`: the process is gone already.
   */
  async add(script: Pick<RunningScript, "key" | "command" | "epoch" | "pid">): Promise<string | undefined> {
    const identity = await processTable().identify(script.pid);
    if (identity === undefined) return undefined;
    const record: RunningScript = { v: 1, ...script, identity };
    await ensureDirectory(this.#directory);
    const name = `${fileNameOf(script.key)}.${randomUUID()}`;
    const path = join(this.#directory, `${name}.json`);
    // Put there whole: nobody may read half of it. Not synced: a crash of the machine ends the script as well.
    const draft = join(this.#directory, `${name}.draft`);
    await writeFile(draft, JSON.stringify(record), { mode: 0o600 });
    await rename(draft, path);
    return path;
  }

  async remove(path: string): Promise<void> {
    await rm(path, { force: true });
  }

  /**
   * Ends every script that still runs for a key, but the one of the file `own`.
   *
   * @returns What is in the way, or `undefined` when the key is free.
   */
  async clear(key: string, epoch: number, own?: string): Promise<Obstacle | undefined> {
    for (const { path, script } of await this.#of(key)) {
      // Two keys can share a file name only where file names ignore case.
      if (path === own || (script !== undefined && script.key !== key)) continue;
      if (script !== undefined && (await isAtWork(script))) {
        if (script.epoch > epoch) return { type: "newer", script };
        if (!(await endGroup(script.pid, this.#killAfterMs))) return { type: "stubborn", script };
      }
      await this.remove(path);
    }
    return undefined;
  }

  async #of(key: string): Promise<Recorded[]> {
    const prefix = `${fileNameOf(key)}.`;
    const names = await readdir(this.#directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    const paths = names
      .filter((name) => name.startsWith(prefix) && name.endsWith(".json"))
      .map((name) => join(this.#directory, name));
    const recorded = await Promise.all(paths.map(read));
    return recorded.filter((entry) => entry !== undefined);
  }
}

async function read(path: string): Promise<Recorded | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const script = JSON.parse(text) as RunningScript;
    return { path, script: Number.isSafeInteger(script.pid) && script.pid > 1 ? script : undefined };
  } catch {
    return { path, script: undefined };
  }
}

/**
 * Whether the script runs, or has ended unseen and left something in its group. The latter is told by the key in its
 * environment: the group's number alone might be another's by now.
 */
async function isAtWork(script: RunningScript): Promise<boolean> {
  const table = processTable();
  const identity = await table.identify(script.pid);
  if (identity !== undefined) return identity === script.identity;
  for (const pid of await table.members(script.pid)) {
    if (await table.hasVariable(pid, "WARMPOOL_KEY", script.key)) return true;
  }
  return false;
}
