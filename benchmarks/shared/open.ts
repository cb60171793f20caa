import type { Claimant, SharedOrder } from "./rival.ts";

/** Loaded only when it is run. */
export async function openShared(order: SharedOrder): Promise<Claimant> {
  switch (order.contestant) {
    case "warmpool":
    case "baseline":
      return await (await import("./warmpool.ts")).warmpool(order, order.contestant);
    case "pg-boss":
      return await (await import("./pg-boss.ts")).pgBoss(order);
    case "graphile-worker":
    case "graphile-worker, local queue":
      return await (await import("./graphile-worker.ts")).graphileWorker(order, order.contestant !== "graphile-worker");
    case "skip locked":
      return await (await import("./skip-locked.ts")).skipLocked(order);
  }
}
