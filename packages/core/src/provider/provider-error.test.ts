import { expect, test } from "vitest";
import { isWarmpoolError, WarmpoolError } from "../model/error.js";
import { ProviderError } from "./provider-error.js";

test("a provider error is a Warmpool error of the code PROVIDER_FAILED", () => {
  const error = new ProviderError("instance limit reached");
  expect(error).toBeInstanceOf(WarmpoolError);
  expect(isWarmpoolError(error, "PROVIDER_FAILED")).toBe(true);
  expect(error).toMatchObject({ name: "ProviderError", message: "instance limit reached" });
});

test("without options its kind is unknown, and it leaves open whether something was made", () => {
  const error = new ProviderError("boom");
  expect(error).toMatchObject({ kind: "unknown", made: undefined, retryAfterMs: undefined });
  expect(error.details).toEqual({ provider: undefined, kind: "unknown" });
  expect("cause" in error).toBe(false);
});

test("it carries what the engine must know", () => {
  const cause = new Error("429");
  const error = new ProviderError("slow down", {
    kind: "throttled",
    made: "nothing",
    retryAfterMs: 2_000,
    provider: "aws-eu",
    cause,
  });
  expect(error).toMatchObject({ kind: "throttled", made: "nothing", retryAfterMs: 2_000, cause });
  expect(error.details).toEqual({ provider: "aws-eu", kind: "throttled" });
});
