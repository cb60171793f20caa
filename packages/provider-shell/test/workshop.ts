import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { AllocateRequest, CallContext, Logger, Made, ResourceRef } from "@warmpool/core";
import { onTestFinished } from "vitest";

export const KEY = "wp-abcdefgh-123456-1z";

/** A folder for the scripts and the state of one test. */
export interface Workshop {
  readonly directory: string;
  /** For `shellProvider`: keeps all state in here. */
  readonly options: { readonly cwd: string; readonly stateDirectory: string };
  path(name: string): string;
  /** Writes an executable of `/bin/sh` and returns its path. */
  script(name: string, ...lines: string[]): string;
  read(name: string): string;
  exists(name: string): boolean;
  /** The log of the key, without our own lines. */
  log(key?: string): string;
  /** How many scripts are on record as running. */
  recorded(): number;
  /** Resolves with the process id that a script writes to a file. */
  pid(name: string): Promise<number>;
  /** Ends what was started in it and removes it. */
  close(): void;
}

/** A workshop that is closed when the test has ended. */
export function workshop(): Workshop {
  const shop = openWorkshop();
  onTestFinished(shop.close);
  return shop;
}

export function openWorkshop(): Workshop {
  const directory = mkdtempSync(join(tmpdir(), "warmpool-shell-test-"));
  const pids = new Set<number>();
  const path = (name: string) => join(directory, name);
  return {
    directory,
    options: { cwd: directory, stateDirectory: path("state") },
    path,
    script(name, ...lines) {
      writeFileSync(path(name), `#!/bin/sh\n${lines.join("\n")}\n`);
      chmodSync(path(name), 0o755);
      return path(name);
    },
    read: (name) => readFileSync(path(name), "utf8"),
    exists: (name) => existsSync(path(name)),
    log(key = KEY) {
      const lines = readFileSync(path(`state/logs/${key}.log`), "utf8").split("\n");
      return lines.filter((line) => !line.startsWith("===")).join("\n");
    },
    recorded: () => (existsSync(path("state/running")) ? readdirSync(path("state/running")).length : 0),
    async pid(name) {
      await until(
        `a process id in ${name}`,
        () => existsSync(path(name)) && readFileSync(path(name), "utf8").endsWith("\n"),
      );
      const pid = Number(readFileSync(path(name), "utf8"));
      pids.add(pid);
      return pid;
    },
    close() {
      for (const pid of pids) kill(pid);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Polls until something is so. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 8_000;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Whether a process runs; a zombie doesn't. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (!existsSync("/proc/self/stat")) return true;
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone, as it should be.
  }
}

export interface Warning {
  readonly fields: object;
  readonly message: string | undefined;
}

export function context(
  given: { signal?: AbortSignal; epoch?: number; warnings?: Warning[] } = {},
): CallContext<never> & CallContext<unknown> {
  const logger: Logger = {
    debug() {},
    info() {},
    warn: (fields, message) => given.warnings?.push({ fields, message }),
    error() {},
  };
  return {
    signal: given.signal ?? new AbortController().signal,
    logger,
    namespace: "ci",
    installation: "abcdefgh",
    epoch: given.epoch ?? 3,
    async checkpoint() {},
  };
}

export function request<Params = void>(given: Partial<AllocateRequest<Params>> = {}): AllocateRequest<Params> {
  const tags = { namespace: "ci", installation: "abcdefgh", pool: "web", key: KEY, epoch: 3 };
  return { key: KEY, pool: "web", slot: 2, id: 71, params: undefined as Params, tags, ...given };
}

export function made<Data>(data: Data, key = KEY): Made<Data> {
  return { key, data, pool: "web", slot: 2, id: 71 };
}

export function unheard(key = KEY): ResourceRef<never> {
  return { key, data: undefined, pool: "web", slot: 2, id: 71 };
}
