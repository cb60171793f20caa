import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createPool, type Pool, type Store } from "@warmpool/core";
import { shellProvider } from "@warmpool/provider-shell";

/** Where machines are, and how many. */
export interface Place {
  /** A folder for the machines. */
  readonly machines: string;
  /** The port of the first machine. */
  readonly firstPort: number;
  /** A folder for the state of running scripts and their logs. */
  readonly state: string;
  /** Default: 4. */
  readonly max?: number;
  /** Default: in memory, and no machine outlives the process. */
  readonly store?: Store;
}

const scripts = (name: string) => join(import.meta.dirname, "scripts", name);

/** The pool that stood in `pools.yaml` as `builder`, with its scripts as they are. */
export function builders({ machines, firstPort, state, max = 4, store }: Place): Pool<string> {
  mkdirSync(machines, { recursive: true });
  return createPool({
    name: "builder",
    provider: shellProvider({
      resallocPool: "builder",
      allocate: scripts("new"), // cmd_new
      delete: scripts("delete"), // cmd_delete
      check: scripts("livecheck"), // cmd_livecheck
      reset: scripts("release"), // cmd_release
      list: scripts("list"), // cmd_list
      env: { MACHINES: machines, FIRST_PORT: String(firstPort) },
      stateDirectory: state,
    }),
    max,
    warm: Math.min(2, max), // max_prealloc
    maxAllocating: 2, // max_starting
    tags: ["x86_64"],
    check: { every: "1m", attempts: 3 }, // livecheck_period, livecheck_attempts
    reuse: { within: "sandbox", idle: "10m", maxAge: "1h" }, // reuse_opportunity_time, reuse_max_time
    ...(store !== undefined && { store }),
  });
}
