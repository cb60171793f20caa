import type { Instance } from "@aws-sdk/client-ec2";

/** So long an instance may be missing from what EC2 tells, although it was launched: a wide margin, it is seconds mostly. */
const SHOWN_WITHIN_MS = 5 * 60_000;

interface Launch {
  readonly atMs: number;
  /** What RunInstances answered; `undefined`: no answer yet, or none that we understood. */
  instance: Instance | undefined;
}

/**
 * What this process launched lately. EC2 is eventually consistent: for a while after its launch, an instance may be listed
 * nowhere and be `InvalidInstanceID.NotFound`, and is there all the same.
 */
export class LaunchedLately {
  readonly #launches = new Map<string, Launch>();
  readonly #keptMs: number;

  /** @param keptMs How long a key is remembered at least, in milliseconds. */
  constructor(keptMs: number) {
    this.#keptMs = Math.max(keptMs, SHOWN_WITHIN_MS);
  }

  /** Notes that a launch under the key begins. `false`: there was one before. */
  begin(key: string): boolean {
    const nowMs = performance.now();
    for (const [old, { atMs }] of this.#launches) {
      if (nowMs - atMs < this.#keptMs) break;
      this.#launches.delete(old);
    }
    if (this.#launches.has(key)) return false;
    this.#launches.set(key, { atMs: nowMs, instance: undefined });
    return true;
  }

  /** Notes what was launched under the key. */
  made(key: string, instance: Instance): void {
    const launch = this.#launches.get(key);
    if (launch !== undefined) launch.instance = instance;
  }

  /** What was launched under the key so lately that EC2 need not show it yet. */
  instance(key: string): Instance | undefined {
    const launch = this.#launches.get(key);
    if (launch === undefined || performance.now() - launch.atMs >= SHOWN_WITHIN_MS) return undefined;
    return launch.instance;
  }

  /** When the launch under the key began, by `performance.now()`: what was read before says nothing of it. */
  sinceMs(key: string): number {
    return this.#launches.get(key)?.atMs ?? 0;
  }
}

/** Whether an instance of which only its launch is known may not be shown yet. @param launchedAtMs UTC milliseconds. */
export function mayNotBeShownYet(launchedAtMs: number): boolean {
  return Date.now() - launchedAtMs < SHOWN_WITHIN_MS;
}
