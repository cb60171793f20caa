import { expect, test } from "vitest";
import { RESOURCE_STATES, type ResourceState } from "../model/resource.js";
import { recoveredState } from "./recover.js";

const expected: Record<ResourceState, ReturnType<typeof recoveredState>> = {
  allocating: { state: "unknown" },
  unknown: { state: "unknown" },
  ready: { state: "ready" },
  leased: { state: "leased" },
  resetting: { state: "deleting", reason: "interrupted-reset" },
  held: { state: "held" },
  deleting: { state: "deleting" },
};

test.each(RESOURCE_STATES)("a resource that was %s is taken up as it should be", (state) => {
  expect(recoveredState(state)).toEqual(expected[state]);
});

test("a state that this release does not know is no state", () => {
  expect(() => recoveredState("suspended" as ResourceState)).toThrow("suspended");
});
