// Errors are told apart by their code, which types their details.
import {
  createPool,
  type ErrorCode,
  isWarmpoolError,
  type Provider,
  ProviderError,
  type WarmpoolError,
} from "@warmpool/core";
import { is } from "./equal.js";

const provider: Provider<string> = { name: "p", allocate: async () => "a", delete: async () => {} };
const pool = createPool({ provider, max: 1 });

try {
  await pool.acquire({ timeout: "1s" });
} catch (error) {
  if (isWarmpoolError(error, "ACQUIRE_TIMEOUT")) {
    is<WarmpoolError<"ACQUIRE_TIMEOUT">>()(error)(true);
    is<number>()(error.details.waitedMs)(true);
    is<string>()(error.details.explanation)(true);
    is<"ACQUIRE_TIMEOUT">()(error.code)(true);
    // @ts-expect-error: only of NO_SUCH_POOL
    error.details.known;
  } else if (isWarmpoolError(error, "INVALID_OPTIONS")) {
    is<string>()(error.details.problems.map(({ path }) => path).join())(true);
  } else if (isWarmpoolError(error)) {
    is<ErrorCode>()(error.code)(true);
    is<string>()(error.url)(true);
  } else {
    is<unknown>()(error)(true);
  }
  // @ts-expect-error: there is no such code
  isWarmpoolError(error, "TIMEOUT");
}

const lease = await pool.acquire();
lease.signal.addEventListener("abort", () => {
  const { reason } = lease.signal;
  if (isWarmpoolError(reason, "LEASE_LOST")) is<string>()(reason.details.reason)(true);
});

throw new ProviderError("instance limit reached", { kind: "quota", made: "nothing", retryAfterMs: 1_000 });
