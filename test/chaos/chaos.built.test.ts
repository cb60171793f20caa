import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { runChaos } from "./chaos.ts";

// What runs is read from /proc.
test.runIf(existsSync("/proc/self/stat"))(
  "ten managers are killed, and nothing is lent twice, lost or leaked",
  async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    console.log(`npm run chaos -- --kills 10 --seed ${seed}`);
    const { violations, kills, leases } = await runChaos({ kills: 10, seed, log: () => {} });
    expect(violations).toEqual([]);
    expect(kills).toBe(10);
    expect(leases).toBeGreaterThan(0);
  },
  60_000,
);
