import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { runSharedChaos } from "./shared-chaos.ts";

// What runs is read from /proc.
test.runIf(existsSync("/proc/self/stat"))(
  "of three managers on one database some are killed, frozen and cut off, and nothing is lent twice, lost or leaked",
  async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    console.log(`npm run chaos -- --store postgres --processes 3 --seconds 8 --seed ${seed}`);
    const { violations, leases } = await runSharedChaos({ processes: 3, seconds: 8, seed, log: () => {} });
    expect(violations).toEqual([]);
    expect(leases).toBeGreaterThan(0);
  },
  90_000,
);
