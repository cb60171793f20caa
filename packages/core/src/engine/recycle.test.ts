import { expect, test } from "vitest";
import type { Reuse } from "./policy.js";
import { type ReusePolicy, recycle, type Used } from "./recycle.js";

const fine: Used = {
  end: "ok",
  uses: 1,
  ageMs: 0,
  drifted: false,
  draining: false,
  sick: false,
  usedForMs: 0,
  isBound: false,
};
const never = Number.POSITIVE_INFINITY;
const anybody: Reuse = { within: "any", idleMs: never, maxAgeMs: never, leave: "dispose" };
const reusing: ReusePolicy & { canReset: boolean } = {
  reuse: anybody,
  canReset: true,
  onFailed: "dispose",
  maxUses: Number.POSITIVE_INFINITY,
  maxAgeMs: Number.POSITIVE_INFINITY,
};

test.each<[string, Partial<Used>, Partial<typeof reusing>, string]>([
  ["what is lent once is deleted after it", {}, { reuse: undefined }, "released"],
  ["what is lent once and expired says so", { end: "expired" }, { reuse: undefined }, "expired"],
  ["what is reused is reset first", {}, {}, "resetting"],
  ["without a reset it goes straight back", {}, { canReset: false }, "ready"],
  ["an expired one is reset like a released one", { end: "expired" }, {}, "resetting"],
  [
    "an expired one without a reset may still be in use, and is deleted",
    { end: "expired" },
    { canReset: false },
    "expired",
  ],
  ["a failed one is deleted", { end: "failed" }, {}, "failed"],
  ["a failed one is kept for a person", { end: "failed" }, { onFailed: "hold" }, "held"],
  [
    "a failed one is kept for a person even while draining",
    { end: "failed", draining: true },
    { onFailed: "hold" },
    "held",
  ],
  [
    "a failed one is kept for a person though lent once",
    { end: "failed" },
    { onFailed: "hold", reuse: undefined },
    "held",
  ],
  ["a failed one is reset", { end: "failed" }, { onFailed: "reset" }, "resetting"],
  ["a failed one that cannot be reset is deleted", { end: "failed" }, { onFailed: "reset", canReset: false }, "failed"],
  ["a failed one is not reset for nobody", { end: "failed" }, { onFailed: "reset", reuse: undefined }, "released"],
  ["only failed ones are kept for a person", {}, { onFailed: "hold" }, "resetting"],
  ["a draining pool ends what comes back", { draining: true }, {}, "draining"],
  ["one of an older spec is not reused", { drifted: true }, {}, "drifted"],
  ["one whose last check failed is not reused", { sick: true }, {}, "unhealthy"],
  ["one that was used as often as allowed is worn out", { uses: 3 }, { maxUses: 3 }, "worn-out"],
  ["one that was used once less is not", { uses: 2 }, { maxUses: 3 }, "resetting"],
  ["one that is exactly as old as allowed is too old", { ageMs: 1_000 }, { maxAgeMs: 1_000 }, "too-old"],
  ["one that is a millisecond younger is not", { ageMs: 999 }, { maxAgeMs: 1_000 }, "resetting"],
  [
    "one that was used for as long as allowed is worn out",
    { usedForMs: 60 },
    { reuse: { ...anybody, maxAgeMs: 60 } },
    "worn-out",
  ],
  [
    "one that was used for a little less is not",
    { usedForMs: 59 },
    { reuse: { ...anybody, maxAgeMs: 60 } },
    "resetting",
  ],
  [
    "one that is kept for its sandbox is reset first",
    { isBound: true },
    { reuse: { ...anybody, within: "sandbox" } },
    "resetting",
  ],
  [
    "one of no sandbox is not kept where only sandboxes may have it again",
    {},
    { reuse: { ...anybody, within: "sandbox" } },
    "released",
  ],
  [
    "one of no sandbox that expired is not kept either",
    { end: "expired" },
    { reuse: { ...anybody, within: "sandbox" } },
    "expired",
  ],
])("%s", (_, used, policy, expected) => {
  const { canReset, ...rest } = { ...reusing, ...policy };
  const next = recycle({ ...fine, ...used }, rest, canReset);
  expect(next.to === "deleting" ? next.reason : next.to).toBe(expected);
});
