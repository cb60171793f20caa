import type { Random } from "../../packages/testing/src/simulator/random.ts";
import type { Report } from "./protocol.ts";

/** When a manager is to be killed: so long after something. */
export interface Death {
  readonly after: "start" | "open" | Report["told"];
  /** The how manieth of them. */
  readonly nth: number;
  readonly delayMs: number;
}

/** No life is longer than this after its opening, whatever it waits for. */
export const LONGEST_MS = 2_500;

/** A random moment, of those at which a crash may hurt. */
export function drawDeath(dice: Random): Death {
  const kind = dice.next();
  // While modules are loaded, the store is opened, and records are taken up.
  if (kind < 0.15) return { after: "start", nth: 1, delayMs: dice.between(0, 350) };
  if (kind < 0.3) return { after: "open", nth: 1, delayMs: dice.between(0, 60) };
  // Right behind a decision, when others are being committed or its effects are just leaving.
  if (kind < 0.6) {
    const after = dice.pick(["granted", "granted", "accepted", "released", "renewed"] as const);
    return { after, nth: dice.between(1, 8), delayMs: dice.chance(0.5) ? 0 : dice.between(0, 8) };
  }
  // In the middle of scripts.
  if (kind < 0.93) return { after: "open", nth: 1, delayMs: dice.between(60, 1_000) };
  // Leases of sessions that died expire only in a life that is long enough.
  return { after: "open", nth: 1, delayMs: dice.between(1_200, LONGEST_MS) };
}
