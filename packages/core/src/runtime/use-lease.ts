import type { Lease } from "./lease.js";

/** Runs `fn` with a lease, and releases it by how that ended. */
export async function useLease<L extends Lease, Result>(
  lease: L,
  fn: (lease: L) => Result | Promise<Result>,
): Promise<Result> {
  let result: Result;
  try {
    result = await fn(lease);
  } catch (error) {
    lease.fail(error instanceof Error ? error.message : String(error));
    await lease[Symbol.asyncDispose]();
    throw error;
  }
  await lease[Symbol.asyncDispose]();
  return result;
}
