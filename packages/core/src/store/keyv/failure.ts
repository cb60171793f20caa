import { WarmpoolError } from "../../model/error.js";

export function inUse(store: string): WarmpoolError<"STORE_IN_USE"> {
  const message =
    `${store}: it is open elsewhere, in another process or through another store object of this one, and a Keyv store ` +
    "serves one at a time. Close that one, wait for it with `waitForOwner: true`, or give this one a `prefix` of its own.";
  return new WarmpoolError("STORE_IN_USE", message, { details: { store } });
}

export function corrupt(store: string, problem: string): WarmpoolError<"STORE_CORRUPT"> {
  const message =
    `${store}: ${problem}. It was left as it is. Restore the backend from a backup, or give the store another \`prefix\` ` +
    "to start with an empty one.";
  return new WarmpoolError("STORE_CORRUPT", message, { details: { store } });
}

export function failed(store: string, problem: string, cause?: unknown): WarmpoolError<"STORE_FAILED"> {
  return new WarmpoolError("STORE_FAILED", `${store}: ${problem}.`, { details: { store }, cause });
}

export function fenced(store: string, epoch: number, problem: string): WarmpoolError<"FENCED"> {
  return new WarmpoolError("FENCED", `${store}: ${problem}.`, { details: { epoch } });
}
