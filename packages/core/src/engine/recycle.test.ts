import { expect, test } from "vitest";
import type { Reuse } from "./policy.js";
import { type Home, type LeaseEnd, type ReusePolicy, recycle, type Used } from "./recycle.js";

const NOW_MS = 5_000;
const fine: Used = {
  uses: 1,
  createdAtMs: NOW_MS,
  readyAtMs: NOW_MS,
  marks: {},
  boundTo: undefined,
  spec: "present",
  failedChecks: 0,
};
const never = Number.POSITIVE_INFINITY;
const anybody: Reuse = { within: "any", idleMs: never, maxAgeMs: never, leave: "dispose" };
const reusing: ReusePolicy & Omit<Home, "policy"> = {
  reuse: anybody,
  onFailed: "dispose",
  maxUses: Number.POSITIVE_INFINITY,
  maxAgeMs: Number.POSITIVE_INFINITY,
  spec: "present",
  makesClean: true,
  endsWhatIsFree: false,
  wears: true,
};

test.each<[string, Partial<Used> & { readonly end?: LeaseEnd }, Partial<typeof reusing>, string]>([
  ["what is lent once is deleted after it", {}, { reuse: undefined }, "released"],
  ["what is lent once and expired says so", { end: "expired" }, { reuse: undefined }, "expired"],
  ["what is reused is reset first", {}, {}, "resetting"],
  ["without a reset it goes straight back", {}, { makesClean: false }, "ready"],
  ["an expired one is reset like a released one", { end: "expired" }, {}, "resetting"],
  [
    "an expired one without a reset may still be in use, and is deleted",
    { end: "expired" },
    { makesClean: false },
    "expired",
  ],
  ["a failed one is deleted", { end: "failed" }, {}, "failed"],
  ["a failed one is kept for a person", { end: "failed" }, { onFailed: "hold" }, "held"],
  [
    "a failed one is kept for a person even while draining",
    { end: "failed" },
    { onFailed: "hold", endsWhatIsFree: true },
    "held",
  ],
  [
    "a failed one is kept for a person though lent once",
    { end: "failed" },
    { onFailed: "hold", reuse: undefined },
    "held",
  ],
  ["a failed one is reset", { end: "failed" }, { onFailed: "reset" }, "resetting"],
  [
    "a failed one that cannot be reset is deleted",
    { end: "failed" },
    { onFailed: "reset", makesClean: false },
    "failed",
  ],
  ["a failed one is not reset for nobody", { end: "failed" }, { onFailed: "reset", reuse: undefined }, "released"],
  ["only failed ones are kept for a person", {}, { onFailed: "hold" }, "resetting"],
  ["a draining pool ends what comes back", {}, { endsWhatIsFree: true }, "draining"],
  ["one of an older spec is not reused", { spec: "older" }, {}, "drifted"],
  ["one whose last check failed is not reused", { failedChecks: 1 }, {}, "unhealthy"],
  ["one that was used as often as allowed is worn out", { uses: 3 }, { maxUses: 3 }, "worn-out"],
  ["one that was used once less is not", { uses: 2 }, { maxUses: 3 }, "resetting"],
  ["one that is exactly as old as allowed is too old", { readyAtMs: NOW_MS - 1_000 }, { maxAgeMs: 1_000 }, "too-old"],
  ["one that is a millisecond younger is not", { readyAtMs: NOW_MS - 999 }, { maxAgeMs: 1_000 }, "resetting"],
  [
    "one that was used for as long as allowed is worn out",
    { marks: { firstUsedAtMs: NOW_MS - 60 } },
    { reuse: { ...anybody, maxAgeMs: 60 } },
    "worn-out",
  ],
  [
    "one that was used for a little less is not",
    { marks: { firstUsedAtMs: NOW_MS - 59 } },
    { reuse: { ...anybody, maxAgeMs: 60 } },
    "resetting",
  ],
  [
    "one that is kept for its sandbox is reset first",
    { boundTo: "sandbox:one" },
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
  [
    "one that was kept for its owner is not kept where sandboxes count now",
    { boundTo: "owner:one" },
    { reuse: { ...anybody, within: "sandbox" } },
    "released",
  ],
])("%s", (_, { end = "ok", ...used }, pool, expected) => {
  const { makesClean, endsWhatIsFree, wears, ...policy } = { ...reusing, ...pool };
  const next = recycle({ ...fine, ...used }, end, { policy, makesClean, endsWhatIsFree, wears }, NOW_MS);
  expect(next.to === "deleting" ? next.reason : next.to).toBe(expected);
});
