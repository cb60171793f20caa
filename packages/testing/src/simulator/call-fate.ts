import type { FaultPlan } from "./fault-plan.js";
import type { Fault } from "./faults.js";

export type CallKind = "allocate" | "delete" | "check" | "find" | "list" | "reset";

/** What becomes of a call: both may go wrong with one. */
export interface Fate {
  /** What the network makes of its request and its answer. */
  readonly way: Fault | undefined;
  /** What the cloud makes of its request. */
  readonly deed: Fault | undefined;
}

/** Draws the fate of a call; a cloud is believed where nobody can look whether it did as it said. */
export function drawFate(plan: FaultPlan, kind: CallKind, key: string, isBelieved: boolean): Fate {
  const target = `${kind} ${key}`;
  const way = plan.one(target, WAYS[kind]);
  const deeds = kind === "delete" && isBelieved ? HONEST_DELETE : DEEDS[kind];
  return { way, deed: plan.one(target, way === undefined || way === "answer late" ? deeds : unheard(way, deeds)) };
}

type Odds = readonly (readonly [fault: Fault, probability: number])[];

/** What can become of a message and its answer, at most one of these: of any call, */
const ANY_WAY: Odds = [
  ["answer lost", 0.07],
  ["answer late", 0.22],
  ["request lost", 0.07],
  ["past its deadline", 0.07],
];

/** and of one that a second copy may do harm to. */
const WAYS: Record<CallKind, Odds> = {
  allocate: [...ANY_WAY, ["request twice", 0.06]],
  delete: [...ANY_WAY, ["request twice", 0.14]],
  check: ANY_WAY,
  find: ANY_WAY,
  list: ANY_WAY,
  reset: ANY_WAY,
};

/** What the cloud can do with a request, at most one of these. */
const DEEDS: Record<CallKind, Odds> = {
  allocate: [
    ["throttled", 0.05],
    ["failed transiently", 0.05],
    ["quota or capacity", 0.17],
    ["failed half way", 0.13],
    ["made after all", 0.13],
  ],
  delete: [
    ["throttled", 0.08],
    ["failed transiently", 0.08],
    ["delete kept it", 0.17],
  ],
  check: [
    ["throttled", 0.16],
    ["failed transiently", 0.16],
  ],
  find: [
    ["throttled", 0.16],
    ["failed transiently", 0.16],
  ],
  list: [
    ["listing stale", 0.23],
    ["listing cut short", 0.23],
    ["listing of others", 0.25],
    ["throttled", 0.03],
    ["failed transiently", 0.03],
  ],
  reset: [
    ["throttled", 0.06],
    ["failed transiently", 0.06],
  ],
};

/** What makes a difference though nobody ever hears the answer. */
const FELT: readonly Fault[] = ["failed half way", "made after all", "delete kept it"];

/** What may still go wrong with a call that the network has its way with: a fault that nobody could notice is none. */
function unheard(way: Fault, deeds: Odds): Odds {
  // A request that never arrives is not carried out; one that arrives twice is.
  if (way === "request lost" || way === "request twice") return NOTHING;
  return deeds.filter(([fault]) => FELT.includes(fault));
}

const NOTHING: Odds = [];

const HONEST_DELETE = DEEDS.delete.filter(([fault]) => fault !== "delete kept it");
