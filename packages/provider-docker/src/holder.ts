import { type Lease, WarmpoolError } from "@warmpool/core";
import type { DockerContainer } from "./container.js";

/** How soon a lease that was released ends what runs for it, in milliseconds. */
const LOOKS_EVERY_MS = 250;

/** What a holder must show: the lease itself. A copy of its data opens nothing. */
export type HeldContainer = Pick<Lease<DockerContainer>, "active" | "data" | "pool" | "resource" | "signal" | "token">;

/**
 * @throws {WarmpoolError} `LEASE_ENDED`: it holds nothing any more.
 */
export function assertHolds({ active, token, pool, data, resource }: HeldContainer): void {
  // A lease is bound to one container; data that was changed must not lead to another's.
  if (active && data.name === resource.key) return;
  const why = active ? "Its data names another container." : "Only who holds a container may run anything in it.";
  throw new WarmpoolError("LEASE_ENDED", `Lease ${token} of pool "${pool}" is over. ${why}`, {
    details: { token, pool },
  });
}

/**
 * Runs something for as long as a lease is held: its signal aborts soon after the lease has ended, and with `signal`.
 *
 * @param isOver Resolves when it is over; what is still under way then needs no watching.
 */
export async function whileHeld<Result>(
  lease: HeldContainer,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<Result>,
  isOver: (result: Result) => Promise<unknown> = async () => {},
): Promise<Result> {
  assertHolds(lease);
  const released = new AbortController();
  // A release aborts no signal.
  const timer = setInterval(() => {
    try {
      assertHolds(lease);
    } catch (error) {
      released.abort(error);
    }
  }, LOOKS_EVERY_MS);
  timer.unref();
  const stop = () => clearInterval(timer);
  try {
    const result = await run(
      AbortSignal.any([released.signal, lease.signal, ...(signal === undefined ? [] : [signal])]),
    );
    isOver(result).then(stop, stop);
    // What ended with the container did not end well.
    assertHolds(lease);
    return result;
  } catch (error) {
    stop();
    throw error;
  }
}
