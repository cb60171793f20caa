import { WarmpoolError } from "@warmpool/core";

/** What PostgreSQL calls it, https://www.postgresql.org/docs/current/errcodes-appendix.html; `undefined`: not its error. */
export function sqlState(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** What stays wrong until somebody changes something: who may log in, what exists, who may do what. */
const LASTING = [
  "28", // invalid authorization
  "3D000", // no such database
  "3F000", // no such schema
  "42", // no such table or column, insufficient privilege
];

/** Whether trying again is of no use. A database that is away, full, starting, stopping or read-only comes back. */
function isLasting(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && LASTING.some((kind) => state.startsWith(kind));
}

/** The tables are not there, or not those of this release. */
export function lacksTables(error: unknown): boolean {
  const state = sqlState(error);
  return state === "42P01" || state === "42703" || state === "3F000";
}

/** The store cannot be used until somebody changes something. */
export function storeFailed(store: string, problem: string, cause?: unknown): WarmpoolError<"STORE_FAILED"> {
  return new WarmpoolError("STORE_FAILED", `${store}: ${problem}.`, { details: { store }, cause });
}

/** What to tell of an error: an opening that cannot succeed, or a statement of which nobody knows whether it was done. */
export function failureOf(store: string, error: unknown): Error {
  if (error instanceof WarmpoolError) return error;
  const text = messageOf(error);
  if (lacksTables(error)) {
    return storeFailed(
      store,
      `its tables are not there, or not those of this release (${text}): run migratePostgres()`,
      error,
    );
  }
  if (isLasting(error)) return storeFailed(store, `PostgreSQL refuses: ${text}`, error);
  return new Error(`${store}: ${text}. Whether it happened is not known; it can be repeated.`, { cause: error });
}

/** Errors of several addresses of one host have no message of their own. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join(", ");
  return error instanceof Error ? error.message : String(error);
}

export function fenced(store: string, epoch: number, problem: string): WarmpoolError<"FENCED"> {
  const message = `${store}: ${problem}. This session is over: nothing of it was written.`;
  return new WarmpoolError("FENCED", message, { details: { epoch } });
}
