import { ProviderError } from "@warmpool/core";
import { expect } from "vitest";

/** What a call fails with. */
export async function failure(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(ProviderError);
  return error;
}

/** Lines that start a child in the script's group, note both, and go on for longer than any test. */
export const FAMILY = ["sleep 600 &", "echo $! >child", "echo $$ >script", "wait"];

/** The same, but neither listens to SIGTERM. */
export const STUBBORN = [
  "trap '' TERM",
  "sh -c 'trap \"\" TERM; while :; do sleep 600; done' &",
  ...FAMILY.slice(1, 3),
  "while :; do wait; done",
];
